/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: the end of the file, which the peer's end makes.
 */
#include "test.h"
#include "bev.h"

#include <sys/socket.h>

static void
eof_cb(struct bufferevent *bev, short what, void *name)
{
	note_bev_error_cb(bev, what, name);
	assert_false(reads(bev));
}

TEST(eof_calls_the_error_callback_once)
{
	struct conn c;

	bev_set_up_with(&c, note_bev_read_cb, NULL, eof_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+eof");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(eof_comes_after_the_bytes_before_it)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:read+eof");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

static void
count_read_cb(struct bufferevent *bev, void *arg)
{
	(void)bev;
	(void)arg;
	assert_log("");
}

TEST(eof_comes_after_many_bytes_before_it)
{
	static const char much[100000];
	struct conn c;

	bev_set_up_with(&c, count_read_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(write(c.fd[1], much, sizeof much), sizeof much);
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+eof");
	assert_int_equal(input_length(c.bev), sizeof much);
	bev_tear_down(&c);
}

TEST(eof_leaves_enabled_as_it_is, DIFFERS(V21, "is not enabled any more"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	bev_run_passes();
	assert_log("A:read+eof");
	assert_int_equal(c.bev->enabled, READ_WRITE);
	bev_tear_down(&c);
}

TEST(enable_after_eof_finds_it_again)
{
	struct conn c;

	bev_set_up(&c);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	assert_log("A:read A:read+eof");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:read+eof");
	}
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(setwatermark_after_eof_finds_it_again,
    DIFFERS(V21, "is not enabled any more"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	bev_run_passes();
	assert_log("A:read+eof");
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	bufferevent_disable(c.bev, EV_READ);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 20);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(writing_continues_after_eof)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	shutdown(c.fd[1], SHUT_WR);
	bev_run_passes();
	assert_log("A:read+eof");
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write");
		assert_arrived(c.fd[1], "hello");
	}
	bev_tear_down(&c);
}

TEST(bytes_written_before_eof_are_sent)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	shutdown(c.fd[1], SHUT_WR);
	assert_int_equal(bev_run_passes(), 1);
	assert_non_null(strstr(noted(), "A:read+eof"));
	assert_non_null(strstr(noted(), "A:write"));
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

static void
write_at_error_cb(struct bufferevent *bev, short what, void *name)
{
	note_bev_error_cb(bev, what, name);
	write_text(bev, "bye");
}

TEST(write_in_the_error_callback_is_sent)
{
	struct conn c;

	bev_set_up_with(&c, NULL, note_bev_write_cb, write_at_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	shutdown(c.fd[1], SHUT_WR);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof A:write");
	assert_arrived(c.fd[1], "bye");
	bev_tear_down(&c);
}

static void
disable_at_error_cb(struct bufferevent *bev, short what, void *name)
{
	note_bev_error_cb(bev, what, name);
	assert_int_equal(bufferevent_disable(bev, READ_WRITE), 0);
}

TEST(disable_in_the_error_callback_lets_the_loop_end)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, disable_at_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	assert_int_equal(c.bev->enabled, 0);
	bev_tear_down(&c);
}

static void
enable_three_times_cb(struct bufferevent *bev, short what, void *left)
{
	int *n = left;

	note_bev_error_cb(bev, what, "A");
	if (--*n > 0)
		bufferevent_enable(bev, EV_READ);
}

TEST(enable_in_the_error_callback_finds_the_eof_again)
{
	struct conn c;
	int left = 3;

	bev_set_up_with(&c, NULL, NULL, enable_three_times_cb, &left);
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+eof A:read+eof A:read+eof");
	bev_tear_down(&c);
}

TEST(own_end_that_is_shut_down_for_reading_is_eof)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	shutdown(c.fd[0], SHUT_RD);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	bev_tear_down(&c);
}
