/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's requests and their answers, one after the other.  The plan:
 *
 *  1. Requests wait on the connection's list.  The first one is in flight once
 *     in_flight is set; the others wait until it ends.
 *  2. evi_exchange_start_next() starts the first request.  Without a connected
 *     socket it has connect.c make one; if that fails, all requests fail with
 *     code 0.
 *  3. send_request() adds the request to the output and makes the reader expect
 *     the answer, as a server may answer before it has read the whole request.
 *  4. A request ends in evi_exchange_complete() or evi_exchange_fail().  Both
 *     close the connection if they have to, start the next request, and then
 *     call the callback.
 *  5. The server may have closed a connection that was used before, and the
 *     client sees that only when it sends.  A GET or HEAD without an answer
 *     over such a connection is sent again over a new one, once.
 *
 * Any callback may free the connection; conn.h says how references prevent
 * that.
 */
#include "exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "upload.h"
#include "write.h"
#include "support/fork.h"
#include "support/log.h"

void
evi_exchange_queue(struct evhttp_connection *evcon, struct http_request *req)
{
	evi_request_queue(req, &evcon->requests, evcon);
}

void
evi_exchange_unqueue(struct evhttp_connection *evcon, struct http_request *req)
{
	evi_request_unqueue(req, &evcon->requests);
	req->pub.evcon = NULL;
	evi_upload_free(req);
	evi_conn_forget_request(evcon, req);
	if (evcon->client->closing_request == req)
		evcon->client->closing_request = NULL;
}

void
evi_exchange_close(struct evhttp_connection *evcon)
{
	struct client *client = evcon->client;

	client->in_flight = client->is_reused = client->is_switched = false;
	evi_conn_set_reading(evcon, NULL);
	evi_conn_close(evcon);
	evi_conn_call_closecb(evcon);
}

/*
 * Closes the connection at the end of the first request.  Returns whether its
 * callback still has to be called: the close callback may cancel the request,
 * and make another one in the same block of memory.
 */
static bool
close_at_end(struct evhttp_connection *evcon, struct http_request *req)
{
	evcon->client->closing_request = req;
	evi_exchange_close(evcon);
	return !evcon->is_freed && evcon->client->closing_request == req;
}

/* --- the end of a request --- */

/* Calls the request's callback, with the request or NULL, and releases it. */
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
 * Ends a request without an answer: calls the error callback, then the
 * request's callback.  1.4: with_request passes the request without anything
 * from the server.  If the error callback frees the connection, the other one
 * is not called.
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
		evi_request_begin_last_callback(req);
		evi_exchange_start_next(evcon);
		end_without_answer(evcon, req, error, with_request);
		evi_exchange_free_if_done(evcon);
	}
	evi_conn_unref(evcon);
}

/* No connection can be made: all requests fail with code 0. */
static void
fail_all_cb(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub;
	size_t n = 0;

	evi_connect_stop(&evcon->client->connect);
	evi_conn_set_state(evcon, EVI_CONN_DISCONNECTED);
	evi_conn_set_retry_count(evcon, 0);
	/* Callbacks may add requests: those are not failed. */
	TAILQ_FOREACH (pub, &evcon->requests, next)
		n++;
	evi_conn_ref(evcon);
	while (!evcon->is_freed && n-- > 0 && !TAILQ_EMPTY(&evcon->requests)) {
		struct http_request *req = evi_exchange_first(evcon);

		evi_exchange_unqueue(evcon, req);
		evi_request_begin_last_callback(req);
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

/* Whether the connection has to close after this answer. */
static bool
must_close(const struct evhttp_connection *evcon, struct http_request *req)
{
	const struct message_reader *rd = &evcon->reader;
	struct found_headers in;

	if (rd->closes || evi_conn_has_input(evcon) ||
	    evcon->output.has_failed || evi_upload_is_open(req) ||
	    evi_output_size(&evcon->output) > 0 ||
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
		evi_conn_set_reading(evcon, NULL);
		evi_conn_set_state(evcon, EVI_CONN_IDLE);
		evi_conn_wait_for_input(evcon, true);
	}
	if (is_still_queued) {
		evi_exchange_unqueue(evcon, req);
		evi_request_begin_last_callback(req);
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

/* Whether the first request may be sent again over a new connection. */
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
		evi_request_set_retried(evi_exchange_first(evcon));
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
	evi_reader_begin_answer(&evcon->reader,
	    req->pub.type == EVHTTP_REQ_HEAD, req->header_cb != NULL,
	    req->header_cb == NULL && req->pub.chunk_cb != NULL);
	evi_conn_set_reading(evcon, req);
}

/* If writing fails, reading the answer reports it: the server may have answered
 * before it closed. */
void
evi_exchange_flush(struct evhttp_connection *evcon)
{
	enum flush_result result;

	if (evcon->output.has_failed)
		return;
	result = evi_conn_flush(evcon);
	if (result == EVI_FLUSH_FAILED)
		evi_conn_drop_output(evcon);
	if (result == EVI_FLUSH_DONE && evcon->state == EVI_CONN_WRITING &&
	    !evi_upload_is_open(evi_exchange_first(evcon)))
		evi_conn_set_state(evcon, EVI_CONN_READING_FIRSTLINE);
}

/* Adds the head, and the body or its first piece, to the output.  Returns 0, or
 * -1 without memory. */
static int
write_request(struct evhttp_connection *evcon, struct http_request *req)
{
	if (evi_write_request(req, &evcon->output.buffer) == -1)
		return -1;
	if (req->upload != NULL)
		return evi_upload_add_first(req, &evcon->output);
	if (req->output.off > 0)
		evi_output_set_body(&evcon->output, req);
	return 0;
}

void
evi_exchange_report_no_memory(struct evhttp_connection *evcon)
{
	evi_conn_drop_output(evcon);
	evi_output_fail(&evcon->output);
	evi_conn_report_no_memory(evcon);
}

static void
send_request(struct evhttp_connection *evcon)
{
	struct http_request *req = evi_exchange_first(evcon);

	evcon->client->in_flight = true;
	evcon->client->had_body = req->output.off > 0 || req->upload != NULL;
	evi_conn_set_state(evcon, EVI_CONN_WRITING);
	evi_exchange_expect_answer(evcon, req);
	req->pub.kind = EVHTTP_RESPONSE;
	if (write_request(evcon, req) == -1)
		evi_exchange_report_no_memory(evcon);
	evi_conn_wait_for_input(evcon, evi_upload_is_open(req));
	evi_exchange_flush(evcon);
	if (evi_upload_is_open(req))
		evi_conn_write_soon(evcon); /* calls the upload's callback */
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

/*
 * The server has sent bytes before any request, which are not an answer.  Sends
 * the first request over a new connection, or if it was sent again before,
 * fails it.
 */
static void
reject_connection(struct evhttp_connection *evcon)
{
	if (TAILQ_EMPTY(&evcon->requests) ||
	    !evi_exchange_first(evcon)->is_retried)
		retry_on_new_connection(evcon);
	else
		evi_exchange_fail(evcon, EVREQ_HTTP_INVALID_HEADER, false);
}

/* The connection is made. */
static void
connected_cb(struct evhttp_connection *evcon)
{
	evi_conn_ref(evcon);
	evi_connect_stop(&evcon->client->connect);
	evi_conn_set_retry_count(evcon, 0);
	evi_conn_set_state(evcon, EVI_CONN_IDLE);
	evi_conn_set_connected(evcon);
	if (evi_exchange_has_unread(evcon)) {
		reject_connection(evcon);
	} else {
		evi_conn_wait_for_input(evcon, true);
		evi_exchange_start_next(evcon);
	}
	evi_exchange_unref(evcon);
}

int
evi_exchange_init(struct evhttp_connection *evcon)
{
	struct client *client = calloc(1, sizeof *client);

	if (client == NULL)
		return -1;
	TAILQ_INIT(&client->refused);
	evi_connect_init(&client->connect, evcon, connected_cb, fail_all_cb);
	evi_conn_set_client(evcon, client);
	return 0;
}

void
evi_exchange_set_frees_itself(struct evhttp_connection *evcon)
{
	evcon->client->frees_itself = true;
}

/* --- cancelled by the program --- */

bool
evi_exchange_cancel(struct evhttp_connection *evcon, struct http_request *req)
{
	bool is_in_flight = evi_exchange_is_in_flight(evcon, req);

	if (req->is_refused) {
		evi_request_unqueue(req, &evcon->client->refused);
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
