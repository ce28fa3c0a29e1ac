/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timeouts that are negative, huge or not normalized.
 */
#include "test.h"
#include "due.h"

#include <limits.h>

/* Runs a base with a timer of tv and another one; the first is called A. */
static void
run_beside_another(const struct timeval *tv)
{
	struct event_base *base = event_init();
	struct event ev, other;

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(event_add(&ev, tv), 0);
	evtimer_set(&other, note_cb, "B");
	assert_int_equal(event_add(&other, MSEC(0)), 0);
	event_loop(EVLOOP_NONBLOCK);
	event_del(&ev);
	event_base_free(base);
}

TEST(negative_timeout_fires_at_once)
{
	run_beside_another(&(struct timeval){-1, 0});
	assert_log("A:timeout B:timeout");
	run_beside_another(&(struct timeval){-1, 999999});
	assert_log("A:timeout B:timeout");
	run_beside_another(&(struct timeval){INT_MIN, 0});
	assert_log("A:timeout B:timeout");
}

TEST(most_negative_timeout_fires_at_once)
{
	run_beside_another(&(struct timeval){LONG_MIN, 0});
	assert_log("A:timeout B:timeout");
}

TEST(negative_microseconds_fire_at_once)
{
	run_beside_another(&(struct timeval){0, -1});
	assert_log("A:timeout B:timeout");
}

/* 2 to the power of n seconds, or 34 years where time_t has 32 bits. */
static time_t
huge(int n)
{
	return (time_t)(1LL << (sizeof(time_t) > 4 ? n : 30));
}

TEST(huge_timeout_never_fires)
{
	run_beside_another(&(struct timeval){huge(31), 0});
	assert_log("B:timeout");
	run_beside_another(&(struct timeval){huge(40), 999999});
	assert_log("B:timeout");
	run_beside_another(&(struct timeval){huge(47), 0});
	assert_log("B:timeout");
}

TEST(greatest_timeout_never_fires, DIFFERS(V14, "overflows, fires at once"),
    DIFFERS(V21, "overflows, fires at once"))
{
	run_beside_another(&(struct timeval){LONG_MAX, 0});
	assert_log("B:timeout");
	run_beside_another(&(struct timeval){LONG_MAX, 999999});
	assert_log("B:timeout");
}

TEST(huge_timeout_does_not_disturb_waiting)
{
	struct event_base *base = event_init();
	struct timeval tv = {huge(47), 0};
	struct event ev;
	double start = now_ms();

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, &tv);
	event_loopexit(MSEC(20));
	assert_int_equal(event_dispatch(), 0);
	assert_elapsed(start, 20);
	assert_log("");
	event_del(&ev);
	event_base_free(base);
}

static void
write_to_cb(int fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	write_byte(fd);
}

TEST(huge_timeout_of_the_only_event_does_not_end_the_wait)
{
	struct event_base *base = event_init();
	struct event_base *other = event_base_new();
	struct timeval tv = {huge(47), 0};
	struct event ev, writer;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, &tv);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	event_set(&writer, fd[1], 0, write_to_cb, NULL);
	event_base_set(other, &writer);
	event_add(&writer, MSEC(1));
	event_base_dispatch(other);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(other);
	event_base_free(base);
}

TEST(million_microseconds_are_a_second)
{
	struct event_base *base = event_init();
	struct timeval tv = {0, 1000000};
	double start = now_ms();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(event_add(&ev, &tv), 0);
	assert_due(&ev, start, 1000);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("");
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 1000);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(more_than_a_million_microseconds_are_carried,
    DIFFERS(V21, "carries no more than one second"))
{
	struct event_base *base = event_init();
	struct timeval tv = {1, 2500000};
	double start = now_ms();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(event_add(&ev, &tv), 0);
	assert_due(&ev, start, 3500);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("");
	event_del(&ev);
	event_base_free(base);
}

TEST(microseconds_of_several_seconds_count_in_full,
    DIFFERS(V14, "carries no more than one second"),
    DIFFERS(V21, "carries no more than one second"))
{
	struct event_base *base = event_init();
	struct timeval tv = {-3, 3030000};
	double start = now_ms();
	struct event ev;

	evtimer_set(&ev, note_cb, "A");
	assert_int_equal(event_add(&ev, &tv), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 30);
	event_base_free(base);
}

TEST(million_microseconds_make_up_for_a_negative_second)
{
	run_beside_another(&(struct timeval){-1, 1000000});
	assert_log("A:timeout B:timeout");
}

TEST(greatest_microseconds_do_no_harm)
{
	run_beside_another(&(struct timeval){0, INT_MAX});
	assert_log("B:timeout");
}

TEST(extreme_microseconds_do_no_harm, DIFFERS(V14, "overflows, fires at once"),
    DIFFERS(V21, "overflows, fires at once"))
{
	run_beside_another(&(struct timeval){0, LONG_MAX});
	assert_log("B:timeout");
	run_beside_another(&(struct timeval){0, LONG_MIN});
	assert_log("A:timeout B:timeout");
}
