/* SPDX-License-Identifier: BSD-3-Clause */
/* What a base costs on a libev loop that the program runs itself, in counts. */
#include <evcompat.h>

#include "host_ev.h"
#include "test.h"
#include "wrap.h"

#define N 50

/* A ring of socket pairs, each of which passes a byte on to the next. */
static struct {
	struct ev_loop *host;
	struct event_base *base;
	int fd[N][2];
	struct event ev[N];
	const struct timeval *timeout;
	int left;
} ring;

static void
pass_on_cb(int fd, short what, void *arg)
{
	long i = (long)arg;

	assert_int_equal(what, EV_READ);
	assert_int_not_equal(read_byte(fd), 0);
	event_add(&ring.ev[i], ring.timeout);
	if (--ring.left > 0)
		write_byte(ring.fd[(i + 1) % N][1]);
	else
		host_break(ring.host);
}

static void
ring_open(short events, const struct timeval *timeout)
{
	ring.host = host_new("epoll");
	ring.base = evcompat_base_on(ring.host);
	ring.timeout = timeout;
	for (long i = 0; i < N; i++) {
		make_pair(ring.fd[i]);
		event_set(&ring.ev[i], ring.fd[i][0], events, pass_on_cb,
		    (void *)i);
		assert_int_equal(event_add(&ring.ev[i], timeout), 0);
	}
	host_pass(ring.host);
}

static void
ring_close(void)
{
	event_base_free(ring.base);
	host_free(ring.host);
	for (int i = 0; i < N; i++)
		close_pair(ring.fd[i]);
}

/* Runs a byte through the ring; returns what that cost. */
static struct counts
ring_run(int events)
{
	struct counts before;

	ring.left = events;
	write_byte(ring.fd[0][1]);
	before = counts;
	host_run(ring.host);
	assert_int_equal(ring.left, 0);
	return counts_since(&before);
}

static void
check_cost(short events, const struct timeval *timeout, long epoll_ctl)
{
	struct counts c;

	ring_open(events, timeout);
	ring_run(N * 2);
	c = ring_run(1000);
	assert_int_equal(c.epoll_ctl, epoll_ctl);
	assert_int_equal(c.others, 0);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.frees, 0);
	assert_in_range(c.epoll_wait, 1000, 1100);
	ring_close();
}

TEST(persistent_event_on_a_program_s_loop_costs_one_epoll_wait)
{
	check_cost(EV_READ | EV_PERSIST, NULL, 0);
}

TEST(timeouts_on_a_program_s_loop_add_no_system_call)
{
	static const struct timeval hour = {3600, 0};

	check_cost(EV_READ | EV_PERSIST, &hour, 0);
}

TEST(one_shot_cycle_on_a_program_s_loop_costs_one_epoll_ctl)
{
	check_cost(EV_READ, NULL, 1000);
}

/*
 * The timers are in blocks of 64, although each has a watcher of libev's;
 * libev's own memory is the program's and does not count.
 */
TEST(timers_on_a_program_s_loop_take_a_block_for_64)
{
	static struct event ev[640];
	struct counts before, c;

	ring_open(EV_READ, NULL);
	before = counts;
	for (int i = 0; i < 640; i++) {
		evtimer_set(&ev[i], idle_cb, NULL);
		assert_int_equal(evtimer_add(&ev[i], MSEC(3600000)), 0);
	}
	c = counts_since(&before);
	assert_in_range(c.allocs, 10, 30);
	ring_close();
}
