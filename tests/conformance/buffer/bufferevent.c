/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: what a new one is like, reading, writing, and the callbacks.
 */
#include "test.h"
#include "bev.h"

/*
 * A new one.
 */

TEST(new_bufferevent_writes_but_does_not_read)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(c.bev->enabled, EV_WRITE);
	send_text(c.fd[1], "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_input(c.bev, "");
	bev_tear_down(&c);
}

TEST(new_bufferevent_waits_for_nothing)
{
	struct conn c;

	bev_set_up(&c);
	assert_true(event_initialized(&c.bev->ev_read));
	assert_true(event_initialized(&c.bev->ev_write));
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

TEST(new_bufferevent_has_two_empty_buffers)
{
	struct conn c;

	bev_set_up(&c);
	assert_non_null(EVBUFFER_INPUT(c.bev));
	assert_non_null(EVBUFFER_OUTPUT(c.bev));
	assert_ptr_not_equal(EVBUFFER_INPUT(c.bev), EVBUFFER_OUTPUT(c.bev));
	assert_int_equal(input_length(c.bev), 0);
	assert_int_equal(output_length(c.bev), 0);
	bev_tear_down(&c);
}

static bool
is_zero(const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((const char *)data)[i] != 0)
			return false;
	return true;
}

TEST(new_bufferevent_has_no_marks_and_no_timeouts)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(c.bev->wm_read.low, 0);
	assert_int_equal(c.bev->wm_read.high, 0);
	assert_int_equal(c.bev->wm_write.low, 0);
	assert_int_equal(c.bev->wm_write.high, 0);
	assert_true(is_zero(&c.bev->timeout_read, sizeof c.bev->timeout_read));
	assert_true(
	    is_zero(&c.bev->timeout_write, sizeof c.bev->timeout_write));
	bev_tear_down(&c);
}

TEST(new_bufferevent_shows_what_it_was_made_of)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(c.bev->ev_read.ev_fd, c.fd[0]);
	assert_int_equal(c.bev->ev_write.ev_fd, c.fd[0]);
	assert_true(c.bev->readcb == note_bev_read_cb);
	assert_true(c.bev->writecb == note_bev_write_cb);
	assert_true(c.bev->errorcb == note_bev_error_cb);
	assert_string_equal(c.bev->cbarg, "A");
	bev_tear_down(&c);
}

TEST(new_bufferevent_is_on_the_current_base)
{
	struct conn c;

	bev_set_up(&c);
	assert_null(c.bev->ev_base);
	assert_ptr_equal(c.bev->ev_read.ev_base, c.base);
	assert_ptr_equal(c.bev->ev_write.ev_base, c.base);
	bev_tear_down(&c);
}

/*
 * Reading.
 */

TEST(read_callback_finds_the_bytes_in_the_input)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	send_text(c.fd[1], "hello");
	one_pass();
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

TEST(read_callback_is_called_for_each_arrival)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello ");
	one_pass();
	one_pass();
	assert_log("A:read");
	send_text(c.fd[1], "world");
	one_pass();
	one_pass();
	assert_log("A:read");
	assert_input(c.bev, "hello world");
	bev_tear_down(&c);
}

static void
read_again_cb(struct bufferevent *bev, void *name)
{
	assert_true(reads(bev));
	assert_int_equal(bev->enabled & EV_READ, EV_READ);
	note_bev_read_cb(bev, name);
}

TEST(reading_resumes_in_the_read_callback)
{
	struct conn c;

	bev_set_up_with(&c, read_again_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_true(reads(c.bev));
	bev_tear_down(&c);
}

TEST(nul_bytes_are_read_and_written_like_others)
{
	static const char bytes[] = "a\0b\0\0c";
	char got[sizeof bytes];
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(write(c.fd[1], bytes, sizeof bytes), sizeof bytes);
	assert_int_equal(bufferevent_write(c.bev, bytes, sizeof bytes), 0);
	bev_run_passes();
	assert_int_equal(input_length(c.bev), sizeof bytes);
	assert_int_equal(bufferevent_read(c.bev, got, sizeof got), sizeof got);
	assert_memory_equal(got, bytes, sizeof bytes);
	assert_int_equal(read(c.fd[1], got, sizeof got), sizeof got);
	assert_memory_equal(got, bytes, sizeof bytes);
	bev_tear_down(&c);
}

TEST(bufferevent_read_takes_from_the_front)
{
	char got[6] = "......";
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	one_pass();
	assert_int_equal(bufferevent_read(c.bev, got, 2), 2);
	assert_memory_equal(got, "he....", 6);
	assert_input(c.bev, "llo");
	bev_tear_down(&c);
}

TEST(bufferevent_read_takes_no_more_than_there_is)
{
	char got[8] = "........";
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_read(c.bev, got, sizeof got), 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	one_pass();
	assert_int_equal(bufferevent_read(c.bev, got, 0), 0);
	assert_int_equal(bufferevent_read(c.bev, got, sizeof got), 5);
	assert_memory_equal(got, "hello...", 8);
	assert_int_equal(bufferevent_read(c.bev, got, sizeof got), 0);
	bev_tear_down(&c);
}

/*
 * Writing.
 */

TEST(written_bytes_arrive)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_write(c.bev, "hello", 5), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	assert_output(c.bev, "");
	bev_tear_down(&c);
}

TEST(written_bytes_are_copied)
{
	char data[] = "hello";
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_write(c.bev, data, 5), 0);
	memset(data, 'x', sizeof data);
	bev_run_passes();
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(several_writes_arrive_in_order_and_are_one_call)
{
	struct conn c;

	bev_set_up(&c);
	write_text(c.bev, "one ");
	write_text(c.bev, "two ");
	write_text(c.bev, "three");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "one two three");
	bev_tear_down(&c);
}

TEST(write_calls_nothing_itself)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_log("");
		bev_run_passes();
		assert_log("A:write");
	}
	bev_tear_down(&c);
}

TEST(write_is_pending_until_the_bytes_are_sent)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_true(writes(c.bev));
		assert_int_equal(bev_run_passes(), 1);
		assert_false(writes(c.bev));
	}
	assert_int_equal(take_all(c.fd[1]), 15);
	bev_tear_down(&c);
}

TEST(what_was_written_keeps_the_loop_running)
{
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	write_text(c.bev, "hello");
	assert_int_equal(bev_run_passes(), 0);
	assert_true(writes(c.bev));
	assert_log("");
	take_all(c.fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(write_of_nothing_does_nothing)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_write(c.bev, "", 0), 0);
	assert_int_equal(bufferevent_write(c.bev, NULL, 0), 0);
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

static int rounds;

static void
write_in_pieces_cb(struct bufferevent *bev, void *name)
{
	note_bev_write_cb(bev, name);
	assert_output(bev, "");
	assert_false(writes(bev));
	if (++rounds > 3)
		return;
	write_text(bev, "a");
	write_text(bev, "b");
	write_text(bev, "c");
	assert_output(bev, "abc");
	assert_true(writes(bev));
}

TEST(write_callback_may_write_again)
{
	struct conn c;

	bev_set_up_with(&c, NULL, write_in_pieces_cb, note_bev_error_cb, "A");
	write_text(c.bev, "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write A:write A:write A:write");
	assert_arrived(c.fd[1], "xabcabcabc");
	bev_tear_down(&c);
}

static void
answer_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	drain_input(bev, input_length(bev));
	write_text(bev, "one ");
	write_text(bev, "two ");
	write_text(bev, "three");
	assert_true(writes(bev));
}

TEST(several_writes_in_a_read_callback_are_one_call)
{
	struct conn c;

	bev_set_up_with(&c, answer_cb, note_bev_write_cb, note_bev_error_cb,
	    "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(bev_run_passes(), 0);
		assert_log("A:read A:write");
		assert_arrived(c.fd[1], "one two three");
	}
	bev_tear_down(&c);
}

TEST(bytes_put_into_the_output_itself_wait_for_a_write,
    DIFFERS(V21, "sent without one"))
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_add(EVBUFFER_OUTPUT(c.bev), "hello ", 6);
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_output(c.bev, "hello ");
	write_text(c.bev, "world");
	bev_run_passes();
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello world");
	bev_tear_down(&c);
}

TEST(bytes_put_into_the_output_itself_wait_for_enable,
    DIFFERS(V21, "sent without it"))
{
	struct conn c;

	bev_set_up(&c);
	evbuffer_add_printf(EVBUFFER_OUTPUT(c.bev), "%d", 12345);
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "12345");
	bev_tear_down(&c);
}

/*
 * The callbacks.
 */

static struct bufferevent *called_with;
static void *called_arg;

static void
keep_arguments_cb(struct bufferevent *bev, void *arg)
{
	called_with = bev;
	called_arg = arg;
	note("called");
}

static void
keep_error_arguments_cb(struct bufferevent *bev, short what, void *arg)
{
	assert_int_equal(what, EVBUFFER_READ | EVBUFFER_EOF);
	keep_arguments_cb(bev, arg);
}

TEST(callbacks_get_the_bufferevent_and_the_argument)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setcb(c.bev, keep_arguments_cb, NULL, NULL, &c.fd[0]);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	one_pass();
	assert_ptr_equal(called_with, c.bev);
	assert_ptr_equal(called_arg, &c.fd[0]);
	bufferevent_setcb(c.bev, NULL, keep_arguments_cb, NULL, &c.fd[1]);
	write_text(c.bev, "x");
	one_pass();
	assert_ptr_equal(called_arg, &c.fd[1]);
	bufferevent_setcb(c.bev, NULL, NULL, keep_error_arguments_cb, NULL);
	take_all(c.fd[1]);
	called_with = NULL;
	close_peer(&c);
	one_pass();
	assert_ptr_equal(called_with, c.bev);
	assert_ptr_equal(called_arg, NULL);
	assert_log("called called called");
	bev_tear_down(&c);
}

static void
become_b_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	bufferevent_setcb(bev, note_bev_read_cb, note_bev_write_cb,
	    note_bev_error_cb, "B");
	write_text(bev, "x");
}

TEST(callbacks_replaced_in_a_callback_are_called_from_then_on)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setcb(c.bev, become_b_cb, note_bev_write_cb,
	    note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read B:write");
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("B:read");
	bev_tear_down(&c);
}
