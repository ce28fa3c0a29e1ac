/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a server's connection ends.  A program sees it end once: the error
 * callback of a request that is being read, the close callback, then the
 * requests go.  The socket of a client that may still be sending lingers after
 * that: it is shut down for writing, and read from until the client has ended,
 * so that no reset reaches it before the answer.
 */
#include "ending.h"

#include "http.h"
#include "support/fork.h"

#include <errno.h>
#include <sys/socket.h>

/* How much is read, and for how long, when lingering. */
#define LINGER_BYTES 16777216
#define LINGER_SECONDS 5

void
evi_ending_unqueue(struct evhttp_connection *evcon, struct http_request *req)
{
	TAILQ_REMOVE(&evcon->requests, &req->pub, next);
	req->is_queued = false;
	if (evcon->reading == req) {
		/* An owned one may be drained when the connection is gone. */
		if (evcon->is_paused)
			evbuffer_setcb(&req->input, NULL, NULL);
		evcon->is_paused = false;
		evcon->reading = NULL;
	}
	if (evcon->unanswered == req)
		evcon->unanswered = NULL;
	if (evcon->body == req)
		evcon->body = NULL;
}

/* The server may be freed from now on, before the close callback answers. */
static void
remove_from_server(struct evhttp_connection *evcon)
{
	static const struct reply_policy no_policy = {NULL, true};
	struct evhttp *http = evcon->http_server;

	if (!evcon->is_listed)
		return;
	evcon->is_listed = false;
	evcon->policy = &no_policy;
	TAILQ_REMOVE(evcon->is_lingering ? &http->lingering
					 : &http->connections,
	    evcon, next);
	if (evcon->is_lingering)
		http->n_lingering--;
	else
		http->n_connections--;
}

static void
release_requests(struct evhttp_connection *evcon, bool all)
{
	struct evhttp_request *pub;

	while ((pub = TAILQ_FIRST(&evcon->requests)) != NULL) {
		struct http_request *req = evi_request_of(pub);

		evi_ending_unqueue(evcon, req);
		if (req->is_dispatched && !pub->userdone && !all)
			evi_request_detach(req);
		else
			evi_request_release(req);
	}
}

void
evi_ending_call_error_cb(struct evhttp_connection *evcon,
    enum evhttp_request_error error)
{
	if (evcon->reading != NULL)
		evi_request_call_error_cb(evcon->reading, error);
}

void
evi_ending_close(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool all)
{
	if (evcon->is_closing)
		return;
	evcon->is_closing = true;
	evi_conn_ref(evcon);
	evi_conn_close(evcon);
	remove_from_server(evcon);
	evi_ending_call_error_cb(evcon, error);
	evi_conn_call_closecb(evcon);
	release_requests(evcon, all);
	evi_conn_destroy(evcon);
	evi_conn_unref(evcon);
}

/* All is written.  For the program the connection ends here. */
static void
start_lingering(struct evhttp_connection *evcon)
{
	struct evhttp *http = evcon->http_server;

	remove_from_server(evcon);
	evcon->is_lingering = evcon->is_listed = true;
	TAILQ_INSERT_TAIL(&http->lingering, evcon, next);
	http->n_lingering++;
	/* They take descriptors, too, which the program has limited. */
	if (http->max_connections > 0 &&
	    http->n_lingering > http->max_connections)
		evi_ending_close(TAILQ_FIRST(&http->lingering), EVREQ_HTTP_EOF,
		    false);
	evi_ending_call_error_cb(evcon, EVREQ_HTTP_INVALID_HEADER);
	if (evcon->fd == -1)
		return;
	evi_conn_call_closecb(evcon);
	if (evcon->fd == -1)
		return;
	release_requests(evcon, false);
	if (evcon->fork_generation == evi_fork_generation)
		shutdown(evcon->fd, SHUT_WR);
	evcon->time_limit = (struct timeval){.tv_sec = LINGER_SECONDS};
	evcon->is_exact = true;
	evi_conn_stop_reading(evcon);
	evi_conn_start_reading(evcon);
}

__attribute__((noinline)) bool
evi_ending_discard_input(struct evhttp_connection *evcon)
{
	char block[16384];
	ssize_t n = recv(evcon->fd, block, sizeof block, 0);

	if (n > 0)
		evcon->dropped += (uint64_t)n;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	return n > 0 && evcon->dropped <= LINGER_BYTES;
}

/* To close with bytes unread sends a reset, which may overtake the answer. */
static bool
has_unread(const struct evhttp_connection *evcon)
{
	char byte;

	return evi_conn_has_input(evcon) ||
	       recv(evcon->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void
evi_ending_close_gracefully(struct evhttp_connection *evcon)
{
	bool may_send = evcon->client_may_send || evcon->reader.discards_body ||
			evcon->reading != NULL || has_unread(evcon);

	if (may_send)
		start_lingering(evcon);
	else
		evi_ending_close(evcon, EVREQ_HTTP_EOF, false);
}

void
evi_ending_stop_reading(struct evhttp_connection *evcon,
    enum evhttp_request_error error)
{
	struct http_request *req = evcon->reading;

	if (evi_conn_unsent(evcon) == 0 || evcon->output_failed) {
		evi_ending_close(evcon, error, false);
		return;
	}
	evcon->close_when_written = true;
	evi_conn_stop_reading(evcon);
	evi_ending_call_error_cb(evcon, error);
	if (evcon->fd == -1 || req == NULL || evcon->reading != req)
		return;
	evi_ending_unqueue(evcon, req);
	evi_request_release(req);
}

int
evcompat_http_take(struct evhttp_request *pub, struct evbuffer *rest)
{
	struct evhttp_connection *evcon = pub->evcon;
	int fd;

	if (evcon == NULL || evcon->fd == -1) {
		errno = ENOTCONN;
		return -1;
	}
	if (!pub->userdone || evcon->http_server == NULL ||
	    evcon->unanswered != NULL) {
		errno = EINVAL;
		return -1;
	}
	switch (evi_conn_flush(evcon)) {
	case 0:
		errno = EAGAIN;
		return -1;
	case -1:
		errno = ENOTCONN;
		return -1;
	}
	fd = evi_conn_take_fd(evcon, rest);
	if (fd == -1)
		return -1;
	remove_from_server(evcon);
	release_requests(evcon, false);
	evi_conn_destroy(evcon);
	return fd;
}
