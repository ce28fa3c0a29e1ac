/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: errors, and callbacks that are NULL.
 */
#include "test.h"
#include "bev.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

/*
 * Errors.
 */

static int seen_errno;

static void
errno_cb(struct bufferevent *bev, short what, void *name)
{
	seen_errno = errno;
	note_bev_error_cb(bev, what, name);
}

/* A pair whose peer is gone and left bytes unread, which resets it. */
static void
set_up_reset(struct conn *c)
{
	bev_set_up_with(c, note_bev_read_cb, note_bev_write_cb, errno_cb, "A");
	write_text(c->bev, "hello");
	bev_run_passes();
	assert_log("A:write");
	close_peer(c);
}

TEST(read_error_is_reported_with_its_errno)
{
	struct conn c;

	set_up_reset(&c);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error");
	assert_int_equal(seen_errno, ECONNRESET);
	assert_false(reads(c.bev));
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+eof");
	bev_tear_down(&c);
}

TEST(write_error_is_reported_with_its_errno)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up_with(&c, NULL, note_bev_write_cb, errno_cb, "A");
	close_peer(&c);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write+error");
	assert_int_equal(seen_errno, EPIPE);
	assert_false(writes(c.bev));
	assert_output(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(write_error_is_reported_after_a_good_write)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up_with(&c, NULL, note_bev_write_cb, errno_cb, "A");
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write");
	}
	take_all(c.fd[1]);
	close_peer(&c);
	write_text(c.bev, "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write+error");
	assert_int_equal(seen_errno, EPIPE);
	assert_false(writes(c.bev));
	assert_output(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(write_after_a_write_error_finds_it_again,
    DIFFERS(V21, "is not enabled any more"))
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up(&c);
	close_peer(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "x");
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write+error");
		assert_int_equal(c.bev->enabled, EV_WRITE);
	}
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), 0);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write+error");
	assert_output(c.bev, "xxx");
	bev_tear_down(&c);
}

TEST(reading_continues_after_a_write_error)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	write_text(c.bev, "x");
	assert_int_equal(bev_run_passes(), 1);
	assert_non_null(strstr(noted(), "A:write+error"));
	assert_non_null(strstr(noted(), "A:read+eof"));
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

static void
write_at_read_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	write_text(bev, "hello");
}

/* The order of the two errors is unspecified. */
TEST(answer_to_the_last_bytes_is_a_write_error)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up_with(&c, write_at_read_cb, note_bev_write_cb,
	    note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_ptr_equal(strstr(noted(), "A:read "), noted());
	assert_non_null(strstr(noted(), "A:read+eof"));
	assert_non_null(strstr(noted(), "A:write+error"));
	assert_output(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(own_end_that_is_shut_down_for_writing_is_an_error)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up_with(&c, NULL, NULL, errno_cb, "A");
	shutdown(c.fd[0], SHUT_WR);
	write_text(c.bev, "x");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write+error");
	assert_int_equal(seen_errno, EPIPE);
	bev_tear_down(&c);
}

TEST(enable_write_with_nothing_to_send_to_nobody_is_no_error)
{
	struct conn c;

	bev_set_up(&c);
	close_peer(&c);
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write");
	bev_tear_down(&c);
}

/* times: how many writes are made before the peer closes. */
static void
write_to_nobody(void *times)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < *(int *)times; i++) {
		write_text(c.bev, "x");
		bev_run_passes();
	}
	close_peer(&c);
	write_text(c.bev, "hello");
	bev_run_passes();
}

static void
answer_nobody(void *unused)
{
	struct conn c;

	(void)unused;
	bev_set_up_with(&c, write_at_read_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	close_peer(&c);
	bev_run_passes();
}

TEST(answer_to_nobody_raises_sigpipe)
{
	int status = in_child(answer_nobody, NULL);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
}

TEST(write_to_nobody_raises_sigpipe)
{
	for (int times = 0; times < 3; times++) {
		int status = in_child(write_to_nobody, &times);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGPIPE);
	}
}

/* A timer's callback, in which the peer ends and is then written to. */
static void
write_too_late_cb(int fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	close_peer(c);
	write_text(c->bev, "too late");
}

static void
free_and_note_cb(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	note_bev_error_cb(bev, what, "A");
	free_bev(c);
}

/* The read callback comes first, so that a program can end. */
TEST(peer_that_ends_before_it_is_written_to_raises_no_sigpipe,
    DIFFERS(V21, "writes first, which raises it"))
{
	struct event timer;
	struct conn c;

	signal(SIGPIPE, SIG_DFL);
	bev_set_up(&c);
	bufferevent_setcb(c.bev, NULL, NULL, free_and_note_cb, &c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	one_pass();
	evtimer_set(&timer, write_too_late_cb, &c);
	evtimer_add(&timer, MSEC(0));
	wait_for_note();
	assert_log("A:read+eof");
	bev_tear_down(&c);
}

/*
 * NULL for a callback.
 */

TEST(null_read_callback_lets_the_input_grow)
{
	struct conn c;

	bev_set_up_with(&c, NULL, note_bev_write_cb, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "abc");
		assert_int_equal(bev_run_passes(), 0);
	}
	assert_log("");
	assert_input(c.bev, "abcabcabc");
	bev_tear_down(&c);
}

TEST(null_write_callback_sends_all_the_same)
{
	struct conn c;

	bev_set_up_with(&c, note_bev_read_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(null_error_callback_ends_reading_at_eof, DIFFERS(V14, "crashes"))
{
	struct conn c;

	bev_set_up_with(&c, note_bev_read_cb, NULL, NULL, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_input(c.bev, "hello");
	assert_false(reads(c.bev));
	bev_tear_down(&c);
}

TEST(null_error_callback_ends_writing_at_an_error, DIFFERS(V14, "crashes"))
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up_with(&c, NULL, note_bev_write_cb, NULL, "A");
	close_peer(&c);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_output(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(null_error_callback_ends_waiting_at_a_timeout, DIFFERS(V14, "crashes"))
{
	struct conn c;

	bev_set_up_with(&c, note_bev_read_cb, NULL, NULL, "A");
	bufferevent_settimeout(c.bev, -1, 0);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_false(reads(c.bev));
	bev_tear_down(&c);
}

TEST(all_callbacks_may_be_null)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, NULL, NULL);
	bufferevent_enable(c.bev, READ_WRITE);
	send_text(c.fd[1], "hello");
	write_text(c.bev, "world");
	assert_int_equal(bev_run_passes(), 0);
	assert_input(c.bev, "hello");
	assert_arrived(c.fd[1], "world");
	bev_tear_down(&c);
}
