/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: the low mark of reading, and the marks of writing.
 */
#include "test.h"
#include "bev.h"

#include <stdlib.h>
#include <sys/socket.h>

/* The peer sends that many bytes, in blocks that the socket takes, and the
 * bufferevent reads them. */
static void
send_and_read(struct conn *c, size_t n)
{
	static const char block[4000];

	while (n > 0) {
		size_t len = n < sizeof block ? n : sizeof block;

		assert_int_equal(write(c->fd[1], block, len), len);
		bev_run_passes();
		n -= len;
	}
}

TEST(setwatermark_sets_the_marks_of_the_events_it_names)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 1, 2);
	bufferevent_setwatermark(c.bev, EV_WRITE, 3, 4);
	assert_int_equal(c.bev->wm_read.low, 1);
	assert_int_equal(c.bev->wm_read.high, 2);
	assert_int_equal(c.bev->wm_write.low, 3);
	assert_int_equal(c.bev->wm_write.high, 4);
	bufferevent_setwatermark(c.bev, 0, 5, 6);
	assert_int_equal(c.bev->wm_read.low, 1);
	assert_int_equal(c.bev->wm_write.high, 4);
	bufferevent_setwatermark(c.bev, EV_READ | EV_WRITE, 7, 8);
	assert_int_equal(c.bev->wm_read.low, 7);
	assert_int_equal(c.bev->wm_read.high, 8);
	assert_int_equal(c.bev->wm_write.low, 7);
	assert_int_equal(c.bev->wm_write.high, 8);
	bev_tear_down(&c);
}

TEST(setwatermark_of_one_that_is_disabled_enables_nothing)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_disable(c.bev, EV_WRITE);
	write_text(c.bev, "hello");
	send_text(c.fd[1], "hello");
	bufferevent_setwatermark(c.bev, EV_READ | EV_WRITE, 1, 10);
	bufferevent_setwatermark(c.bev, EV_READ | EV_WRITE, 0, 0);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

/*
 * Reading, the low mark.
 */

TEST(read_callback_waits_for_the_low_mark)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 5, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hell");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	assert_input(c.bev, "hell");
	send_text(c.fd[1], "o");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

static void
check_low_mark(size_t low)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, low, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_and_read(&c, low - 1);
	assert_log("");
	assert_int_equal(input_length(c.bev), low - 1);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read");
	assert_int_equal(input_length(c.bev), low);
	bev_tear_down(&c);
}

TEST(low_mark_may_have_any_size)
{
	check_low_mark(1);
	check_low_mark(2);
	check_low_mark(4095);
	check_low_mark(4096);
	check_low_mark(4097);
	check_low_mark(65536);
	check_low_mark(300000);
}

TEST(above_the_low_mark_each_arrival_is_a_call)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 3, 0);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 5; i++) {
		send_text(c.fd[1], "x");
		bev_run_passes();
	}
	assert_log("A:read A:read A:read");
	bev_tear_down(&c);
}

static void
take_three_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	drain_input(bev, 3);
}

TEST(low_mark_counts_what_was_left_in_the_input)
{
	struct conn c;

	bev_set_up_with(&c, take_three_cb, NULL, note_bev_error_cb, "A");
	bufferevent_setwatermark(c.bev, EV_READ, 5, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "12345");
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "45");
	send_text(c.fd[1], "67");
	bev_run_passes();
	assert_log("");
	send_text(c.fd[1], "8");
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "78");
	bev_tear_down(&c);
}

TEST(low_mark_below_what_is_there_calls_at_the_next_arrival)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 100, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	bufferevent_setwatermark(c.bev, EV_READ, 3, 0);
	assert_log("");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "hellox");
	bev_tear_down(&c);
}

TEST(low_mark_that_is_raised_counts_for_what_is_there)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("A:read");
	bufferevent_setwatermark(c.bev, EV_READ, 7, 0);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("");
	send_text(c.fd[1], "y");
	bev_run_passes();
	assert_log("A:read");
	assert_input(c.bev, "helloxy");
	bev_tear_down(&c);
}

static void
set_low_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	bufferevent_setwatermark(bev, EV_READ, input_length(bev) + 2, 0);
}

TEST(low_mark_set_in_the_read_callback_counts_for_the_next_bytes)
{
	struct conn c;

	bev_set_up_with(&c, set_low_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 5; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(bev_run_passes(), 0);
	}
	assert_log("A:read A:read A:read");
	bev_tear_down(&c);
}

TEST(eof_below_the_low_mark_calls_the_error_callback_alone)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 10, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

/*
 * Writing.  A socket with little room, and a good deal written to it.
 */

#define MUCH 200000

static size_t low_mark;

static void
write_at_mark_cb(struct bufferevent *bev, void *name)
{
	note_bev_write_cb(bev, name);
	assert_true(output_length(bev) <= low_mark);
}

static void
set_up_writer(struct conn *c, size_t low)
{
	char *data = calloc(1, MUCH);
	int size = 4608;

	bev_set_up_with(c, NULL, write_at_mark_cb, note_bev_error_cb, "A");
	assert_int_equal(setsockopt(c->fd[0], SOL_SOCKET, SO_SNDBUF, &size,
			     sizeof size),
	    0);
	low_mark = low;
	bufferevent_setwatermark(c->bev, EV_WRITE, low, 0);
	assert_int_equal(bufferevent_write(c->bev, data, MUCH), 0);
	free(data);
}

/* Lets the peer take all, until no more than rest bytes are to be sent.
 * Nothing may be noted before. */
static void
shrink_to(struct conn *c, size_t rest)
{
	bev_run_passes();
	while (output_length(c->bev) > rest) {
		assert_log("");
		take_all(c->fd[1]);
		one_pass();
	}
}

TEST(write_callback_waits_until_all_is_sent)
{
	struct conn c;

	set_up_writer(&c, 0);
	shrink_to(&c, 0);
	assert_log("A:write");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(write_callback_waits_for_the_low_mark)
{
	struct conn c;

	set_up_writer(&c, 20000);
	shrink_to(&c, 20000);
	assert_log("A:write");
	assert_true(writes(c.bev));
	assert_true(output_length(c.bev) > 0);
	bev_tear_down(&c);
}

TEST(write_callback_is_called_for_each_part_below_the_low_mark)
{
	struct conn c;
	int sends;

	set_up_writer(&c, 20000);
	shrink_to(&c, 20000);
	assert_log("A:write");
	for (sends = 0; output_length(c.bev) > 0; sends++) {
		take_all(c.fd[1]);
		one_pass();
		assert_log("A:write");
	}
	assert_true(sends > 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(write_callback_comes_with_the_first_part_below_the_low_mark)
{
	struct conn c;

	set_up_writer(&c, MUCH * 2);
	one_pass();
	assert_log("A:write");
	assert_true(output_length(c.bev) > 0);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	bev_tear_down(&c);
}

static void
answer_much_cb(struct bufferevent *bev, void *name)
{
	static const char data[MUCH];

	note_bev_read_cb(bev, name);
	assert_int_equal(bufferevent_write(bev, data, sizeof data), 0);
}

TEST(write_callback_comes_with_the_first_part_of_an_answer)
{
	struct conn c;

	set_up_writer(&c, MUCH * 10);
	shrink_to(&c, MUCH - 1);
	note_clear();
	while (output_length(c.bev) > 0) {
		take_all(c.fd[1]);
		bev_run_passes();
	}
	note_clear();
	bufferevent_setcb(c.bev, answer_much_cb, write_at_mark_cb,
	    note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	take_all(c.fd[1]);
	bev_run_passes();
	assert_log("A:read A:write");
	assert_true(output_length(c.bev) > 0);
	bev_tear_down(&c);
}

/* A full pipe, out of which one page is taken. */
static void
check_rest(size_t rest, size_t low, const char *expected)
{
	static char page[65536];
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	struct conn c;

	c.base = event_init();
	assert_int_equal(pipe(c.fd), 0);
	fcntl(c.fd[1], F_SETFL, O_NONBLOCK);
	fill(c.fd[1]);
	c.bev = new_bev(c.fd[1], "A");
	bufferevent_setwatermark(c.bev, EV_WRITE, low, 0);
	bufferevent_write(c.bev, page, size + rest);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	assert_int_equal(read(c.fd[0], page, size), size);
	assert_int_equal(bev_run_passes(), 0);
	assert_int_equal(output_length(c.bev), rest);
	assert_log(expected);
	bev_tear_down(&c);
}

TEST(write_callback_is_called_at_exactly_the_low_mark)
{
	check_rest(1000, 999, "");
	check_rest(1000, 1000, "A:write");
	check_rest(1000, 1001, "A:write");
}

TEST(write_low_mark_does_not_call_for_less_that_is_not_sent)
{
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_setwatermark(c.bev, EV_WRITE, 1000, 0);
	write_text(c.bev, "hello");
	bev_run_passes();
	assert_log("");
	bufferevent_setwatermark(c.bev, EV_WRITE, 10, 0);
	bev_run_passes();
	assert_log("");
	take_all(c.fd[1]);
	bev_run_passes();
	assert_log("A:write");
	bev_tear_down(&c);
}

TEST(write_high_mark_means_nothing)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_WRITE, 0, 3);
	assert_int_equal(bufferevent_write(c.bev, "hello", 5), 0);
	assert_int_equal(bufferevent_write(c.bev, "world", 5), 0);
	assert_output(c.bev, "helloworld");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "helloworld");
	bev_tear_down(&c);
}

static void
keep_full_cb(struct bufferevent *bev, void *left)
{
	int *n = left;

	note_bev_write_cb(bev, "A");
	if ((*n)-- > 0)
		write_text(bev, "0123456789");
}

TEST(write_callback_at_the_low_mark_may_write_more)
{
	struct conn c;
	int left = 5;

	bev_set_up_with(&c, NULL, keep_full_cb, note_bev_error_cb, &left);
	bufferevent_setwatermark(c.bev, EV_WRITE, 100, 0);
	write_text(c.bev, "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write A:write A:write A:write A:write A:write");
	assert_int_equal(take_all(c.fd[1]), 51);
	bev_tear_down(&c);
}
