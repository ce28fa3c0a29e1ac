/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: the high mark of reading, at which reading stops until the
 * program has taken something out of the input.
 */
#include "test.h"
#include "bev.h"

#include <limits.h>
#include <stdlib.h>

#define FOREVER DIFFERS(V21, "the read callback is called for ever at the mark")

/* The peer has sent 25 bytes; the mark is 10, unless set again. */
static void
set_up_stream(struct conn *c)
{
	bev_set_up(c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, 10);
	bufferevent_enable(c->bev, EV_READ);
	send_text(c->fd[1], "0123456789abcdefghij01234");
}

/* The same, and the mark was reached. */
static void
set_up_stopped(struct conn *c)
{
	set_up_stream(c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c->bev, "0123456789");
}

static void
at_mark_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	assert_int_equal(input_length(bev), 10);
	assert_false(reads(bev));
	assert_true(bev->enabled & EV_READ);
}

TEST(reading_stops_at_the_high_mark, FOREVER)
{
	struct conn c;

	set_up_stream(&c);
	bufferevent_setcb(c.bev, at_mark_cb, NULL, note_bev_error_cb, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_input(c.bev, "0123456789");
	assert_true(c.bev->enabled & EV_READ);
	bev_tear_down(&c);
}

TEST(reading_resumes_below_the_high_mark, FOREVER)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "012345678");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_true(reads(c.bev));
	send_text(c.fd[1], "9");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	bev_tear_down(&c);
}

static void
take_all_cb(struct bufferevent *bev, void *sum)
{
	note_clear();
	note_bev_read_cb(bev, "A");
	assert_true(input_length(bev) <= bev->wm_read.high);
	*(size_t *)sum += input_length(bev);
	drain_input(bev, input_length(bev));
	assert_true(reads(bev));
}

static void
check_high_mark(size_t high)
{
	static const char block[30000];
	size_t sum = 0;
	struct conn c;

	bev_set_up_with(&c, take_all_cb, NULL, note_bev_error_cb, &sum);
	bufferevent_setwatermark(c.bev, EV_READ, 0, high);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(write(c.fd[1], block, sizeof block), sizeof block);
	assert_int_equal(bev_run_passes(), 0);
	assert_int_equal(sum, sizeof block);
	bev_tear_down(&c);
}

TEST(input_is_never_longer_than_the_high_mark)
{
	check_high_mark(7);
	check_high_mark(4095);
	check_high_mark(4096);
	check_high_mark(4097);
	check_high_mark(30000);
	check_high_mark(1000000);
}

/*
 * What resumes reading.
 */

TEST(draining_one_byte_is_enough, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	drain_input(c.bev, 1);
	assert_log("");
	assert_true(reads(c.bev));
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "123456789a");
	bev_tear_down(&c);
}

TEST(draining_all_resumes_reading, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	drain_input(c.bev, 10);
	assert_int_equal(bev_run_passes(), 1);
	assert_input(c.bev, "abcdefghij");
	drain_input(c.bev, 100);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read A:read");
	assert_input(c.bev, "01234");
	bev_tear_down(&c);
}

static void
take_by_drain(struct bufferevent *bev)
{
	drain_input(bev, 5);
}

static void
take_by_read(struct bufferevent *bev)
{
	char got[5];

	assert_int_equal(bufferevent_read(bev, got, 5), 5);
}

static void
take_by_remove(struct bufferevent *bev)
{
	char got[5];

	assert_int_equal(evbuffer_remove(EVBUFFER_INPUT(bev), got, 5), 5);
}

static void
take_by_readline(struct bufferevent *bev)
{
	char *line = evbuffer_readline(EVBUFFER_INPUT(bev));

	assert_string_equal(line, "line");
	free(line);
}

static void
take_by_add_buffer(struct bufferevent *bev)
{
	struct evbuffer *other = evbuffer_new();

	evbuffer_add_buffer(other, EVBUFFER_INPUT(bev));
	assert_buffer(other, "line\nline\n");
	evbuffer_free(other);
}

static void
take_by_write_buffer(struct bufferevent *bev)
{
	bufferevent_write_buffer(bev, EVBUFFER_INPUT(bev));
	assert_output(bev, "line\nline\n");
}

static void
check_taking(void (*take)(struct bufferevent *))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setcb(c.bev, note_bev_read_cb, NULL, NULL, "A");
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "line\nline\nline\nline\n");
	bev_run_passes();
	assert_false(reads(c.bev));
	take(c.bev);
	assert_true(reads(c.bev));
	assert_log("A:read");
	bev_run_passes();
	assert_log("A:read");
	assert_int_equal(input_length(c.bev), 10);
	bev_tear_down(&c);
}

TEST(whatever_takes_bytes_out_resumes_reading, FOREVER)
{
	check_taking(take_by_drain);
	check_taking(take_by_read);
	check_taking(take_by_remove);
	check_taking(take_by_readline);
	check_taking(take_by_add_buffer);
	check_taking(take_by_write_buffer);
}

static void
take_three_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	assert_true(input_length(bev) <= 10);
	drain_input(bev, 3);
	assert_true(reads(bev));
}

TEST(taking_some_in_the_read_callback_gets_more)
{
	struct conn c;

	set_up_stream(&c);
	bufferevent_setcb(c.bev, take_three_cb, NULL, note_bev_error_cb, "A");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read A:read A:read A:read A:read A:read");
	assert_input(c.bev, "ij01234");
	bev_tear_down(&c);
}

static void
take_and_toggle_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	bufferevent_disable(bev, EV_READ);
	drain_input(bev, 100);
	assert_false(reads(bev));
	bufferevent_enable(bev, EV_READ);
	assert_true(reads(bev));
}

TEST(taking_all_while_disabled_gets_more_after_enable)
{
	struct conn c;

	set_up_stream(&c);
	bufferevent_setcb(c.bev, take_and_toggle_cb, NULL, note_bev_error_cb,
	    "A");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read A:read A:read");
	bev_tear_down(&c);
}

TEST(bytes_added_by_the_program_count, DIFFERS(V21, "it may not add any"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	evbuffer_add(EVBUFFER_INPUT(c.bev), "0123456789ab", 12);
	send_text(c.fd[1], "cde");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	assert_input(c.bev, "0123456789ab");
	drain_input(c.bev, 4);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "456789abcd");
	bev_tear_down(&c);
}

/*
 * Changes of the mark.
 */

TEST(mark_that_is_raised_resumes_reading, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 15);
	assert_log("");
	assert_true(reads(c.bev));
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "0123456789abcde");
	bev_tear_down(&c);
}

TEST(mark_that_is_removed_resumes_reading, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 0);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	assert_input(c.bev, "0123456789abcdefghij01234");
	bev_tear_down(&c);
}

TEST(mark_that_is_raised_while_disabled_waits_for_enable, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	bufferevent_disable(c.bev, EV_READ);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 15);
	assert_false(reads(c.bev));
	assert_int_equal(bev_run_passes(), 1);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "0123456789abcde");
	bev_tear_down(&c);
}

TEST(mark_that_is_lowered_stops_reading, FOREVER)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "0123456789abcde");
	bev_run_passes();
	assert_log("A:read");
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	assert_log("");
	send_text(c.fd[1], "fghij");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	assert_input(c.bev, "0123456789abcde");
	drain_input(c.bev, 5);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	drain_input(c.bev, 1);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "6789abcdef");
	bev_tear_down(&c);
}

TEST(marks_of_writing_do_not_resume_reading, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	bufferevent_setwatermark(c.bev, EV_WRITE, 5, 20);
	assert_false(reads(c.bev));
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(low_mark_may_be_the_high_mark, FOREVER)
{
	struct conn c;

	set_up_stream(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 10, 10);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	drain_input(c.bev, 10);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	drain_input(c.bev, 10);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	assert_input(c.bev, "01234");
	bev_tear_down(&c);
}

TEST(low_mark_above_the_high_mark_is_never_reached)
{
	struct conn c;

	set_up_stream(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 20, 10);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	assert_input(c.bev, "0123456789");
	drain_input(c.bev, 5);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	assert_input(c.bev, "56789abcde");
	bufferevent_setwatermark(c.bev, EV_READ, 20, 0);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read");
	bev_tear_down(&c);
}

TEST(high_mark_beyond_an_int_is_none, DIFFERS(V14, "nothing is read"),
    DIFFERS(V21, "nothing is read"))
{
	static const size_t marks[] = {(size_t)INT_MAX + 1, (size_t)UINT_MAX,
	    (size_t)UINT_MAX + 1, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX};
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		bufferevent_setwatermark(c.bev, EV_READ, 0, marks[i]);
		send_text(c.fd[1], "hello");
		assert_int_equal(bev_run_passes(), 0);
		assert_log("A:read");
		assert_int_equal(input_length(c.bev), 5 * (i + 1));
	}
	bev_tear_down(&c);
}

/*
 * While reading is stopped.
 */

TEST(enable_at_the_high_mark_reads_nothing, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	assert_input(c.bev, "0123456789");
	drain_input(c.bev, 10);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	bev_tear_down(&c);
}

TEST(draining_while_disabled_waits_for_enable, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	bufferevent_disable(c.bev, EV_READ);
	drain_input(c.bev, 10);
	assert_false(reads(c.bev));
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	assert_input(c.bev, "abcdefghij");
	bev_tear_down(&c);
}

TEST(eof_at_the_high_mark_is_seen_after_draining, FOREVER)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "0123456789");
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read");
	drain_input(c.bev, 1);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:read+eof");
	assert_input(c.bev, "123456789");
	bev_tear_down(&c);
}

TEST(writing_continues_at_the_high_mark, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	write_text(c.bev, "hello");
	assert_int_equal(bev_run_passes(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_at_the_high_mark, FOREVER)
{
	struct conn c;

	set_up_stopped(&c);
	free_bev(&c);
	assert_int_equal(bev_run_passes(), 1);
	assert_log("");
	bev_tear_down(&c);
}
