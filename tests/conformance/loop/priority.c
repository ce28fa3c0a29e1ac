/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Priorities: a pass serves the most urgent queue that is not empty, to its
 * end, and then polls again.
 */
#include "test.h"
#include "fields.h"

#include <signal.h>

static void
set_active(struct event *ev, int pri, void *name)
{
	event_set(ev, -1, 0, note_cb, name);
	assert_int_equal(event_priority_set(ev, pri), 0);
	event_active(ev, EV_READ, 1);
}

TEST(lower_number_runs_first)
{
	struct event_base *base = event_init();
	struct event a, b, c, d;

	assert_int_equal(event_priority_init(4), 0);
	set_active(&a, 3, "A");
	set_active(&b, 0, "B");
	set_active(&c, 2, "C");
	set_active(&d, 0, "D");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read D:read C:read A:read");
	event_base_free(base);
}

static int calls_left;

static void
busy_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "busy");
	if (--calls_left == 0)
		event_del(ev);
}

TEST(busy_urgent_event_keeps_others_waiting)
{
	struct event_base *base = event_init();
	struct event urgent, other;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_priority_init(2);
	calls_left = 3;
	event_set(&urgent, fd[0][0], EV_READ | EV_PERSIST, busy_cb, &urgent);
	event_priority_set(&urgent, 0);
	event_set(&other, fd[1][0], EV_READ, note_cb, "other");
	event_add(&other, NULL);
	event_add(&urgent, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("busy:read busy:read busy:read other:read");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

static void
activate_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	event_active(other, EV_READ, 1);
}

TEST(urgent_event_activated_in_a_callback_waits_for_the_queue_to_end,
    DIFFERS(V21, "it cuts the running queue short"))
{
	struct event_base *base = event_init();
	struct event first, second, third, urgent;

	event_priority_init(3);
	event_set(&urgent, -1, 0, note_cb, "urgent");
	event_priority_set(&urgent, 0);
	event_set(&first, -1, 0, activate_cb, &urgent);
	event_active(&first, EV_READ, 1);
	set_active(&second, 1, "B");
	set_active(&third, 2, "C");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:read urgent:read C:read");
	event_base_free(base);
}

TEST(each_priority_is_a_pass_of_its_own_with_a_poll_before_it)
{
	struct event_base *base = event_init();
	struct event first, second, io;
	int fd[2];

	make_pair(fd);
	event_priority_init(3);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	event_priority_set(&io, 1);
	event_add(&io, NULL);
	set_active(&first, 0, "A");
	set_active(&second, 2, "C");
	write_byte(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read io:read C:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(timers_and_signals_have_priorities_too)
{
	struct event_base *base = event_init();
	struct timeval past = {-1, 0}, long_past = {-2, 0};
	struct event timer, sig, late;

	event_priority_init(3);
	evtimer_set(&late, note_cb, "late");
	event_priority_set(&late, 2);
	event_add(&late, &long_past);
	event_set(&sig, SIGUSR1, EV_SIGNAL, note_cb, "sig");
	event_priority_set(&sig, 1);
	event_add(&sig, NULL);
	evtimer_set(&timer, note_cb, "timer");
	event_priority_set(&timer, 0);
	event_add(&timer, &past);
	raise(SIGUSR1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("timer:timeout sig:signal late:timeout");
	event_base_free(base);
}

TEST(priority_out_of_range_is_an_error)
{
	struct event_base *base = event_init();
	struct event ev;

	event_priority_init(3);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(event_priority_set(&ev, 2), 0);
	assert_int_equal(event_priority_set(&ev, 3), -1);
	assert_int_equal(event_priority_set(&ev, -1), -1);
	assert_int_equal(event_priority_set(&ev, 0x7fffffff), -1);
	assert_int_equal(ev.ev_pri, 2);
	event_base_free(base);
}

TEST(one_priority_is_what_a_base_starts_with)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(event_priority_set(&ev, 0), 0);
	assert_int_equal(event_priority_set(&ev, 1), -1);
	event_base_free(base);
}

TEST(priority_of_an_active_event_cannot_change)
{
	struct event_base *base = event_init();
	struct event ev;

	event_priority_init(2);
	set_active(&ev, 0, "A");
	assert_int_equal(event_priority_set(&ev, 1), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_int_equal(event_priority_set(&ev, 1), 0);
	event_base_free(base);
}

TEST(priority_of_an_added_event_can_change)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_priority_init(2);
	event_set(&first, fd[0][0], EV_READ, note_cb, "A");
	event_set(&second, fd[1][0], EV_READ, note_cb, "B");
	event_add(&first, NULL);
	event_add(&second, NULL);
	assert_int_equal(event_priority_set(&first, 1), 0);
	assert_int_equal(event_priority_set(&second, 0), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read A:read");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

static void
set_own_priority_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	note("%d", event_priority_set(ev, 0));
}

TEST(priority_can_change_in_the_callback)
{
	struct event_base *base = event_init();
	struct event ev;

	event_priority_init(2);
	evtimer_set(&ev, set_own_priority_cb, &ev);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout 0");
	event_base_free(base);
}

TEST(priority_init_with_active_events_is_an_error)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_priority_init(3), -1);
	assert_int_equal(event_base_priority_init(base, 3), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(event_priority_init(3), 0);
	event_base_free(base);
}

TEST(priority_init_may_be_repeated)
{
	struct event_base *base = event_init();
	struct event ev;

	assert_int_equal(event_priority_init(3), 0);
	assert_int_equal(event_priority_init(3), 0);
	assert_int_equal(event_base_priority_init(base, 7), 0);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(event_priority_set(&ev, 6), 0);
	assert_int_equal(event_priority_init(2), 0);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(event_priority_set(&ev, 2), -1);
	event_base_free(base);
}

TEST(priority_init_leaves_events_that_are_set_alone)
{
	struct event_base *base = event_init();
	struct event early, late;

	event_set(&early, -1, 0, note_cb, "early");
	event_priority_init(5);
	assert_int_equal(early.ev_pri, 0);
	set_active(&late, 1, "late");
	event_active(&early, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("early:read late:read");
	event_base_free(base);
}

TEST(priority_init_keeps_added_events)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_priority_init(5), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(priorities_may_be_a_thousand, DIFFERS(V21, "no more than 256"))
{
	struct event_base *base = event_init();
	struct event first, second;

	assert_int_equal(event_priority_init(1000), 0);
	set_active(&first, 999, "A");
	set_active(&second, 998, "B");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read A:read");
	event_base_free(base);
}

TEST(no_priorities_are_an_error, DIFFERS(V14, "accepted"))
{
	struct event_base *base = event_init();
	struct event ev;

	assert_int_equal(event_priority_init(0), -1);
	assert_int_equal(event_base_priority_init(base, 0), -1);
	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	event_base_free(base);
}

TEST(negative_number_of_priorities_is_an_error,
    DIFFERS(V14, "ends the program"))
{
	struct event_base *base = event_init();
	struct event ev;

	assert_int_equal(event_priority_init(-1), -1);
	assert_int_equal(event_base_priority_init(base, -1000), -1);
	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	event_base_free(base);
}

TEST(event_with_a_priority_that_is_gone_still_runs, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "aborts"))
{
	struct event_base *base = event_init();
	struct event ev, other;

	event_priority_init(100);
	event_set(&ev, -1, 0, note_cb, "A");
	event_priority_set(&ev, 99);
	event_priority_init(2);
	event_active(&ev, EV_READ, 1);
	set_active(&other, 0, "B");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read A:read");
	event_base_free(base);
}

TEST(added_event_with_a_priority_that_is_gone_still_runs,
    DIFFERS(V14, "crashes"), DIFFERS(V21, "aborts"))
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_priority_init(100);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_priority_set(&ev, 99);
	event_add(&ev, NULL);
	event_priority_init(1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}
