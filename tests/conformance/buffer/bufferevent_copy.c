/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: bufferevent_write_buffer(), echoes, and much data.
 */
#include "test.h"
#include "bev.h"

#include <stdlib.h>

/* A bufferevent as usual, and an evbuffer with some text. */
static struct evbuffer *
set_up_source(struct conn *c, const char *text)
{
	struct evbuffer *src = evbuffer_new();

	bev_set_up(c);
	evbuffer_add(src, text, strlen(text));
	return src;
}

TEST(write_buffer_moves_the_content)
{
	struct conn c;
	struct evbuffer *src = set_up_source(&c, "hello");

	assert_int_equal(bufferevent_write_buffer(c.bev, src), 0);
	assert_buffer(src, "");
	assert_output(c.bev, "hello");
	assert_true(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	evbuffer_free(src);
	bev_tear_down(&c);
}

TEST(write_buffer_appends_to_what_was_written)
{
	struct conn c;
	struct evbuffer *src = set_up_source(&c, "two ");

	write_text(c.bev, "one ");
	bufferevent_write_buffer(c.bev, src);
	write_text(c.bev, "three ");
	evbuffer_add(src, "four", 4);
	bufferevent_write_buffer(c.bev, src);
	assert_output(c.bev, "one two three four");
	bev_run_passes();
	assert_log("A:write");
	assert_arrived(c.fd[1], "one two three four");
	evbuffer_free(src);
	bev_tear_down(&c);
}

TEST(write_buffer_of_an_empty_buffer_does_nothing)
{
	struct conn c;
	struct evbuffer *src = set_up_source(&c, "");

	assert_int_equal(bufferevent_write_buffer(c.bev, src), 0);
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	evbuffer_free(src);
	bev_tear_down(&c);
}

TEST(source_of_write_buffer_can_be_used_and_freed_afterwards)
{
	struct conn c;
	struct evbuffer *src = set_up_source(&c, "hello");

	bufferevent_write_buffer(c.bev, src);
	evbuffer_add(src, "other", 5);
	assert_buffer(src, "other");
	assert_output(c.bev, "hello");
	evbuffer_free(src);
	bev_run_passes();
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(write_buffer_moves_the_content_while_writing_is_disabled)
{
	struct conn c;
	struct evbuffer *src = set_up_source(&c, "hello");

	bufferevent_disable(c.bev, EV_WRITE);
	assert_int_equal(bufferevent_write_buffer(c.bev, src), 0);
	assert_buffer(src, "");
	assert_output(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	evbuffer_free(src);
	bev_tear_down(&c);
}

static void
note_change_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), now);
	note("%s:%zu-%zu", (char *)name, old, now);
}

TEST(write_buffer_calls_the_callback_of_the_source)
{
	struct conn c;
	struct evbuffer *src = set_up_source(&c, "hello");

	evbuffer_setcb(src, note_change_cb, "src");
	bufferevent_write_buffer(c.bev, src);
	assert_log("src:5-0");
	assert_int_equal(bufferevent_write_buffer(c.bev, src), 0);
	assert_log("");
	evbuffer_free(src);
	bev_tear_down(&c);
}

TEST(write_buffer_of_the_output_to_itself_loses_nothing,
    DIFFERS(V14, "loses all"))
{
	struct conn c;

	bev_set_up(&c);
	write_text(c.bev, "hello");
	bufferevent_write_buffer(c.bev, EVBUFFER_OUTPUT(c.bev));
	bev_run_passes();
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

/*
 * Echoes.
 */

static void
echo_cb(struct bufferevent *bev, void *unused)
{
	(void)unused;
	bufferevent_write_buffer(bev, EVBUFFER_INPUT(bev));
	assert_int_equal(input_length(bev), 0);
}

static void
echo_directly_cb(struct bufferevent *bev, void *unused)
{
	char block[1000];
	size_t n;

	(void)unused;
	while ((n = bufferevent_read(bev, block, sizeof block)) > 0)
		assert_int_equal(bufferevent_write(bev, block, n), 0);
}

TEST(input_can_be_written_back)
{
	struct conn c;

	bev_set_up_with(&c, echo_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 5; i++) {
		send_text(c.fd[1], "hello");
		bev_run_passes();
		assert_arrived(c.fd[1], "hello");
	}
	bev_tear_down(&c);
}

TEST(input_of_one_can_be_written_to_another)
{
	struct bufferevent *other;
	struct conn c;
	int fd[2];

	bev_set_up(&c);
	make_pair(fd);
	other = new_bev(fd[0], "B");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "hello");
		bev_run_passes();
		bufferevent_write_buffer(other, EVBUFFER_INPUT(c.bev));
		assert_input(c.bev, "");
		bev_run_passes();
		assert_log("A:read B:write");
		assert_arrived(fd[1], "hello");
	}
	bufferevent_free(other);
	close_pair(fd);
	bev_tear_down(&c);
}

/*
 * A megabyte there and back, between two bufferevents.
 */

#define MUCH (1024 * 1024)

struct transfer {
	struct conn c;
	struct bufferevent *peer;
	unsigned char *data;
};

static void
all_back_cb(struct bufferevent *bev, void *unused)
{
	(void)unused;
	if (input_length(bev) >= MUCH)
		event_loopbreak();
}

static void
no_error_cb(struct bufferevent *bev, short what, void *unused)
{
	(void)bev;
	(void)unused;
	fail_msg("the error callback got %#x", what);
}

static void
set_up_transfer(struct transfer *t, evbuffercb answer)
{
	bev_set_up_with(&t->c, answer, NULL, no_error_cb, t);
	t->peer =
	    bufferevent_new(t->c.fd[1], all_back_cb, NULL, no_error_cb, t);
	bufferevent_enable(t->c.bev, EV_READ);
	bufferevent_enable(t->peer, EV_READ);
	t->data = malloc(MUCH);
	for (unsigned i = 0; i < MUCH; i++)
		t->data[i] = (i * 2654435761u) >> 24;
}

static void
run_transfer(struct transfer *t)
{
	assert_int_equal(event_dispatch(), 0);
	assert_int_equal(input_length(t->peer), MUCH);
	assert_memory_equal(EVBUFFER_DATA(EVBUFFER_INPUT(t->peer)), t->data,
	    MUCH);
	assert_int_equal(input_length(t->c.bev), 0);
	assert_int_equal(output_length(t->c.bev), 0);
	bufferevent_free(t->peer);
	free(t->data);
	bev_tear_down(&t->c);
}

TEST(much_data_comes_back_as_it_was)
{
	struct transfer t;

	set_up_transfer(&t, echo_cb);
	assert_int_equal(bufferevent_write(t.peer, t.data, MUCH), 0);
	run_transfer(&t);
}

TEST(much_data_comes_back_unchanged_if_copied_directly)
{
	struct transfer t;

	set_up_transfer(&t, echo_directly_cb);
	assert_int_equal(bufferevent_write(t.peer, t.data, MUCH), 0);
	run_transfer(&t);
}

TEST(much_data_in_odd_pieces_comes_back_as_it_was)
{
	struct transfer t;

	set_up_transfer(&t, echo_cb);
	for (size_t at = 0, n; at < MUCH; at += n) {
		n = at % 7919 + 1;
		if (n > MUCH - at)
			n = MUCH - at;
		bufferevent_write(t.peer, t.data + at, n);
		if (at % 3 == 0)
			one_pass();
	}
	run_transfer(&t);
}

TEST(much_data_passes_a_high_mark)
{
	struct transfer t;

	set_up_transfer(&t, echo_cb);
	bufferevent_setwatermark(t.c.bev, EV_READ, 0, 5000);
	assert_int_equal(bufferevent_write(t.peer, t.data, MUCH), 0);
	run_transfer(&t);
}

static size_t sent;

static void
send_next_cb(struct bufferevent *bev, void *transfer)
{
	struct transfer *t = transfer;
	size_t n = MUCH - sent < 3000 ? MUCH - sent : 3000;

	if (n == 0)
		return;
	assert_int_equal(bufferevent_write(bev, t->data + sent, n), 0);
	sent += n;
}

TEST(much_data_may_be_written_bit_by_bit_in_the_write_callback)
{
	struct transfer t;

	set_up_transfer(&t, echo_cb);
	bufferevent_setcb(t.peer, all_back_cb, send_next_cb, no_error_cb, &t);
	bufferevent_enable(t.peer, EV_WRITE);
	run_transfer(&t);
	assert_int_equal(sent, MUCH);
}
