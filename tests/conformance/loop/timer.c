/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers, and timeouts of events that wait for something else.
 */
#include "test.h"
#include "due.h"

TEST(timer_fires_after_its_time)
{
	struct event_base *base = event_init();
	struct event ev;
	double start = now_ms();

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(evtimer_add(&ev, MSEC(30)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 30);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(timer_is_exact_to_the_microsecond)
{
	struct event_base *base = event_init();
	struct timeval tv = {0, 1700};
	struct event ev;
	double start = now_ms();

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, &tv);
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 1.7);
	event_base_free(base);
}

TEST(timer_of_zero_fires_in_the_next_pass)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(0));
	assert_log("");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(timer_that_is_not_due_does_not_fire)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	evtimer_add(&ev, MSEC(100000));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("");
	assert_true(evtimer_pending(&ev, NULL));
	event_del(&ev);
	event_base_free(base);
}

TEST(deleted_timer_does_not_fire)
{
	struct event_base *base = event_init();
	struct event ev[3];
	char *names[] = {"A", "B", "C"};

	for (int i = 0; i < 3; i++) {
		evtimer_set(&ev[i], note_cb, names[i]);
		evtimer_add(&ev[i], MSEC(i));
	}
	assert_int_equal(evtimer_del(&ev[1]), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout C:timeout");
	event_base_free(base);
}

static int calls;

static void
add_twice_more_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (++calls < 3)
		event_add(ev, MSEC(10));
}

TEST(timer_may_be_added_again_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	double start = now_ms();

	evtimer_set(&ev, add_twice_more_cb, &ev);
	event_add(&ev, MSEC(10));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout A:timeout A:timeout");
	assert_elapsed(start, 30);
	event_base_free(base);
}

TEST(event_add_with_null_keeps_the_timeout)
{
	struct event_base *base = event_init();
	double start = now_ms();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, MSEC(20));
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_due(&ev, start, 20);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	assert_elapsed(start, 20);
	event_base_free(base);
}

TEST(event_add_with_a_time_replaces_the_timeout)
{
	struct event_base *base = event_init();
	double start = now_ms();
	struct event sooner, later;

	evtimer_set(&sooner, note_cb, "sooner");
	evtimer_set(&later, note_cb, "later");
	event_add(&sooner, MSEC(100000));
	event_add(&later, MSEC(1));
	assert_int_equal(event_add(&sooner, MSEC(1)), 0);
	assert_int_equal(event_add(&later, MSEC(30)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 30);
	assert_log("sooner:timeout later:timeout");
	event_base_free(base);
}

TEST(event_add_with_a_time_adds_one_to_an_event_without)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	assert_int_equal(event_add(&ev, MSEC(1)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	close_pair(fd);
	event_base_free(base);
}

static void
add_other_later_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_add(other, MSEC(100000)), 0);
}

TEST(expired_timer_that_is_postponed_in_a_callback_does_not_fire)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0}, long_past = {-2, 0};
	struct event first, second;

	evtimer_set(&second, note_cb, "B");
	event_add(&second, &past);
	evtimer_set(&first, add_other_later_cb, &second);
	event_add(&first, &long_past);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:timeout");
	assert_true(evtimer_pending(&second, NULL));
	event_del(&second);
	event_base_free(base);
}

static void
del_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(other), 0);
}

TEST(expired_timer_that_is_deleted_in_a_callback_does_not_fire)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0}, long_past = {-2, 0};
	struct event first, second;

	evtimer_set(&second, note_cb, "B");
	event_add(&second, &past);
	evtimer_set(&first, del_other_cb, &second);
	event_add(&first, &long_past);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(event_that_timed_out_and_is_postponed_is_a_timer_only)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0}, long_past = {-2, 0};
	struct event first, second;
	int fd[2];

	make_pair(fd);
	event_set(&second, fd[0], EV_READ, note_cb, "B");
	event_add(&second, &past);
	evtimer_set(&first, add_other_later_cb, &second);
	event_add(&first, &long_past);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:timeout");
	assert_int_equal(event_pending(&second, EV_READ | EV_TIMEOUT, NULL),
	    EV_TIMEOUT);
	event_del(&second);
	close_pair(fd);
	event_base_free(base);
}

TEST(postponed_timeout_does_not_cancel_active_io)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2];

	make_readable_pair(fd);
	event_set(&second, fd[0], EV_READ, note_cb, "B");
	event_set(&first, -1, 0, add_other_later_cb, &second);
	event_active(&first, EV_WRITE, 1);
	event_add(&second, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write B:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(io_before_the_timeout_ends_both)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, MSEC(100000));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(timeout_before_io_ends_both)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	write_byte(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	close_pair(fd);
	event_base_free(base);
}

/* Deletes the event at its second call, so that a timeout that repeats does
 * not repeat for ever. */
static void
two_calls_at_most_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (++calls == 2)
		event_del(ev);
}

TEST(persistent_event_is_gone_after_a_timeout,
    DIFFERS(V21, "the timeout repeats"))
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, two_calls_at_most_cb, &ev);
	event_add(&ev, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	assert_int_equal(event_pending(&ev, EV_READ | EV_TIMEOUT, NULL), 0);
	write_byte(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close_pair(fd);
	event_base_free(base);
}

TEST(persistent_timer_fires_once, DIFFERS(V21, "the timeout repeats"))
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, EV_PERSIST, two_calls_at_most_cb, &ev);
	event_add(&ev, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(io_does_not_postpone_the_timeout_of_a_persistent_event,
    DIFFERS(V21, "activity restarts the timeout"))
{
	struct event_base *base = event_init();
	double start = now_ms(), added, asked, min, max;
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_read_cb, "A");
	event_add(&ev, MSEC(100000));
	added = now_ms();
	spin(100);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:read");
	asked = now_ms();
	due_in(&ev, &min, &max);
	assert_true(min <= 100000 - (asked - added) + 50);
	assert_true(max >= 100000 - (now_ms() - start));
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(timeout_flag_in_event_set_means_nothing)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_TIMEOUT | EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	assert_int_equal(event_pending(&ev, EV_TIMEOUT | EV_READ, NULL),
	    EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(timer_added_without_a_time_is_not_pending)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_pending(&ev, EV_TIMEOUT, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

/*
 * Which "now" a timer counts from.
 */

static void
check_timer_after_loop(int flags, int result)
{
	struct event ev;
	double start;

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, MSEC(0));
	assert_int_equal(event_loop(flags), result);
	spin(30);
	start = now_ms();
	event_add(&ev, MSEC(20));
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 20);
}

TEST(timer_added_outside_the_loop_counts_from_now)
{
	struct event_base *base = event_init();

	check_timer_after_loop(EVLOOP_ONCE, 0);
	event_base_free(base);
}

TEST(timer_added_after_a_loop_without_events_counts_from_now,
    DIFFERS(V14, "counts from the last pass of that loop"))
{
	struct event_base *base = event_init();

	check_timer_after_loop(0, 1);
	event_base_free(base);
}

static void
spin_and_add_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	spin(40);
	assert_int_equal(event_add(other, MSEC(30)), 0);
}

TEST(timer_added_in_a_callback_counts_from_the_pass)
{
	struct event_base *base = event_init();
	struct event first, second;

	evtimer_set(&second, note_cb, "B");
	evtimer_set(&first, spin_and_add_cb, &second);
	event_add(&first, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("A:timeout B:timeout");
	event_base_free(base);
}

/*
 * event_pending() and time.
 */

TEST(pending_returns_the_time_of_expiry)
{
	struct event_base *base = event_init();
	struct timeval tv = {5, 250000};
	double start = now_ms();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, &tv);
	assert_due(&ev, start, 5250);
	event_del(&ev);
	event_base_free(base);
}

TEST(pending_returns_the_time_of_expiry_of_an_event_with_io)
{
	struct event_base *base = event_init();
	double start = now_ms();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_add(&ev, MSEC(7000));
	assert_due(&ev, start, 7000);
	event_add(&ev, MSEC(70));
	assert_due(&ev, start, 70);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(pending_returns_a_time_in_the_past_if_it_has_expired)
{
	struct event_base *base = event_init();
	struct event ev;
	double min, max;

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, MSEC(1));
	spin(100);
	due_in(&ev, &min, &max);
	assert_true(min <= -49);
	event_del(&ev);
	event_base_free(base);
}

/*
 * Many.
 */

TEST(timers_deleted_and_added_again_in_any_order_fire_once_each)
{
	struct event_base *base = event_init();
	static struct event ev[2000];
	static int fired[2000];

	for (int i = 0; i < 2000; i++) {
		evtimer_set(&ev[i], count_cb, &fired[i]);
		event_add(&ev[i], MSEC(i * 389 % 2000));
	}
	for (int i = 0; i < 2000; i += 3)
		event_del(&ev[i * 7 % 2000]);
	for (int i = 0; i < 2000; i += 2)
		event_add(&ev[i * 7 % 2000], MSEC(i % 20));
	for (int i = 0; i < 2000; i++)
		event_add(&ev[i], MSEC(i * 7 % 10));
	for (int i = 0; i < 2000; i += 5)
		event_del(&ev[i]);
	assert_int_equal(event_dispatch(), 1);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(fired[i], i % 5 != 0);
	event_base_free(base);
}

TEST(timers_of_two_bases_are_apart)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev, its;

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, MSEC(1));
	evtimer_set(&its, note_cb, "B");
	event_base_set(other, &its);
	event_add(&its, MSEC(0));
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("A:timeout");
	assert_int_equal(event_base_dispatch(other), 1);
	assert_log("B:timeout");
	event_base_free(other);
	event_base_free(base);
}
