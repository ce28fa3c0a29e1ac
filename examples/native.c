/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * native: a program that moves from libevent to libev piece by piece.  This
 * half has not moved: events of libevent 1.4 ask for squares over a socket, and
 * print the answers.  native_ev.c, which answers, uses libev already.  Both run
 * in one event_dispatch().
 *
 * There are two files because <event.h> and <ev.h> cannot be included in one:
 * each has its own EV_READ.
 *
 *	cc native.c native_ev.c \
 *	    $(pkg-config --cflags --libs libevent-compat) -lev
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <err.h>
#include <event.h>
#include <evcompat.h>
#include <stdio.h>
#include <unistd.h>

#include "native.h"

#define QUESTIONS 5

static struct event ask;
static struct event answer;
static unsigned int asked;

static void
ask_cb(int fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	fd = EVENT_FD(&answer);
	asked++;
	if (send(fd, &asked, sizeof(asked), 0) != sizeof(asked))
		err(1, "send");
}

/* Prints an answer, and sends the next question, or closes. */
static void
answer_cb(int fd, short what, void *arg)
{
	static const struct timeval soon = {0, 10000};
	unsigned int square;

	(void)what;
	(void)arg;
	if (recv(fd, &square, sizeof(square), MSG_WAITALL) != sizeof(square))
		err(1, "recv");
	printf("native: READ event: the square of %u is %u\n", asked, square);
	if (asked < QUESTIONS) {
		evtimer_add(&ask, &soon);
	} else {
		event_del(&answer);
		close(fd);
	}
}

int
main(void)
{
	static const struct timeval now = {0, 0};
	struct event_base *base = event_init();
	int fds[2], ended;

	if (base == NULL)
		errx(1, "event_init failed");
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("native: libevent %s from libevcompat %s, waiting with %s\n",
	    event_get_version(), evcompat_version(), event_get_method());
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1)
		err(1, "socketpair");
	answer_on(base, fds[1]);

	event_set(&answer, fds[0], EV_READ | EV_PERSIST, answer_cb, NULL);
	evtimer_set(&ask, ask_cb, NULL);
	if (event_add(&answer, NULL) == -1 || evtimer_add(&ask, &now) == -1)
		err(1, "event_add");
	ended = event_dispatch();
	printf("native: event_dispatch() returns %d\n", ended);
	event_base_free(base);
	return ended == 1 ? 0 : 1;
}
