/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The libev half of the program `native` (see native.c): watchers of libev, in
 * the loop of a libevent base.  An ev_io answers; watchers of the other kinds
 * show that they run, too.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <err.h>
#include <ev.h>
#include <evcompat.h>
#include <stdio.h>
#include <unistd.h>

#include "native.h"

static ev_io question;
static ev_timer beat;
static ev_idle leisure;
static ev_prepare before;
static ev_check after;
static ev_child child;
static int hung_up, child_ended;

static struct {
	unsigned int questions, beats, prepared, passes;
} count;

/* Watchers that are active keep event_dispatch() going, like events. */
static void
stop_if_done(struct ev_loop *loop)
{
	if (!hung_up || !child_ended)
		return;
	ev_timer_stop(loop, &beat);
	ev_prepare_stop(loop, &before);
	ev_check_stop(loop, &after);
	printf(
	    "native: libev's half is done: %u questions (ev_io),\n"
	    "native: %u beats (ev_timer), %u passes (ev_prepare, ev_check)\n",
	    count.questions, count.beats, count.passes);
}

static void
question_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	unsigned int number;
	ssize_t n = recv(w->fd, &number, sizeof(number), MSG_WAITALL);

	(void)revents;
	if (n == sizeof(number)) {
		count.questions++;
		number *= number;
		if (send(w->fd, &number, sizeof(number), 0) == sizeof(number))
			return;
	}
	ev_io_stop(loop, w);
	close(w->fd);
	hung_up = 1;
	stop_if_done(loop);
}

static void
beat_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	count.beats++;
	stop_if_done(loop);
}

static void
leisure_cb(struct ev_loop *loop, ev_idle *w, int revents)
{
	(void)revents;
	printf("native: ev_idle: nothing else to do, once\n");
	ev_idle_stop(loop, w);
}

static void
before_cb(struct ev_loop *loop, ev_prepare *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	count.prepared++;
}

static void
after_cb(struct ev_loop *loop, ev_check *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	if (count.prepared > count.passes)
		count.passes++;
}

/*
 * Runs in libev's default loop, inside the base's loop; it has no other
 * watchers.
 */
static void
child_cb(struct ev_loop *loop, ev_child *w, int revents)
{
	(void)revents;
	ev_child_stop(loop, w);
	printf("native: ev_child: the child ended with status %d\n",
	    WEXITSTATUS(w->rstatus));
	child_ended = 1;
}

static void
start_child(struct event_base *base)
{
	struct ev_loop *children = evcompat_child_loop(base);
	pid_t pid;

	if (children == NULL)
		err(1, "evcompat_child_loop");
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0)
		_exit(7);
	ev_child_init(&child, child_cb, pid, 0);
	ev_child_start(children, &child);
}

void
answer_on(struct event_base *base, int fd)
{
	struct ev_loop *loop = evcompat_base_loop(base);

	if (loop == NULL)
		errx(1, "evcompat_base_loop failed");
	ev_io_init(&question, question_cb, fd, EV_READ);
	ev_timer_init(&beat, beat_cb, 0.001, 0.001);
	ev_idle_init(&leisure, leisure_cb);
	ev_prepare_init(&before, before_cb);
	ev_check_init(&after, after_cb);
	ev_io_start(loop, &question);
	ev_timer_start(loop, &beat);
	ev_idle_start(loop, &leisure);
	ev_prepare_start(loop, &before);
	ev_check_start(loop, &after);
	start_child(base);
}
