/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers in pieces, each of which is made when the one before it has been
 * written: evhttp_send_reply_chunk_with_cb().
 */
#include "http_ours.h"
#include "wrap.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

struct stream {
	struct server s;
	struct client c;
	struct evhttp_request *req;
};

static void
open_stream(struct stream *t)
{
	t->req = NULL;
	server_open_with(&t->s, keep_request_for_cb, &t->req);
	client_open(&t->c, &t->s);
	say(&t->c, GET);
	assert_true(wait_until(t->s.base, is_pointer_set, &t->req));
}

static void
close_stream(struct stream *t)
{
	client_close(&t->c);
	server_close(&t->s);
}

static void
note_drained_cb(struct evhttp_connection *evcon, void *name)
{
	(void)evcon;
	note("%s", (char *)name);
}

static void
send_with_cb(struct evhttp_request *req, const char *text, char *name)
{
	struct evbuffer *piece = buffer_of(text, strlen(text));

	evhttp_send_reply_chunk_with_cb(req, piece, note_drained_cb, name);
	assert_int_equal(EVBUFFER_LENGTH(piece), 0);
	evbuffer_free(piece);
}

TEST(http_chunk_callback_runs_once_and_never_inside_the_call)
{
	struct stream t;

	open_stream(&t);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_with_cb(t.req, "rye", "one");
	assert_log("");
	await_note(&t.s, "one");
	let_it_work(t.s.base);
	assert_log("one");
	send_with_cb(t.req, "oat", "two");
	await_note(&t.s, "two");
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:ryeoat");
	assert_log("two");
	close_stream(&t);
}

TEST(http_chunk_callback_gets_the_requests_connection)
{
	struct evhttp_connection *evcon;
	struct stream t;

	open_stream(&t);
	evcon = t.req->evcon;
	send_with_cb(t.req, "rye", "one");
	assert_ptr_equal(evhttp_request_get_connection(t.req), evcon);
	await_note(&t.s, "one");
	evhttp_send_reply_end(t.req);
	close_stream(&t);
}

TEST(http_later_chunk_replaces_the_callback_of_the_one_before)
{
	struct stream t;

	open_stream(&t);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_with_cb(t.req, "rye", "one");
	send_with_cb(t.req, "oat", "two");
	await_note(&t.s, "two");
	assert_log("two");
	send_with_cb(t.req, "rye", "three");
	send_chunk(t.req, "oat");
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:ryeoatryeoat");
	assert_log("");
	close_stream(&t);
}

TEST(http_empty_chunk_callback_runs_when_all_before_it_is_written)
{
	struct stream t;

	open_stream(&t);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_with_cb(t.req, "", "head");
	await_note(&t.s, "head");
	let_it_work(t.s.base);
	assert_non_null(strstr(t.c.got, "\r\n\r\n"));
	evhttp_send_reply_chunk_with_cb(t.req, NULL, note_drained_cb, "null");
	await_note(&t.s, "null");
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200");
	close_stream(&t);
}

TEST(http_chunk_callback_may_be_NULL)
{
	struct evbuffer *piece = buffer_of("rye", 3);
	struct stream t;

	open_stream(&t);
	evhttp_send_reply_chunk_with_cb(t.req, piece, NULL, NULL);
	evbuffer_free(piece);
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:rye");
	close_stream(&t);
}

static void
note_written_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("written");
}

/* As in 2.1: the program may have freed what the callback would look at. */
TEST(http_end_drops_the_callback_of_the_last_chunk)
{
	struct evbuffer *piece = buffer_of("rye", 3);
	struct stream t;

	open_stream(&t);
	evhttp_send_reply_chunk_with_cb(t.req, piece, note_written_cb, NULL);
	evbuffer_free(piece);
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:rye");
	assert_log("");
	close_stream(&t);
}

static void
free_connection_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)arg;
	note("freed");
	evhttp_connection_free(evcon);
}

static void
free_server_cb(struct evhttp_connection *evcon, void *arg)
{
	struct stream *t = arg;

	(void)evcon;
	note("freed");
	evhttp_free(t->s.http);
	t->s.http = NULL;
}

static void
free_request_cb(struct evhttp_connection *evcon, void *arg)
{
	struct stream *t = arg;

	(void)evcon;
	note("freed");
	evhttp_request_free(t->req);
}

static void
ends_inside(void (*cb)(struct evhttp_connection *, void *))
{
	struct evbuffer *piece = buffer_of("rye", 3);
	struct stream t;

	open_stream(&t);
	evhttp_connection_set_closecb(t.req->evcon, note_closed_cb, NULL);
	evhttp_send_reply_chunk_with_cb(t.req, piece, cb, &t);
	evbuffer_free(piece);
	assert_true(wait_end(&t.c));
	assert_non_null(strstr(noted(), "freed"));
	note_clear();
	close_stream(&t);
	note_clear();
}

TEST(http_chunk_callback_may_free_whatever_there_is)
{
	ends_inside(free_connection_cb);
	ends_inside(free_server_cb);
	ends_inside(free_request_cb);
}

TEST(http_chunk_of_a_lost_connection_has_no_callback)
{
	struct stream t;

	open_stream(&t);
	evhttp_connection_set_closecb(t.req->evcon, note_closed_cb, NULL);
	evhttp_send_reply_start(t.req, 200, "OK");
	client_reset(&t.c);
	for (int i = 0; i < 3 && t.req->evcon != NULL; i++) {
		send_with_cb(t.req, "rye", i == 0 ? "" : "late");
		let_it_work(t.s.base);
	}
	assert_null(t.req->evcon);
	evhttp_send_reply_end(t.req);
	assert_null(strstr(noted(), "late"));
	note_clear();
	server_close(&t.s);
}

TEST(http_stream_to_HEAD_has_its_callbacks_though_nothing_is_written)
{
	struct stream t;

	open_stream(&t);
	evhttp_send_reply(t.req, 200, "OK", NULL);
	t.req = NULL;
	say(&t.c, "HEAD /a HTTP/1.1\r\n\r\n");
	assert_true(wait_until(t.s.base, is_pointer_set, &t.req));
	evhttp_send_reply_start(t.req, 200, "OK");
	send_with_cb(t.req, "rye", "one");
	await_note(&t.s, "one");
	evhttp_send_reply_end(t.req);
	let_it_work(t.s.base);
	assert_null(strstr(t.c.got, "rye"));
	close_stream(&t);
}

/* --- a slow reader --- */

#define PIECE ((size_t)65536)
#define PIECES 1024

struct large {
	struct stream t;
	int pieces;
	long bytes, most; /* in use, over those at first */
	size_t received;
	char tail[8];
};

static void
next_piece_cb(struct evhttp_connection *evcon, void *arg)
{
	struct large *l = arg;
	struct evbuffer *piece;
	long more = counts.bytes - l->bytes;

	(void)evcon;
	if (more > l->most)
		l->most = more;
	if (l->pieces++ == PIECES) {
		evhttp_send_reply_end(l->t.req);
		return;
	}
	piece = buffer_of_size(PIECE);
	evhttp_send_reply_chunk_with_cb(l->t.req, piece, next_piece_cb, l);
	evbuffer_free(piece);
}

/* Counts the bytes that arrive, and keeps the last ones. */
static void
count_bytes_cb(int fd, short what, void *arg)
{
	static char block[32768];
	struct large *l = arg;
	ssize_t n = read(fd, block, sizeof(block));

	(void)what;
	if (n <= 0)
		return;
	l->received += (size_t)n;
	if (n >= 5)
		memcpy(l->tail, block + n - 5, 5);
}

static bool
has_all(void *arg)
{
	struct large *l = arg;

	return l->received > PIECES * PIECE &&
	       memcmp(l->tail, "0\r\n\r\n", 5) == 0;
}

TEST(http_answer_of_64_megabytes_costs_no_more_memory_than_a_piece)
{
	struct large l = {.pieces = 0};
	struct event reader;

	open_stream(&l.t);
	client_pause(&l.t.c);
	evhttp_send_reply_start(l.t.req, 200, "OK");
	l.bytes = counts.bytes;
	next_piece_cb(NULL, &l);
	for (int i = 0; i < 100; i++)
		event_base_loop(l.t.s.base, EVLOOP_NONBLOCK);
	assert_true(l.pieces < PIECES / 2);
	event_set(&reader, l.t.c.fd, EV_READ | EV_PERSIST, count_bytes_cb, &l);
	event_base_set(l.t.s.base, &reader);
	event_add(&reader, NULL);
	assert_true(wait_until(l.t.s.base, has_all, &l));
	event_del(&reader);
	assert_int_equal(l.pieces, PIECES + 1);
	/* One piece waits to be written, and one is being made. */
	assert_in_range(l.most, 0, (long)(8 * PIECE));
	client_resume(&l.t.c);
	close_stream(&l.t);
}

/* --- without streaming --- */

static bool
has_8_megabytes(void *arg)
{
	return ((struct client *)arg)->len > (size_t)8 << 20;
}

/*
 * The reply moves the program's body instead of copying it: it is in memory
 * once.
 */
TEST(http_large_body_is_in_memory_once)
{
	struct evbuffer *body = buffer_of_size((size_t)8 << 20);
	struct stream t;
	long bytes;

	open_stream(&t);
	client_pause(&t.c);
	bytes = counts.bytes;
	evhttp_send_reply(t.req, 200, "OK", body);
	assert_int_equal(EVBUFFER_LENGTH(body), 0);
	let_it_work(t.s.base);
	assert_true(counts.bytes < bytes + (1 << 20));
	client_resume(&t.c);
	assert_true(wait_until(t.s.base, has_8_megabytes, &t.c));
	assert_int_equal(count_answers(&t.c), 1);
	evbuffer_free(body);
	close_stream(&t);
}

/* --- answers that are broken off --- */

static void
send_error_now(struct evhttp_request *req)
{
	evhttp_send_error(req, 500, "Burnt");
}

static void
send_reply_now(struct evhttp_request *req)
{
	evhttp_send_reply(req, 200, "OK", NULL);
}

/*
 * Another answer in the middle of a stream closes the connection, so that the
 * client notices.
 */
static void
breaks_off(void (*answer)(struct evhttp_request *))
{
	struct stream t;

	open_stream(&t);
	evhttp_connection_set_closecb(t.req->evcon, note_closed_cb, NULL);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_with_cb(t.req, "rye", "never");
	answer(t.req);
	assert_true(wait_end(&t.c));
	assert_non_null(strstr(t.c.got, "\r\n\r\n3\r\nrye\r\n"));
	assert_null(strstr(t.c.got, "\r\n0\r\n"));
	assert_null(strstr(t.c.got, "500"));
	await_connections(&t.s, 0);
	assert_log("closed");
	close_stream(&t);
}

TEST(http_error_inside_a_stream_breaks_it_off)
{
	breaks_off(send_error_now);
}

TEST(http_reply_inside_a_stream_breaks_it_off)
{
	breaks_off(send_reply_now);
}

TEST(http_second_start_of_a_stream_is_ignored)
{
	struct stream t;

	open_stream(&t);
	evhttp_send_reply_start(t.req, 200, "OK");
	evhttp_send_reply_start(t.req, 404, "Lost");
	send_with_cb(t.req, "rye", "one");
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:rye");
	close_stream(&t);
}

/*
 * RFC 9110 8.6: such an answer has no Content-Length, even if the program sets
 * one.
 */
TEST(http_length_of_an_answer_that_has_no_body_is_left_out)
{
	struct stream t;

	open_stream(&t);
	evhttp_add_header(t.req->output_headers, "Content-Length", "7");
	evhttp_send_reply(t.req, 204, "No Content", NULL);
	expect_answers(&t.c, "204");
	assert_null(strstr(t.c.got, "Content-Length"));
	close_stream(&t);
}
