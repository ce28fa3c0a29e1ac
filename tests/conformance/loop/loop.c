/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_loop(): its flags and what it returns, and the ways to end it.
 */
#include "test.h"

#include <stdlib.h>

/* A persistent reader that takes one byte a call. */
static void
add_reader(struct event *ev, int fd, void *name)
{
	event_set(ev, fd, EV_READ | EV_PERSIST, note_read_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
}

static void
write_bytes(int fd, int n)
{
	while (n-- > 0)
		write_byte(fd);
}

/*
 * What it returns.
 */

TEST(nothing_registered_returns_1)
{
	struct event_base *base = event_init();

	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(event_loop(0), 1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 1);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_int_equal(event_base_loop(base, 0), 1);
	event_base_free(base);
}

TEST(loop_returns_1_when_the_last_event_has_fired)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

static void
del_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, "del");
	event_del(arg);
}

TEST(loop_returns_1_when_the_last_event_was_deleted_in_a_callback)
{
	struct event_base *base = event_init();
	struct event reader, timer;
	int fd[2];

	make_pair(fd);
	add_reader(&reader, fd[0], "A");
	evtimer_set(&timer, del_cb, &reader);
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("del:timeout");
	close_pair(fd);
	event_base_free(base);
}

TEST(unknown_flags_are_ignored)
{
	struct event_base *base = event_init();
	struct event ev;

	assert_int_equal(event_loop(0xf0), 1);
	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_loop(0xf0), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

/*
 * EVLOOP_ONCE and EVLOOP_NONBLOCK.
 */

TEST(loop_once_waits_for_an_event)
{
	struct event_base *base = event_init();
	struct event ev;
	double start = now_ms();

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(20));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_elapsed(start, 20);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(loop_once_returns_0_even_if_no_event_is_left)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:timeout");
	assert_int_equal(event_loop(EVLOOP_ONCE), 1);
	event_base_free(base);
}

TEST(loop_once_makes_one_pass)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add_reader(&ev, fd[0], "A");
	write_bytes(fd[1], 3);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loop_once_does_not_wait_if_an_event_is_active)
{
	struct event_base *base = event_init();
	struct event ev, reader;
	int fd[2];

	make_pair(fd);
	add_reader(&reader, fd[0], "A");
	event_set(&ev, -1, 0, note_cb, "B");
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:write");
	event_del(&reader);
	close_pair(fd);
	event_base_free(base);
}

TEST(loop_once_loops_until_all_priorities_are_served)
{
	struct event_base *base = event_init();
	char *names[] = {"A", "B", "C"};
	struct event ev[3];

	event_priority_init(3);
	for (int i = 0; i < 3; i++) {
		event_set(&ev[i], -1, 0, note_cb, names[i]);
		event_priority_set(&ev[i], i);
		event_active(&ev[i], EV_READ, 1);
	}
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read B:read C:read");
	event_base_free(base);
}

TEST(loop_nonblock_returns_0_if_no_event_is_ready)
{
	struct event_base *base = event_init();
	struct event reader, timer;
	int fd[2];

	make_pair(fd);
	add_reader(&reader, fd[0], "A");
	evtimer_set(&timer, note_cb, "B");
	evtimer_add(&timer, MSEC(1000000));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("");
	event_del(&reader);
	event_del(&timer);
	close_pair(fd);
	event_base_free(base);
}

TEST(loop_nonblock_loops_until_a_poll_finds_nothing)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add_reader(&ev, fd[0], "A");
	write_bytes(fd[1], 3);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:read A:read A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loop_nonblock_returns_1_if_no_event_is_left)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(loop_once_and_nonblock_make_one_pass_and_do_not_wait)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add_reader(&ev, fd[0], "A");
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_log("");
	write_bytes(fd[1], 3);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loop_once_and_nonblock_return_0_even_if_no_event_is_left)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_log("A:timeout");
	event_base_free(base);
}

/* Two active events of different priority. */
static void
activate_two(struct event ev[2])
{
	char *names[] = {"A", "B"};

	event_priority_init(2);
	for (int i = 0; i < 2; i++) {
		event_set(&ev[i], -1, 0, note_cb, names[i]);
		event_priority_set(&ev[i], i);
		event_active(&ev[i], EV_READ, 1);
	}
}

TEST(loop_nonblock_serves_all_priorities)
{
	struct event_base *base = event_init();
	struct event ev[2], reader;
	int fd[2];

	make_pair(fd);
	activate_two(ev);
	add_reader(&reader, fd[0], "C");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:read B:read");
	event_del(&reader);
	close_pair(fd);
	event_base_free(base);
}

TEST(loop_once_and_nonblock_serve_all_priorities)
{
	struct event_base *base = event_init();
	struct event ev[2];

	activate_two(ev);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_log("A:read B:read");
	event_base_free(base);
}

TEST(event_that_is_always_ready_does_not_delay_timers)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_WRITE | EV_PERSIST, idle_cb, NULL);
	event_add(&ev, NULL);
	event_loopexit(MSEC(10));
	assert_int_equal(event_dispatch(), 0);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

static void
add_now_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, "add");
	assert_int_equal(event_add(arg, MSEC(0)), 0);
}

TEST(event_added_in_a_callback_waits_for_the_next_pass)
{
	struct event_base *base = event_init();
	struct event first, second;

	evtimer_set(&second, note_cb, "B");
	evtimer_set(&first, add_now_cb, &second);
	evtimer_add(&first, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("add:timeout");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:timeout");
	event_base_free(base);
}

/*
 * event_loopexit().
 */

TEST(loopexit_before_the_loop_lets_one_pass_run)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add_reader(&ev, fd[0], "A");
	write_bytes(fd[1], 3);
	assert_int_equal(event_loopexit(NULL), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loopexit_without_events_returns_0)
{
	struct event_base *base = event_init();

	assert_int_equal(event_loopexit(NULL), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

static void
read_and_exit_cb(int fd, short what, void *arg)
{
	note_read_cb(fd, what, "A");
	assert_int_equal(event_loopexit(arg), 0);
}

TEST(loopexit_in_a_callback_lets_one_more_pass_run,
    DIFFERS(V21, "the running pass is the last"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int one[2], two[2];

	make_pair(one);
	make_pair(two);
	event_set(&first, one[0], EV_READ, read_and_exit_cb, NULL);
	event_add(&first, NULL);
	add_reader(&second, two[0], "B");
	write_bytes(one[1], 1);
	write_bytes(two[1], 3);
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:read B:read B:read");
	event_del(&second);
	close_pair(one);
	close_pair(two);
	event_base_free(base);
}

TEST(loopexit_with_a_time_ends_the_loop_after_it)
{
	struct event_base *base = event_init();
	double start = now_ms();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add_reader(&ev, fd[0], "A");
	write_bytes(fd[1], 1);
	assert_int_equal(event_loopexit(MSEC(20)), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_elapsed(start, 20);
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loopexit_with_a_time_keeps_the_loop_alive)
{
	struct event_base *base = event_init();
	double start = now_ms();

	assert_int_equal(event_loopexit(MSEC(20)), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_elapsed(start, 20);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(each_loopexit_ends_a_loop_of_its_own)
{
	struct event_base *base = event_init();
	double start = now_ms();

	assert_int_equal(event_loopexit(MSEC(300)), 0);
	assert_int_equal(event_loopexit(MSEC(1)), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_elapsed(start, 300);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(two_loopexits_in_one_pass_end_one_loop)
{
	struct event_base *base = event_init();

	assert_int_equal(event_loopexit(NULL), 0);
	assert_int_equal(event_loopexit(NULL), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(loopexit_with_a_negative_time_is_at_once)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0};
	struct event ev;
	int fd[2];

	make_pair(fd);
	add_reader(&ev, fd[0], "A");
	assert_int_equal(event_loopexit(&past), 0);
	assert_int_equal(event_dispatch(), 0);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(loopexit_in_a_once_loop_ends_the_next_loop,
    DIFFERS(V21, "it is forgotten when a loop starts"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int one[2], two[2];

	make_readable_pair(one);
	make_pair(two);
	event_set(&first, one[0], EV_READ, read_and_exit_cb, NULL);
	event_add(&first, NULL);
	add_reader(&second, two[0], "B");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	write_bytes(two[1], 3);
	assert_log("A:read");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("B:read");
	event_del(&second);
	close_pair(one);
	close_pair(two);
	event_base_free(base);
}

TEST(base_loopexit_ends_the_loop_of_that_base_only)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev;

	assert_int_equal(event_base_loopexit(other, NULL), 0);
	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(1));
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("A:timeout");
	assert_int_equal(event_base_dispatch(other), 0);
	event_base_free(other);
	event_base_free(base);
}

/*
 * event_loopbreak().
 */

static void
break_cb(int fd, short what, void *name)
{
	note_cb(fd, what, name);
	assert_int_equal(event_loopbreak(), 0);
}

TEST(loopbreak_leaves_the_rest_active_for_the_next_loop)
{
	struct event_base *base = event_init();
	struct event first, second, third;

	event_set(&first, -1, 0, break_cb, "A");
	event_set(&second, -1, 0, note_cb, "B");
	event_set(&third, -1, 0, note_cb, "C");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	event_active(&third, EV_WRITE, 1);
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:read");
	assert_true(event_pending(&second, EV_READ, NULL));
	assert_true(event_pending(&third, EV_WRITE, NULL));
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read C:write");
	event_base_free(base);
}

TEST(loopbreak_leaves_other_priorities_active_for_the_next_loop)
{
	struct event_base *base = event_init();
	struct event first, second;

	event_priority_init(2);
	event_set(&first, -1, 0, break_cb, "A");
	event_priority_set(&first, 0);
	event_set(&second, -1, 0, note_cb, "B");
	event_active(&second, EV_READ, 1);
	event_active(&first, EV_READ, 1);
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:read");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	event_base_free(base);
}

TEST(loopbreak_in_the_last_callback_returns_0)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, break_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:timeout");
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(loopbreak_before_the_loop_ends_it_at_once,
    DIFFERS(V21, "it is forgotten when a loop starts"))
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_int_equal(event_loopbreak(), 0);
	assert_int_equal(event_dispatch(), 0);
	assert_log("");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(loopbreak_in_the_last_callback_of_a_once_loop_ends_the_next_loop,
    DIFFERS(V21, "it is forgotten when a loop starts"))
{
	struct event_base *base = event_init();
	struct event first, second;

	event_set(&first, -1, 0, break_cb, "A");
	event_active(&first, EV_READ, 1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read");
	evtimer_set(&second, note_cb, "B");
	evtimer_add(&second, MSEC(0));
	assert_int_equal(event_dispatch(), 0);
	assert_log("");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:timeout");
	event_base_free(base);
}

TEST(loopbreak_drops_the_remaining_calls_of_the_event)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, break_cb, "A");
	event_active(&ev, EV_READ, 3);
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:read");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(base_loopbreak_ends_the_loop_of_that_base_only)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev, its;

	evtimer_set(&ev, break_cb, "A");
	evtimer_add(&ev, MSEC(0));
	evtimer_set(&its, note_cb, "B");
	event_base_set(other, &its);
	evtimer_add(&its, MSEC(0));
	assert_int_equal(event_dispatch(), 0);
	assert_int_equal(event_base_dispatch(other), 1);
	assert_log("A:timeout B:timeout");
	event_base_free(other);
	event_base_free(base);
}

static void
break_other_cb(int fd, short what, void *base)
{
	note_cb(fd, what, "break");
	assert_int_equal(event_base_loopbreak(base), 0);
}

TEST(base_loopbreak_inside_the_loop_of_another_base)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev, last;

	event_set(&ev, -1, 0, break_other_cb, other);
	event_set(&last, -1, 0, note_cb, "B");
	event_active(&ev, EV_READ, 1);
	event_active(&last, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("break:read B:read");
	event_base_free(other);
	event_base_free(base);
}

TEST(loopbreak_of_no_base_is_an_error)
{
	assert_int_equal(event_base_loopbreak(NULL), -1);
	assert_int_equal(event_loopbreak(), -1);
}
