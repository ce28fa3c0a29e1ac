/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Closes a server's connections.  A program sees each close once: the error
 * callback of a request that is being read runs, then the close callback, and
 * then the requests are released.  The socket of a client that may still be
 * sending lingers after that: it is shut down for writing, and read from until
 * the client closes, so that no reset can overtake the answer.
 */
#include "ending.h"

#include <errno.h>
#include <sys/socket.h>

#include "support/fork.h"
#include "support/util.h"

/*
 * How many bytes a lingering connection discards at most, and for how many
 * seconds it waits for the next byte.
 */
#define LINGER_BYTES 16777216
#define LINGER_SECONDS 5
/* How many bytes it reads at once. */
#define DISCARD_SIZE 16384

void
evi_ending_unqueue(struct evhttp_connection *evcon, struct http_request *req)
{
	evi_request_unqueue(req, &evcon->requests);
	/* A program that owns the request may drain it after the connection was
	 * freed: that must not call the connection's callback. */
	if (evcon->reading == req)
		evi_conn_resume_body(evcon);
	evi_conn_forget_request(evcon, req);
}

void
evi_ending_init(struct server_conns *conns)
{
	TAILQ_INIT(&conns->lingering);
}

void
evi_ending_add_to_server(struct evhttp_connection *evcon)
{
	struct evhttp *http = evcon->http_server;

	TAILQ_INSERT_TAIL(&http->connections, evcon, next);
	http->conns.n_connections++;
	evcon->entry.is_listed = true;
}

static void
remove_from_server(struct evhttp_connection *evcon)
{
	/* Replaces the server's policy, as a callback may free the server. */
	static const struct reply_policy no_policy = {NULL, true};
	struct evhttp *http = evcon->http_server;

	if (!evcon->entry.is_listed)
		return;
	evcon->entry.is_listed = false;
	evi_conn_set_policy(evcon, &no_policy);
	TAILQ_REMOVE(evcon->entry.is_lingering ? &http->conns.lingering
					       : &http->connections,
	    evcon, next);
	if (evcon->entry.is_lingering)
		http->conns.n_lingering--;
	else
		http->conns.n_connections--;
}

static void
release_requests(struct evhttp_connection *evcon, bool frees_unanswered)
{
	struct evhttp_request *pub;

	while ((pub = TAILQ_FIRST(&evcon->requests)) != NULL) {
		struct http_request *req = evi_request_of(pub);

		evi_ending_unqueue(evcon, req);
		if (req->is_dispatched && !pub->userdone && !frees_unanswered)
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
    enum evhttp_request_error error, bool frees_unanswered)
{
	if (!evi_conn_begin_closing(evcon))
		return;
	evi_conn_close(evcon);
	remove_from_server(evcon);
	evi_ending_call_error_cb(evcon, error);
	evi_conn_call_closecb(evcon);
	release_requests(evcon, frees_unanswered);
	evi_conn_destroy(evcon);
	evi_conn_unref(evcon);
}

/* Everything is written.  For the program the connection is closed here. */
static void
start_lingering(struct evhttp_connection *evcon)
{
	static const struct timeval limit = {.tv_sec = LINGER_SECONDS};
	struct evhttp *http = evcon->http_server;

	remove_from_server(evcon);
	evcon->entry.is_lingering = evcon->entry.is_listed = true;
	TAILQ_INSERT_TAIL(&http->conns.lingering, evcon, next);
	http->conns.n_lingering++;
	/* max_connections limits descriptors; a lingering connection has one.
	 */
	if (http->max_connections > 0 &&
	    http->conns.n_lingering > http->max_connections)
		evi_ending_close(TAILQ_FIRST(&http->conns.lingering),
		    EVREQ_HTTP_EOF, false);
	evi_ending_call_error_cb(evcon, EVREQ_HTTP_INVALID_HEADER);
	if (evcon->fd == -1)
		return;
	evi_conn_call_closecb(evcon);
	if (evcon->fd == -1)
		return;
	release_requests(evcon, false);
	/* In a child of fork() that would end the parent's connection. */
	if (evcon->fork_generation == evi_fork_generation)
		shutdown(evcon->fd, SHUT_WR);
	evi_conn_set_time_limit(evcon, evcon->timeout, &limit);
	/* The timeout starts again, with the new limit. */
	evi_conn_stop_reading(evcon);
	evi_conn_start_reading(evcon);
}

/* Not inline: the block is off the stack before any callback is called. */
__attribute__((noinline)) bool
evi_ending_discard_input(struct evhttp_connection *evcon)
{
	char block[DISCARD_SIZE];
	ssize_t n = recv(evcon->fd, block, sizeof block, 0);

	if (n > 0)
		evcon->entry.discarded += (uint64_t)n;
	if (n < 0)
		return evi_util_is_transient(errno);
	return n > 0 && evcon->entry.discarded <= LINGER_BYTES;
}

/* Whether close(2) would send a reset, which may overtake the answer. */
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

	if (evi_output_size(&evcon->output) == 0 || evcon->output.has_failed) {
		evi_ending_close(evcon, error, false);
		return;
	}
	evi_conn_close_when_written(evcon);
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
	case EVI_FLUSH_WAITS:
		errno = EAGAIN;
		return -1;
	case EVI_FLUSH_FAILED:
		errno = ENOTCONN;
		return -1;
	case EVI_FLUSH_DONE:
		break;
	}
	fd = evi_conn_take_fd(evcon, rest);
	if (fd == -1)
		return -1;
	remove_from_server(evcon);
	release_requests(evcon, false);
	evi_conn_destroy(evcon);
	return fd;
}
