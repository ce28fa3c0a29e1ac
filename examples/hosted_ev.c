/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hosted: a libev program with a part that uses libevent.  The program runs its
 * own loop, with ev_run(), and the part (hosted.c), an HTTP server, gets an
 * event base on that loop.
 *
 * There are two files because <event.h> and <ev.h> cannot be included in one:
 * each has its own EV_READ.
 *
 *	cc hosted.c hosted_ev.c \
 *	    $(pkg-config --cflags --libs libevent-compat) -lev
 */
#include <sys/types.h>
#include <sys/wait.h>
#include <err.h>
#include <ev.h>
#include <evcompat.h>
#include <stdio.h>
#include <unistd.h>

#include "hosted.h"

static ev_timer beat;
static ev_child child;
static int count;

int
beats(void)
{
	return count;
}

static void
beat_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	if (++count == 10)
		ev_timer_stop(loop, w);
}

static void
child_cb(struct ev_loop *loop, ev_child *w, int revents)
{
	(void)revents;
	ev_child_stop(loop, w);
	printf("hosted: ev_child: the child ended with status %d\n",
	    WEXITSTATUS(w->rstatus));
}

/* The default loop handles child processes, as in every libev program. */
static void
start_child(struct ev_loop *loop)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0)
		_exit(7);
	ev_child_init(&child, child_cb, pid, 0);
	ev_child_start(loop, &child);
}

int
main(void)
{
	struct ev_loop *loop = ev_default_loop(0);
	struct event_base *base;

	if (loop == NULL)
		errx(1, "ev_default_loop failed");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((base = evcompat_base_on(loop)) == NULL)
		err(1, "evcompat_base_on");
	ev_timer_init(&beat, beat_cb, 0.001, 0.001);
	ev_timer_start(loop, &beat);
	start_child(loop);
	serve_on(base);
	ev_run(loop, 0); /* returns when both halves have no active watcher */
	printf("hosted: ev_run() returns after %d beats\n", count);
	ev_loop_destroy(loop);
	return count == 10 ? 0 : 1;
}
