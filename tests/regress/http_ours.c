/* SPDX-License-Identifier: BSD-3-Clause */
/* The HTTP server with the names of 2.x; see the header. */
#include "http_ours.h"
#include "test.h"

void
keep_request_for_cb(struct evhttp_request *req, void *arg)
{
	*(struct evhttp_request **)arg = req;
}

bool
is_pointer_set(void *arg)
{
	return *(void **)arg != NULL;
}

static bool
has_noted(void *arg)
{
	return strstr(noted(), arg) != NULL;
}

void
await_note(struct server *s, const char *word)
{
	if (!wait_until(s->base, has_noted, (void *)word))
		fail_msg("no %s; so far: %s", word, noted());
}

static bool
has_connections(void *arg)
{
	struct counted_server *c = arg;

	return evhttp_get_connection_count(c->http) == c->n;
}

void
await_connections(struct server *s, int n)
{
	struct counted_server c = {s->http, n};

	if (!wait_until(s->base, has_connections, &c))
		fail_msg("%d connections, not %d",
		    evhttp_get_connection_count(s->http), n);
}

void
note_closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("closed");
}

void
note_error_cb(enum evhttp_request_error error, void *arg)
{
	(void)arg;
	note("error:%d", (int)error);
}

void
note_response(struct evhttp_request *req)
{
	if (req == NULL)
		note("NULL");
	else
		note("%d:%.*s", req->response_code,
		    (int)EVBUFFER_LENGTH(req->input_buffer),
		    (char *)EVBUFFER_DATA(req->input_buffer));
}

struct evbuffer *
buffer_of(const void *bytes, size_t len)
{
	struct evbuffer *buf = evbuffer_new();

	assert_non_null(buf);
	assert_int_equal(evbuffer_add(buf, bytes, len), 0);
	return buf;
}

struct evbuffer *
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

void
send_chunk(struct evhttp_request *req, const char *text)
{
	struct evbuffer *piece = buffer_of(text, strlen(text));

	evhttp_send_reply_chunk(req, piece);
	evbuffer_free(piece);
}
