/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our server, for other people's clients: prints its port, and serves until its
 * input ends.
 *
 *	/small		a line
 *	/large		1 MB with a length
 *	/chunked	the same in chunks, as the client takes them
 *	/echo		what was posted
 *	/old		304 where the client has an ETag, else a line
 *	/none		204
 */
#define EVCOMPAT_HTTP

#include <sys/queue.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evhttp.h>

#define LARGE 1048576
#define PIECE 16384

static char large[LARGE];

/* An answer in chunks. */
struct stream {
	struct evhttp_request *req;
	size_t given;
};

static void
reply(struct evhttp_request *req, const void *data, size_t len)
{
	struct evbuffer *body = evbuffer_new();

	evhttp_add_header(req->output_headers, "Content-Type", "text/plain");
	evbuffer_add(body, data, len);
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

static void
small_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply(req, "hello\n", 6);
}

static void
large_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply(req, large, LARGE);
}

static void
give_piece_cb(struct evhttp_connection *evcon, void *arg)
{
	struct stream *s = arg;
	struct evbuffer *piece;

	(void)evcon;
	if (s->given == LARGE) {
		evhttp_send_reply_end(s->req);
		free(s);
		return;
	}
	piece = evbuffer_new();
	evbuffer_add(piece, large + s->given, PIECE);
	s->given += PIECE;
	evhttp_send_reply_chunk_with_cb(s->req, piece, give_piece_cb, s);
	evbuffer_free(piece);
}

static void
chunked_cb(struct evhttp_request *req, void *arg)
{
	struct stream *s = calloc(1, sizeof *s);

	(void)arg;
	s->req = req;
	evhttp_send_reply_start(req, 200, "OK");
	give_piece_cb(req->evcon, s);
}

static void
echo_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_reply(req, 200, "OK", req->input_buffer);
}

static void
old_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_add_header(req->output_headers, "ETag", "\"1\"");
	if (evhttp_find_header(req->input_headers, "If-None-Match") != NULL)
		evhttp_send_reply(req, 304, NULL, NULL);
	else
		reply(req, "old\n", 4);
}

static void
none_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_reply(req, 204, NULL, NULL);
}

static void
input_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	event_loopbreak();
}

static void
say_port(struct evhttp_bound_socket *bound)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;

	getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&at,
	    &len);
	printf("%d\n", ntohs(at.sin_port));
	fclose(stdout);
}

int
main(void)
{
	struct event_base *base = event_init();
	struct evhttp *http = evhttp_new(base);
	struct evhttp_bound_socket *bound =
	    evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	struct event input;

	if (bound == NULL) {
		perror("bind");
		return 1;
	}
	for (size_t i = 0; i < LARGE; i++)
		large[i] = i % 64 == 63 ? '\n' : (char)('a' + i * 7 / 64 % 26);
	evhttp_set_cb(http, "/small", small_cb, NULL);
	evhttp_set_cb(http, "/large", large_cb, NULL);
	evhttp_set_cb(http, "/chunked", chunked_cb, NULL);
	evhttp_set_cb(http, "/echo", echo_cb, NULL);
	evhttp_set_cb(http, "/old", old_cb, NULL);
	evhttp_set_cb(http, "/none", none_cb, NULL);
	event_set(&input, 0, EV_READ, input_cb, NULL);
	event_add(&input, NULL);
	say_port(bound);
	event_dispatch();
	evhttp_free(http);
	event_base_free(base);
	return 0;
}
