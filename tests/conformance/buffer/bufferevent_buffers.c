/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: what a program may do with the buffers, the events and the
 * other members itself.
 */
#include "test.h"
#include "bev.h"

/*
 * evbuffer_setcb() on the buffers.
 */

static void
note_change_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), now);
	note("%s:%zu-%zu", (char *)name, old, now);
}

TEST(callback_of_the_input_is_notified_of_what_is_read)
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_setcb(EVBUFFER_INPUT(c.bev), note_change_cb, "in");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("in:0-5 A:read");
	send_text(c.fd[1], "xy");
	bev_run_passes();
	assert_log("in:5-7 A:read");
	drain_input(c.bev, 6);
	assert_log("in:7-1");
	bev_tear_down(&c);
}

TEST(callback_of_the_input_is_not_called_at_eof)
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_setcb(EVBUFFER_INPUT(c.bev), note_change_cb, "in");
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	bev_run_passes();
	assert_log("A:read+eof");
	bev_tear_down(&c);
}

TEST(callback_of_the_output_is_notified_of_what_is_written_and_sent,
    DIFFERS(V21, "nothing is sent any more"))
{
	struct evbuffer *src = evbuffer_new();
	struct conn c;

	bev_set_up(&c);
	evbuffer_setcb(EVBUFFER_OUTPUT(c.bev), note_change_cb, "out");
	write_text(c.bev, "hello");
	write_text(c.bev, "");
	evbuffer_add(src, "xy", 2);
	bufferevent_write_buffer(c.bev, src);
	assert_log("out:0-5 out:5-7");
	bev_run_passes();
	assert_log("out:7-0 A:write");
	evbuffer_free(src);
	bev_tear_down(&c);
}

TEST(callback_of_the_input_is_kept_below_the_high_mark,
    DIFFERS(V14, "setwatermark removes it"))
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_setcb(EVBUFFER_INPUT(c.bev), note_change_cb, "in");
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("in:0-5 A:read");
	bev_tear_down(&c);
}

TEST(callback_of_the_input_set_after_the_high_mark_sees_all_below_it)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	evbuffer_setcb(EVBUFFER_INPUT(c.bev), note_change_cb, "in");
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("in:0-5 A:read");
	drain_input(c.bev, 5);
	assert_log("in:5-0");
	send_text(c.fd[1], "world");
	bev_run_passes();
	assert_log("in:0-5 A:read");
	bev_tear_down(&c);
}

/* The mark takes the callback for itself.  A program that sets its own has to
 * enable reading directly. */
TEST(callback_of_the_input_set_at_the_high_mark_takes_the_place_of_the_mark,
    DIFFERS(V21, "the read callback is called for ever at the mark"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 3);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("A:read");
	evbuffer_setcb(EVBUFFER_INPUT(c.bev), note_change_cb, "in");
	drain_input(c.bev, 3);
	assert_log("in:3-0");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("in:0-2 A:read");
	bev_tear_down(&c);
}

static struct bufferevent *fed;

static void
feed_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	note_change_cb(buf, old, now, name);
	if (now < old)
		write_text(fed, "more");
	evbuffer_setcb(buf, NULL, NULL);
}

TEST(callback_of_the_input_may_write_to_the_output)
{
	struct conn c;

	bev_set_up(&c);
	fed = c.bev;
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	evbuffer_setcb(EVBUFFER_INPUT(c.bev), feed_cb, "in");
	drain_input(c.bev, 5);
	bev_run_passes();
	assert_log("A:read in:5-0 A:write");
	assert_arrived(c.fd[1], "more");
	bev_tear_down(&c);
}

TEST(output_that_the_program_empties_calls_the_write_callback,
    DIFFERS(V21, "it may not empty it"))
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		evbuffer_drain(EVBUFFER_OUTPUT(c.bev), 5);
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:write");
		assert_arrived(c.fd[1], "");
	}
	bev_tear_down(&c);
}

static int refills;

static void
refill_cb(struct evbuffer *buf, size_t old, size_t now, void *bev)
{
	(void)buf;
	(void)old;
	if (now == 0 && ++refills < 4)
		write_text(bev, "more");
}

TEST(callback_of_the_output_may_write_more,
    DIFFERS(V21, "nothing is sent any more"))
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, note_bev_error_cb, "A");
	evbuffer_setcb(EVBUFFER_OUTPUT(c.bev), refill_cb, c.bev);
	write_text(c.bev, "first");
	assert_int_equal(event_dispatch(), 1);
	assert_arrived(c.fd[1], "firstmoremoremore");
	assert_output(c.bev, "");
	bev_tear_down(&c);
}

/*
 * Buffers of the program's in their place.
 */

TEST(input_may_be_replaced)
{
	struct evbuffer *old;
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "old");
	bev_run_passes();
	old = c.bev->input;
	c.bev->input = evbuffer_new();
	send_text(c.fd[1], "new");
	bev_run_passes();
	assert_log("A:read A:read");
	assert_buffer(old, "old");
	assert_input(c.bev, "new");
	evbuffer_free(old);
	bev_tear_down(&c);
}

TEST(input_that_replaces_another_has_the_marks, DIFFERS(V21, "it has none"))
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_free(c.bev->input);
	c.bev->input = evbuffer_new();
	bufferevent_setwatermark(c.bev, EV_READ, 3, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "01");
	bev_run_passes();
	assert_log("");
	send_text(c.fd[1], "23456789abcdef");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "0123456789");
	drain_input(c.bev, 9);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_input(c.bev, "9abcdef");
	bev_tear_down(&c);
}

TEST(output_may_be_replaced, DIFFERS(V21, "nothing is sent any more"))
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_free(c.bev->output);
	c.bev->output = evbuffer_new();
	evbuffer_add(c.bev->output, "hello ", 6);
	write_text(c.bev, "world");
	bev_run_passes();
	assert_arrived(c.fd[1], "hello world");
	assert_buffer(c.bev->output, "");
	bev_tear_down(&c);
}

/*
 * The events.
 */

TEST(event_del_of_the_read_event_stops_reading)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_del(&c.bev->ev_read), 0);
	send_text(c.fd[1], "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	assert_int_equal(event_add(&c.bev->ev_read, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bev_run_passes(), 0);
		assert_log("A:read");
		send_text(c.fd[1], "x");
	}
	bev_tear_down(&c);
}

TEST(event_del_of_the_write_event_stops_writing)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(event_del(&c.bev->ev_write), 0);
		assert_int_equal(bev_run_passes(), 1);
		assert_log("");
		assert_arrived(c.fd[1], "");
		assert_int_equal(event_add(&c.bev->ev_write, NULL), 0);
		assert_int_equal(bev_run_passes(), 1);
		assert_log("A:write");
		assert_arrived(c.fd[1], "hello");
	}
	bev_tear_down(&c);
}

TEST(event_active_of_the_read_event_reads)
{
	struct conn c;

	bev_set_up(&c);
	event_active(&c.bev->ev_read, EV_READ, 1);
	one_pass();
	assert_log("");
	send_text(c.fd[1], "hello");
	event_active(&c.bev->ev_read, EV_READ, 1);
	one_pass();
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(event_active_of_the_write_event_writes)
{
	struct conn c;

	bev_set_up(&c);
	event_active(&c.bev->ev_write, EV_WRITE, 1);
	one_pass();
	assert_log("A:write");
	evbuffer_add(EVBUFFER_OUTPUT(c.bev), "hello", 5);
	event_active(&c.bev->ev_write, EV_WRITE, 1);
	one_pass();
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(event_active_of_the_write_event_at_a_full_socket_waits)
{
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	write_text(c.bev, "hello");
	event_active(&c.bev->ev_write, EV_WRITE, 1);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	assert_output(c.bev, "hello");
	take_all(c.fd[1]);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write");
	bev_tear_down(&c);
}

TEST(event_active_with_both_is_no_timeout)
{
	struct conn c;

	bev_set_up(&c);
	send_text(c.fd[1], "hello");
	event_active(&c.bev->ev_read, EV_READ | EV_TIMEOUT, 1);
	one_pass();
	assert_log("A:read");
	event_active(&c.bev->ev_write, EV_WRITE | EV_TIMEOUT, 1);
	one_pass();
	assert_log("A:write");
	bev_tear_down(&c);
}

TEST(event_active_with_a_timeout_is_a_timeout)
{
	struct conn c;

	bev_set_up(&c);
	event_active(&c.bev->ev_read, EV_TIMEOUT, 1);
	one_pass();
	assert_log("A:read+timeout");
	event_active(&c.bev->ev_write, EV_TIMEOUT, 1);
	one_pass();
	assert_log("A:write+timeout");
	bev_tear_down(&c);
}

/*
 * The members.
 */

TEST(callbacks_and_marks_may_be_set_directly)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	c.bev->readcb = note_bev_write_cb;
	c.bev->cbarg = "B";
	c.bev->wm_read.low = 3;
	send_text(c.fd[1], "ab");
	bev_run_passes();
	assert_log("");
	send_text(c.fd[1], "c");
	bev_run_passes();
	assert_log("B:write");
	c.bev->errorcb = NULL;
	c.bev->writecb = NULL;
	write_text(c.bev, "x");
	bev_run_passes();
	assert_log("");
	bev_tear_down(&c);
}

TEST(events_have_the_descriptor_and_the_base)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ | EV_WRITE);
	bev_run_passes();
	assert_int_equal(EVENT_FD(&c.bev->ev_read), c.fd[0]);
	assert_int_equal(EVENT_FD(&c.bev->ev_write), c.fd[0]);
	assert_ptr_equal(c.bev->ev_read.ev_base, c.base);
	assert_int_equal(c.bev->ev_read.ev_events & EV_READ, EV_READ);
	assert_int_equal(c.bev->ev_write.ev_events & EV_WRITE, EV_WRITE);
	bev_tear_down(&c);
}
