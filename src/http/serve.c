/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's connections.  The plan:
 *
 *  1. What comes is read by evi_conn_read(), and handle_results() does what the
 * reader's result asks for: calls the program, refuses, reads on.  It goes on
 * as long as there is input, unless a handler owes an answer (answering).
 *  2. Handlers answer inside their callback or later.  Either way answers only
 *     collect in the connection; process() writes them, frees the requests that
 *     are answered and written, and turns to the input that is left.  An answer
 *     that comes later has process() called from the loop.
 *  3. While a handler thinks nothing is read: the event for reading stays added
 *     until it first fires, as most handlers answer at once.
 *  4. A body that nobody wants (of GET, or of a request that was answered
 *     before it was read) is read and dropped, up to a bound.
 *  5. A connection ends by ending.h, at once or when all is written.
 *
 * Any callback may free the connection or the server.  Whoever is called by the
 * loop holds the connection (conn.c), so that it is safe to look whether
 * its descriptor is gone, and nothing else is looked at then.
 */
#include "serve.h"

#include "dispatch.h"
#include "ending.h"
#include "reply.h"
#include "support/log.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* With so much to be written nothing else is begun. */
#define UNSENT_MAX 65536
/* A body that is dropped keeps the connection if it is no longer than this. */
#define DROPPED_MAX 1048576

/* --- requests --- */

static enum read_result
begin_cb(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub = evhttp_request_new(NULL, NULL);

	if (pub == NULL)
		return EVI_READ_NOMEM;
	pub->kind = EVHTTP_REQUEST;
	pub->flags = EVHTTP_REQ_OWN_CONNECTION;
	pub->evcon = evcon;
	pub->remote_host = evcon->address;
	pub->remote_port = evcon->port;
	evcon->reading = evi_request_of(pub);
	evcon->reading->is_queued = true;
	TAILQ_INSERT_TAIL(&evcon->requests, pub, next);
	evcon->state = EVI_CONN_READING_FIRSTLINE;
	return evcon->http_server->newreq_cb != NULL ? EVI_READ_NEW
						     : EVI_READ_MORE;
}

/* Frees the requests whose answers are written; false if the connection is
 * gone after a callback. */
static bool
free_answered(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub;

	while ((pub = TAILQ_FIRST(&evcon->requests)) != NULL && pub->userdone &&
	       evi_request_of(pub)->answer_end <= evcon->written) {
		struct http_request *req = evi_request_of(pub);

		evi_ending_unqueue(evcon, req);
		req->in_last_callback = true;
		if (req->complete_cb != NULL)
			req->complete_cb(pub, req->complete_arg);
		evi_request_release(req);
		if (evcon->fd == -1)
			return false;
		evi_conn_restart_timeout(evcon);
	}
	return true;
}

/* --- what the reader says --- */

/* The program has the request now; it may be answered or freed already. */
static void
dispatch_request(struct evhttp_connection *evcon, struct http_request *req)
{
	evcon->reading = NULL;
	evcon->unanswered = req;
	req->is_dispatched = true;
	evi_dispatch_request(evcon->http_server, req);
}

/* The request was answered while its body comes, or needs none. */
static void
drop_body(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	evbuffer_setcb(&req->input, NULL, NULL);
	evcon->is_paused = false;
	evcon->reading = NULL;
	evcon->reader.discards_body = true;
	req->is_dispatched = true;
	if (!req->pub.userdone)
		evcon->unanswered = req;
}

/* After a callback: goes on with the body, or without. */
static void
drop_body_if_answered(struct evhttp_connection *evcon, struct http_request *req)
{
	if (evcon->fd == -1 || evcon->reading != req)
		return;
	if (req->pub.userdone || req->is_started)
		drop_body(evcon);
}

/* The program wants nothing of a request that it may have answered already. */
static void
cancel_request(struct evhttp_connection *evcon, struct http_request *req)
{
	if (evcon->reading != req || req->is_started) {
		evi_ending_close(evcon, EVREQ_HTTP_REQUEST_CANCEL, false);
		return;
	}
	evcon->client_may_send = true;
	evi_ending_stop_reading(evcon, EVREQ_HTTP_REQUEST_CANCEL);
}

static void
handle_head(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;
	int result;

	evcon->state = EVI_CONN_READING_BODY;
	req->must_close = evcon->reader.is_last;
	if (!evcon->reader.stops_at_head) {
		evcon->reader.discards_body = true;
		dispatch_request(evcon, req);
		return;
	}
	result = req->header_cb != NULL
		     ? req->header_cb(&req->pub, req->pub.cb_arg)
		     : 0;
	if (evcon->fd == -1)
		return;
	if (result < 0) {
		cancel_request(evcon, req);
		return;
	}
	if (evcon->reading == req)
		evcon->reader.stops_at_pieces = req->pub.chunk_cb != NULL;
	drop_body_if_answered(evcon, req);
}

/* The program has taken something out of a body that was paused. */
static void
drained_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	struct evhttp_connection *evcon = arg;

	if (now >= old || now >= EVI_PIECE_MAX)
		return;
	evbuffer_setcb(buf, NULL, NULL);
	evcon->is_paused = false;
	evi_conn_write_soon(evcon); /* whose callback goes on */
}

static void
handle_piece(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	if (req->pub.chunk_cb != NULL)
		req->pub.chunk_cb(&req->pub, req->pub.cb_arg);
	drop_body_if_answered(evcon, req);
	if (evcon->fd == -1 || evcon->reading != req ||
	    req->input.off < EVI_PIECE_MAX ||
	    evcon->reader.state == EVI_READING_END)
		return;
	evcon->is_paused = true;
	evbuffer_setcb(&req->input, drained_cb, evcon);
}

/* The reader is ready for the next one first: a handler may run the loop. */
static void
handle_message(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	if (req != NULL)
		req->must_close = evcon->reader.is_last;
	evi_reader_begin(&evcon->reader);
	evcon->state = EVI_CONN_IDLE;
	if (req != NULL)
		dispatch_request(evcon, req);
}

/* "GET, HEAD" and so on, of those that are enabled. */
static char *
allowed_methods(uint16_t methods)
{
	struct evbuffer *buf = evbuffer_new();
	char *list = NULL;

	if (buf == NULL)
		return NULL;
	for (int type = 0; evi_request_method(type) != NULL; type++)
		if ((methods & EVHTTP_METHOD_BIT(type)) != 0)
			evbuffer_add_printf(buf, "%s%s",
			    EVBUFFER_LENGTH(buf) > 0 ? ", " : "",
			    evi_request_method(type));
	if (evbuffer_add(buf, "", 1) == 0)
		list = strdup((const char *)EVBUFFER_DATA(buf));
	evbuffer_free(buf);
	return list;
}

static void
refuse_request(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;
	int status = evcon->reader.status;
	char *allow;

	evcon->close_when_written = evcon->client_may_send = true;
	if (req == NULL)
		return; /* it is answered already */
	if (req->is_started) {
		evcon->output_failed = true;
		return;
	}
	evi_ending_call_error_cb(evcon,
	    status == 413 || status == 431 || status == 414
		? EVREQ_HTTP_DATA_TOO_LONG
		: EVREQ_HTTP_INVALID_HEADER);
	if (evcon->fd == -1 || evcon->reading != req)
		return;
	evcon->reading = NULL;
	allow =
	    status == 405 ? allowed_methods(evcon->http_server->methods) : NULL;
	evi_reply_error(req, status, NULL, allow);
	free(allow);
}

static void
handle_new_request(struct evhttp_connection *evcon)
{
	struct evhttp *http = evcon->http_server;
	struct http_request *req = evcon->reading;
	int result;

	if (http->newreq_cb == NULL)
		return;
	result = http->newreq_cb(&req->pub, http->newreq_arg);
	if (evcon->fd == -1)
		return;
	if (result < 0)
		cancel_request(evcon, req);
	else if (evcon->reading == req)
		evcon->reader.stops_at_head =
		    req->header_cb != NULL || req->pub.chunk_cb != NULL;
}

/* --- going on --- */

/* Whether input is looked at now. */
static bool
may_read(const struct evhttp_connection *evcon)
{
	return evcon->fd != -1 && evcon->unanswered == NULL &&
	       !evcon->close_when_written && !evcon->output_failed &&
	       !evcon->is_paused && !evcon->is_lingering &&
	       evi_conn_unsent(evcon) < UNSENT_MAX;
}

static bool
has_input(const struct evhttp_connection *evcon)
{
	return evi_conn_has_input(evcon) ||
	       evcon->reader.state == EVI_READING_END;
}

/*
 * Does what the result asks for, and so on with what is there already.  Returns
 * true if it takes more input to go on, false if something else has to happen
 * before that, or the connection is gone.
 */
static bool
handle_results(struct evhttp_connection *evcon, enum read_result result)
{
	for (;;) {
		switch (result) {
		case EVI_READ_NEW:
			handle_new_request(evcon);
			break;
		case EVI_READ_HEAD:
			handle_head(evcon);
			break;
		case EVI_READ_PIECE:
			handle_piece(evcon);
			break;
		case EVI_READ_DONE:
			handle_message(evcon);
			break;
		case EVI_READ_BAD:
			refuse_request(evcon);
			break;
		case EVI_READ_NOMEM:
			event_warnx("evhttp: no memory for a request");
			evcon->output_failed = true;
			break;
		default:
			return true;
		}
		if (!may_read(evcon))
			return false;
		if (!has_input(evcon))
			return true;
		result = evi_conn_feed(evcon);
	}
}

/* A client that waits for it before it sends the body, RFC 9110 10.1.1. */
static void
send_100_continue(struct evhttp_connection *evcon)
{
	static const char invitation[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct message_reader *rd = &evcon->reader;

	if (!rd->expects_continue || rd->state != EVI_READING_BODY ||
	    rd->discards_body || evcon->reading == NULL)
		return;
	rd->expects_continue = false;
	if (rd->body_bytes == 0 && evcon->reading->pub.minor >= 1 &&
	    evi_conn_add(evcon, invitation, sizeof invitation - 1) == -1)
		evcon->output_failed = true;
}

/* A body that is dropped and too long for that ends the connection. */
static void
limit_dropped(struct evhttp_connection *evcon)
{
	const struct message_reader *rd = &evcon->reader;

	if (rd->discards_body && evcon->unanswered == NULL &&
	    (rd->remaining > DROPPED_MAX || rd->body_bytes > DROPPED_MAX))
		evcon->close_when_written = true;
}

/* Whether it waits for a request, and owes nothing. */
static bool
is_idle(const struct evhttp_connection *evcon)
{
	return TAILQ_EMPTY(&evcon->requests) && !evcon->is_lingering &&
	       !evi_conn_has_input(evcon) && evi_conn_unsent(evcon) == 0 &&
	       evcon->reader.state == EVI_READING_NOTHING;
}

/* Calls the program where it waits for all to be written. */
static bool
call_drain_cb(struct evhttp_connection *evcon)
{
	void (*cb)(struct evhttp_connection *, void *) = evcon->drain_cb;

	if (cb == NULL)
		return true;
	evcon->drain_cb = NULL;
	cb(evcon, evcon->drain_arg);
	return evcon->fd != -1;
}

/*
 * Writes what there is.  Returns false if the connection is gone, or has
 * nothing left to do.  1.4: who owes an answer is told with it that the
 * connection is lost, unless the answer has been begun.
 */
static bool
write_answers(struct evhttp_connection *evcon)
{
	int result;

	if (evcon->reading != NULL && evcon->reading->pub.userdone)
		drop_body(evcon);
	send_100_continue(evcon);
	limit_dropped(evcon);
	result = evi_conn_flush(evcon);
	if (result == -1) {
		if (evcon->unanswered == NULL || evcon->unanswered->is_started)
			evi_ending_close(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
		return false;
	}
	if (result == 1 && !call_drain_cb(evcon))
		return false;
	if (!free_answered(evcon))
		return false;
	if (result == 0)
		return true;
	if (evi_conn_unsent(evcon) > 0 || evcon->unanswered != NULL)
		return true;
	if (evcon->close_when_written) {
		evi_ending_close_gracefully(evcon);
		return false;
	}
	if (evcon->policy->closes_connections && is_idle(evcon)) {
		evi_ending_close(evcon, EVREQ_HTTP_EOF, false);
		return false;
	}
	return true;
}

/* starved: what is there already is not enough to go on. */
static void
process(struct evhttp_connection *evcon, bool needs_input)
{
	while (write_answers(evcon) && may_read(evcon)) {
		if (needs_input || !has_input(evcon)) {
			evi_conn_start_reading(evcon);
			return;
		}
		needs_input = handle_results(evcon, evi_conn_feed(evcon));
		if (evcon->fd == -1)
			return;
	}
}

/* --- the role --- */

void
evi_serve_free(struct evhttp_connection *evcon)
{
	evi_ending_close(evcon, EVREQ_HTTP_EOF, true);
}

static void
readable_cb(struct evhttp_connection *evcon)
{
	enum reader_state at = evcon->reader.state;
	enum read_result result;
	bool needs_input;

	if (evcon->is_lingering) {
		if (!evi_ending_discard_input(evcon))
			evi_ending_close(evcon, EVREQ_HTTP_EOF, false);
		return;
	}
	if (!may_read(evcon)) {
		evi_conn_stop_reading(evcon);
		return;
	}
	switch (evi_conn_read(evcon, &result)) {
	case EVI_INPUT_READ:
		/* A head has the time since its first byte. */
		if (at == EVI_READING_NOTHING ||
		    evcon->reader.state >= EVI_READING_BODY)
			evi_conn_restart_timeout(evcon);
		needs_input = handle_results(evcon, result);
		if (evcon->fd != -1)
			process(evcon, needs_input);
		break;
	case EVI_INPUT_EOF:
		evi_ending_stop_reading(evcon, EVREQ_HTTP_EOF);
		break;
	case EVI_INPUT_FAILED:
		evi_ending_close(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
		break;
	default:
		break;
	}
}

static void
writable_cb(struct evhttp_connection *evcon)
{
	if (!evcon->is_lingering)
		process(evcon, false);
}

static void
timed_out_cb(struct evhttp_connection *evcon)
{
	evi_ending_close(evcon, evi_conn_timeout_reason(evcon), false);
}

/* The program frees a request that is on a connection: nobody answers it. */
static void
free_request_cb(struct evhttp_connection *evcon, struct http_request *req)
{
	if (req->pub.userdone) {
		req->is_owned = false; /* until it is written */
		return;
	}
	if (evcon->reading == req)
		drop_body(evcon);
	if (evcon->unanswered == req)
		evcon->unanswered = NULL;
	evi_ending_unqueue(evcon, req);
	evi_request_free(req);
	evcon->close_when_written = evcon->client_may_send = true;
	evi_conn_write_soon(evcon);
}

const struct conn_role evi_serve_role = {
    .readable_cb = readable_cb,
    .writable_cb = writable_cb,
    .timed_out_cb = timed_out_cb,
    .begin_cb = begin_cb,
    .free_cb = evi_serve_free,
    .free_request_cb = free_request_cb,
};

/* --- a new one --- */

static bool
set_peer(struct evhttp_connection *evcon, const struct sockaddr *sa)
{
	const struct sockaddr_in6 *in6 = (const void *)sa;
	const struct sockaddr_in *in = (const void *)sa;
	char text[INET6_ADDRSTRLEN];
	const char *name = text;

	if (sa->sa_family == AF_INET) {
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
		evcon->port = ntohs(in->sin_port);
	} else if (sa->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		evcon->port = ntohs(in6->sin6_port);
	} else {
		name = "localhost";
	}
	evcon->address = strdup(name);
	return evcon->address != NULL;
}

static void
init_connection(struct evhttp_connection *evcon, struct evhttp *http)
{
	evcon->flags = EVI_CONN_INCOMING;
	evcon->http_server = http;
	evcon->policy = &http->policy;
	evcon->timeout = http->timeout;
	evcon->time_limit = http->time_limit;
	evcon->is_exact = http->is_exact;
	evcon->has_base = true;
	evcon->is_connected = evcon->is_listed = true;
	evcon->state = EVI_CONN_IDLE;
	evi_reader_init(&evcon->reader, false);
	evcon->reader.limits = http->limits;
	if (http->knows_methods) {
		evcon->reader.knows_methods = true;
		evcon->reader.methods = http->methods;
	}
	TAILQ_INSERT_TAIL(&http->connections, evcon, next);
	http->n_connections++;
}

void
evi_serve_start(struct evhttp *http, int fd, const struct sockaddr *client,
    bool over)
{
	struct evhttp_connection *evcon = evi_conn_new(&evi_serve_role);
	int on = 1;

	if (evcon == NULL || !set_peer(evcon, client)) {
		event_warnx("evhttp: no memory for a connection");
		if (evcon != NULL)
			evi_conn_destroy(evcon);
		close(fd);
		return;
	}
	if (client->sa_family == AF_INET || client->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	evi_conn_open(evcon, fd, http->base);
	init_connection(evcon, http);
	if (over) {
		if (begin_cb(evcon) == EVI_READ_NOMEM) {
			evi_ending_close(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
			return;
		}
		evcon->reader.status = HTTP_SERVUNAVAIL;
		refuse_request(evcon);
		return;
	}
	evi_conn_start_reading(evcon);
}

void
evi_serve_close_if_idle(struct evhttp_connection *evcon)
{
	if (is_idle(evcon))
		evi_conn_write_soon(evcon);
}
