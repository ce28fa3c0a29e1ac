/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: priorities and bases.
 */
#include "test.h"
#include "bev.h"
#include "fields.h"

/*
 * Priorities.
 */

TEST(bufferevent_priority_set_sets_both_events)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(event_priority_init(5), 0);
	assert_int_equal(bufferevent_priority_set(c.bev, 4), 0);
	assert_int_equal(c.bev->ev_read.ev_pri, 4);
	assert_int_equal(c.bev->ev_write.ev_pri, 4);
	assert_int_equal(bufferevent_priority_set(c.bev, 0), 0);
	assert_int_equal(c.bev->ev_read.ev_pri, 0);
	assert_int_equal(c.bev->ev_write.ev_pri, 0);
	bev_tear_down(&c);
}

TEST(priority_set_out_of_range_changes_nothing)
{
	struct conn c;

	bev_set_up(&c);
	event_priority_init(3);
	assert_int_equal(bufferevent_priority_set(c.bev, 1), 0);
	assert_int_equal(bufferevent_priority_set(c.bev, 3), -1);
	assert_int_equal(bufferevent_priority_set(c.bev, -1), -1);
	assert_int_equal(c.bev->ev_read.ev_pri, 1);
	assert_int_equal(c.bev->ev_write.ev_pri, 1);
	bev_tear_down(&c);
}

TEST(priority_may_be_set_while_waiting)
{
	struct conn c;

	bev_set_up(&c);
	event_priority_init(3);
	bufferevent_enable(c.bev, READ_WRITE);
	assert_int_equal(bufferevent_priority_set(c.bev, 2), 0);
	bev_run_passes();
	assert_int_equal(bufferevent_priority_set(c.bev, 1), 0);
	bev_tear_down(&c);
}

TEST(priority_may_be_set_while_bytes_wait_to_be_sent)
{
	struct conn c;

	bev_set_up(&c);
	event_priority_init(3);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(bufferevent_priority_set(c.bev, i), 0);
		assert_int_equal(c.bev->ev_write.ev_pri, i);
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write");
	}
	bev_tear_down(&c);
}

TEST(priority_set_while_active_is_an_error)
{
	struct conn c;

	bev_set_up(&c);
	event_priority_init(3);
	assert_int_equal(bufferevent_priority_set(c.bev, 1), 0);
	event_active(&c.bev->ev_read, EV_READ, 1);
	assert_int_equal(bufferevent_priority_set(c.bev, 2), -1);
	assert_int_equal(c.bev->ev_read.ev_pri, 1);
	assert_int_equal(c.bev->ev_write.ev_pri, 1);
	bev_tear_down(&c);
}

static void
change_priority_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	assert_int_equal(bufferevent_priority_set(bev, 0), 0);
}

TEST(priority_may_be_set_in_the_read_callback)
{
	struct conn c;

	bev_set_up_with(&c, change_priority_cb, NULL, note_bev_error_cb, "A");
	event_priority_init(3);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		bev_run_passes();
		assert_log("A:read");
		assert_int_equal(c.bev->ev_read.ev_pri, 0);
	}
	bev_tear_down(&c);
}

/* A and B, both with something to read. */
static void
check_priorities(int a, int b, const char *expected)
{
	struct bufferevent *other;
	struct conn c;
	int fd[2];

	bev_set_up(&c);
	event_priority_init(2);
	make_pair(fd);
	other = new_bev(fd[0], "B");
	assert_int_equal(bufferevent_priority_set(c.bev, a), 0);
	assert_int_equal(bufferevent_priority_set(other, b), 0);
	bufferevent_enable(c.bev, EV_READ);
	bufferevent_enable(other, EV_READ);
	bev_run_passes();
	send_text(c.fd[1], "x");
	send_text(fd[1], "x");
	bev_run_passes();
	assert_log(expected);
	bufferevent_free(other);
	close_pair(fd);
	bev_tear_down(&c);
}

TEST(more_urgent_one_reads_first)
{
	check_priorities(0, 1, "A:read B:read");
	check_priorities(1, 0, "B:read A:read");
	check_priorities(1, 1, "A:read B:read");
}

/*
 * Bases.
 */

TEST(base_set_moves_it_to_another_base)
{
	struct event_base *base = event_base_new();
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_base_set(base, c.bev), 0);
	assert_ptr_equal(c.bev->ev_base, base);
	assert_ptr_equal(c.bev->ev_read.ev_base, base);
	assert_ptr_equal(c.bev->ev_write.ev_base, base);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	send_text(c.fd[1], "world");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	assert_input(c.bev, "world");
	assert_arrived(c.fd[1], "hello");
	free_bev(&c);
	event_base_free(base);
	bev_tear_down(&c);
}

TEST(base_may_be_set_to_the_current_one)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_base_set(c.base, c.bev), 0);
	assert_ptr_equal(c.bev->ev_base, c.base);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	bev_tear_down(&c);
}

TEST(base_set_while_reading_is_an_error)
{
	struct event_base *base = event_base_new();
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bufferevent_base_set(base, c.bev), -1);
	assert_ptr_equal(c.bev->ev_read.ev_base, c.base);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read");
	bev_tear_down(&c);
	event_base_free(base);
}

TEST(base_set_while_bytes_wait_to_be_sent_is_an_error)
{
	struct event_base *base = event_base_new();
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(bufferevent_base_set(base, c.bev), -1);
		assert_ptr_equal(c.bev->ev_write.ev_base, c.base);
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write");
	}
	bev_tear_down(&c);
	event_base_free(base);
}

TEST(base_may_be_set_after_disable)
{
	struct event_base *base = event_base_new();
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		struct event_base *next = i % 2 == 0 ? base : c.base;

		write_text(c.bev, "hello");
		bufferevent_disable(c.bev, READ_WRITE);
		assert_int_equal(bufferevent_base_set(next, c.bev), 0);
		bufferevent_enable(c.bev, READ_WRITE);
		event_base_loop(next, EVLOOP_NONBLOCK);
		assert_log("A:write");
		assert_arrived(c.fd[1], "hello");
	}
	free_bev(&c);
	event_base_free(base);
	bev_tear_down(&c);
}

TEST(base_set_resets_the_priority_to_the_middle)
{
	struct event_base *base = event_base_new();
	struct conn c;

	bev_set_up(&c);
	event_base_priority_init(base, 5);
	assert_int_equal(bufferevent_base_set(base, c.bev), 0);
	assert_int_equal(c.bev->ev_read.ev_pri, 2);
	assert_int_equal(c.bev->ev_write.ev_pri, 2);
	assert_int_equal(bufferevent_priority_set(c.bev, 4), 0);
	bev_tear_down(&c);
	event_base_free(base);
}

TEST(bufferevent_stays_on_its_base_when_another_becomes_current)
{
	struct event_base *base;
	struct conn c;

	bev_set_up(&c);
	base = event_init();
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	base_pass(c.base);
	assert_log("A:read");
	bev_tear_down(&c);
	event_base_free(base);
}

TEST(bufferevent_outlives_its_base)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	event_base_free(c.base);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	c.base = event_init();
	assert_int_equal(bufferevent_base_set(c.base, c.bev), 0);
	bufferevent_enable(c.bev, READ_WRITE);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:write");
	bev_tear_down(&c);
}

TEST(bufferevent_is_freed_after_its_base, DIFFERS(V21, "crashes"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	event_base_free(c.base);
	free_bev(&c);
	c.base = event_init();
	bev_tear_down(&c);
}

TEST(bufferevent_made_without_a_base_is_given_one,
    DIFFERS(V21, "cannot be made"))
{
	struct event_base *base;
	struct bufferevent *bev;
	int fd[2];

	make_pair(fd);
	bev = new_bev(fd[0], "A");
	assert_false(reads(bev));
	base = event_base_new();
	assert_int_equal(bufferevent_base_set(base, bev), 0);
	assert_int_equal(bufferevent_enable(bev, READ_WRITE), 0);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	assert_log("A:write");
	bufferevent_free(bev);
	close_pair(fd);
	event_base_free(base);
}
