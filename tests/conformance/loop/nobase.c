/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls that need a base, when there is none.
 */
#include "test.h"

#include <signal.h>
#include <string.h>

#define ALL (EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL)

TEST(event_add_without_a_base_is_an_error, DIFFERS(V14, "crashes"))
{
	struct event io, timer, sig;
	int fd[2];

	make_pair(fd);
	event_set(&io, fd[0], EV_READ, idle_cb, NULL);
	assert_int_equal(event_add(&io, NULL), -1);
	evtimer_set(&timer, idle_cb, NULL);
	assert_int_equal(event_add(&timer, MSEC(0)), -1);
	signal_set(&sig, SIGUSR1, idle_cb, NULL);
	assert_int_equal(event_add(&sig, NULL), -1);
	assert_int_equal(event_pending(&io, ALL, NULL), 0);
	close_pair(fd);
}

TEST(event_add_of_a_zeroed_event_is_an_error, DIFFERS(V14, "crashes"))
{
	struct event_base *base = event_init();
	struct event ev;

	memset(&ev, 0, sizeof ev);
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(event_add(&ev, MSEC(0)), -1);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(event_del_without_a_base_is_an_error)
{
	struct event ev;

	event_set(&ev, 0, EV_READ, idle_cb, NULL);
	assert_int_equal(event_del(&ev), -1);
}

TEST(event_active_without_a_base_does_nothing, DIFFERS(V14, "crashes"))
{
	struct event ev;

	event_set(&ev, 0, EV_READ, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
}

TEST(event_priority_set_without_a_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	struct event ev;

	event_set(&ev, 0, EV_READ, idle_cb, NULL);
	assert_int_equal(event_priority_set(&ev, 0), -1);
}

TEST(event_priority_init_without_a_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	assert_int_equal(event_priority_init(2), -1);
	assert_int_equal(event_base_priority_init(NULL, 2), -1);
}

TEST(event_base_set_to_no_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, 0, EV_READ, idle_cb, NULL);
	assert_int_equal(event_base_set(NULL, &ev), -1);
	assert_ptr_equal(ev.ev_base, base);
	event_base_free(base);
}

TEST(loop_without_a_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	assert_int_equal(event_dispatch(), -1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(event_base_loop(NULL, EVLOOP_NONBLOCK), -1);
	assert_int_equal(event_base_dispatch(NULL), -1);
}

TEST(loopexit_without_a_base_is_an_error, DIFFERS(V14, "crashes"))
{
	assert_int_equal(event_loopexit(NULL), -1);
	assert_int_equal(event_base_loopexit(NULL, MSEC(0)), -1);
}

TEST(event_once_without_a_base_is_an_error, DIFFERS(V14, "crashes"))
{
	int result = event_once(-1, EV_TIMEOUT, idle_cb, NULL, NULL);

	assert_int_equal(result, -1);
	result = event_base_once(NULL, -1, EV_TIMEOUT, idle_cb, NULL, NULL);
	assert_int_equal(result, -1);
}

TEST(event_reinit_without_a_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	assert_int_equal(event_reinit(NULL), -1);
}

TEST(event_base_free_without_a_base_does_nothing, DIFFERS(V14, "aborts"))
{
	event_base_free(NULL);
}

TEST(event_get_method_without_a_base_is_null, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	assert_null(event_get_method());
}
