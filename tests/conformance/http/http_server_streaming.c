/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replies in pieces: evhttp_send_reply_start(), _chunk() and _end().
 */
#include "http_server.h"
#include "symbol.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

static void
send_chunk(struct evhttp_request *req, const char *text)
{
	struct evbuffer *piece = evbuffer_new();

	evbuffer_add(piece, text, strlen(text));
	evhttp_send_reply_chunk(req, piece);
	evbuffer_free(piece);
}

struct text {
	struct client *client;
	const char *end;
};

static bool
ends_as_expected(void *arg)
{
	struct text *t = arg;
	size_t len = strlen(t->end);

	return t->client->len >= len &&
	       strcmp(t->client->got + t->client->len - len, t->end) == 0;
}

/* Runs the loop until the bytes that came end with this text. */
static void
expect_tail(struct client *c, const char *end)
{
	struct text t = {c, end};

	if (!wait_until(c->base, ends_as_expected, &t))
		fail_client(c, end);
}

/* All that came after the head. */
static const char *
body_of(const struct client *c)
{
	const char *body = strstr(c->got, "\r\n\r\n");

	assert_non_null(body);
	return body + 4;
}

TEST(http_each_chunk_is_sent_at_once)
{
	struct kept t;

	kept_open(&t, GET);
	evhttp_send_reply_start(t.req, 200, "OK");
	expect_tail(&t.c, "\r\n\r\n");
	send_chunk(t.req, "rye");
	expect_tail(&t.c, "3\r\nrye\r\n");
	send_chunk(t.req, "wheat-bread");
	expect_tail(&t.c, "b\r\nwheat-bread\r\n");
	evhttp_send_reply_end(t.req);
	expect_tail(&t.c, "\r\n0\r\n\r\n");
	expect_answers(&t.c, "200:ryewheat-bread");
	kept_close(&t);
}

TEST(http_chunk_size_is_sent_in_lower_case)
{
	static char text[0xabc + 1];
	struct kept t;

	memset(text, 'x', sizeof(text) - 1);
	kept_open(&t, GET);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_chunk(t.req, text);
	evhttp_send_reply_end(t.req);
	assert_true(wait_answers(&t.c, 1));
	assert_memory_equal(body_of(&t.c), "abc\r\nxxx", 8);
	kept_close(&t);
}

TEST(http_chunk_is_moved_out_of_the_programs_buffer)
{
	struct evbuffer *piece = evbuffer_new();
	struct kept t;

	kept_open(&t, GET);
	evhttp_send_reply_start(t.req, 200, "OK");
	evbuffer_add(piece, "rye", 3);
	evhttp_send_reply_chunk(t.req, piece);
	assert_int_equal(EVBUFFER_LENGTH(piece), 0);
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:rye");
	evbuffer_free(piece);
	kept_close(&t);
}

TEST(http_stream_to_http_1_0_is_raw_and_ends_with_the_connection)
{
	struct kept t;

	kept_open(&t, "GET /a HTTP/1.0\r\n\r\n");
	evhttp_send_reply_start(t.req, 200, "OK");
	send_chunk(t.req, "rye");
	expect_tail(&t.c, "\r\n\r\nrye");
	send_chunk(t.req, "oat");
	evhttp_send_reply_end(t.req);
	expect_end(&t.c, "200:ryeoat");
	kept_close(&t);
}

TEST(http_connection_is_kept_after_a_stream)
{
	struct kept t;

	kept_open(&t, GET);
	for (int i = 1; i <= 3; i++) {
		evhttp_send_reply_start(t.req, 200, "OK");
		send_chunk(t.req, "rye");
		evhttp_send_reply_end(t.req);
		assert_true(wait_answers(&t.c, i));
		t.req = NULL;
		say(&t.c, GET);
		assert_true(wait_until(t.s.base, has_request, &t));
	}
	reply_text(t.req, "last");
	expect_answers(&t.c, "200:rye 200:rye 200:rye 200:last");
	kept_close(&t);
}

/*
 * Each call reads the field chunked again.
 */

TEST(http_stream_that_is_made_raw_has_no_frames_and_no_end,
    DIFFERS(V21, "a 101 has no body: nothing is sent"))
{
	struct kept t;

	kept_open(&t, GET);
	evhttp_send_reply_start(t.req, 101, "Switching");
	expect_tail(&t.c, "\r\n\r\n");
	t.req->chunked = 0;
	send_chunk(t.req, "rye");
	expect_tail(&t.c, "\r\n\r\nrye");
	send_chunk(t.req, "oat");
	expect_tail(&t.c, "\r\n\r\nryeoat");
	evhttp_send_reply_end(t.req);
	let_it_work(t.s.base);
	assert_string_equal(body_of(&t.c), "ryeoat");
	kept_close(&t);
}

TEST(http_stream_to_http_1_0_that_is_made_chunked_is_framed)
{
	struct kept t;

	kept_open(&t, "GET /a HTTP/1.0\r\n\r\n");
	evhttp_send_reply_start(t.req, 200, "OK");
	expect_tail(&t.c, "\r\n\r\n");
	t.req->chunked = 1;
	send_chunk(t.req, "rye");
	evhttp_send_reply_end(t.req);
	assert_true(wait_end(&t.c));
	assert_string_equal(body_of(&t.c), "3\r\nrye\r\n0\r\n\r\n");
	kept_close(&t);
}

/*
 * No body.
 */

/* A stream of which the head alone is sent. */
static void
sends_head_only(const char *request, int code)
{
	struct kept t;
	const char *body;

	kept_open(&t, request);
	t.c.asks_head = true;
	evhttp_send_reply_start(t.req, code, "OK");
	expect_tail(&t.c, "\r\n\r\n");
	send_chunk(t.req, "rye");
	evhttp_send_reply_end(t.req);
	t.req = NULL;
	let_it_work(t.s.base);
	say(&t.c, "HEAD /last HTTP/1.1\r\nConnection: close\r\n\r\n");
	assert_true(wait_until(t.s.base, has_request, &t));
	evhttp_send_reply(t.req, 404, "Gone", NULL);
	assert_true(wait_end(&t.c));
	body = body_of(&t.c);
	assert_memory_equal(body, "HTTP/1.1 404", 12);
	kept_close(&t);
}

TEST(http_stream_to_head_is_its_head, DIFFERS(V14, "the body is sent"))
{
	sends_head_only("HEAD /a HTTP/1.1\r\n\r\n", 200);
}

TEST(http_stream_of_204_or_304_is_its_head, DIFFERS(V14, "the body is sent"))
{
	sends_head_only(GET, 204);
	sends_head_only(GET, 304);
}

/*
 * Wrong use.
 */

TEST(http_chunk_without_a_start_starts_a_200,
    DIFFERS(V14, "raw bytes are sent"), DIFFERS(V21, "raw bytes are sent"))
{
	struct kept t;

	kept_open(&t, GET);
	send_chunk(t.req, "rye");
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:rye");
	kept_close(&t);
}

TEST(http_end_without_a_start_is_an_empty_200,
    DIFFERS(V14, "the connection hangs"), DIFFERS(V21, "the connection hangs"))
{
	struct kept t;

	kept_open(&t, GET);
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200");
	kept_close(&t);
}

TEST(http_output_buffer_is_the_first_chunk_of_a_stream,
    DIFFERS(V14, "it is sent before, without a frame"),
    DIFFERS(V21, "it is sent before, without a frame"))
{
	struct kept t;

	kept_open(&t, GET);
	evbuffer_add(t.req->output_buffer, "pre", 3);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_chunk(t.req, "rye");
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:prerye");
	kept_close(&t);
}

/*
 * A slow reader, and one that leaves.
 */

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	note("%s", (const char *)arg);
}

static void
send_megabyte(struct evhttp_request *req)
{
	static char block[1 << 20];
	struct evbuffer *piece = evbuffer_new();

	memset(block, 'x', sizeof(block));
	evbuffer_add(piece, block, sizeof(block));
	evhttp_send_reply_chunk(req, piece);
	evbuffer_free(piece);
}

TEST(http_stream_waits_for_a_slow_reader)
{
	struct kept t;
	struct answer a;

	kept_open(&t, GET);
	client_pause(&t.c);
	evhttp_send_reply_start(t.req, 200, "OK");
	for (int i = 0; i < 32; i++) {
		send_megabyte(t.req);
		let_it_work(t.s.base);
	}
	evhttp_send_reply_end(t.req);
	let_it_work(t.s.base);
	client_resume(&t.c);
	expect_tail(&t.c, "\r\n0\r\n\r\n");
	assert_true(read_answer(&t.c, 0, &a));
	assert_int_equal(a.body_len, 32 << 20);
	free(a.body);
	kept_close(&t);
}

static bool
is_lost(void *arg)
{
	return ((struct kept *)arg)->req->evcon == NULL;
}

/* A stream whose client has gone, which the server knows. */
static void
open_lost_stream(struct kept *t)
{
	kept_open(t, GET);
	evhttp_connection_set_closecb(t->req->evcon, closed_cb, "closed");
	evhttp_send_reply_start(t->req, 200, "OK");
	send_chunk(t->req, "rye");
	expect_tail(&t->c, "rye\r\n");
	client_reset(&t->c);
	for (int i = 0; i < 3 && !is_lost(t); i++) {
		send_megabyte(t->req);
		let_it_work(t->s.base);
	}
	assert_true(wait_until(t->s.base, is_lost, t));
	assert_log("closed");
}

TEST(http_client_that_leaves_a_stream_is_reported_and_its_request_kept)
{
	struct kept t;

	open_lost_stream(&t);
	assert_null(evhttp_request_get_connection(t.req));
	assert_string_equal(t.req->uri, "/a");
	evhttp_send_reply_end(t.req);
	server_close(&t.s);
	assert_log("");
}

TEST(http_chunk_without_a_client_stays_in_its_buffer)
{
	struct evbuffer *piece = evbuffer_new();
	struct kept t;

	open_lost_stream(&t);
	evbuffer_add(piece, "rye", 3);
	evhttp_send_reply_chunk(t.req, piece);
	assert_int_equal(EVBUFFER_LENGTH(piece), 3);
	evbuffer_free(piece);
	evhttp_send_reply_end(t.req);
	server_close(&t.s);
}

TEST(http_stream_without_a_client_may_be_ended_by_a_reply)
{
	struct kept t;

	open_lost_stream(&t);
	evhttp_send_reply(t.req, 200, "OK", NULL);
	server_close(&t.s);
}

TEST(http_stream_without_a_client_may_be_freed)
{
	struct kept t;

	open_lost_stream(&t);
	evhttp_request_free(t.req);
	server_close(&t.s);
}

TEST(http_stream_cannot_be_started_without_a_client, DIFFERS(V14, "a crash"))
{
	struct kept t;

	open_lost_stream(&t);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_chunk(t.req, "rye");
	evhttp_send_reply_end(t.req);
	server_close(&t.s);
}

/*
 * What 1.4 has no function for.  They are found by name, as no header of 1.4
 * declares them.
 */

typedef void drained_fn(struct evhttp_connection *, void *);
typedef void chunk_with_cb_fn(struct evhttp_request *, struct evbuffer *,
    drained_fn *, void *);

static int drained;

static void
drained_cb(struct evhttp_connection *evcon, void *arg)
{
	struct kept *t = arg;

	assert_ptr_equal(evcon, t->req->evcon);
	drained++;
}

static bool
is_drained(void *arg)
{
	(void)arg;
	return drained > 0;
}

TEST(http_callback_of_a_chunk_is_called_when_it_is_written,
    DIFFERS(V14, "there is no such function"))
{
	struct evbuffer *piece = evbuffer_new();
	chunk_with_cb_fn *send_with_cb;
	struct kept t;
	void *found = symbol("evhttp_send_reply_chunk_with_cb");

	memcpy(&send_with_cb, &found, sizeof(found));
	kept_open(&t, GET);
	evhttp_send_reply_start(t.req, 200, "OK");
	evbuffer_add(piece, "rye", 3);
	send_with_cb(t.req, piece, drained_cb, &t);
	assert_int_equal(drained, 0);
	assert_true(wait_until(t.s.base, is_drained, &t));
	assert_int_equal(drained, 1);
	evhttp_send_reply_end(t.req);
	expect_answers(&t.c, "200:rye");
	assert_int_equal(drained, 1);
	evbuffer_free(piece);
	kept_close(&t);
}

static int pieces;

static void
send_next_cb(struct evhttp_connection *evcon, void *arg)
{
	struct kept *t = arg;
	struct evbuffer *piece = evbuffer_new();
	static char block[65536];
	chunk_with_cb_fn *send_with_cb;
	void *found = symbol("evhttp_send_reply_chunk_with_cb");

	(void)evcon;
	memcpy(&send_with_cb, &found, sizeof(found));
	memset(block, 'x', sizeof(block));
	if (++pieces == 512)
		evhttp_send_reply_end(t->req);
	else {
		evbuffer_add(piece, block, sizeof(block));
		send_with_cb(t->req, piece, send_next_cb, t);
	}
	evbuffer_free(piece);
}

/* Each piece of 32 MB is made when the one before it is written. */
TEST(http_stream_to_a_slow_reader_is_made_piece_by_piece,
    DIFFERS(V14, "there is no such function"))
{
	struct kept t;
	struct answer a;
	int before;

	kept_open(&t, GET);
	client_pause(&t.c);
	evhttp_send_reply_start(t.req, 200, "OK");
	send_next_cb(NULL, &t);
	do {
		before = pieces;
		let_it_work(t.s.base);
	} while (pieces != before);
	assert_in_range(pieces, 1, 400);
	client_resume(&t.c);
	expect_tail(&t.c, "\r\n0\r\n\r\n");
	assert_true(read_answer(&t.c, 0, &a));
	assert_int_equal(a.body_len, 511 * 65536);
	free(a.body);
	kept_close(&t);
}

/* What the callback of a chunk does. */
static void (*at_drained)(struct kept *);

static void
free_stream_connection(struct kept *k)
{
	evhttp_connection_free(k->req->evcon);
}

static void
free_stream_server(struct kept *k)
{
	evhttp_free(k->s.http);
	k->s.http = NULL;
}

static void
end_stream(struct kept *k)
{
	evhttp_send_reply_end(k->req);
}

static void
act_drained_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	note("drained");
	at_drained(arg);
}

/* The callback of the chunk calls act(), and the connection ends. */
static void
check_drained(void (*act)(struct kept *), const char *expected)
{
	struct evbuffer *piece = evbuffer_new();
	chunk_with_cb_fn *send_with_cb;
	struct kept k;
	void *found = symbol("evhttp_send_reply_chunk_with_cb");

	memcpy(&send_with_cb, &found, sizeof(found));
	at_drained = act;
	kept_open(&k, LAST_REQUEST);
	evhttp_send_reply_start(k.req, 200, "OK");
	evbuffer_add(piece, "rye", 3);
	send_with_cb(k.req, piece, act_drained_cb, &k);
	evbuffer_free(piece);
	expect_end(&k.c, expected);
	assert_log("drained");
	kept_close(&k);
	assert_log("");
}

TEST(http_callback_of_a_chunk_may_end_the_stream,
    DIFFERS(V14, "there is no such function"))
{
	check_drained(end_stream, "200:rye");
}

TEST(http_callback_of_a_chunk_may_free_the_connection,
    DIFFERS(V14, "there is no such function"))
{
	check_drained(free_stream_connection, "...");
}

TEST(http_callback_of_a_chunk_may_free_the_server,
    DIFFERS(V14, "there is no such function"))
{
	check_drained(free_stream_server, "...");
}
