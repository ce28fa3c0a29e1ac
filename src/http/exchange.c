/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What goes over a client's connection: a request and its answer, one after the
 * other.  The plan:
 *
 *  1. Requests wait on the connection's list; the first one is in flight once
 *     in_flight is set, the others wait for its end.
 *  2. Without a connection the first request has one made, see connect.h.  If
 *     it does not come about, all requests fail with code 0.
 *  3. send_request() puts a request into the output, and the reader expects an
 *     answer from then on, as a server may answer before it has read all.
 *  4. evi_exchange_complete() and evi_exchange_fail() are the two ways in which
 * a request ends.  Both first see to the connection, so that the next request
 * is on its way, and then call back.
 *  5. A connection that was used before may have been closed by the server
 *     without our having seen it.  A GET or HEAD to which nothing came back
 *     over such a connection is sent once more over a new one.
 *
 * Any callback may free the connection; see conn.h for how it is held.
 */
#include "exchange.h"

#include "support/fork.h"
#include "support/log.h"
#include "upload.h"
#include "write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void
evi_exchange_queue(struct evhttp_connection *evcon, struct http_request *req)
{
	TAILQ_INSERT_TAIL(&evcon->requests, &req->pub, next);
	req->is_queued = true;
	req->pub.evcon = evcon;
}

void
evi_exchange_unqueue(struct evhttp_connection *evcon, struct http_request *req)
{
	TAILQ_REMOVE(&evcon->requests, &req->pub, next);
	req->is_queued = false;
	req->pub.evcon = NULL;
	evi_upload_free(req);
	if (evcon->reading == req)
		evcon->reading = NULL;
	if (evcon->body == req)
		evcon->body = NULL;
	if (evcon->client->closing_request == req)
		evcon->client->closing_request = NULL;
}

void
evi_exchange_close(struct evhttp_connection *evcon)
{
	struct client *client = evcon->client;

	client->in_flight = client->is_reused = client->is_switched = false;
	evcon->reading = NULL;
	evcon->output_failed = false;
	evi_conn_close(evcon);
	evi_conn_call_closecb(evcon);
}

/*
 * The same at the end of the first request.  Returns whether it is still to be
 * called back: the close callback may take it back, and make another in the
 * same block of memory.
 */
static bool
close_at_end(struct evhttp_connection *evcon, struct http_request *req)
{
	evcon->client->closing_request = req;
	evi_exchange_close(evcon);
	return !evcon->is_freed && evcon->client->closing_request == req;
}

/* --- the end of a request --- */

/* Calls back with the request or, so says to, NULL; and frees it. */
static void
call_request_cb(struct http_request *req, bool with_request)
{
	struct evhttp_request *pub = &req->pub;

	if (pub->cb != NULL)
		pub->cb(with_request ? pub : NULL, pub->cb_arg);
	evi_request_release(req);
}

void
evi_exchange_free_if_done(struct evhttp_connection *evcon)
{
	if (!evcon->is_freed && evcon->client->frees_itself &&
	    TAILQ_EMPTY(&evcon->requests))
		evhttp_connection_free(evcon);
}

/*
 * No answer: as 1.4 shows it, a request without anything from the server.  The
 * error callback may free the connection, and then there is no other one.
 */
static void
end_without_answer(struct evhttp_connection *evcon, struct http_request *req,
    enum evhttp_request_error error, bool with_request)
{
	evi_request_call_error_cb(req, error);
	if (evcon->is_freed) {
		evi_request_release(req);
		return;
	}
	if (with_request)
		evi_request_clear_input(req);
	call_request_cb(req, with_request);
}

void
evi_exchange_fail(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool with_request)
{
	struct http_request *req = evi_exchange_first(evcon);

	evi_conn_ref(evcon);
	if (close_at_end(evcon, req)) {
		evi_exchange_unqueue(evcon, req);
		req->in_last_callback = true;
		evi_exchange_start_next(evcon);
		end_without_answer(evcon, req, error, with_request);
		evi_exchange_free_if_done(evcon);
	}
	evi_conn_unref(evcon);
}

void
evi_exchange_fail_all(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub;
	size_t n = 0;

	evi_connect_stop(&evcon->client->connect);
	evcon->state = EVI_CONN_DISCONNECTED;
	evcon->retry_cnt = 0;
	TAILQ_FOREACH (pub, &evcon->requests, next)
		n++;
	evi_conn_ref(evcon);
	while (!evcon->is_freed && n-- > 0 && !TAILQ_EMPTY(&evcon->requests)) {
		struct http_request *req = evi_exchange_first(evcon);

		evi_exchange_unqueue(evcon, req);
		req->in_last_callback = true;
		end_without_answer(evcon, req, EVREQ_HTTP_EOF, true);
	}
	if (!evcon->is_freed) {
		evi_exchange_start_next(evcon);
		evi_exchange_free_if_done(evcon);
	}
	evi_conn_unref(evcon);
}

bool
evi_exchange_has_unread(const struct evhttp_connection *evcon)
{
	char byte;

	return recv(evcon->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Whether nothing else may be sent over this connection. */
static bool
must_close(const struct evhttp_connection *evcon, struct http_request *req)
{
	const struct message_reader *rd = &evcon->reader;
	struct found_headers in;

	if (rd->closes || evi_conn_has_input(evcon) || evcon->output_failed ||
	    evi_upload_is_open(req) || evi_conn_unsent(evcon) > 0 ||
	    (evcon->may_have_more && evi_exchange_has_unread(evcon)))
		return true;
	if (evi_headers_has_token(req->pub.output_headers, "Connection",
		"close"))
		return true;
	if (!(req->pub.flags & EVHTTP_PROXY_REQUEST))
		return req->pub.minor == 0 && !rd->keeps_alive;
	evi_write_find_headers(&in, req->pub.input_headers);
	return in.proxy_closes || (req->pub.minor == 0 && !rd->keeps_alive &&
				      !in.proxy_keeps_alive);
}

void
evi_exchange_complete(struct evhttp_connection *evcon)
{
	struct http_request *req = evi_exchange_first(evcon);
	bool is_still_queued = true;

	evi_conn_ref(evcon);
	if (must_close(evcon, req)) {
		is_still_queued = close_at_end(evcon, req);
	} else {
		evcon->client->in_flight = false;
		evcon->client->is_reused = true;
		evcon->client->is_switched = req->pub.response_code == 101;
		evcon->reading = NULL;
		evcon->state = EVI_CONN_IDLE;
		evi_conn_wait_for_input(evcon, true);
	}
	if (is_still_queued) {
		evi_exchange_unqueue(evcon, req);
		req->in_last_callback = true;
		if (evcon->state != EVI_CONN_IDLE)
			evi_exchange_start_next(evcon);
		else if (!TAILQ_EMPTY(&evcon->requests))
			evi_conn_write_soon(evcon);
		call_request_cb(req, true);
		if (!evcon->is_freed)
			evi_exchange_start_next(evcon);
		evi_exchange_free_if_done(evcon);
	}
	evi_conn_unref(evcon);
}

/* Whether it may be sent again, having been sent over a dead connection. */
static bool
may_resend(const struct evhttp_connection *evcon)
{
	const struct http_request *req = evi_exchange_first(evcon);

	return (evcon->client->is_reused || evi_exchange_is_inherited(evcon)) &&
	       !evcon->client->had_body && !req->is_retried &&
	       evcon->reader.state == EVI_READING_NOTHING &&
	       (req->pub.type == EVHTTP_REQ_GET ||
		   req->pub.type == EVHTTP_REQ_HEAD);
}

static void
retry_on_new_connection(struct evhttp_connection *evcon)
{
	if (!TAILQ_EMPTY(&evcon->requests))
		evi_exchange_first(evcon)->is_retried = true;
	evi_exchange_close(evcon);
	if (!evcon->is_freed)
		evi_exchange_start_next(evcon);
}

bool
evi_exchange_resend(struct evhttp_connection *evcon)
{
	if (!may_resend(evcon))
		return false;
	retry_on_new_connection(evcon);
	return true;
}

/* --- a request --- */

void
evi_exchange_expect_answer(struct evhttp_connection *evcon,
    struct http_request *req)
{
	struct message_reader *rd = &evcon->reader;

	evi_reader_begin(rd);
	rd->answers_head = req->pub.type == EVHTTP_REQ_HEAD;
	rd->stops_at_head = req->header_cb != NULL;
	rd->stops_at_chunks =
	    req->header_cb == NULL && req->pub.chunk_cb != NULL;
	evcon->reading = req;
}

/* Writes what is left to be.  That it fails is seen when the answer is read,
 * which the server may have sent before it closed. */
void
evi_exchange_flush(struct evhttp_connection *evcon)
{
	int result;

	if (evcon->output_failed)
		return;
	result = evi_conn_flush(evcon);
	if (result == -1)
		evi_conn_drop_output(evcon);
	if (result == 1 && evcon->state == EVI_CONN_WRITING &&
	    !evi_upload_is_open(evi_exchange_first(evcon)))
		evcon->state = EVI_CONN_READING_FIRSTLINE;
}

/* The head, and what there is of the body.  Returns 0; -1 without memory. */
static int
write_request(struct evhttp_connection *evcon, struct http_request *req)
{
	if (evi_write_request(req, &evcon->output) == -1)
		return -1;
	if (req->upload != NULL)
		return evi_upload_begin(evcon, req);
	if (req->output.off > 0)
		evcon->body = req;
	return 0;
}

void
evi_exchange_report_no_memory(struct evhttp_connection *evcon)
{
	evi_conn_drop_output(evcon);
	evcon->output_failed = true;
	evi_conn_report_no_memory(evcon);
}

static void
send_request(struct evhttp_connection *evcon)
{
	struct http_request *req = evi_exchange_first(evcon);

	evcon->client->in_flight = true;
	evcon->client->had_body = req->output.off > 0 || req->upload != NULL;
	evcon->state = EVI_CONN_WRITING;
	evi_exchange_expect_answer(evcon, req);
	req->pub.kind = EVHTTP_RESPONSE;
	if (write_request(evcon, req) == -1)
		evi_exchange_report_no_memory(evcon);
	evi_conn_wait_for_input(evcon, evi_upload_is_open(req));
	evi_exchange_flush(evcon);
	if (evi_upload_is_open(req))
		evi_conn_write_soon(evcon); /* whose callback tells of it */
}

bool
evi_exchange_is_in_flight(const struct evhttp_connection *evcon,
    const struct http_request *req)
{
	return evcon->client != NULL && evcon->client->in_flight &&
	       evi_exchange_first(evcon) == req;
}

void
evi_exchange_continue_body(struct evhttp_connection *evcon)
{
	if (!evi_upload_is_open(evi_exchange_first(evcon)))
		evi_conn_wait_for_input(evcon, false);
	evi_conn_write_soon(evcon);
}

bool
evi_exchange_is_inherited(const struct evhttp_connection *evcon)
{
	return evcon->fd != -1 && evcon->fork_generation != evi_fork_generation;
}

void
evi_exchange_start_next(struct evhttp_connection *evcon)
{
	struct client *client = evcon->client;

	if (TAILQ_EMPTY(&evcon->requests) || client->in_flight ||
	    evi_connect_is_waiting(&client->connect))
		return;
	if (evcon->state == EVI_CONN_IDLE &&
	    (client->is_switched || evi_exchange_is_inherited(evcon))) {
		evi_exchange_close(evcon);
		if (evcon->is_freed)
			return;
	}
	if (evcon->state == EVI_CONN_IDLE)
		send_request(evcon);
	else if (evcon->state == EVI_CONN_DISCONNECTED)
		evi_connect_retry(&client->connect);
}

/* Another connection for the first request, if it had no other yet. */
static void
reject_connection(struct evhttp_connection *evcon)
{
	if (TAILQ_EMPTY(&evcon->requests) ||
	    !evi_exchange_first(evcon)->is_retried)
		retry_on_new_connection(evcon);
	else
		evi_exchange_fail(evcon, EVREQ_HTTP_INVALID_HEADER, false);
}

void
evi_exchange_connected_cb(struct evhttp_connection *evcon)
{
	evi_conn_ref(evcon);
	evi_connect_stop(&evcon->client->connect);
	evcon->retry_cnt = 0;
	evcon->state = EVI_CONN_IDLE;
	evcon->is_connected = true;
	if (evi_exchange_has_unread(evcon)) {
		reject_connection(evcon);
	} else {
		evi_conn_wait_for_input(evcon, true);
		evi_exchange_start_next(evcon);
	}
	evi_exchange_unref(evcon);
}

/* --- what the program takes back --- */

bool
evi_exchange_cancel(struct evhttp_connection *evcon, struct http_request *req)
{
	bool is_in_flight = evi_exchange_is_in_flight(evcon, req);

	if (req->is_refused) {
		TAILQ_REMOVE(&evcon->client->refused, &req->pub, next);
		req->is_queued = false;
		return false;
	}
	evi_exchange_unqueue(evcon, req);
	if (is_in_flight)
		evi_exchange_close(evcon);
	if (!evcon->is_freed)
		evi_exchange_start_next(evcon);
	return is_in_flight;
}

void
evi_exchange_unref(struct evhttp_connection *evcon)
{
	if (evcon->refs == 1)
		evi_exchange_free_if_done(evcon);
	evi_conn_unref(evcon);
}
