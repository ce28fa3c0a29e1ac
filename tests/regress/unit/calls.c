/* SPDX-License-Identifier: BSD-3-Clause */
/* Callbacks: how many times they are called, and longjmp(3) out of one. */
#include <setjmp.h>
#include <signal.h>

#include "test.h"

static jmp_buf out;

static void
jump_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, arg);
	longjmp(out, 1);
}

/* Runs in a child, as the loop that was left cannot free what it uses. */
static void
leave_loops(void *arg)
{
	struct event ev;

	(void)arg;
	event_init();
	evtimer_set(&ev, jump_cb, "timer");
	for (volatile int i = 0; i < 2; i++) {
		evtimer_add(&ev, MSEC(0));
		if (setjmp(out) == 0)
			event_loop(EVLOOP_ONCE);
	}
	assert_log("timer:timeout timer:timeout");
	assert_int_equal(evtimer_del(&ev), 0);
}

TEST(callback_may_be_left_by_longjmp)
{
	assert_int_equal(in_child(leave_loops, NULL), 0);
}

#define BURST 40000

/* ev_ncalls, the number of deliveries in struct event, is a short. */
TEST(signal_raised_more_often_than_a_short_can_hold_is_called_as_often)
{
	struct event_base *base = event_init();
	struct event ev;
	int calls = 0;

	signal_set(&ev, SIGUSR1, count_cb, &calls);
	signal_add(&ev, NULL);
	for (int i = 0; i < BURST; i++)
		raise(SIGUSR1);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(calls, BURST);
	signal_del(&ev);
	event_base_free(base);
}
