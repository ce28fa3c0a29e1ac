/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: timeouts.  Most tests ask the events when they are due; only
 * few wait for it, as a second is the shortest time.
 */
#include "test.h"
#include "bev.h"
#include "due.h"

#include <limits.h>
#include <sys/socket.h>

#define LONG_MS 100000 /* 100 s: no test waits for it */

static bool
is_timed(struct event *ev)
{
	return event_pending(ev, EV_TIMEOUT, NULL) == EV_TIMEOUT;
}

/* With timeouts of 100 s, waiting to read and to write. */
static void
set_up_waiting(struct conn *c)
{
	bev_set_up(c);
	fill(c->fd[0]);
	bufferevent_settimeout(c->bev, 100, 100);
	bufferevent_enable(c->bev, EV_READ);
	write_text(c->bev, "hello");
}

/*
 * When the time is up.
 */

static void
read_timeout_cb(struct bufferevent *bev, short what, void *name)
{
	note_bev_error_cb(bev, what, name);
	assert_false(reads(bev));
	assert_false(is_timed(&bev->ev_read));
}

TEST(read_timeout_is_an_error_after_that_time)
{
	double start = now_ms();
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, read_timeout_cb, "A");
	bufferevent_settimeout(c.bev, 1, 0);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 1000);
	assert_log("A:read+timeout");
	bev_tear_down(&c);
}

TEST(write_timeout_is_an_error_after_that_time)
{
	double start = now_ms();
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, 0, 1);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 1000);
	assert_log("A:write+timeout");
	assert_false(writes(c.bev));
	assert_output(c.bev, "hello");
	take_all(c.fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bufferevent_settimeout(c.bev, 0, 0);
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(timeouts_of_both_are_apart)
{
	double start = now_ms();
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, 100, 1);
	bufferevent_enable(c.bev, READ_WRITE);
	while (noted()[0] == '\0')
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_elapsed(start, 1000);
	assert_log("A:write+timeout");
	assert_true(reads(c.bev));
	assert_due(&c.bev->ev_read, start, LONG_MS);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read");
	bev_tear_down(&c);
}

TEST(nothing_is_read_after_a_read_timeout_until_enable)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_settimeout(c.bev, 100, 0);
	bufferevent_enable(c.bev, EV_READ);
	event_del(&c.bev->ev_read);
	event_active(&c.bev->ev_read, EV_TIMEOUT, 1);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+timeout");
	send_text(c.fd[1], "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

static void
enable_cb(struct bufferevent *bev, short what, void *name)
{
	note_bev_error_cb(bev, what, name);
	bufferevent_settimeout(bev, 100, 100);
	assert_int_equal(bufferevent_enable(bev, EV_READ), 0);
}

TEST(enable_in_the_error_callback_waits_again)
{
	struct conn c;
	double start;

	bev_set_up_with(&c, note_bev_read_cb, NULL, enable_cb, "A");
	bufferevent_settimeout(c.bev, -1, 0);
	bufferevent_enable(c.bev, EV_READ);
	start = now_ms();
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read+timeout");
	assert_due(&c.bev->ev_read, start, LONG_MS);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read");
	bev_tear_down(&c);
}

TEST(negative_timeout_is_over_at_once)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_settimeout(c.bev, -1, 0);
	bufferevent_enable(c.bev, EV_READ);
	assert_log("");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+timeout");
	bev_tear_down(&c);
}

TEST(longest_timeout_is_not_over)
{
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, INT_MAX, INT_MAX);
	bufferevent_enable(c.bev, READ_WRITE);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	bev_tear_down(&c);
}

/*
 * When it begins.
 */

TEST(settimeout_alone_waits_for_nothing)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_settimeout(c.bev, 1, 1);
	assert_false(is_timed(&c.bev->ev_read));
	assert_false(is_timed(&c.bev->ev_write));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(timeouts_count_from_enable_and_write)
{
	struct conn c;
	double start;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, 100, 200);
	spin(100);
	start = now_ms();
	bufferevent_enable(c.bev, EV_READ);
	assert_due(&c.bev->ev_read, start, LONG_MS);
	assert_false(is_timed(&c.bev->ev_write));
	write_text(c.bev, "hello");
	assert_due(&c.bev->ev_write, start, 2 * LONG_MS);
	bev_tear_down(&c);
}

TEST(settimeout_while_waiting_counts_from_then)
{
	struct conn c;
	double start;

	set_up_waiting(&c);
	spin(100);
	start = now_ms();
	bufferevent_settimeout(c.bev, 200, 300);
	assert_due(&c.bev->ev_read, start, 2 * LONG_MS);
	assert_due(&c.bev->ev_write, start, 3 * LONG_MS);
	bufferevent_settimeout(c.bev, 1, 1);
	assert_due(&c.bev->ev_read, start, 1000);
	assert_due(&c.bev->ev_write, start, 1000);
	bev_tear_down(&c);
}

TEST(settimeout_while_waiting_without_one_begins)
{
	struct conn c;
	double start;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_enable(c.bev, READ_WRITE);
	assert_false(is_timed(&c.bev->ev_read));
	assert_false(is_timed(&c.bev->ev_write));
	bev_run_passes();
	start = now_ms();
	bufferevent_settimeout(c.bev, 100, 100);
	assert_due(&c.bev->ev_read, start, LONG_MS);
	assert_due(&c.bev->ev_write, start, LONG_MS);
	bev_tear_down(&c);
}

TEST(settimeout_0_lets_the_running_one_run,
    DIFFERS(V21, "ends the running one"))
{
	double start = now_ms();
	struct conn c;

	set_up_waiting(&c);
	bufferevent_settimeout(c.bev, 0, 0);
	assert_due(&c.bev->ev_read, start, LONG_MS);
	assert_due(&c.bev->ev_write, start, LONG_MS);
	bev_tear_down(&c);
}

TEST(settimeout_0_starts_no_timeout_at_the_next_bytes)
{
	struct conn c;

	set_up_waiting(&c);
	bufferevent_settimeout(c.bev, 0, 0);
	send_text(c.fd[1], "x");
	take_all(c.fd[1]);
	bev_run_passes();
	assert_input(c.bev, "x");
	assert_output(c.bev, "");
	assert_true(reads(c.bev));
	assert_false(is_timed(&c.bev->ev_read));
	assert_false(is_timed(&c.bev->ev_write));
	fill(c.fd[0]);
	write_text(c.bev, "hello");
	bev_run_passes();
	assert_true(writes(c.bev));
	assert_false(is_timed(&c.bev->ev_write));
	bev_tear_down(&c);
}

/*
 * What restarts it.
 */

TEST(arrival_restarts_the_read_timeout)
{
	struct conn c;
	double start;

	bev_set_up(&c);
	bufferevent_settimeout(c.bev, 100, 0);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		spin(100);
		send_text(c.fd[1], "x");
		start = now_ms();
		bev_run_passes();
		assert_log("A:read");
		assert_due(&c.bev->ev_read, start, LONG_MS);
	}
	bev_tear_down(&c);
}

TEST(arrival_below_the_low_mark_restarts_the_read_timeout)
{
	struct conn c;
	double start;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 10, 0);
	bufferevent_settimeout(c.bev, 100, 0);
	bufferevent_enable(c.bev, EV_READ);
	spin(100);
	send_text(c.fd[1], "x");
	start = now_ms();
	bev_run_passes();
	assert_log("");
	assert_due(&c.bev->ev_read, start, LONG_MS);
	bev_tear_down(&c);
}

TEST(part_that_is_sent_restarts_the_write_timeout)
{
	static const char much[1000000];
	int size = 4608;
	struct conn c;
	double start;

	bev_set_up(&c);
	setsockopt(c.fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	bufferevent_settimeout(c.bev, 0, 100);
	bufferevent_write(c.bev, much, sizeof much);
	bev_run_passes();
	spin(100);
	take_all(c.fd[1]);
	start = now_ms();
	bev_run_passes();
	assert_true(output_length(c.bev) > 0);
	assert_due(&c.bev->ev_write, start, LONG_MS);
	bev_tear_down(&c);
}

TEST(write_restarts_the_write_timeout,
    DIFFERS(V21, "the running one continues"))
{
	struct conn c;
	double start;

	set_up_waiting(&c);
	spin(100);
	start = now_ms();
	write_text(c.bev, "world");
	assert_due(&c.bev->ev_write, start, LONG_MS);
	bev_tear_down(&c);
}

static void
answer_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	write_text(bev, "hello");
}

TEST(write_timeout_counts_from_an_answer)
{
	struct conn c;
	double start;

	bev_set_up_with(&c, answer_cb, NULL, note_bev_error_cb, "A");
	bufferevent_settimeout(c.bev, 0, 100);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		fill(c.fd[0]);
		send_text(c.fd[1], "x");
		start = now_ms();
		assert_int_equal(bev_run_passes(), 0);
		assert_log("A:read");
		assert_due(&c.bev->ev_write, start, LONG_MS);
		take_all(c.fd[1]);
		bev_run_passes();
		assert_false(is_timed(&c.bev->ev_write));
		take_all(c.fd[1]);
	}
	bev_tear_down(&c);
}

TEST(enable_restarts_both_timeouts)
{
	struct conn c;
	double start;

	set_up_waiting(&c);
	spin(100);
	start = now_ms();
	bufferevent_enable(c.bev, READ_WRITE);
	assert_due(&c.bev->ev_read, start, LONG_MS);
	assert_due(&c.bev->ev_write, start, LONG_MS);
	bev_tear_down(&c);
}

/*
 * What ends it.
 */

TEST(disable_ends_the_timeouts)
{
	struct conn c;

	set_up_waiting(&c);
	bufferevent_disable(c.bev, READ_WRITE);
	assert_false(is_timed(&c.bev->ev_read));
	assert_false(is_timed(&c.bev->ev_write));
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

TEST(setfd_ends_the_timeouts, DIFFERS(V21, "continues by itself"))
{
	struct conn c;
	double start;

	set_up_waiting(&c);
	bufferevent_setfd(c.bev, c.fd[0]);
	assert_false(is_timed(&c.bev->ev_read));
	assert_false(is_timed(&c.bev->ev_write));
	start = now_ms();
	bufferevent_enable(c.bev, EV_READ);
	assert_due(&c.bev->ev_read, start, LONG_MS);
	bev_tear_down(&c);
}

TEST(write_timeout_ends_when_all_is_sent)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_settimeout(c.bev, 0, 100);
	write_text(c.bev, "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write");
	assert_false(is_timed(&c.bev->ev_write));
	bev_tear_down(&c);
}

TEST(no_timeout_runs_at_the_high_mark,
    DIFFERS(V21, "the read callback is called for ever at the mark"))
{
	struct conn c;
	double start;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 3);
	bufferevent_settimeout(c.bev, 100, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_false(is_timed(&c.bev->ev_read));
	spin(100);
	start = now_ms();
	drain_input(c.bev, 3);
	assert_due(&c.bev->ev_read, start, LONG_MS);
	bev_tear_down(&c);
}

TEST(no_timeout_runs_after_eof)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_settimeout(c.bev, 100, 0);
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	assert_false(is_timed(&c.bev->ev_read));
	bev_tear_down(&c);
}
