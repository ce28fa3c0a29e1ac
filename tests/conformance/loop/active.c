/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_active(): events that a program makes active itself.
 */
#include "test.h"
#include "fields.h"

#include <signal.h>

TEST(active_event_runs_without_waiting)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_log("");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	event_base_free(base);
}

TEST(active_event_is_pending_until_it_runs)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ | EV_TIMEOUT, 1);
	assert_int_equal(event_pending(&ev, EV_READ | EV_WRITE, NULL), EV_READ);
	assert_int_equal(event_pending(&ev, EV_WRITE, NULL), 0);
	event_dispatch();
	assert_int_equal(event_pending(&ev, EV_READ, NULL), 0);
	event_base_free(base);
}

TEST(event_del_cancels_an_active_event)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_pending(&ev, EV_READ, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(active_twice_runs_once_with_both_results)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_pending(&ev, EV_READ | EV_WRITE, NULL),
	    EV_READ | EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	event_base_free(base);
}

TEST(active_twice_keeps_the_first_number_of_calls,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 2);
	event_active(&ev, EV_READ, 5);
	event_dispatch();
	assert_log("A:read A:read");
	event_base_free(base);
}

TEST(active_event_is_called_ncalls_times,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev, next;

	event_set(&ev, -1, 0, note_cb, "A");
	event_set(&next, -1, 0, note_cb, "B");
	event_active(&ev, EV_READ, 3);
	event_active(&next, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:read A:read B:read");
	event_base_free(base);
}

TEST(signal_event_is_called_ncalls_times)
{
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, note_cb, "A");
	event_active(&ev, EV_SIGNAL, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal A:signal A:signal");
	event_base_free(base);
}

TEST(active_with_ncalls_0_calls_nothing,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev, next;

	event_set(&ev, -1, 0, note_cb, "A");
	event_set(&next, -1, 0, note_cb, "B");
	event_active(&ev, EV_READ, 0);
	event_active(&next, EV_READ, 1);
	assert_int_equal(event_pending(&ev, EV_READ, NULL), EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	assert_int_equal(event_pending(&ev, EV_READ, NULL), 0);
	event_base_free(base);
}

TEST(active_with_no_result_calls_with_0)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, 0, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:0");
	event_base_free(base);
}

static void
del_self_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(ev), 0);
}

TEST(event_del_inside_stops_the_remaining_calls)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, del_self_cb, &ev);
	event_active(&ev, EV_READ, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	event_base_free(base);
}

static void
del_self_and_activate_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (what != EV_READ)
		return;
	event_del(ev);
	event_active(ev, EV_WRITE, 2);
}

TEST(event_del_and_active_inside_start_new_calls,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, del_self_and_activate_cb, &ev);
	event_active(&ev, EV_READ, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:write A:write");
	event_base_free(base);
}

static void
add_self_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (what == EV_READ)
		assert_int_equal(event_add(ev, MSEC(0)), 0);
}

TEST(event_add_inside_leaves_the_remaining_calls,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, add_self_cb, &ev);
	event_active(&ev, EV_READ, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:read A:read A:timeout");
	event_base_free(base);
}

static void
add_self_later_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_add(ev, MSEC(10000)), 0);
}

TEST(event_add_inside_leaves_the_remaining_calls_of_a_timeout,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, add_self_later_cb, &ev);
	event_active(&ev, EV_TIMEOUT, 3);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:timeout A:timeout A:timeout");
	event_del(&ev);
	event_base_free(base);
}

static int again;

static void
activate_self_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (again-- > 0)
		event_active(ev, EV_READ, 1);
}

TEST(event_active_of_itself_inside_runs_again_in_the_same_pass)
{
	struct event_base *base = event_init();
	struct event ev, next;
	int fd[2];

	make_pair(fd);
	again = 2;
	event_set(&ev, -1, 0, activate_self_cb, &ev);
	event_set(&next, -1, 0, note_cb, "B");
	event_active(&ev, EV_READ, 1);
	event_active(&next, EV_READ, 1);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_log("A:read B:read A:read A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_active_of_itself_among_several_calls_adds_no_call,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev;

	again = 1;
	event_set(&ev, -1, 0, activate_self_cb, &ev);
	event_active(&ev, EV_WRITE, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write A:read A:read");
	event_base_free(base);
}

static void
activate_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	event_active(other, EV_WRITE, 1);
}

TEST(event_activated_in_a_callback_runs_last_in_the_same_pass)
{
	struct event_base *base = event_init();
	struct event first, second, third;

	event_set(&third, -1, 0, note_cb, "C");
	event_set(&first, -1, 0, activate_cb, &third);
	event_set(&second, -1, 0, note_cb, "B");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read B:read C:write");
	event_base_free(base);
}

TEST(active_one_shot_event_is_removed_from_the_poll_set)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, MSEC(10000));
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK | EVLOOP_ONCE), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	close_pair(fd);
	event_base_free(base);
}

TEST(active_persistent_event_stays_added)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_add(&ev, MSEC(10000));
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:write");
	assert_int_equal(event_pending(&ev, EV_READ | EV_TIMEOUT, NULL),
	    EV_READ | EV_TIMEOUT);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(active_persistent_event_that_was_never_added_runs_once)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(active_timer_does_not_fire_again)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(10000));
	event_active(&ev, EV_TIMEOUT, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(event_add_of_an_active_event_does_not_put_it_into_the_poll_set)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_add_of_an_active_event_starts_its_timeout,
    DIFFERS(V21, "it is put there after its call"))
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_add(&ev, MSEC(10000)), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_log("A:write");
	assert_int_equal(event_pending(&ev, EV_READ | EV_TIMEOUT, NULL),
	    EV_TIMEOUT);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(event_add_with_a_timeout_cancels_an_active_timeout)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	event_active(&ev, EV_TIMEOUT, 1);
	assert_int_equal(event_add(&ev, MSEC(10000)), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("");
	event_del(&ev);
	event_base_free(base);
}

TEST(event_add_without_a_timeout_leaves_an_active_timeout)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	event_active(&ev, EV_TIMEOUT, 1);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(event_active_of_another_base_runs_in_its_loop)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev, its;

	event_set(&its, -1, 0, note_cb, "B");
	event_base_set(other, &its);
	event_set(&ev, -1, 0, activate_cb, &its);
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("A:read");
	assert_int_equal(event_base_dispatch(other), 1);
	assert_log("B:write");
	event_base_free(other);
	event_base_free(base);
}

static void
del_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(other), 0);
}

TEST(event_deleted_in_a_callback_before_its_turn_does_not_run)
{
	struct event_base *base = event_init();
	struct event first, second, third;

	event_set(&first, -1, 0, del_other_cb, &second);
	event_set(&second, -1, 0, note_cb, "B");
	event_set(&third, -1, 0, note_cb, "C");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	event_active(&third, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read C:read");
	event_base_free(base);
}

TEST(last_active_event_deleted_in_a_callback_does_not_run)
{
	struct event_base *base = event_init();
	struct event first, second;

	event_set(&first, -1, 0, del_other_cb, &second);
	event_set(&second, -1, 0, note_cb, "B");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	event_base_free(base);
}

static void
set_and_activate_self_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	event_set(ev, -1, 0, note_cb, "B");
	event_active(ev, EV_WRITE, 1);
}

TEST(event_set_and_active_in_the_callback_call_the_new_one)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, set_and_activate_self_cb, &ev);
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:write");
	event_base_free(base);
}

TEST(thousand_active_events_each_run_once)
{
	struct event_base *base = event_init();
	static struct event ev[1000];
	static int calls[1000];

	for (int i = 0; i < 1000; i++) {
		event_set(&ev[i], -1, 0, count_cb, &calls[i]);
		event_active(&ev[i], EV_READ, 1);
	}
	event_del(&ev[0]);
	event_del(&ev[500]);
	event_del(&ev[999]);
	assert_int_equal(event_dispatch(), 1);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(calls[i], i != 0 && i != 500 && i != 999);
	event_base_free(base);
}
