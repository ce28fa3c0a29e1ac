/* SPDX-License-Identifier: BSD-3-Clause */
/* Callbacks that leave the stack of the loop; see the header. */
#include "coroutine.h"

/* musl declares the functions to change stacks, but does not have them. */
#ifdef __GLIBC__

static struct hub hub;

int n_leaves, other_calls;

void
leave_stack(void)
{
	n_leaves++;
	assert_int_equal(swapcontext(&hub.there, &hub.here), 0);
}

static void
hub_main(void)
{
	hub.body();
	hub.ended = true;
	leave_stack();
}

bool
resume_stack(void)
{
	assert_int_equal(mprotect(hub.stack, STACK, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(swapcontext(&hub.here, &hub.there), 0);
	assert_int_equal(mprotect(hub.stack, STACK, PROT_NONE), 0);
	return !hub.ended;
}

void
hub_open(void (*body)(void))
{
	hub.stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(hub.stack != MAP_FAILED);
	hub.body = body;
	hub.ended = false;
	assert_int_equal(getcontext(&hub.there), 0);
	hub.there.uc_stack.ss_sp = hub.stack;
	hub.there.uc_stack.ss_size = STACK;
	hub.there.uc_link = NULL;
	makecontext(&hub.there, hub_main, 0);
}

void
hub_close(void)
{
	munmap(hub.stack, STACK);
}

static void
other_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	other_calls++;
}

void
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

void
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
static void
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

void
run_on_stack(void (*body)(void), int leaves)
{
	n_leaves = 0;
	hub_open(body);
	while (resume_stack()) {
		use_events();
		use_buffers();
		use_a_loop();
	}
	hub_close();
	assert_int_equal(n_leaves - 1, leaves); /* the end is one, too */
	assert_int_equal(other_calls, 0);
}

#else

#include <stdio.h>

static void __attribute__((constructor)) print_what_is_left_out(void)
{
	fprintf(stderr, "The tests with coroutines are left out, "
			"as this C library has no swapcontext().\n");
}

#endif
