/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server without memory: each allocation for a connection fails once, alone
 * and with all later ones.  The client gets the right answer or the connection
 * is closed; the next client is served; no memory leaks.
 */
#include "http_ours.h"
#include "http_sweep.h"
#include "wrap.h"

/* What a handler sends; made before allocations fail. */
static struct evbuffer *body, *piece;
static size_t body_size;

static void
reply_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_reply(req, 200, "OK", body);
}

/* Adds a header and replies, whether or not that header got memory. */
static void
reply_header_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_add_header(req->output_headers, "A", "b");
	evhttp_send_reply(req, 200, "OK", body);
}

static void
error_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_error(req, 503, "No < way");
}

static struct evhttp_request *streamed;

static void
finish_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	evhttp_send_reply_end(streamed);
	streamed = NULL;
}

static void
lost_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	if (streamed != NULL)
		evhttp_send_reply_end(streamed);
	streamed = NULL;
}

static void
stream_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	streamed = req;
	evhttp_connection_set_closecb(req->evcon, lost_cb, NULL);
	evhttp_send_reply_start(req, 200, "OK");
	evhttp_send_reply_chunk(req, piece);
	evhttp_send_reply_chunk_with_cb(req, body, finish_cb, NULL);
}

static void
take_piece_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evbuffer_drain(req->input_buffer, EVBUFFER_LENGTH(req->input_buffer));
}

static int
accept_head_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	(void)req;
	return 0;
}

static int
new_upload_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_set_header_cb(req, accept_head_cb);
	evhttp_request_set_chunked_cb(req, take_piece_cb);
	return 0;
}

/* --- an exchange, which does not allocate itself --- */

struct exchange {
	const char *request;
	void (*cb)(struct evhttp_request *, void *); /* NULL: none */
	const char *answer; /* how it begins, if it is whole */
	const char *tail;   /* how it ends; NULL: with the body */
	size_t body;
	bool uploads, has_host;
};

struct run {
	struct server s;
	int fd;
	char got[200000];
	size_t len;
	bool ended;
};

static void
collect(struct run *r)
{
	ssize_t n;

	while (
	    !r->ended && (n = recv(r->fd, r->got + r->len,
			      sizeof(r->got) - r->len, MSG_DONTWAIT)) != -1) {
		r->ended = n == 0;
		r->len += (size_t)n;
	}
	if (!r->ended && errno != EAGAIN)
		r->ended = true; /* reset */
}

static void
pass(struct run *r)
{
	for (int i = 0; i < 10; i++)
		event_base_loop(r->s.base, EVLOOP_NONBLOCK);
	collect(r);
}

static void
open_run(struct run *r, const struct exchange *x)
{
	struct evhttp *vhost;

	server_open_with(&r->s, x->cb, NULL);
	if (x->uploads)
		evhttp_set_newreqcb(r->s.http, new_upload_cb, NULL);
	if (x->has_host) {
		vhost = evhttp_new(r->s.base);
		evhttp_set_gencb(vhost, x->cb, NULL);
		evhttp_add_virtual_host(r->s.http, "a*", vhost);
		evhttp_set_gencb(r->s.http, error_cb, NULL);
	}
	body_size = x->body;
	body = buffer_of_size(x->body);
	piece = buffer_of_size(10);
	streamed = NULL;
}

/*
 * Has libev allocate its first blocks before the test: without memory it would
 * end the process.
 */
static void
warm_up(struct run *r)
{
	struct client c[5];

	for (int i = 0; i < 5; i++) {
		client_open(&c[i], &r->s);
		say(&c[i], "GET /a");
	}
	await_connections(&r->s, 5);
	for (int i = 0; i < 5; i++)
		client_close(&c[i]);
	await_connections(&r->s, 0);
}

static void
connect_run(struct run *r)
{
	r->fd = socket(AF_INET, SOCK_STREAM, 0);
	r->len = 0;
	r->ended = false;
	assert_int_equal(connect(r->fd, (struct sockaddr *)&r->s.at,
			     r->s.at_len),
	    0);
}

/*
 * Sends the request in two parts, as the server needs memory for the incomplete
 * first one.
 */
static void
ask(struct run *r, const char *request)
{
	size_t len = strlen(request);

	send(r->fd, request, len / 2, MSG_NOSIGNAL);
	pass(r);
	send(r->fd, request + len / 2, len - len / 2, MSG_NOSIGNAL);
	pass(r);
}

static bool
is_answered(const struct run *r, const struct exchange *x)
{
	size_t begin = strlen(x->answer);
	size_t end = x->tail != NULL ? strlen(x->tail) : 0;

	return r->len >= begin + end && r->len > x->body &&
	       memcmp(r->got, x->answer, begin) == 0 &&
	       (x->tail == NULL ||
		   memcmp(r->got + r->len - end, x->tail, end) == 0);
}

static void
check_outcome(struct run *r, const struct exchange *x, long nth)
{
	for (int i = 0; i < 50 && !r->ended && !is_answered(r, x); i++)
		pass(r);
	if (!r->ended && !is_answered(r, x))
		fail_msg("allocation %ld of %s: neither answered nor closed: "
			 "%.*s",
		    nth, x->request, (int)r->len, r->got);
}

static void
close_run(struct run *r)
{
	evbuffer_free(body);
	evbuffer_free(piece);
	server_close(&r->s);
}

/* Returns whether any allocation failed; see each_fails(). */
static bool
fails_once(const void *arg, long nth, bool all)
{
	const struct exchange *x = arg;
	static struct run r;
	bool failed;

	open_run(&r, x);
	if (all)
		warm_up(&r);
	connect_run(&r);
	(all ? fail_allocs_from : fail_alloc)(nth);
	ask(&r, x->request);
	failed = alloc_failed();
	fail_alloc(0);
	check_outcome(&r, x, nth);
	close(r.fd);
	pass(&r);
	evbuffer_drain(body, EVBUFFER_LENGTH(body));
	connect_run(&r);
	ask(&r, "GET /a HTTP/1.0\r\n\r\n");
	for (int i = 0; i < 50 && !r.ended; i++)
		pass(&r);
	assert_true(r.ended);
	assert_true(r.len > 12);
	close(r.fd);
	close_run(&r);
	return failed;
}

static void
lives_without_memory(const struct exchange *x)
{
	each_fails(fails_once, x);
}

#define OK "HTTP/1.1 200 OK\r\n"

TEST(http_get_without_memory_is_answered_or_closed)
{
	lives_without_memory(&(struct exchange){
	    "GET /a HTTP/1.1\r\nHost: b\r\nAccept: all\r\n there\r\n\r\n",
	    reply_cb, OK, "xxx", 10, false, false});
	lives_without_memory(&(struct exchange){"HEAD /a HTTP/1.1\r\n\r\n",
	    reply_header_cb, OK, "\r\n\r\n", 0, false, false});
}

TEST(http_get_of_a_large_body_without_memory_is_answered_or_closed)
{
	lives_without_memory(&(struct exchange){"GET /a HTTP/1.1\r\n\r\n",
	    reply_cb, OK, "xxx", 50000, false, false});
}

TEST(http_post_without_memory_is_answered_or_closed)
{
	lives_without_memory(
	    &(struct exchange){"POST /a HTTP/1.1\r\nContent-Length: 60\r\n\r\n"
			       "012345678901234567890123456789"
			       "012345678901234567890123456789",
		reply_cb, OK, "xxx", 10, false, false});
	lives_without_memory(&(struct exchange){
	    "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "14\r\n01234567890123456789\r\n14\r\n01234567890123456789\r\n"
	    "0\r\n\r\n",
	    reply_cb, OK, "xxx", 10, false, false});
}

TEST(http_upload_without_memory_is_answered_or_closed)
{
	lives_without_memory(
	    &(struct exchange){"POST /a HTTP/1.1\r\nContent-Length: 60\r\n"
			       "Expect: 100-continue\r\n\r\n"
			       "012345678901234567890123456789"
			       "012345678901234567890123456789",
		reply_cb, "HTTP/1.1 ", "xxx", 10, true, false});
}

TEST(http_stream_without_memory_is_answered_or_closed)
{
	lives_without_memory(&(struct exchange){"GET /a HTTP/1.1\r\n\r\n",
	    stream_cb, OK, "\r\n0\r\n\r\n", 5000, false, false});
	lives_without_memory(&(struct exchange){"GET /a HTTP/1.1\r\n\r\n",
	    stream_cb, OK, "\r\n0\r\n\r\n", 50000, false, false});
}

TEST(http_errors_without_memory_are_answered_or_closed)
{
	lives_without_memory(&(struct exchange){"GET /a HTTP/1.1\r\n\r\n",
	    error_cb, "HTTP/1.1 503 ", "</HTML>\n", 0, false, false});
	lives_without_memory(&(struct exchange){"GET /<a> HTTP/1.1\r\n\r\n",
	    NULL, "HTTP/1.1 404 ", "</html>\n", 0, false, false});
	lives_without_memory(&(struct exchange){"GET /a\r\n\r\n", NULL,
	    "HTTP/1.1 400 ", "</HTML>\n", 0, false, false});
}

TEST(http_virtual_host_without_memory_is_answered_or_closed)
{
	lives_without_memory(&(struct exchange){
	    "GET http://a.example/a HTTP/1.1\r\nHost: b\r\n\r\n", reply_cb,
	    "HTTP/1.1 ", NULL, 10, false, true});
}

TEST(http_pipelined_requests_without_memory_are_answered_or_closed)
{
	lives_without_memory(
	    &(struct exchange){"GET /a HTTP/1.1\r\nA: b\r\n\r\n"
			       "POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\n"
			       "ryeGET /c HTTP/1.1\r\nConnection: close\r\n"
			       "\r\n",
		reply_cb, OK, "Connection: close\r\n\r\n", 10, false, false});
}

/* --- many requests --- */

/*
 * Allocations fail pseudo-randomly, in any state of a connection, and the
 * server keeps working.
 */
TEST(http_server_lives_with_failing_allocations)
{
	static const struct exchange all[] = {
	    {"GET /a HTTP/1.1\r\nHost: b\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
		reply_cb, OK, NULL, 10, false, false},
	    {"POST /a HTTP/1.1\r\nContent-Length: 6\r\n\r\nryeoat", reply_cb,
		OK, NULL, 20000, true, false},
	    {"GET /a HTTP/1.1\r\n\r\n", stream_cb, OK, NULL, 100, false, true},
	};
	static struct run r;

	event_set_log_callback(quiet_cb);
	for (unsigned int seed = 0; seed < 300; seed++) {
		const struct exchange *x = &all[seed % 3];

		open_run(&r, x);
		warm_up(&r);
		fail_allocs_often(seed, 6);
		for (int i = 0; i < 4; i++) {
			connect_run(&r);
			ask(&r, x->request);
			close(r.fd);
		}
		fail_alloc(0);
		pass(&r);
		evbuffer_drain(body, EVBUFFER_LENGTH(body));
		evhttp_set_gencb(r.s.http, reply_cb, NULL);
		connect_run(&r);
		ask(&r, "GET /a HTTP/1.0\r\n\r\n");
		for (int i = 0; i < 50 && !r.ended; i++)
			pass(&r);
		assert_true(r.ended);
		close(r.fd);
		close_run(&r);
	}
	event_set_log_callback(NULL);
}

/* --- without a connection --- */

/* Returns whether each step got its memory. */
static bool
make_server(struct event_base *base, int fd)
{
	struct evhttp *http = evhttp_new(base), *vhost;
	bool is_whole;

	if (http == NULL) {
		close(fd);
		return false;
	}
	vhost = evhttp_new(base);
	is_whole =
	    vhost != NULL && evhttp_add_virtual_host(http, "a", vhost) == 0;
	if (!is_whole)
		evhttp_free(vhost);
	is_whole &= evhttp_add_server_alias(http, "b") == 0;
	evhttp_set_cb(http, "/a", reply_cb, NULL);
	is_whole &= evhttp_del_cb(http, "/a") == 0;
	if (evhttp_accept_socket(http, fd) == -1) {
		is_whole = false;
		close(fd);
	}
	evhttp_free(http);
	return is_whole;
}

TEST(http_server_without_memory_is_NULL)
{
	struct event_base *base = event_base_new();
	struct sockaddr_storage at;
	socklen_t at_len;
	int fd = listener(AF_INET, &at, &at_len);
	long bytes = 0;

	event_set_log_callback(quiet_cb);
	for (int turn = 0; turn < 2; turn++) {
		for (long nth = 1; nth < 30; nth++) {
			bool is_whole;

			fail_alloc(nth);
			is_whole = make_server(base, dup(fd));
			assert_true(is_whole != alloc_failed());
			fail_alloc(0);
		}
		if (turn > 0)
			assert_int_equal(counts.bytes, bytes);
		bytes = counts.bytes;
	}
	event_set_log_callback(NULL);
	close(fd);
	event_base_free(base);
}
