/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * `shout` (see shout.h) for libevent 1.4, except the connections.
 *
 *	cc libevent.c clients.c shout.c \
 *	    $(pkg-config --cflags --libs libevent-compat)
 */
#include "shout.h"

#include <sys/types.h>
#include <sys/time.h>
#include <err.h>
#include <event.h>
#include <signal.h>
#include <unistd.h>

static struct event acceptor;
static struct event term;

static void
accept_cb(int fd, short what, void *seconds)
{
	(void)what;
	clients_accept(fd, *(int *)seconds);
}

/* The loop ends with the last client. */
static void
term_cb(int signo, short what, void *arg)
{
	(void)signo;
	(void)what;
	(void)arg;
	signal_del(&term);
	event_del(&acceptor);
	close(EVENT_FD(&acceptor));
}

int
main(int argc, char **argv)
{
	int seconds = shout_seconds(argc, argv);
	struct event_base *base = event_init();

	if (base == NULL)
		errx(1, "event_init failed");
	signal(SIGPIPE, SIG_IGN);
	event_set(&acceptor, shout_listen(), EV_READ | EV_PERSIST, accept_cb,
	    &seconds);
	signal_set(&term, SIGTERM, term_cb, NULL);
	if (event_add(&acceptor, NULL) == -1 || signal_add(&term, NULL) == -1)
		err(1, "event_add");
	if (event_dispatch() == -1)
		err(1, "event_dispatch");
	event_base_free(base);
	shout_print_tally();
	return 0;
}
