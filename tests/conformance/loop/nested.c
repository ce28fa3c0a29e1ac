/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A loop inside a callback.
 */
#include "test.h"

static void
break_cb(int fd, short what, void *name)
{
	note_cb(fd, what, name);
	assert_int_equal(event_loopbreak(), 0);
}

static int inner_result;

static void
inner_loop_cb(int fd, short what, void *flags)
{
	note_cb(fd, what, "in");
	inner_result = event_loop(*(int *)flags);
	note("out");
}

TEST(nested_loop_serves_the_events_that_are_active,
    DIFFERS(V21, "a base has one loop at a time"))
{
	struct event_base *base = event_init();
	struct event outer, rest, timer;
	int once = EVLOOP_ONCE;

	event_set(&outer, -1, 0, inner_loop_cb, &once);
	event_set(&rest, -1, 0, note_cb, "B");
	event_active(&outer, EV_READ, 1);
	event_active(&rest, EV_READ, 1);
	evtimer_set(&timer, note_cb, "T");
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("in:read B:read T:timeout out");
	assert_int_equal(inner_result, 0);
	event_base_free(base);
}

TEST(nested_loop_can_run_until_no_event_is_left,
    DIFFERS(V21, "a base has one loop at a time"))
{
	struct event_base *base = event_init();
	struct event outer, timer;
	int flags = 0;

	event_set(&outer, -1, 0, inner_loop_cb, &flags);
	event_active(&outer, EV_READ, 1);
	evtimer_set(&timer, note_cb, "T");
	evtimer_add(&timer, MSEC(5));
	assert_int_equal(event_dispatch(), 1);
	assert_log("in:read T:timeout out");
	assert_int_equal(inner_result, 1);
	event_base_free(base);
}

static void
read_at_depth_2_cb(int fd, short what, void *depth)
{
	note_cb(fd, what, ++*(int *)depth == 1 ? "outer" : "inner");
	if (*(int *)depth == 2)
		read_byte(fd);
	else
		inner_result = event_loop(EVLOOP_ONCE);
	--*(int *)depth;
}

TEST(nested_loop_may_call_a_persistent_event_again,
    DIFFERS(V21, "a base has one loop at a time"))
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], depth = 0;

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, read_at_depth_2_cb, &depth);
	event_add(&ev, NULL);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("outer:read inner:read");
	assert_int_equal(inner_result, 0);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loopbreak_in_a_nested_loop_ends_only_that,
    DIFFERS(V21, "a base has one loop at a time"))
{
	struct event_base *base = event_init();
	struct event outer, breaker, rest;
	int flags = 0;

	event_set(&outer, -1, 0, inner_loop_cb, &flags);
	event_set(&breaker, -1, 0, break_cb, "B");
	event_set(&rest, -1, 0, note_cb, "C");
	event_active(&outer, EV_READ, 1);
	event_active(&breaker, EV_READ, 1);
	event_active(&rest, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("in:read B:read out C:read");
	assert_int_equal(inner_result, 0);
	event_base_free(base);
}

static void
exit_cb(int fd, short what, void *name)
{
	note_cb(fd, what, name);
	assert_int_equal(event_loopexit(NULL), 0);
}

TEST(loopexit_in_a_nested_loop_ends_only_that,
    DIFFERS(V21, "a base has one loop at a time"))
{
	struct event_base *base = event_init();
	struct event outer, exiter, rest;
	int flags = 0;

	event_set(&outer, -1, 0, inner_loop_cb, &flags);
	event_set(&exiter, -1, 0, exit_cb, "B");
	evtimer_set(&rest, note_cb, "C");
	event_active(&outer, EV_READ, 1);
	event_active(&exiter, EV_READ, 1);
	evtimer_add(&rest, MSEC(300));
	assert_int_equal(event_dispatch(), 1);
	assert_log("in:read B:read out C:timeout");
	assert_int_equal(inner_result, 0);
	event_base_free(base);
}

static void
loop_other_cb(int fd, short what, void *base)
{
	note_cb(fd, what, "in");
	inner_result = event_base_dispatch(base);
	note("out");
}

TEST(loop_of_another_base_inside_a_callback)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event outer, inner, rest;

	event_set(&outer, -1, 0, loop_other_cb, other);
	event_set(&rest, -1, 0, note_cb, "B");
	event_active(&outer, EV_READ, 1);
	event_active(&rest, EV_READ, 1);
	evtimer_set(&inner, note_cb, "T");
	event_base_set(other, &inner);
	evtimer_add(&inner, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("in:read T:timeout out B:read");
	assert_int_equal(inner_result, 1);
	event_base_free(other);
	event_base_free(base);
}
