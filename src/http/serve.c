/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's connections.  The plan:
 *
 *  1. What comes is read by evi_conn_read(), and serve() does what the reader's
 *     result asks for: calls the program, refuses, reads on.  It goes on as
 *     long as there is input, unless a handler owes an answer (answering).
 *  2. Handlers answer inside their callback or later.  Either way answers only
 *     collect in the connection; go_on() writes them, frees the requests that
 *     are answered and written, and turns to the input that is left.  An answer
 *     that comes later has go_on() called from the loop.
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
begin(struct evhttp_connection *evcon)
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
	return evcon->http_server->newreqcb != NULL ? EVI_READ_NEW
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
		struct request *req = evi_request_of(pub);

		evi_ending_unqueue(evcon, req);
		req->is_held = true;
		if (req->complete_cb != NULL)
			req->complete_cb(pub, req->complete_arg);
		evi_request_release(req);
		if (evcon->fd == -1)
			return false;
		evi_conn_touch(evcon);
	}
	return true;
}

/* --- what the reader says --- */

/* The program has the request now; it may be answered or freed already. */
static void
dispatch(struct evhttp_connection *evcon, struct request *req)
{
	evcon->reading = NULL;
	evcon->answering = req;
	req->is_dispatched = true;
	evi_dispatch(evcon->http_server, req);
}

/* The request was answered while its body comes, or needs none. */
static void
drop_body(struct evhttp_connection *evcon)
{
	struct request *req = evcon->reading;

	evbuffer_setcb(&req->input, NULL, NULL);
	evcon->is_paused = false;
	evcon->reading = NULL;
	evcon->reader.drops = true;
	req->is_dispatched = true;
	if (!req->pub.userdone)
		evcon->answering = req;
}

/* After a callback: goes on with the body, or without. */
static void
after_piece(struct evhttp_connection *evcon, struct request *req)
{
	if (evcon->fd == -1 || evcon->reading != req)
		return;
	if (req->pub.userdone || req->is_started)
		drop_body(evcon);
}

/* The program wants nothing of a request that it may have answered already. */
static void
turn_away(struct evhttp_connection *evcon, struct request *req)
{
	if (evcon->reading != req || req->is_started) {
		evi_ending_now(evcon, EVREQ_HTTP_REQUEST_CANCEL, false);
		return;
	}
	evcon->is_refusing = true;
	evi_ending_give_up_reading(evcon, EVREQ_HTTP_REQUEST_CANCEL);
}

static void
head_is_complete(struct evhttp_connection *evcon)
{
	struct request *req = evcon->reading;
	int result;

	evcon->state = EVI_CONN_READING_BODY;
	req->must_close = evcon->reader.is_last;
	if (!evcon->reader.stops_at_head) {
		evcon->reader.drops = true;
		dispatch(evcon, req);
		return;
	}
	result = req->header_cb != NULL
		     ? req->header_cb(&req->pub, req->pub.cb_arg)
		     : 0;
	if (evcon->fd == -1)
		return;
	if (result < 0) {
		turn_away(evcon, req);
		return;
	}
	if (evcon->reading == req)
		evcon->reader.wants_pieces = req->pub.chunk_cb != NULL;
	after_piece(evcon, req);
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
piece_is_there(struct evhttp_connection *evcon)
{
	struct request *req = evcon->reading;

	if (req->pub.chunk_cb != NULL)
		req->pub.chunk_cb(&req->pub, req->pub.cb_arg);
	after_piece(evcon, req);
	if (evcon->fd == -1 || evcon->reading != req ||
	    req->input.off < EVI_PIECE_MAX ||
	    evcon->reader.at == EVI_READING_END)
		return;
	evcon->is_paused = true;
	evbuffer_setcb(&req->input, drained_cb, evcon);
}

/* The reader is ready for the next one first: a handler may run the loop. */
static void
message_is_complete(struct evhttp_connection *evcon)
{
	struct request *req = evcon->reading;

	if (req != NULL)
		req->must_close = evcon->reader.is_last;
	evi_reader_begin(&evcon->reader);
	evcon->state = EVI_CONN_IDLE;
	if (req != NULL)
		dispatch(evcon, req);
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
refuse(struct evhttp_connection *evcon)
{
	struct request *req = evcon->reading;
	int status = evcon->reader.status;
	char *allow;

	evcon->is_last = evcon->is_refusing = true;
	if (req == NULL)
		return; /* it is answered already */
	if (req->is_started) {
		evcon->is_lost = true;
		return;
	}
	evi_ending_tell_error(evcon,
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
request_begins(struct evhttp_connection *evcon)
{
	struct evhttp *http = evcon->http_server;
	struct request *req = evcon->reading;
	int result;

	if (http->newreqcb == NULL)
		return;
	result = http->newreqcb(&req->pub, http->newreqarg);
	if (evcon->fd == -1)
		return;
	if (result < 0)
		turn_away(evcon, req);
	else if (evcon->reading == req)
		evcon->reader.stops_at_head =
		    req->header_cb != NULL || req->pub.chunk_cb != NULL;
}

/* --- going on --- */

/* Whether input is looked at now. */
static bool
may_read(const struct evhttp_connection *evcon)
{
	return evcon->fd != -1 && evcon->answering == NULL && !evcon->is_last &&
	       !evcon->is_lost && !evcon->is_paused && !evcon->lingers &&
	       evi_conn_unsent(evcon) < UNSENT_MAX;
}

static bool
has_work(const struct evhttp_connection *evcon)
{
	return evi_conn_has_input(evcon) || evcon->reader.at == EVI_READING_END;
}

/*
 * Does what the result asks for, and so on with what is there already.  Returns
 * true if it takes more input to go on, false if something else has to happen
 * before that, or the connection is gone.
 */
static bool
serve(struct evhttp_connection *evcon, enum read_result result)
{
	for (;;) {
		switch (result) {
		case EVI_READ_NEW:
			request_begins(evcon);
			break;
		case EVI_READ_HEAD:
			head_is_complete(evcon);
			break;
		case EVI_READ_PIECE:
			piece_is_there(evcon);
			break;
		case EVI_READ_DONE:
			message_is_complete(evcon);
			break;
		case EVI_READ_BAD:
			refuse(evcon);
			break;
		case EVI_READ_NOMEM:
			event_warnx("evhttp: no memory for a request");
			evcon->is_lost = true;
			break;
		default:
			return true;
		}
		if (!may_read(evcon))
			return false;
		if (!has_work(evcon))
			return true;
		result = evi_conn_feed(evcon);
	}
}

/* A client that waits for it before it sends the body, RFC 9110 10.1.1. */
static void
invite_body(struct evhttp_connection *evcon)
{
	static const char invitation[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct reader *rd = &evcon->reader;

	if (!rd->expects || rd->at != EVI_READING_BODY || rd->drops ||
	    evcon->reading == NULL)
		return;
	rd->expects = false;
	if (rd->body_bytes == 0 && evcon->reading->pub.minor >= 1 &&
	    evi_conn_add(evcon, invitation, sizeof invitation - 1) == -1)
		evcon->is_lost = true;
}

/* A body that is dropped and too long for that ends the connection. */
static void
check_dropped(struct evhttp_connection *evcon)
{
	const struct reader *rd = &evcon->reader;

	if (rd->drops && evcon->answering == NULL &&
	    (rd->left > DROPPED_MAX || rd->body_bytes > DROPPED_MAX))
		evcon->is_last = true;
}

/* Whether it waits for a request, and owes nothing. */
static bool
is_idle(const struct evhttp_connection *evcon)
{
	return TAILQ_EMPTY(&evcon->requests) && !evcon->lingers &&
	       !evi_conn_has_input(evcon) && evi_conn_unsent(evcon) == 0 &&
	       evcon->reader.at == EVI_READING_NOTHING;
}

/* Calls the program where it waits for all to be written. */
static bool
tell_drained(struct evhttp_connection *evcon)
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
	invite_body(evcon);
	check_dropped(evcon);
	result = evi_conn_flush(evcon);
	if (result == -1) {
		if (evcon->answering == NULL || evcon->answering->is_started)
			evi_ending_now(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
		return false;
	}
	if (result == 1 && !tell_drained(evcon))
		return false;
	if (!free_answered(evcon))
		return false;
	if (result == 0)
		return true;
	if (evi_conn_unsent(evcon) > 0 || evcon->answering != NULL)
		return true;
	if (evcon->is_last) {
		evi_ending_finish(evcon);
		return false;
	}
	if (evcon->policy->is_ending && is_idle(evcon)) {
		evi_ending_now(evcon, EVREQ_HTTP_EOF, false);
		return false;
	}
	return true;
}

/* starved: what is there already is not enough to go on. */
static void
go_on(struct evhttp_connection *evcon, bool starved)
{
	while (write_answers(evcon) && may_read(evcon)) {
		if (starved || !has_work(evcon)) {
			evi_conn_start_reading(evcon);
			return;
		}
		starved = serve(evcon, evi_conn_feed(evcon));
		if (evcon->fd == -1)
			return;
	}
}

/* --- the role --- */

void
evi_serve_free(struct evhttp_connection *evcon)
{
	evi_ending_now(evcon, EVREQ_HTTP_EOF, true);
}

static void
readable(struct evhttp_connection *evcon)
{
	enum reader_state at = evcon->reader.at;
	enum read_result result;
	bool starved;

	if (evcon->lingers) {
		if (!evi_ending_read_and_drop(evcon))
			evi_ending_now(evcon, EVREQ_HTTP_EOF, false);
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
		    evcon->reader.at >= EVI_READING_BODY)
			evi_conn_touch(evcon);
		starved = serve(evcon, result);
		if (evcon->fd != -1)
			go_on(evcon, starved);
		break;
	case EVI_INPUT_EOF:
		evi_ending_give_up_reading(evcon, EVREQ_HTTP_EOF);
		break;
	case EVI_INPUT_FAILED:
		evi_ending_now(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
		break;
	default:
		break;
	}
}

static void
writable(struct evhttp_connection *evcon)
{
	if (!evcon->lingers)
		go_on(evcon, false);
}

static void
timed_out(struct evhttp_connection *evcon)
{
	evi_ending_now(evcon, evi_conn_error(evcon), false);
}

/* The program frees a request that is on a connection: nobody answers it. */
static void
free_request(struct evhttp_connection *evcon, struct request *req)
{
	if (req->pub.userdone) {
		req->is_owned = false; /* until it is written */
		return;
	}
	if (evcon->reading == req)
		drop_body(evcon);
	if (evcon->answering == req)
		evcon->answering = NULL;
	evi_ending_unqueue(evcon, req);
	evi_request_end(req);
	evcon->is_last = evcon->is_refusing = true;
	evi_conn_write_soon(evcon);
}

const struct conn_role evi_serve_role = {
    .readable = readable,
    .writable = writable,
    .timed_out = timed_out,
    .begin = begin,
    .free = evi_serve_free,
    .free_request = free_request,
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
set_up(struct evhttp_connection *evcon, struct evhttp *http)
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
evi_serve(struct evhttp *http, int fd, const struct sockaddr *client, bool over)
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
	set_up(evcon, http);
	if (over) {
		if (begin(evcon) == EVI_READ_NOMEM) {
			evi_ending_now(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
			return;
		}
		evcon->reader.status = HTTP_SERVUNAVAIL;
		refuse(evcon);
		return;
	}
	evi_conn_start_reading(evcon);
}

void
evi_serve_end_idle(struct evhttp_connection *evcon)
{
	if (is_idle(evcon))
		evi_conn_write_soon(evcon);
}
