/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signal events in several bases: who gets a delivery, and when the program's
 * own handler comes back.
 */
#include "test.h"
#include "own_handler.h"

static void
add_to(struct event_base *base, struct event *ev, int sig, void *name)
{
	signal_set(ev, sig, note_cb, name);
	assert_int_equal(event_base_set(base, ev), 0);
	assert_int_equal(event_add(ev, NULL), 0);
}

static void
loop_nonblock(struct event_base *base)
{
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
}

TEST(two_bases_may_have_different_signals,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR2, "B");
	raise(SIGUSR1);
	raise(SIGUSR2);
	loop_nonblock(one);
	loop_nonblock(two);
	assert_log("A:signal B:signal");
	event_base_free(one);
	event_base_free(two);
}

TEST(base_that_added_a_signal_last_gets_it)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("B:signal");
	loop_nonblock(one);
	assert_log("");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_looped_last_gets_the_signal)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	loop_nonblock(one);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	loop_nonblock(two);
	assert_log("");
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("B:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_looped_last_without_signals_leaves_them_to_the_other)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event ev;

	add_to(one, &ev, SIGUSR1, "A");
	event_base_once(two, -1, EV_TIMEOUT, idle_cb, NULL, NULL);
	assert_int_equal(event_base_dispatch(two), 1);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_without_an_event_for_the_signal_leaves_it_to_the_other,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR2, "B");
	loop_nonblock(one);
	loop_nonblock(two);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_deleted_its_event_leaves_the_signal_to_the_other,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	loop_nonblock(two);
	event_del(&second);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_is_freed_leaves_the_signal_to_the_other,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	loop_nonblock(two);
	event_base_free(two);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(one);
}

TEST(handler_comes_back_when_two_bases_delete_last_first)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	event_del(&second);
	event_del(&first);
	check_own_handler(SIGUSR1);
	event_base_free(two);
	event_base_free(one);
}

TEST(handler_comes_back_when_two_bases_delete_first_first,
    DIFFERS(V14, "the library's own handler is left behind"),
    DIFFERS(V21, "the library's own handler is left behind"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	event_del(&first);
	event_del(&second);
	check_own_handler(SIGUSR1);
	event_base_free(two);
	event_base_free(one);
}

TEST(signal_event_of_one_base_survives_deletion_in_another,
    DIFFERS(V14, "it takes the handler away from the other base"),
    DIFFERS(V21, "it takes the handler away from the other base"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	event_del(&first);
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("B:signal");
	assert_int_equal(own_calls, 0);
	event_base_free(two);
	event_base_free(one);
}

TEST(signal_event_moves_to_another_base)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event ev;

	add_to(one, &ev, SIGUSR1, "A");
	loop_nonblock(one);
	event_del(&ev);
	assert_int_equal(event_base_set(two, &ev), 0);
	assert_int_equal(event_add(&ev, NULL), 0);
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("A:signal");
	assert_int_equal(event_base_loop(one, EVLOOP_NONBLOCK), 1);
	event_base_free(two);
	event_base_free(one);
}
