/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our client with our server, in what 1.4 lacks: methods, large bodies in
 * pieces both ways, and many requests.
 */
#include "http_ours.h"
#include "wrap.h"

#define MEGABYTES 64
#define PIECE ((size_t)65536)

struct exchange {
	struct server s;
	struct evhttp_connection *evcon;
	int answers;
};

static void
note_answer_cb(struct evhttp_request *req, void *arg)
{
	struct exchange *x = arg;

	x->answers++;
	note_response(req);
}

static void
open_exchange(struct exchange *x, void (*cb)(struct evhttp_request *, void *))
{
	memset(x, 0, sizeof(*x));
	server_open_with(&x->s, cb, x);
	evhttp_set_allowed_methods(x->s.http, 0x1ff);
	x->evcon = evhttp_connection_base_new(x->s.base, NULL, "127.0.0.1",
	    ntohs(((struct sockaddr_in *)&x->s.at)->sin_port));
}

static void
close_exchange(struct exchange *x)
{
	evhttp_connection_free(x->evcon);
	server_close(&x->s);
}

static bool
has_answer(void *arg)
{
	return ((struct exchange *)arg)->answers > 0;
}

static void
await_answer(struct exchange *x)
{
	assert_true(wait_until(x->s.base, has_answer, x));
	x->answers = 0;
}

/* --- methods --- */

static void
echo_length_cb(struct evhttp_request *req, void *arg)
{
	const char *length =
	    evhttp_find_header(req->input_headers, "Content-Length");

	(void)arg;
	note("%d:%s:%.*s", (int)req->type, length != NULL ? length : "",
	    (int)EVBUFFER_LENGTH(req->input_buffer),
	    (char *)EVBUFFER_DATA(req->input_buffer));
	evhttp_send_reply(req, 200, "OK", NULL);
}

static void
sends(struct exchange *x, int type, const char *body, const char *log)
{
	struct evhttp_request *req = evhttp_request_new(note_answer_cb, x);

	evbuffer_add(req->output_buffer, body, strlen(body));
	assert_int_equal(evhttp_make_request(x->evcon, req,
			     (enum evhttp_cmd_type)type, "/"),
	    0);
	await_answer(x);
	assert_log(log);
}

TEST(http_client_adds_a_length_where_the_method_or_the_body_needs_one)
{
	struct exchange x;

	open_exchange(&x, echo_length_cb);
	sends(&x, EVHTTP_REQ_GET, "", "0:: 200:");
	sends(&x, EVHTTP_REQ_HEAD, "", "2:: 200:");
	sends(&x, EVHTTP_REQ_POST, "", "1:0: 200:");
	sends(&x, EVHTTP_REQ_PUT, "", "3:0: 200:");
	sends(&x, EVHTTP_REQ_PATCH, "", "8:0: 200:");
	sends(&x, EVHTTP_REQ_DELETE, "", "4:: 200:");
	sends(&x, EVHTTP_REQ_OPTIONS, "", "5:: 200:");
	sends(&x, EVHTTP_REQ_TRACE, "", "6:: 200:");
	sends(&x, EVHTTP_REQ_PUT, "rye", "3:3:rye 200:");
	sends(&x, EVHTTP_REQ_DELETE, "rye", "4:3:rye 200:");
	assert_int_equal(evhttp_get_connection_count(x.s.http), 1);
	close_exchange(&x);
}

TEST(http_client_refuses_CONNECT_and_what_is_not_a_method)
{
	static const int types[] = {EVHTTP_REQ_CONNECT, 9, -1, 1000};
	struct exchange x;

	open_exchange(&x, echo_length_cb);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct evhttp_request *req =
		    evhttp_request_new(note_answer_cb, &x);

		assert_int_equal(evhttp_make_request(x.evcon, req,
				     (enum evhttp_cmd_type)types[i], "/"),
		    -1);
		evhttp_request_free(req);
	}
	let_it_work(x.s.base);
	assert_log("");
	close_exchange(&x);
}

/* --- 64 MB --- */

static int pieces;
static size_t taken;
static long at_first, most;

static void
measure(void)
{
	if (counts.bytes - at_first > most)
		most = counts.bytes - at_first;
}

static void
next_piece_cb(struct evhttp_connection *evcon, void *arg)
{
	struct evhttp_request *req = arg;
	struct evbuffer *piece;

	(void)evcon;
	measure();
	if (pieces++ == MEGABYTES * 16) {
		evhttp_send_reply_end(req);
		return;
	}
	piece = buffer_of_size(PIECE);
	evhttp_send_reply_chunk_with_cb(req, piece, next_piece_cb, req);
	evbuffer_free(piece);
}

static void
stream_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_reply_start(req, 200, "OK");
	next_piece_cb(NULL, req);
}

static int
begin_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
	return 0;
}

static void
take_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	measure();
	taken += EVBUFFER_LENGTH(req->input_buffer);
}

TEST(http_64_megabytes_stream_to_our_client_in_little_memory)
{
	struct evhttp_request *req;
	struct exchange x;

	open_exchange(&x, stream_cb);
	sends(&x, EVHTTP_REQ_HEAD, "", "200:");
	pieces = 0;
	at_first = counts.bytes;
	req = evhttp_request_new(note_answer_cb, &x);
	evhttp_request_set_header_cb(req, begin_cb);
	evhttp_request_set_chunked_cb(req, take_cb);
	evhttp_make_request(x.evcon, req, EVHTTP_REQ_GET, "/");
	await_answer(&x);
	assert_log("200:");
	assert_int_equal(taken, (size_t)MEGABYTES << 20);
	assert_in_range(most, 0, 1 << 20);
	close_exchange(&x);
}

/* A server's callback drains input_buffer itself. */
static void
drain_cb(struct evhttp_request *req, void *arg)
{
	take_cb(req, arg);
	evbuffer_drain(req->input_buffer, EVBUFFER_LENGTH(req->input_buffer));
}

static int
drain_upload_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_set_header_cb(req, begin_cb);
	evhttp_request_set_chunked_cb(req, drain_cb);
	return 0;
}

TEST(http_large_body_of_our_client_streams_into_our_server)
{
	struct evhttp_request *req;
	struct evbuffer *body = buffer_of_size((size_t)MEGABYTES << 20);
	struct exchange x;

	open_exchange(&x, echo_length_cb);
	evhttp_set_newreqcb(x.s.http, drain_upload_cb, NULL);
	sends(&x, EVHTTP_REQ_GET, "", "0:: 200:");
	req = evhttp_request_new(note_answer_cb, &x);
	evbuffer_add_buffer(req->output_buffer, body);
	at_first = counts.bytes;
	taken = 0;
	evhttp_make_request(x.evcon, req, EVHTTP_REQ_PUT, "/");
	await_answer(&x);
	assert_log("3:67108864: 200:");
	assert_int_equal(taken, (size_t)MEGABYTES << 20);
	/*
	 * The client moves the body, so that at most one piece is in memory
	 * twice.
	 */
	assert_in_range(most, 0, 1 << 20);
	evbuffer_free(body);
	close_exchange(&x);
}

/* --- many --- */

static void
count_answer_cb(struct evhttp_request *req, void *arg)
{
	int *n = arg;

	assert_non_null(req);
	assert_int_equal(req->response_code, 200);
	assert_int_equal(atoi(req->uri + 1), *n);
	assert_memory_equal(EVBUFFER_DATA(req->input_buffer), req->uri,
	    strlen(req->uri));
	(*n)++;
}

static void
echo_uri_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply_text(req, req->uri);
}

static int many;

static bool
has_many(void *arg)
{
	return *(int *)arg == 1000;
}

TEST(http_1000_requests_get_their_own_answers_in_order)
{
	struct exchange x;
	char uri[16];

	open_exchange(&x, echo_uri_cb);
	for (int i = 0; i < 1000; i++) {
		snprintf(uri, sizeof(uri), "/%d", i);
		evhttp_make_request(x.evcon,
		    evhttp_request_new(count_answer_cb, &many),
		    i % 2 ? EVHTTP_REQ_GET : EVHTTP_REQ_POST, uri);
	}
	assert_true(wait_until(x.s.base, has_many, &many));
	assert_int_equal(evhttp_get_connection_count(x.s.http), 1);
	close_exchange(&x);
}
