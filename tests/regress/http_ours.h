/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests share of what our HTTP server has and 1.4 has not: the server
 * and the client of bytes of the conformance tests, with the names of 2.x.
 */
#ifndef REGRESS_HTTP_OURS_H
#define REGRESS_HTTP_OURS_H

#define EVCOMPAT_HTTP

#include "http_server.h"

#include <evcompat.h>

/* A handler that keeps the request in what arg points to, for the test to
 * answer. */
static inline void
keep_cb(struct evhttp_request *req, void *arg)
{
	*(struct evhttp_request **)arg = req;
}

/* Conditions for wait_until(). */
static inline bool
is_set(void *arg)
{
	return *(void **)arg != NULL;
}

static inline bool
is_positive(void *arg)
{
	return *(int *)arg > 0;
}

static inline bool
has_noted(void *arg)
{
	return strstr(noted(), arg) != NULL;
}

/* Until that word is in the log. */
static inline void
await_note(struct server *s, const char *word)
{
	if (!wait_until(s->base, has_noted, (void *)word))
		fail_msg("no %s; so far: %s", word, noted());
}

struct counted_server {
	struct evhttp *http;
	int n;
};

static inline bool
has_connections(void *arg)
{
	struct counted_server *c = arg;

	return evhttp_get_connection_count(c->http) == c->n;
}

/* Until the server has so many connections. */
static inline void
await_connections(struct server *s, int n)
{
	struct counted_server c = {s->http, n};

	if (!wait_until(s->base, has_connections, &c))
		fail_msg("%d connections, not %d",
		    evhttp_get_connection_count(s->http), n);
}

static inline void
note_closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("closed");
}

/* An error callback, which notes "error:2". */
static inline void
note_error_cb(enum evhttp_request_error error, void *arg)
{
	(void)arg;
	note("error:%d", (int)error);
}

/* Notes a client's answer: "NULL", or the code and behind a colon the body. */
static inline void
note_response(struct evhttp_request *req)
{
	if (req == NULL)
		note("NULL");
	else
		note("%d:%.*s", req->response_code,
		    (int)EVBUFFER_LENGTH(req->input_buffer),
		    (char *)EVBUFFER_DATA(req->input_buffer));
}

static inline struct evbuffer *
buffer_of(const void *bytes, size_t len)
{
	struct evbuffer *buf = evbuffer_new();

	assert_non_null(buf);
	assert_int_equal(evbuffer_add(buf, bytes, len), 0);
	return buf;
}

/* A buffer of n bytes 'x'. */
static inline struct evbuffer *
buffer_of_size(size_t n)
{
	char *bytes = malloc(n + 1);
	struct evbuffer *buf;

	assert_non_null(bytes);
	memset(bytes, 'x', n);
	buf = buffer_of(bytes, n);
	free(bytes);
	return buf;
}

static inline void
send_chunk(struct evhttp_request *req, const char *text)
{
	struct evbuffer *piece = buffer_of(text, strlen(text));

	evhttp_send_reply_chunk(req, piece);
	evbuffer_free(piece);
}

#endif
