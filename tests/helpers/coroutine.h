/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program whose callbacks are coroutines: the loop runs on a stack of its
 * own, a callback leaves it, and the rest of the program goes on calling the
 * library before it comes back.  Libraries such as greenlet copy that stack
 * away meanwhile.  Here it cannot be touched: whoever reads or writes it is
 * killed.
 */
#ifndef HELPERS_COROUTINE_H
#define HELPERS_COROUTINE_H

#include <sys/mman.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

#include "test.h"

#define STACK ((size_t)1 << 20)

static struct {
	ucontext_t there, here;
	char *stack;
	void (*body)(void);
	bool ended;
} hub;

static int left, other_calls;

/* What callbacks do: the rest of the program goes on. */
static inline void
leave(void)
{
	left++;
	assert_int_equal(swapcontext(&hub.there, &hub.here), 0);
}

static inline void
hub_main(void)
{
	hub.body();
	hub.ended = true;
	leave();
}

/* Goes on there until a callback leaves; false once the body has ended. */
static inline bool
come_back(void)
{
	assert_int_equal(mprotect(hub.stack, STACK, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(swapcontext(&hub.here, &hub.there), 0);
	assert_int_equal(mprotect(hub.stack, STACK, PROT_NONE), 0);
	return !hub.ended;
}

static inline void
hub_open(void (*body)(void))
{
	hub.stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(hub.stack != MAP_FAILED);
	hub.body = body;
	assert_int_equal(getcontext(&hub.there), 0);
	hub.there.uc_stack.ss_sp = hub.stack;
	hub.there.uc_stack.ss_size = STACK;
	hub.there.uc_link = NULL;
	makecontext(&hub.there, hub_main, 0);
}

static inline void
hub_close(void)
{
	munmap(hub.stack, STACK);
}

static inline void
other_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	other_calls++;
}

/* Events, timers and signals of others. */
static inline void
use_events(void)
{
	struct event io, timer, sig, active;
	struct timeval tv;
	int fd[2];

	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, other_cb, NULL);
	assert_int_equal(event_add(&io, MSEC(10000)), 0);
	evtimer_set(&timer, other_cb, NULL);
	assert_int_equal(evtimer_add(&timer, MSEC(10000)), 0);
	assert_true(evtimer_pending(&timer, &tv));
	signal_set(&sig, SIGUSR2, other_cb, NULL);
	assert_int_equal(signal_add(&sig, NULL), 0);
	evtimer_set(&active, other_cb, NULL);
	event_active(&active, EV_TIMEOUT, 2);
	event_del(&active);
	event_del(&io);
	event_del(&timer);
	signal_del(&sig);
	close_pair(fd);
}

static inline void
use_buffers(void)
{
	struct evbuffer *buffer = evbuffer_new();
	struct bufferevent *bev;
	int fd[2];

	evbuffer_add_printf(buffer, "a line %d\n", 1);
	free(evbuffer_readline(buffer));
	evbuffer_free(buffer);
	make_pair(fd);
	bev = bufferevent_new(fd[0], NULL, NULL, NULL, NULL);
	assert_int_equal(bufferevent_write(bev, "x", 1), 0);
	assert_int_equal(bufferevent_enable(bev, EV_READ), 0);
	bufferevent_free(bev);
	close_pair(fd);
}

/* A loop on another base, which calls an event twice; in 2.1 once. */
static inline void
use_a_loop(void)
{
	struct event_base *base = event_base_new();
	struct event ev;
	int calls = 0;

	evtimer_set(&ev, count_cb, &calls);
	event_base_set(base, &ev);
	event_active(&ev, EV_TIMEOUT, 2);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
	assert_in_range(calls, 1, 2);
	event_base_free(base);
}

/* Runs what there is to its end, with everything used wherever it leaves. */
static inline void
run(void (*body)(void), int leaves)
{
	left = 0;
	hub_open(body);
	while (come_back()) {
		use_events();
		use_buffers();
		use_a_loop();
	}
	hub_close();
	assert_int_equal(left - 1, leaves); /* the end is one, too */
	assert_int_equal(other_calls, 0);
}

#endif
