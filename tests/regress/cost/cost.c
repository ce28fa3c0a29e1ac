/* SPDX-License-Identifier: BSD-3-Clause */
/* What the loop costs, in counts: system calls, allocations, bytes. */
#include <sys/resource.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <unistd.h>

#include "test.h"
#include "wrap.h"

#define N 50

/* A ring of socket pairs, each of which passes a byte on to the next. */
static struct ring {
	int fd[N][2];
	struct event ev[N];
	struct timeval *timeout;
	bool re_add;
	int left;
} ring;

static void
pass_on_cb(int fd, short what, void *arg)
{
	long i = (long)arg;

	assert_int_equal(what, EV_READ);
	assert_int_not_equal(read_byte(fd), 0);
	if (ring.re_add)
		event_add(&ring.ev[i], ring.timeout);
	if (ring.left > 0 && --ring.left > 0)
		write_byte(ring.fd[(i + 1) % N][1]);
}

static void
ring_open(short events, struct timeval *timeout)
{
	ring.timeout = timeout;
	ring.re_add = !(events & EV_PERSIST) || timeout != NULL;
	for (long i = 0; i < N; i++) {
		make_pair(ring.fd[i]);
		event_set(&ring.ev[i], ring.fd[i][0], events, pass_on_cb,
		    (void *)i);
		assert_int_equal(event_add(&ring.ev[i], timeout), 0);
	}
	event_loop(EVLOOP_NONBLOCK);
}

static void
ring_close(void)
{
	for (int i = 0; i < N; i++) {
		event_del(&ring.ev[i]);
		close_pair(ring.fd[i]);
	}
}

/* Runs a byte through the ring; returns what that cost. */
static struct counts
ring_run(int events)
{
	struct counts before, after;

	ring.left = events;
	write_byte(ring.fd[0][1]);
	before = counts;
	while (ring.left > 0)
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	after = counts;
	after.epoll_ctl -= before.epoll_ctl;
	after.epoll_wait -= before.epoll_wait;
	after.others -= before.others;
	after.allocs -= before.allocs;
	after.frees -= before.frees;
	return after;
}

TEST(persistent_event_costs_one_epoll_wait_and_nothing_else)
{
	struct event_base *base = event_init();
	struct counts c;

	ring_open(EV_READ | EV_PERSIST, NULL);
	ring_run(N * 2);
	c = ring_run(1000);
	assert_int_equal(c.epoll_ctl, 0);
	assert_int_equal(c.others, 0);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.frees, 0);
	assert_in_range(c.epoll_wait, 1000, 1100);
	ring_close();
	event_base_free(base);
}

TEST(one_shot_cycle_costs_one_epoll_ctl)
{
	struct event_base *base = event_init();
	struct counts c;

	ring_open(EV_READ, NULL);
	ring_run(N * 2);
	c = ring_run(1000);
	assert_int_equal(c.epoll_ctl, 1000);
	assert_int_equal(c.others, 0);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.frees, 0);
	ring_close();
	event_base_free(base);
}

TEST(timeouts_add_no_system_call_and_no_allocation)
{
	struct event_base *base = event_init();
	struct timeval tv = {3600, 0};
	struct counts c;

	ring_open(EV_READ | EV_PERSIST, &tv);
	ring_run(N * 2);
	c = ring_run(1000);
	assert_int_equal(c.epoll_ctl, 0);
	assert_int_equal(c.others, 0);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.frees, 0);
	ring_close();
	event_base_free(base);
}

TEST(one_shot_event_with_a_timeout_costs_one_epoll_ctl)
{
	struct event_base *base = event_init();
	struct timeval tv = {3600, 0};
	struct counts c;

	ring_open(EV_READ, &tv);
	ring_run(N * 2);
	c = ring_run(1000);
	assert_int_equal(c.epoll_ctl, 1000);
	assert_int_equal(c.others, 0);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.frees, 0);
	ring_close();
	event_base_free(base);
}

#define NPAIRS 1000

/* The bytes of ours for an added event: all but what libev allocated. */
static long
bytes_per_event(short events, const struct timeval *tv)
{
	struct event_base *base = event_base_new();
	struct event *ev = calloc(2 * NPAIRS, sizeof(*ev));
	int *fd = calloc(2 * NPAIRS, sizeof(*fd));
	struct rlimit limit;
	long bytes;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < NPAIRS; i++)
		make_pair(fd + 2 * i);
	for (int i = 0; i < 2 * NPAIRS; i++) {
		event_set(&ev[i], events ? fd[i] : -1, events, idle_cb, NULL);
		event_base_set(base, &ev[i]);
	}
	bytes = counts.bytes - counts.libev;
	for (int i = 0; i < 2 * NPAIRS; i++)
		assert_int_equal(event_add(&ev[i], tv), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	bytes = counts.bytes - counts.libev - bytes;
	event_base_free(base);
	for (int i = 0; i < NPAIRS; i++)
		close_pair(fd + 2 * i);
	free(fd);
	free(ev);
	return bytes / (2 * NPAIRS);
}

TEST(added_event_takes_at_most_112_bytes)
{
	size_t least = 5 * sizeof(void *);

	assert_in_range(bytes_per_event(EV_READ, NULL), least, 112);
	assert_in_range(bytes_per_event(EV_READ, MSEC(3600000)), least, 112);
	assert_in_range(bytes_per_event(0, MSEC(3600000)), least, 112);
}

TEST(event_that_is_only_set_takes_no_memory)
{
	struct event_base *base = event_init();
	struct event ev[100];
	long before, allocs;

	event_set(&ev[0], 0, EV_READ, idle_cb, NULL);
	event_active(&ev[0], EV_READ, 1);
	one_pass();
	before = counts.bytes;
	allocs = counts.allocs;
	for (int i = 0; i < 100; i++) {
		event_set(&ev[i], 0, EV_READ, idle_cb, NULL);
		event_active(&ev[i], EV_READ, 1);
	}
	assert_int_equal(counts.bytes, before);
	assert_int_equal(counts.allocs, allocs);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_int_equal(counts.allocs, allocs);
	event_base_free(base);
}
