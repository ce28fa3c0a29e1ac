/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_pending(): what an event is waiting for.
 */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define ALL (EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL)

TEST(event_that_is_not_added_is_not_pending)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, 0, EV_READ | EV_WRITE, idle_cb, NULL);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	event_base_free(base);
}

TEST(zeroed_event_is_not_pending)
{
	struct event_base *base = event_init();
	struct timeval tv = {1, 2};
	struct event ev;

	memset(&ev, 0, sizeof ev);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	assert_int_equal(event_pending(&ev, ALL, &tv), 0);
	assert_int_equal(tv.tv_sec, 1);
	event_base_free(base);
}

TEST(event_set_without_a_base_is_not_pending)
{
	struct event ev;

	event_set(&ev, 0, EV_READ, idle_cb, NULL);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
}

TEST(pending_returns_the_flags_that_were_asked_for)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_WRITE | EV_PERSIST, idle_cb, NULL);
	event_add(&ev, NULL);
	assert_int_equal(event_pending(&ev, ALL, NULL), EV_READ | EV_WRITE);
	assert_int_equal(event_pending(&ev, EV_READ, NULL), EV_READ);
	assert_int_equal(event_pending(&ev, EV_WRITE, NULL), EV_WRITE);
	assert_int_equal(event_pending(&ev, EV_TIMEOUT, NULL), 0);
	assert_int_equal(event_pending(&ev, EV_SIGNAL, NULL), 0);
	assert_int_equal(event_pending(&ev, EV_PERSIST, NULL), 0);
	assert_int_equal(event_pending(&ev, 0, NULL), 0);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_pending(&ev, ALL, NULL),
	    EV_TIMEOUT | EV_READ | EV_WRITE);
	event_del(&ev);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	close_pair(fd);
	event_base_free(base);
}

TEST(pending_knows_signals)
{
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, idle_cb, NULL);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	event_add(&ev, NULL);
	assert_int_equal(event_pending(&ev, ALL, NULL), EV_SIGNAL);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_pending(&ev, ALL, NULL), EV_SIGNAL | EV_TIMEOUT);
	event_del(&ev);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	event_base_free(base);
}

TEST(pending_leaves_the_time_alone_without_a_timeout)
{
	struct event_base *base = event_init();
	struct timeval tv = {1, 2};
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, idle_cb, NULL);
	event_add(&ev, NULL);
	assert_int_equal(event_pending(&ev, ALL, &tv), EV_READ);
	assert_int_equal(tv.tv_sec, 1);
	assert_int_equal(tv.tv_usec, 2);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_pending(&ev, EV_READ, &tv), EV_READ);
	assert_int_equal(tv.tv_sec, 1);
	assert_int_equal(tv.tv_usec, 2);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

static void
note_pending_cb(int fd, short what, void *ev)
{
	note_read_cb(fd, what, "A");
	note("%d", event_pending(ev, ALL, NULL));
}

TEST(one_shot_event_is_not_pending_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_pending_cb, &ev);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read 0");
	close_pair(fd);
	event_base_free(base);
}

TEST(persistent_event_is_pending_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_pending_cb, &ev);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:read 3");
	assert_int_equal(event_pending(&ev, ALL, NULL), EV_READ | EV_TIMEOUT);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(timer_is_not_pending_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, note_pending_cb, &ev);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout 0");
	event_base_free(base);
}

TEST(one_shot_signal_is_not_pending_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, SIGUSR1, EV_SIGNAL, note_pending_cb, &ev);
	event_add(&ev, NULL);
	raise(SIGUSR1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal 0");
	event_base_free(base);
}

TEST(active_event_is_pending_with_its_result)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, idle_cb, NULL);
	event_add(&ev, NULL);
	event_active(&ev, EV_WRITE | EV_TIMEOUT, 1);
	assert_int_equal(event_pending(&ev, ALL, NULL),
	    EV_READ | EV_WRITE | EV_TIMEOUT);
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

static void
note_other_pending_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	note("%d", event_pending(other, ALL, NULL));
}

TEST(ready_event_is_pending_until_its_turn)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_set(&second, fd[1][0], EV_READ | EV_WRITE, note_cb, "B");
	event_set(&first, fd[0][0], EV_READ, note_other_pending_cb, &second);
	event_add(&first, NULL);
	event_add(&second, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read 6 B:read+write");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

TEST(failed_event_add_leaves_nothing_pending)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, closed_fd(), EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, MSEC(0)), -1);
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

static void
ask_cb(int fd, short what, void *arg)
{
	struct event *ev = arg;
	struct timeval tv = {0, 0}, now;

	(void)fd;
	(void)what;
	gettimeofday(&now, NULL);
	assert_int_equal(event_pending(ev, EV_TIMEOUT, &tv), EV_TIMEOUT);
	assert_in_range(tv.tv_sec, now.tv_sec - 60, now.tv_sec + 1);
	note("asked");
}

/* Both are due; when the first runs, the second has left the timers. */
TEST(pending_returns_the_time_of_a_timer_that_waits_its_turn)
{
	struct event_base *base = event_init();
	struct event first, second;

	evtimer_set(&first, ask_cb, &second);
	evtimer_set(&second, note_cb, "second");
	evtimer_add(&first, MSEC(0));
	evtimer_add(&second, MSEC(1));
	usleep(3000);
	event_loop(EVLOOP_ONCE);
	assert_log("asked second:timeout");
	event_base_free(base);
}
