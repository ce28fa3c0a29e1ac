/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What bufferevents cost: system calls, allocations, bytes.  Both ends of a
 * connection are bufferevents of one thread, so that a message has arrived as a
 * whole before its reader runs, and the counts are the same each time.
 */
#include <sys/socket.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define ROUNDS 500

static void
nothing_cb(struct bufferevent *bev, void *arg)
{
	(void)bev;
	(void)arg;
}

/* --- echo --- */

/* The cost of `rounds` round trips, after 20 that do not count. */
static struct counts
echo_cost(size_t size, int rounds, void (*set_up)(struct echo *))
{
	struct event_base *base = event_init();
	struct counts c;
	struct echo e;

	echo_open(&e, base, size);
	if (set_up != NULL)
		set_up(&e);
	echo_run(&e, 20);
	c = counts;
	echo_run(&e, rounds);
	c = counts_since(&c);
	assert_int_equal(e.faults, 0);
	echo_close(&e);
	event_base_free(base);
	return c;
}

static void
assert_one_read_and_one_send_a_side(void (*set_up)(struct echo *))
{
	static const size_t sizes[] = {1, 64, 1000, 4 * KB, 15 * KB};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct counts c = echo_cost(sizes[i], ROUNDS, set_up);

		assert_int_equal(c.reads, 2 * ROUNDS);
		assert_int_equal(c.writes, 2 * ROUNDS);
		assert_int_equal(c.epoll_ctl, 0);
		assert_int_equal(c.others, 0);
		assert_in_range(c.epoll_wait, 0, 2 * ROUNDS + 2);
		assert_int_equal(c.allocs, 0);
		assert_int_equal(c.frees, 0);
	}
}

TEST(message_costs_one_read_and_one_send_a_side_and_no_allocation)
{
	assert_one_read_and_one_send_a_side(NULL);
}

static void
set_timeouts(struct echo *e)
{
	bufferevent_settimeout(e->client, 3600, 3600);
	bufferevent_settimeout(e->server, 3600, 3600);
}

TEST(timeouts_of_bufferevents_cost_no_system_call_and_no_allocation)
{
	assert_one_read_and_one_send_a_side(set_timeouts);
}

static void
set_write_callbacks(struct echo *e)
{
	e->client->writecb = nothing_cb;
	e->server->writecb = nothing_cb;
}

TEST(write_callbacks_cost_no_system_call_and_no_allocation)
{
	assert_one_read_and_one_send_a_side(set_write_callbacks);
}

/* With a low mark the write event sends, in the same pass. */
static void
set_marks(struct echo *e)
{
	set_write_callbacks(e);
	bufferevent_setwatermark(e->client, EV_WRITE, 10, 0);
	bufferevent_setwatermark(e->server, EV_WRITE, 10, 0);
	bufferevent_setwatermark(e->client, EV_READ, e->size, 100 * KB);
	bufferevent_setwatermark(e->server, EV_READ, e->size, 100 * KB);
}

TEST(marks_that_are_not_reached_cost_no_system_call_and_no_allocation)
{
	assert_one_read_and_one_send_a_side(set_marks);
}

/* Such a message fits into the socket's buffer, and one call reads it. */
TEST(message_of_a_hundred_kilobytes_costs_no_more_calls_than_a_small_one)
{
	struct counts c = echo_cost(100 * KB, ROUNDS, NULL);

	assert_int_equal(c.reads, 2 * ROUNDS);
	assert_int_equal(c.writes, 2 * ROUNDS);
	assert_int_equal(c.epoll_ctl, 0);
	assert_int_equal(c.others, 0);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.frees, 0);
}

static int
send_buffer(void)
{
	socklen_t len = sizeof(int);
	int fd[2], size;

	make_pair(fd);
	assert_int_equal(getsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, &len),
	    0);
	close_pair(fd);
	return size;
}

/*
 * The bufferevent waits to send what the socket does not take at once, and the
 * kernel reports the socket as writable when most of its buffer is free.  In
 * that buffer the kernel counts its bookkeeping as well, which at worst is as
 * much as the bytes.  The echo moves the bytes, and does not copy them.
 */
TEST(megabyte_costs_calls_in_proportion_to_the_socket_buffer)
{
	const int rounds = 20;
	long chunks = 4 * (long)MB / send_buffer() + 2;
	struct counts c = echo_cost(MB, rounds, NULL);

	assert_in_range(c.reads, 2 * rounds, 2 * rounds * chunks);
	assert_in_range(c.writes, 2 * rounds, 2 * rounds * chunks);
	assert_in_range(c.epoll_ctl, 0, 2 * rounds * 8);
	assert_int_equal(c.others, 0);
	assert_in_range(c.allocs, 0, 2 * rounds * 6);
	assert_in_range(c.copied, 0, 2 * rounds * 2 * MB);
}

/* --- bytes --- */

#define NPAIRS 100

/*
 * The bytes that a bufferevent keeps, libev's part included, after it has sent
 * and received a message of that size and its buffers are empty again.
 */
static long
bytes_after_message(size_t size, void (*set_up)(struct echo *))
{
	struct event_base *base = event_init();
	struct echo e[NPAIRS];
	long bytes = counts.bytes;

	for (int i = 0; i < NPAIRS; i++) {
		echo_open(&e[i], base, size);
		if (set_up != NULL)
			set_up(&e[i]);
		echo_run(&e[i], 1);
		assert_int_equal(e[i].faults, 0);
	}
	drop_spares();
	bytes = counts.bytes - bytes - NPAIRS * (long)size;
	for (int i = 0; i < NPAIRS; i++)
		echo_close(&e[i]);
	event_base_free(base);
	return bytes / (2 * NPAIRS);
}

/*
 * 1.4.15 keeps 1,070 bytes after a message of 64 bytes, 2,600 after 1,000,
 * 8,750 after 4 KB and 197,000 after 100 KB.
 */
TEST(idle_bufferevent_uses_little_memory)
{
	size_t least = 40 * sizeof(void *);

	assert_in_range(bytes_after_message(64, NULL), least, 1000);
	assert_in_range(bytes_after_message(64, set_timeouts), least, 1200);
	assert_in_range(bytes_after_message(1000, NULL), least, 2800);
	assert_in_range(bytes_after_message(4 * KB, NULL), least, 9 * KB);
	assert_in_range(bytes_after_message(15 * KB, NULL), least, 33 * KB);
	assert_in_range(bytes_after_message(20 * KB, NULL), least, 1000);
	assert_in_range(bytes_after_message(100 * KB, NULL), least, 1000);
}
