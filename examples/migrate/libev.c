/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * `shout` (see shout.h) half way to libev: libev has the loop, the port and the
 * signal, and clients.c still uses libevent, in the same loop.  This file
 * includes <ev.h>, and so it cannot include <event.h>.
 *
 *	cc libev.c clients.c shout.c \
 *	    $(pkg-config --cflags --libs libevent-compat) -lev
 */
#include "shout.h"

#include <err.h>
#include <ev.h>
#include <evcompat.h>
#include <signal.h>
#include <unistd.h>

/* <event.h> has it, which cannot be included here. */
void event_base_free(struct event_base *base);

static ev_io acceptor;
static ev_signal term;

static void
accept_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	clients_accept(w->fd, *(int *)w->data);
}

/* The loop ends with the last client: its events keep ev_run() going. */
static void
term_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)revents;
	ev_signal_stop(loop, w);
	ev_io_stop(loop, &acceptor);
	close(acceptor.fd);
}

int
main(int argc, char **argv)
{
	int seconds = shout_seconds(argc, argv);
	struct ev_loop *loop = ev_default_loop(0);
	struct event_base *base;

	if (loop == NULL)
		errx(1, "ev_default_loop failed");
	if ((base = evcompat_base_on(loop)) == NULL)
		err(1, "evcompat_base_on");
	signal(SIGPIPE, SIG_IGN);
	ev_io_init(&acceptor, accept_cb, shout_listen(), EV_READ);
	acceptor.data = &seconds;
	ev_signal_init(&term, term_cb, SIGTERM);
	ev_io_start(loop, &acceptor);
	ev_signal_start(loop, &term);
	ev_run(loop, 0);
	event_base_free(base);
	ev_loop_destroy(loop);
	shout_print_tally();
	return 0;
}
