/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_set() and event_base_set(): what they fill in, what a program may
 * change between set and add, and how a struct event may be treated while it
 * is not added.
 */
#include "test.h"
#include "fields.h"

#include <stdlib.h>
#include <string.h>

TEST(event_set_needs_no_zeroed_memory)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	memset(&ev, 0xa5, sizeof ev);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_set_fills_in_fd_callback_argument_and_flags)
{
	char arg;
	struct event ev;

	memset(&ev, 0xa5, sizeof ev);
	event_set(&ev, 7, EV_READ | EV_PERSIST, note_cb, &arg);
	assert_int_equal(EVENT_FD(&ev), 7);
	assert_int_equal(ev.ev_fd, 7);
	assert_true(ev.ev_callback == note_cb);
	assert_ptr_equal(ev.ev_arg, &arg);
	assert_int_equal(ev.ev_events, EV_READ | EV_PERSIST);
	assert_int_equal(ev.ev_flags, EVLIST_INIT);
}

TEST(event_set_works_before_event_init)
{
	struct event_base *base;
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	memset(&ev, 0xa5, sizeof ev);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	base = event_init();
	assert_int_equal(event_base_set(base, &ev), 0);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_initialized_is_true_for_a_set_event_alone)
{
	struct event ev;

	memset(&ev, 0, sizeof ev);
	assert_false(event_initialized(&ev));
	assert_false(evtimer_initialized(&ev));
	assert_false(signal_initialized(&ev));
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_true(event_initialized(&ev));
	assert_true(evtimer_initialized(&ev));
	assert_true(signal_initialized(&ev));
}

TEST(fresh_event_belongs_to_the_last_event_init)
{
	struct event_base *first = event_init();
	struct event_base *second = event_init();
	struct event ev;

	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_ptr_equal(ev.ev_base, second);
	event_base_free(second);
	event_base_free(first);
}

TEST(event_base_new_does_not_become_the_current_base)
{
	struct event_base *current = event_init();
	struct event_base *other = event_base_new();
	struct event ev;

	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_ptr_equal(ev.ev_base, current);
	event_base_free(other);
	event_base_free(current);
}

TEST(fresh_event_has_the_middle_priority)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(ev.ev_pri, 0);
	event_priority_init(2);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(ev.ev_pri, 1);
	event_priority_init(5);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(ev.ev_pri, 2);
	event_base_free(base);
}

TEST(event_set_again_resets_priority_and_base)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev;

	event_priority_init(3);
	event_set(&ev, -1, 0, idle_cb, NULL);
	event_priority_set(&ev, 0);
	event_base_set(other, &ev);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(ev.ev_pri, 1);
	assert_ptr_equal(ev.ev_base, base);
	event_base_free(other);
	event_base_free(base);
}

TEST(event_base_set_resets_the_priority)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev;

	event_base_priority_init(other, 8);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_int_equal(event_base_set(other, &ev), 0);
	assert_ptr_equal(ev.ev_base, other);
	assert_int_equal(ev.ev_pri, 4);
	event_base_free(other);
	event_base_free(base);
}

TEST(event_base_set_on_a_zeroed_event_is_an_error)
{
	struct event_base *base = event_init();
	struct event ev;

	memset(&ev, 0, sizeof ev);
	assert_int_equal(event_base_set(base, &ev), -1);
	assert_null(ev.ev_base);
	event_base_free(base);
}

TEST(event_base_set_on_an_added_event_is_an_error)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event io, timer;
	int fd[2];

	make_pair(fd);
	event_set(&io, fd[0], EV_READ, idle_cb, NULL);
	event_add(&io, NULL);
	assert_int_equal(event_base_set(other, &io), -1);
	assert_ptr_equal(io.ev_base, base);
	evtimer_set(&timer, idle_cb, NULL);
	evtimer_add(&timer, MSEC(10000));
	assert_int_equal(event_base_set(other, &timer), -1);

	event_del(&io);
	event_del(&timer);
	assert_int_equal(event_base_set(other, &io), 0);
	assert_int_equal(event_base_set(other, &timer), 0);
	close_pair(fd);
	event_base_free(other);
	event_base_free(base);
}

TEST(event_base_set_on_an_active_event_is_an_error)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_base_set(other, &ev), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_int_equal(event_base_set(other, &ev), 0);
	event_base_free(other);
	event_base_free(base);
}

TEST(fd_written_into_the_struct_counts_at_event_add)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, -1, EV_READ, note_cb, "A");
	ev.ev_fd = fd[0];
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(events_written_into_the_struct_count_at_event_add)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	ev.ev_events = EV_WRITE;
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(base_written_into_the_struct_counts_at_event_add)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	ev.ev_base = other;
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("");
	assert_int_equal(event_base_dispatch(other), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(other);
	event_base_free(base);
}

TEST(callback_and_argument_written_into_the_struct_count_at_dispatch)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], calls = 0;

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, count_cb, &calls);
	assert_int_equal(event_add(&ev, NULL), 0);
	ev.ev_callback = note_cb;
	ev.ev_arg = "A";
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_int_equal(calls, 0);
	close_pair(fd);
	event_base_free(base);
}

TEST(event_copied_between_set_and_add_works)
{
	struct event_base *base = event_init();
	struct event first, copy;
	int fd[2];

	make_readable_pair(fd);
	event_set(&first, fd[0], EV_READ, note_cb, "A");
	copy = first;
	memset(&first, 0xa5, sizeof first);
	assert_int_equal(event_add(&copy, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(two_copies_of_one_event_are_two_events)
{
	struct event_base *base = event_init();
	struct event one, two;

	evtimer_set(&one, note_cb, "A");
	two = one;
	two.ev_arg = "B";
	assert_int_equal(evtimer_add(&one, MSEC(0)), 0);
	assert_int_equal(evtimer_add(&two, MSEC(1)), 0);
	assert_int_equal(event_del(&one), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:timeout");
	event_base_free(base);
}

TEST(event_copied_after_it_fired_can_be_added)
{
	struct event_base *base = event_init();
	struct event first, copy;

	evtimer_set(&first, note_cb, "A");
	evtimer_add(&first, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	copy = first;
	memset(&first, 0xa5, sizeof first);
	assert_int_equal(evtimer_add(&copy, MSEC(0)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout A:timeout");
	event_base_free(base);
}

TEST(event_zeroed_after_event_del_leaves_no_trace)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_add(&ev, MSEC(0));
	assert_int_equal(event_del(&ev), 0);
	memset(&ev, 0, sizeof ev);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_may_be_set_and_added_again_after_event_del)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(event_add(&ev, NULL), 0);
		assert_int_equal(event_del(&ev), 0);
		event_set(&ev, fd[0], EV_WRITE, note_cb, "B");
	}
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:write");
	close_pair(fd);
	event_base_free(base);
}

static void
set_again_cb(int fd, short what, void *arg)
{
	struct event *ev = arg;

	note_cb(fd, what, "A");
	event_set(ev, fd, EV_WRITE, note_cb, "B");
	assert_int_equal(event_add(ev, NULL), 0);
}

TEST(event_may_be_set_and_added_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, set_again_cb, &ev);
	event_add(&ev, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_del_on_a_zeroed_event_is_an_error)
{
	struct event_base *base = event_init();
	struct event ev, zero;

	memset(&zero, 0, sizeof zero);
	memset(&ev, 0, sizeof ev);
	assert_int_equal(event_del(&ev), -1);
	assert_memory_equal(&ev, &zero, sizeof ev);
	event_base_free(base);
}

TEST(event_del_of_an_event_that_was_only_set_returns_0)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, closed_fd(), EV_READ, idle_cb, NULL);
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_del(&ev), 0);
	event_base_free(base);
}

TEST(event_del_may_be_called_twice)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, idle_cb, NULL);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(event_add_twice_adds_once)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");

	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close_pair(fd);
	event_base_free(base);
}

TEST(ev_flags_show_what_the_event_is_doing)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, idle_cb, NULL);
	event_add(&ev, NULL);
	assert_int_equal(ev.ev_flags, EVLIST_INIT | EVLIST_INSERTED);
	event_add(&ev, MSEC(10000));
	assert_int_equal(ev.ev_flags,
	    EVLIST_INIT | EVLIST_INSERTED | EVLIST_TIMEOUT);
	event_active(&ev, EV_READ, 1);
	assert_int_equal(ev.ev_flags,
	    EVLIST_INIT | EVLIST_INSERTED | EVLIST_TIMEOUT | EVLIST_ACTIVE);
	event_del(&ev);
	assert_int_equal(ev.ev_flags, EVLIST_INIT);
	close_pair(fd);
	event_base_free(base);
}

static void
note_res_cb(int fd, short what, void *arg)
{
	struct event *ev = arg;

	(void)fd;
	note(ev->ev_res == what ? "same" : "other");
}

TEST(ev_res_is_what_the_callback_gets)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_WRITE, note_res_cb, &ev);
	event_add(&ev, NULL);
	event_dispatch();
	evtimer_set(&ev, note_res_cb, &ev);
	event_add(&ev, MSEC(0));
	event_dispatch();
	assert_log("same same");
	close_pair(fd);
	event_base_free(base);
}

static void
note_fd_cb(int fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	note("%d", fd);
}

TEST(callback_gets_the_fd_even_if_only_the_timer_is_used)
{
	struct event_base *base = event_init();
	struct event with, without;

	event_set(&with, 12345, 0, note_fd_cb, NULL);
	evtimer_set(&without, note_fd_cb, NULL);
	event_add(&with, MSEC(0));
	event_dispatch();
	event_add(&without, MSEC(0));
	event_dispatch();
	assert_log("12345 -1");
	event_base_free(base);
}

TEST(old_macro_names_set_events)
{
	struct event_base *base = event_init();
	struct event ev;

	timeout_set(&ev, note_cb, "A");
	assert_true(timeout_initialized(&ev));
	timeout_add(&ev, MSEC(10000));
	assert_true(timeout_pending(&ev, NULL));
	timeout_del(&ev);
	assert_false(evtimer_pending(&ev, NULL));
	signal_set(&ev, 10, note_cb, "A");
	assert_int_equal(EVENT_SIGNAL(&ev), 10);
	assert_int_equal(ev.ev_events, EV_SIGNAL | EV_PERSIST);
	signal_add(&ev, NULL);
	assert_true(signal_pending(&ev, NULL));
	signal_del(&ev);
	assert_false(signal_pending(&ev, NULL));
	event_base_free(base);
}

static void
free_arg_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, "A");
	free(arg);
}

TEST(one_shot_event_may_be_freed_in_its_callback)
{
	struct event_base *base = event_init();
	struct event *ev = malloc(sizeof *ev);
	int fd[2];

	make_readable_pair(fd);
	event_set(ev, fd[0], EV_READ, free_arg_cb, ev);
	event_add(ev, MSEC(10000));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(timer_may_be_freed_in_its_callback)
{
	struct event_base *base = event_init();
	struct event *ev = malloc(sizeof *ev);

	evtimer_set(ev, free_arg_cb, ev);
	event_add(ev, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

static void
del_and_free_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, "A");
	event_del(arg);
	free(arg);
}

TEST(persistent_event_may_be_deleted_and_freed_in_its_callback)
{
	struct event_base *base = event_init();
	struct event *ev = malloc(sizeof *ev);
	int fd[2];

	make_readable_pair(fd);
	event_set(ev, fd[0], EV_READ | EV_PERSIST, del_and_free_cb, ev);
	event_add(ev, MSEC(10000));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(active_event_may_be_deleted_and_freed_in_its_first_of_several_calls)
{
	struct event_base *base = event_init();
	struct event *ev = malloc(sizeof *ev);

	event_set(ev, -1, 0, del_and_free_cb, ev);
	event_active(ev, EV_WRITE, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	event_base_free(base);
}

TEST(next_active_event_may_be_deleted_and_freed_in_a_callback)
{
	struct event_base *base = event_init();
	struct event *next = malloc(sizeof *next);
	struct event first, last;

	event_set(&first, -1, 0, del_and_free_cb, next);
	event_set(next, -1, 0, note_cb, "B");
	event_set(&last, -1, 0, note_cb, "C");
	event_active(&first, EV_READ, 1);
	event_active(next, EV_READ, 1);
	event_active(&last, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read C:read");
	event_base_free(base);
}

/* event_pending() has the time of expiry; the member is 1.4's own. */
TEST(ev_timeout_of_a_running_timer_is_0,
    DIFFERS(V14, "it is the time of expiry"),
    DIFFERS(V21, "it is the time of expiry"))
{
	struct event_base *base = event_init();
	struct timeval minute = {60, 0};
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(evtimer_add(&ev, &minute), 0);
	assert_int_equal(event_pending(&ev, EV_TIMEOUT, NULL), EV_TIMEOUT);
	assert_int_equal(ev.ev_timeout.tv_sec, 0);
	assert_int_equal(ev.ev_timeout.tv_usec, 0);
	event_base_free(base);
}
