/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: bufferevent_enable() and bufferevent_disable().
 */
#include "test.h"
#include "bev.h"

/*
 * Reading.
 */

TEST(enable_read_waits_for_bytes)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	assert_int_equal(c.bev->enabled, READ_WRITE);
	assert_true(reads(c.bev));
	assert_false(writes(c.bev));
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	bev_tear_down(&c);
}

TEST(enable_read_finds_bytes_that_came_before)
{
	struct conn c;

	bev_set_up(&c);
	send_text(c.fd[1], "hello");
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(enable_read_twice_is_enabling_it_once)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("A:read");
	assert_int_equal(bufferevent_disable(c.bev, EV_READ), 0);
	assert_false(reads(c.bev));
	bev_tear_down(&c);
}

TEST(disable_read_leaves_the_bytes_to_the_kernel)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	assert_int_equal(bufferevent_disable(c.bev, EV_READ), 0);
	assert_int_equal(c.bev->enabled, EV_WRITE);
	assert_false(reads(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_input(c.bev, "");
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(disable_read_keeps_what_was_read)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	bufferevent_disable(c.bev, EV_READ);
	assert_input(c.bev, "hello");
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

static void
disable_read_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	assert_int_equal(bufferevent_disable(bev, EV_READ), 0);
	assert_false(reads(bev));
}

TEST(disable_read_in_the_read_callback_stops_reading)
{
	struct conn c;

	bev_set_up_with(&c, disable_read_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(event_dispatch(), 1);
	}
	assert_log("A:read");
	assert_input(c.bev, "x");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_input(c.bev, "xxx");
	bev_tear_down(&c);
}

static void
disable_and_enable_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	bufferevent_disable(bev, EV_READ);
	bufferevent_enable(bev, EV_READ);
	assert_true(reads(bev));
}

TEST(disable_and_enable_in_the_read_callback_continue_reading)
{
	struct conn c;

	bev_set_up_with(&c, disable_and_enable_cb, NULL, note_bev_error_cb,
	    "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(bev_run_passes(), 0);
	}
	assert_log("A:read A:read A:read");
	bev_tear_down(&c);
}

/*
 * Writing.
 */

TEST(enable_write_with_nothing_to_send_calls_once)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), 0);
	assert_log("");
	assert_true(writes(c.bev));
	one_pass();
	assert_log("A:write");
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(enable_write_calls_once_for_each_time)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		bufferevent_enable(c.bev, EV_WRITE);
		bufferevent_enable(c.bev, EV_WRITE);
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:write");
	}
	bev_tear_down(&c);
}

TEST(enable_write_calls_only_when_there_is_room)
{
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	take_all(c.fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	bev_tear_down(&c);
}

static void
enable_three_times_cb(struct bufferevent *bev, void *left)
{
	int *n = left;

	note_bev_write_cb(bev, "A");
	if (--*n > 0)
		assert_int_equal(bufferevent_enable(bev, EV_WRITE), 0);
}

TEST(enable_write_in_the_write_callback_calls_again)
{
	struct conn c;
	int left = 3;

	bev_set_up_with(&c, NULL, enable_three_times_cb, note_bev_error_cb,
	    &left);
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write A:write A:write");
	bev_tear_down(&c);
}

TEST(enable_write_with_something_to_send_calls_after_it_was_sent)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_disable(c.bev, EV_WRITE);
	write_text(c.bev, "hello");
	bufferevent_enable(c.bev, EV_WRITE);
	assert_true(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(disable_write_cancels_the_write_callback)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(bufferevent_disable(c.bev, EV_WRITE), 0);
	assert_int_equal(c.bev->enabled, 0);
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

/* The same holds after it has sent something, when it knows that the socket
 * is ready. */
TEST(disable_write_keeps_the_bytes_until_enable)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "one ");
		bufferevent_disable(c.bev, EV_WRITE);
		assert_false(writes(c.bev));
		assert_int_equal(event_dispatch(), 1);
		assert_log("");
		assert_output(c.bev, "one ");
		assert_arrived(c.fd[1], "");
		bufferevent_enable(c.bev, EV_WRITE);
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:write");
		assert_arrived(c.fd[1], "one ");
	}
	bev_tear_down(&c);
}

TEST(bytes_written_while_disabled_are_sent_after_enable)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_disable(c.bev, EV_WRITE);
	assert_int_equal(bufferevent_write(c.bev, "one ", 4), 0);
	assert_int_equal(bufferevent_write(c.bev, "two", 3), 0);
	assert_output(c.bev, "one two");
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "one two");
	bev_tear_down(&c);
}

static void
write_and_disable_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	write_text(bev, "hello");
	bufferevent_disable(bev, EV_WRITE);
}

TEST(disable_write_in_the_read_callback_keeps_what_was_written)
{
	struct conn c;

	bev_set_up_with(&c, write_and_disable_cb, note_bev_write_cb,
	    note_bev_error_cb, "A");
	write_text(c.bev, "x");
	bev_run_passes();
	assert_log("A:write");
	assert_arrived(c.fd[1], "x");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_output(c.bev, "hello");
	bufferevent_enable(c.bev, EV_WRITE);
	bev_run_passes();
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

static void
disable_write_cb(struct bufferevent *bev, void *name)
{
	note_bev_write_cb(bev, name);
	write_text(bev, "again");
	bufferevent_disable(bev, EV_WRITE);
}

TEST(disable_write_in_the_write_callback_keeps_what_was_written)
{
	struct conn c;

	bev_set_up_with(&c, NULL, disable_write_cb, note_bev_error_cb, "A");
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	assert_output(c.bev, "again");
	bev_tear_down(&c);
}

/*
 * Both, and neither.
 */

TEST(enable_and_disable_may_be_for_both_at_once)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_enable(c.bev, READ_WRITE), 0);
	assert_int_equal(c.bev->enabled, READ_WRITE);
	assert_true(reads(c.bev));
	assert_true(writes(c.bev));
	assert_int_equal(bufferevent_disable(c.bev, READ_WRITE), 0);
	assert_int_equal(c.bev->enabled, 0);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	send_text(c.fd[1], "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(disable_of_one_leaves_the_other)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, READ_WRITE);
	bufferevent_disable(c.bev, EV_WRITE);
	assert_int_equal(c.bev->enabled, EV_READ);
	assert_true(reads(c.bev));
	send_text(c.fd[1], "x");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	bufferevent_enable(c.bev, EV_WRITE);
	bufferevent_disable(c.bev, EV_READ);
	assert_int_equal(c.bev->enabled, EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	bev_tear_down(&c);
}

TEST(disable_of_what_is_not_enabled_does_nothing)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_disable(c.bev, EV_READ), 0);
	assert_int_equal(c.bev->enabled, EV_WRITE);
	assert_int_equal(bufferevent_disable(c.bev, READ_WRITE), 0);
	assert_int_equal(bufferevent_disable(c.bev, READ_WRITE), 0);
	assert_int_equal(c.bev->enabled, 0);
	bev_tear_down(&c);
}

TEST(enable_and_disable_of_nothing_do_nothing)
{
	short others = EV_TIMEOUT | EV_SIGNAL | EV_PERSIST;
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_enable(c.bev, 0), 0);
	assert_int_equal(bufferevent_enable(c.bev, others), 0);
	assert_int_equal(bufferevent_disable(c.bev, 0), 0);
	assert_int_equal(bufferevent_disable(c.bev, others), 0);
	assert_int_equal(c.bev->enabled & READ_WRITE, EV_WRITE);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(read_callback_comes_before_write_callback, DIFFERS(V21, "writes first"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, READ_WRITE);
	send_text(c.fd[1], "x");
	one_pass();
	assert_log("A:read A:write");
	bev_tear_down(&c);
}
