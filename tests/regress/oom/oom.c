/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The loop without memory or descriptors: calls return an error, and change
 * nothing else.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"
#include "wrap.h"

#define NPAIRS 200
#define NTIMERS 300

static int fd[NPAIRS][2];
static struct event io[NPAIRS], timer[NTIMERS], sig;

/*
 * Adds an event, and tries a second time if the first failed, which must have
 * been for lack of memory.
 */
static void
add(struct event *ev, const struct timeval *tv)
{
	for (int tries = 0; event_add(ev, tv) == -1; tries++) {
		assert_int_equal(errno, ENOMEM);
		assert_int_equal(event_pending(ev,
				     EV_READ | EV_SIGNAL | EV_TIMEOUT, NULL),
		    0);
		assert_in_range(tries, 0, 0);
	}
}

/*
 * Uses a base so that all of its arrays grow: descriptors, timers, events that
 * are ready at the same time.  Whichever allocation fails, each event must be
 * called.
 */
static void
use_base(struct event_base *base)
{
	int reads = 0, timeouts = 0, signals = 0, once = 0;
	int r;

	for (int i = 0; i < NPAIRS; i++) {
		event_set(&io[i], fd[i][0], EV_READ, count_cb, &reads);
		event_base_set(base, &io[i]);
		add(&io[i], NULL);
	}
	for (int i = 0; i < NTIMERS; i++) {
		evtimer_set(&timer[i], count_cb, &timeouts);
		event_base_set(base, &timer[i]);
		add(&timer[i], MSEC(0));
	}
	event_set(&sig, SIGUSR1, EV_SIGNAL, count_cb, &signals);
	event_base_set(base, &sig);
	add(&sig, NULL);
	raise(SIGUSR1);
	while (
	    event_base_once(base, -1, EV_TIMEOUT, count_cb, &once, NULL) == -1)
		assert_int_equal(errno, ENOMEM);
	while ((r = event_base_loop(base, 0)) == -1)
		assert_int_equal(errno, ENOMEM);
	assert_int_equal(r, 1);
	assert_int_equal(reads, NPAIRS);
	assert_int_equal(timeouts, NTIMERS);
	assert_int_equal(signals, 1);
	assert_int_equal(once, 1);
}

static void
each_fails(long n)
{
	for (int i = 0; i < NPAIRS; i++)
		make_readable_pair(fd[i]);
	for (long nth = n;; nth += 1) {
		struct event_base *base = event_base_new();

		fail_alloc(nth);
		use_base(base);
		n = alloc_failed();
		fail_alloc(0);
		event_base_free(base);
		if (!n)
			break;
	}
	for (int i = 0; i < NPAIRS; i++)
		close_pair(fd[i]);
}

TEST(each_allocation_may_fail_once)
{
	each_fails(1);
}

/*
 * Without any memory no event can be added, and events that were added before
 * fire.
 */
TEST(adding_without_any_memory_is_an_error_and_loses_nothing)
{
	struct event_base *base = event_base_new();
	int reads = 0, refused = 0;

	for (int i = 0; i < NPAIRS; i++)
		make_readable_pair(fd[i]);
	fail_allocs_from(3);
	for (int i = 0; i < NPAIRS; i++) {
		event_set(&io[i], fd[i][0], EV_READ, count_cb, &reads);
		event_base_set(base, &io[i]);
		if (event_add(&io[i], MSEC(60000)) == -1) {
			assert_int_equal(errno, ENOMEM);
			refused++;
		}
	}
	assert_in_range(refused, 1, NPAIRS);
	for (int i = 0; i < 3; i++)
		if (event_base_loop(base, EVLOOP_NONBLOCK) == -1)
			assert_int_equal(errno, ENOMEM);
	fail_alloc(0);
	assert_in_range(event_base_loop(base, EVLOOP_NONBLOCK), 0, 1);
	assert_int_equal(reads, NPAIRS - refused);
	for (int i = 0; i < NPAIRS; i++)
		close_pair(fd[i]);
	event_base_free(base);
}

/*
 * A pass cannot return that there is no memory for a descriptor: event_add()
 * has to make libev's array long enough.  The chunks of 64 descriptors are
 * added in their order, so that the array first grows to less than twice the
 * second one.
 */
TEST(array_by_descriptor_grows_in_event_add_and_not_in_a_pass)
{
	static const int number[] = {10, 70, 191};
	struct event_base *base = event_base_new();
	int reads = 0;

	make_readable_pair(fd[0]);
	for (int i = 0; i < 3; i++) {
		long bytes;

		assert_int_equal(dup2(fd[0][0], number[i]), number[i]);
		event_set(&io[i], number[i], EV_READ, count_cb, &reads);
		event_base_set(base, &io[i]);
		assert_int_equal(event_add(&io[i], NULL), 0);
		bytes = counts.libev;
		event_base_loop(base, EVLOOP_NONBLOCK);
		assert_int_equal(reads, i + 1);
		/* In a pass only lists of a few changes and ready events grow.
		 */
		assert_in_range(counts.libev - bytes, 0, 512);
		close(number[i]);
	}
	close_pair(fd[0]);
	event_base_free(base);
}

static void
make_base(void *arg)
{
	fail_alloc((long)arg);
	event_base_new();
	fail_alloc(0);
}

static void
log_cb(int severity, const char *msg)
{
	(void)msg;
	_exit(severity == _EVENT_LOG_ERR ? 77 : 78);
}

/* 1.4: no memory for a base ends the program, through the log. */
TEST(no_memory_for_a_base_ends_the_program_through_the_log)
{
	event_set_log_callback(log_cb);
	for (long nth = 1; nth <= 3; nth++)
		assert_int_equal(in_child(make_base, (void *)nth) >> 8, 77);
}

TEST(no_descriptor_for_epoll_falls_back_to_poll)
{
	struct event_base *base;

	fail_descriptors(1);
	base = event_base_new();
	fail_descriptors(0);
	assert_string_equal(event_base_get_method(base), "poll");
	event_base_free(base);
}

static void
make_base_without_descriptors(void *arg)
{
	(void)arg;
	fail_descriptors(2); /* the epoll set, and the wake-up descriptor */
	event_base_new();
}

/* 1.4: a socket pair that cannot be made ends the program, too. */
TEST(no_descriptor_for_wake_ups_ends_the_program_through_the_log)
{
	event_set_log_callback(log_cb);
	assert_int_equal(in_child(make_base_without_descriptors, NULL) >> 8,
	    77);
	event_set_log_callback(NULL);
}

/* Not all that is looked for is needed. */
TEST(event_reinit_without_a_descriptor_is_an_error)
{
	struct event_base *base = event_init();
	struct event ev;
	int calls = 0;

	signal_set(&ev, SIGUSR1, count_cb, &calls);
	signal_add(&ev, NULL);
	event_loop(EVLOOP_NONBLOCK);
	fail_descriptors(20);
	assert_int_equal(event_reinit(base), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(event_reinit(base), -1);
	fail_descriptors(0);
	assert_int_equal(event_reinit(base), 0);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_int_equal(calls, 1);
	signal_del(&ev);
	event_base_free(base);
}

static void
renew(void *arg)
{
	fail_epoll_sets(1);
	event_reinit(arg);
}

TEST(no_epoll_set_for_event_reinit_ends_the_program_through_the_log)
{
	struct event_base *base = event_init();

	event_set_log_callback(log_cb);
	assert_int_equal(in_child(renew, base) >> 8, 77);
	event_set_log_callback(NULL);
	event_base_free(base);
}

/*
 * Nested rows of calls (ev_ncalls): each needs a record, of which the base has
 * one.
 */
static void
nested_cb(int unused, short what, void *arg)
{
	struct event_base *base = arg;
	struct event inner;
	int calls = 0;

	(void)unused;
	(void)what;
	event_set(&inner, -1, 0, count_cb, &calls);
	event_active(&inner, EV_READ, 3);
	fail_alloc(1);
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), -1);
	assert_int_equal(errno, ENOMEM);
	fail_alloc(0);
	assert_int_equal(calls, 0);
	assert_int_equal(event_pending(&inner, EV_READ, NULL), EV_READ);
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	assert_int_equal(calls, 3);
	note("nested");
}

TEST(event_whose_calls_get_no_memory_stays_active)
{
	struct event_base *base = event_init();
	struct event outer;

	event_set(&outer, -1, 0, nested_cb, base);
	event_active(&outer, EV_READ, 2);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
	assert_log("nested nested");
	event_base_free(base);
}
