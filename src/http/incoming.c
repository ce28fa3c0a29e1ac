/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests that a server's connection reads.  The plan:
 *
 *  1. The reader reports a new request, its head, pieces of its body, and its
 *     end; evi_incoming_handle() has a function for each.
 *  2. A complete request is dispatched to its callback, and is unanswered until
 *     the program has given the whole answer: nothing else is parsed until
 *     then.  A GET or HEAD request is dispatched before its body, which is
 *     discarded.
 *  3. A program that has set a callback for the head or for pieces of the body
 *     has the request earlier.  While it leaves EVI_PIECE_MAX bytes undrained
 *     the body is paused.
 *  4. A request that is bad is refused with an error page, and the connection
 *     closes after it.
 *
 * Any callback may close the connection, and end the request: after each call
 * the code checks evcon->fd and evcon->reading.
 */
#include "incoming.h"

#include <stdlib.h>
#include <string.h>

#include "dispatch.h"
#include "ending.h"
#include "reply.h"
#include "support/log.h"

enum read_result
evi_incoming_begin(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub = evhttp_request_new(NULL, NULL);

	if (pub == NULL)
		return EVI_READ_NOMEM;
	pub->kind = EVHTTP_REQUEST;
	pub->flags = EVHTTP_REQ_OWN_CONNECTION;
	pub->remote_host = evcon->address;
	pub->remote_port = evcon->port;
	evi_request_queue(evi_request_of(pub), &evcon->requests, evcon);
	evi_conn_set_reading(evcon, evi_request_of(pub));
	evi_conn_set_state(evcon, EVI_CONN_READING_FIRSTLINE);
	return evcon->http_server->newreq_cb != NULL ? EVI_READ_NEW
						     : EVI_READ_MORE;
}

/* Gives a request to the program, which may answer and free it inside. */
static void
dispatch_request(struct evhttp_connection *evcon, struct http_request *req)
{
	evi_conn_set_reading(evcon, NULL);
	evi_conn_set_unanswered(evcon, req);
	evi_request_set_dispatched(req);
	evi_dispatch_request(evcon->http_server, req);
}

void
evi_incoming_drop_body(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	evi_conn_resume_body(evcon);
	/* The program's callback, if it has set one: nothing more is added. */
	evbuffer_setcb(&req->input, NULL, NULL);
	evi_conn_set_reading(evcon, NULL);
	evi_reader_discard_body(&evcon->reader);
	evi_request_set_dispatched(req);
	if (!req->pub.userdone)
		evi_conn_set_unanswered(evcon, req);
}

/* After a callback: discards the rest of the body if the answer was begun. */
static void
drop_body_if_answered(struct evhttp_connection *evcon, struct http_request *req)
{
	if (evcon->fd == -1 || evcon->reading != req)
		return;
	if (req->pub.userdone || req->is_started)
		evi_incoming_drop_body(evcon);
}

/* A callback returned a negative number, which refuses the request. */
static void
cancel_request(struct evhttp_connection *evcon, struct http_request *req)
{
	if (evcon->reading != req || req->is_started) {
		evi_ending_close(evcon, EVREQ_HTTP_REQUEST_CANCEL, false);
		return;
	}
	evi_conn_set_client_may_send(evcon);
	evi_ending_stop_reading(evcon, EVREQ_HTTP_REQUEST_CANCEL);
}

static void
handle_head(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;
	int result;

	evi_conn_set_state(evcon, EVI_CONN_READING_BODY);
	evi_request_set_must_close(req, evcon->reader.is_last);
	if (!evcon->reader.stops_at_head) {
		evi_reader_discard_body(&evcon->reader);
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
		evi_reader_stop_at_pieces(&evcon->reader,
		    req->pub.chunk_cb != NULL);
	drop_body_if_answered(evcon, req);
}

/* The program has drained some of a body that is paused. */
static void
drained_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	struct evhttp_connection *evcon = arg;

	(void)buf;
	if (now >= old || now >= EVI_PIECE_MAX)
		return;
	evi_conn_resume_body(evcon);
	evi_conn_write_soon(evcon); /* its callback continues */
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
	evi_conn_pause_body(evcon, drained_cb);
}

/* The reader begins the next message first, as the callback may run the loop.
 */
static void
handle_message(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	if (req != NULL)
		evi_request_set_must_close(req, evcon->reader.is_last);
	evi_reader_begin(&evcon->reader);
	evi_conn_set_state(evcon, EVI_CONN_IDLE);
	if (req != NULL)
		dispatch_request(evcon, req);
}

/* "GET, HEAD" and so on: the methods whose bits are set.  From malloc(3). */
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

void
evi_incoming_refuse(struct evhttp_connection *evcon, int status)
{
	struct http_request *req = evcon->reading;
	char *allow;

	evi_conn_refuse_input(evcon);
	if (req == NULL)
		return; /* it has been answered */
	if (req->is_started) {
		evi_output_fail(&evcon->output);
		return;
	}
	evi_ending_call_error_cb(evcon,
	    status == 413 || status == 431 || status == 414
		? EVREQ_HTTP_DATA_TOO_LONG
		: EVREQ_HTTP_INVALID_HEADER);
	if (evcon->fd == -1 || evcon->reading != req)
		return;
	evi_conn_set_reading(evcon, NULL);
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
		evi_reader_stop_at_head(&evcon->reader,
		    req->header_cb != NULL || req->pub.chunk_cb != NULL);
}

bool
evi_incoming_handle(struct evhttp_connection *evcon, enum read_result result)
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
			evi_incoming_refuse(evcon, evcon->reader.status);
			break;
		case EVI_READ_NOMEM:
			event_warnx("evhttp: no memory for a request");
			evi_output_fail(&evcon->output);
			break;
		default:
			return true;
		}
		if (!evi_incoming_may_read(evcon))
			return false;
		if (!evi_incoming_has_input(evcon))
			return true;
		result = evi_conn_feed(evcon);
	}
}
