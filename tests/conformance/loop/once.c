/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_once() and event_base_once(): callbacks without a struct event.
 */
#include "test.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int
once(int fd, short events, struct timeval *tv)
{
	return event_once(fd, events, note_cb, "A", tv);
}

TEST(event_once_waits_for_a_descriptor)
{
	struct event_base *base = event_init();
	int fd[2];

	make_readable_pair(fd);
	assert_int_equal(once(fd[0], EV_READ, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_int_equal(once(fd[0], EV_WRITE, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_int_equal(once(fd[0], EV_READ | EV_WRITE, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_once_with_a_timeout_waits_no_longer)
{
	struct event_base *base = event_init();
	double start = now_ms();
	int fd[2];

	make_pair(fd);
	assert_int_equal(once(fd[0], EV_READ, MSEC(20)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	assert_elapsed(start, 20);
	close_pair(fd);
	event_base_free(base);
}

TEST(event_once_for_read_and_timeout_fires_for_read)
{
	struct event_base *base = event_init();
	int fd[2];

	make_readable_pair(fd);
	assert_int_equal(once(fd[0], EV_READ | EV_TIMEOUT, MSEC(10000)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_once_without_a_timeout_waits_for_ever)
{
	struct event_base *base = event_init();
	int fd[2];

	make_pair(fd);
	assert_int_equal(once(fd[0], EV_READ, NULL), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	write_byte(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_once_for_a_timeout_fires_after_it)
{
	struct event_base *base = event_init();
	double start = now_ms();

	assert_int_equal(once(-1, EV_TIMEOUT, MSEC(20)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	assert_elapsed(start, 20);
	event_base_free(base);
}

TEST(event_once_for_a_timeout_without_a_time_fires_at_once)
{
	struct event_base *base = event_init();

	assert_int_equal(once(-1, EV_TIMEOUT, NULL), 0);
	assert_log("");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(event_once_for_a_signal_is_an_error)
{
	struct event_base *base = event_init();

	assert_int_equal(once(SIGUSR1, EV_SIGNAL, NULL), -1);
	assert_int_equal(once(SIGUSR1, EV_SIGNAL | EV_READ, NULL), -1);
	assert_int_equal(once(SIGUSR1, EV_SIGNAL | EV_TIMEOUT, MSEC(0)), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(event_once_for_nothing_is_an_error)
{
	struct event_base *base = event_init();

	assert_int_equal(once(-1, 0, MSEC(0)), -1);
	assert_int_equal(once(-1, EV_PERSIST, MSEC(0)), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(event_once_for_a_persistent_timeout_is_an_error)
{
	struct event_base *base = event_init();

	assert_int_equal(once(-1, EV_TIMEOUT | EV_PERSIST, MSEC(0)), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(event_once_is_once_even_with_the_persist_flag, DIFFERS(V21, "refused"))
{
	struct event_base *base = event_init();
	int fd[2];

	make_readable_pair(fd);
	assert_int_equal(once(fd[0], EV_READ | EV_PERSIST, NULL), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_once_for_a_closed_fd_is_an_error)
{
	struct event_base *base = event_init();

	assert_int_equal(once(closed_fd(), EV_READ, NULL), -1);
	assert_int_equal(once(closed_fd(), EV_WRITE, MSEC(0)), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

static void
note_fd_cb(int fd, short what, void *arg)
{
	(void)arg;
	note("%d/%d", fd, what);
}

TEST(event_once_for_a_timeout_passes_on_no_fd)
{
	struct event_base *base = event_init();

	assert_int_equal(event_once(12345, EV_TIMEOUT, note_fd_cb, NULL, NULL),
	    0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("-1/1");
	event_base_free(base);
}

TEST(base_once_runs_in_the_loop_of_its_base)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();

	event_base_once(other, -1, EV_TIMEOUT, note_cb, "A", NULL);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("");
	assert_int_equal(event_base_dispatch(other), 1);
	assert_log("A:timeout");
	event_base_free(other);
	event_base_free(base);
}

static void
once_more_cb(int fd, short what, void *arg)
{
	int *left = arg;

	note_cb(fd, what, "A");
	if (--*left > 0)
		event_once(-1, EV_TIMEOUT, once_more_cb, left, NULL);
}

TEST(event_once_may_be_called_in_the_callback_of_another)
{
	struct event_base *base = event_init();
	int left = 3;

	event_once(-1, EV_TIMEOUT, once_more_cb, &left, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout A:timeout A:timeout");
	event_base_free(base);
}

TEST(event_once_inside_a_callback_runs_in_the_next_pass,
    DIFFERS(V21, "without a time it is active at once, in the same pass"))
{
	struct event_base *base = event_init();
	int left = 2;

	event_once(-1, EV_TIMEOUT, once_more_cb, &left, NULL);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:timeout");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(several_once_run_by_expiry)
{
	struct event_base *base = event_init();
	char *names[] = {"A", "B", "C"};

	for (int i = 0; i < 3; i++) {
		struct timeval tv = {i - 5, 0};

		event_once(-1, EV_TIMEOUT, note_cb, names[i], &tv);
	}
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout B:timeout C:timeout");
	event_base_free(base);
}

TEST(event_once_has_the_middle_priority)
{
	struct event_base *base = event_init();
	struct event urgent, late;

	event_priority_init(3);
	event_set(&urgent, -1, 0, note_cb, "urgent");
	event_priority_set(&urgent, 0);
	event_set(&late, -1, 0, note_cb, "late");
	event_priority_set(&late, 2);
	event_once(-1, EV_TIMEOUT, note_cb, "once", &(struct timeval){-1, 0});
	event_active(&late, EV_READ, 1);
	event_active(&urgent, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("urgent:read once:timeout late:read");
	event_base_free(base);
}

#ifdef __GLIBC__
static size_t
allocated(void)
{
	return mallinfo2().uordblks;
}
#else
/* In whole pages, as the kernel counts them. */
static size_t
allocated(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = -1;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %*d %*d %*d %*d %ld", &pages), 1);
	fclose(f);
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}
#endif

TEST(event_once_that_fired_costs_no_memory)
{
	struct event_base *base = event_init();
	size_t before;

	event_once(-1, EV_TIMEOUT, idle_cb, NULL, NULL);
	event_dispatch();
	before = allocated();
	for (int i = 0; i < 1000; i++) {
		event_once(-1, EV_TIMEOUT, idle_cb, NULL, NULL);
		assert_int_equal(event_dispatch(), 1);
	}
	assert_true(allocated() <= before + 10000);
	event_base_free(base);
}

TEST(event_once_that_failed_costs_no_memory)
{
	struct event_base *base = event_init();
	int fd = closed_fd();
	size_t before;

	event_once(fd, EV_READ, idle_cb, NULL, NULL);
	before = allocated();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(event_once(fd, EV_READ, idle_cb, NULL, NULL),
		    -1);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(event_once(fd, EV_SIGNAL, idle_cb, NULL, NULL),
		    -1);
	assert_true(allocated() <= before + 10000);
	event_base_free(base);
}

TEST(event_base_free_frees_what_once_waits_for, DIFFERS(V14, "leaks it"))
{
	size_t before = 0;

	for (int i = 0; i < 101; i++) {
		struct event_base *base = event_init();

		if (i == 1)
			before = allocated();
		for (int j = 0; j < 10; j++)
			once(-1, EV_TIMEOUT, MSEC(10000));
		event_base_free(base);
	}
	assert_log("");
	assert_true(allocated() <= before + 10000);
}
