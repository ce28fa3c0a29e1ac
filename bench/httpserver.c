/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server of the HTTP bench.  It is built with each library from this one
 * source; what only some of them have stands in the first section.
 *
 *	httpserver		writes "port N", and serves until it is killed
 *
 *	/		13 bytes, whatever the method
 *	/4k /1m		that many bytes, in a buffer of the request's own
 *	/stream?n=N	N megabytes, in pieces of 64 KB
 *	/upload		takes a body piece by piece, where that is possible
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <event.h>
#include <evhttp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"

#define PIECE 65536
#define BLOCK 1048576

/* --- the libraries --- */

#if defined(EVCOMPAT_HTTP) || defined(LIBEVENT_VERSION_NUMBER)

/* Calls cb when the socket has taken what was sent. */
static void
send_piece(struct evhttp_request *req, struct evbuffer *piece,
    void (*cb)(struct evhttp_connection *, void *), void *arg)
{
	evhttp_send_reply_chunk_with_cb(req, piece, cb, arg);
}

#else

static void
call_cb(int fd, short what, void *arg)
{
	struct {
		void (*cb)(struct evhttp_connection *, void *);
		void *arg;
	} *call = arg;

	(void)fd;
	(void)what;
	call->cb(NULL, call->arg);
	free(call);
}

/* 1.4 has no such callback: it queues everything in memory. */
static void
send_piece(struct evhttp_request *req, struct evbuffer *piece,
    void (*cb)(struct evhttp_connection *, void *), void *arg)
{
	static struct timeval now;
	struct {
		void (*cb)(struct evhttp_connection *, void *);
		void *arg;
	} *call = malloc(sizeof(*call));

	if (call == NULL)
		abort();
	call->cb = cb;
	call->arg = arg;
	evhttp_send_reply_chunk(req, piece);
	event_once(-1, EV_TIMEOUT, call_cb, call, &now);
}

#endif

#ifdef EVCOMPAT_HTTP

static void
piece_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evbuffer_drain(req->input_buffer, EVBUFFER_LENGTH(req->input_buffer));
}

static int
head_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
	return 0;
}

static int
new_request_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_set_header_cb(req, head_cb);
	evhttp_request_set_chunked_cb(req, piece_cb);
	return 0;
}

static void
take_pieces(struct evhttp *http)
{
	evhttp_set_newreqcb(http, new_request_cb, NULL);
}

#else

static void
take_pieces(struct evhttp *http)
{
	(void)http;
}

#endif

/* --- the server --- */

struct stream {
	struct evhttp_request *req;
	long left; /* pieces */
};

static char block[BLOCK];

static void
reply(struct evhttp_request *req, const void *data, size_t len)
{
	struct evbuffer *buf = evbuffer_new();

	if (buf == NULL || evbuffer_add(buf, data, len) == -1)
		abort();
	evhttp_add_header(req->output_headers, "Content-Type", "text/plain");
	evhttp_send_reply(req, HTTP_OK, "OK", buf);
	evbuffer_free(buf);
}

static void
small_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply(req, "Hello, world\n", 13);
}

static void
block_cb(struct evhttp_request *req, void *arg)
{
	reply(req, block, *(size_t *)arg);
}

static void
stream_cb(struct evhttp_connection *evcon, void *arg)
{
	struct stream *stream = arg;
	struct evbuffer *buf;

	(void)evcon;
	if (stream->left-- == 0) {
		evhttp_send_reply_end(stream->req);
		free(stream);
		return;
	}
	buf = evbuffer_new();
	if (buf == NULL || evbuffer_add(buf, block, PIECE) == -1)
		abort();
	send_piece(stream->req, buf, stream_cb, stream);
	evbuffer_free(buf);
}

static void
begin_stream_cb(struct evhttp_request *req, void *arg)
{
	const char *n = strchr(evhttp_request_uri(req), '=');
	struct stream *stream = malloc(sizeof(*stream));

	(void)arg;
	if (stream == NULL)
		abort();
	stream->req = req;
	stream->left = (n != NULL ? atol(n + 1) : 1) * (BLOCK / PIECE);
	evhttp_add_header(req->output_headers, "Content-Type", "text/plain");
	evhttp_send_reply_start(req, HTTP_OK, "OK");
	stream_cb(NULL, stream);
}

int
main(int argc, char **argv)
{
	static size_t sizes[] = {4096, BLOCK};
	struct evhttp *http;

	signal(SIGPIPE, SIG_IGN);
	memset(block, 'x', sizeof(block));
	if (event_init() == NULL || (http = evhttp_new(NULL)) == NULL)
		return 1;
	if (argc > 1 && strcmp(argv[1], "pieces") == 0)
		take_pieces(http);
	evhttp_set_cb(http, "/", small_cb, NULL);
	evhttp_set_cb(http, "/4k", block_cb, &sizes[0]);
	evhttp_set_cb(http, "/1m", block_cb, &sizes[1]);
	evhttp_set_cb(http, "/upload", small_cb, NULL);
	evhttp_set_cb(http, "/stream", begin_stream_cb, NULL);
	if (evhttp_accept_socket(http, listen_anywhere()) == -1)
		return 1;
	return event_dispatch();
}
