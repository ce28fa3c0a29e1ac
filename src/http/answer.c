/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The role of a client's connections: reads answers, and handles everything
 * else that the events of the socket report.  handle_results() does what each
 * result of the reader asks for until the input is used or the request ends.
 *
 * Any callback may free the connection; conn.h says how references prevent
 * that.
 */
#include "answer.h"

#include <stdlib.h>

#include "exchange.h"
#include "upload.h"
#include "write.h"

/* The head of an answer is complete: drops an interim one, or calls the header
 * callback.  Returns false if the request has ended. */
static bool
handle_head(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	if (req->pub.response_code < 200 && req->pub.response_code != 101) {
		evi_request_clear_input(req);
		evi_exchange_expect_answer(evcon, req);
		return true;
	}
	evi_conn_set_state(evcon, EVI_CONN_READING_BODY);
	if (req->header_cb == NULL)
		return true;
	if (req->header_cb(&req->pub, req->pub.cb_arg) < 0) {
		if (!evcon->is_freed && evcon->reading == req)
			evi_exchange_fail(evcon, EVREQ_HTTP_EOF, false);
		return false;
	}
	if (evcon->is_freed || evcon->reading != req)
		return false;
	evi_reader_stop_at_pieces(&evcon->reader, req->pub.chunk_cb != NULL);
	return true;
}

/* The input buffer has the chunk or piece, and nothing else.  Returns false if
 * the request has ended. */
static bool
handle_piece(struct evhttp_connection *evcon)
{
	struct http_request *req = evcon->reading;

	if (req->pub.chunk_cb == NULL)
		return true;
	req->pub.chunk_cb(&req->pub, req->pub.cb_arg);
	if (evcon->is_freed || evcon->reading != req)
		return false;
	evbuffer_drain(&req->input, req->input.off);
	return true;
}

static void
fail_request(struct evhttp_connection *evcon)
{
	int status = evcon->reader.status;

	evi_exchange_fail(evcon,
	    status == 413 || status == 414 || status == 431
		? EVREQ_HTTP_DATA_TOO_LONG
		: EVREQ_HTTP_INVALID_HEADER,
	    false);
}

/* Does what the result asks for, and keeps parsing while there is input. */
static void
handle_results(struct evhttp_connection *evcon, enum read_result result)
{
	bool continues = true;

	while (continues) {
		switch (result) {
		case EVI_READ_HEAD:
			continues = handle_head(evcon);
			break;
		case EVI_READ_PIECE:
		case EVI_READ_CHUNK:
			continues = handle_piece(evcon);
			break;
		case EVI_READ_DONE:
			evi_exchange_complete(evcon);
			return;
		case EVI_READ_BAD:
			fail_request(evcon);
			return;
		case EVI_READ_NOMEM:
			evi_exchange_fail(evcon, EVREQ_HTTP_BUFFER_ERROR,
			    false);
			return;
		default:
			return;
		}
		if (continues && !evi_conn_has_input(evcon) &&
		    evcon->reader.state != EVI_READING_END)
			return;
		if (continues)
			result = evi_conn_feed(evcon);
	}
}

/* 1.4: the callback gets code 0 if the first line was not complete, else NULL.
 */
static void
handle_eof(struct evhttp_connection *evcon)
{
	bool has_begun = evcon->reader.state != EVI_READING_NOTHING &&
			 evcon->reader.state != EVI_READING_LINE;

	if (evi_exchange_resend(evcon))
		return;
	if (evi_reader_eof(&evcon->reader) == EVI_READ_DONE)
		evi_exchange_complete(evcon);
	else
		evi_exchange_fail(evcon, EVREQ_HTTP_EOF,
		    !has_begun && !evcon->output.has_failed);
}

static void
resend_or_fail(struct evhttp_connection *evcon)
{
	if (!evi_exchange_resend(evcon))
		evi_exchange_fail(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
}

/* --- the role --- */

/* Closes a connection without a request in flight, on which the server has
 * closed, or sent something. */
static void
close_idle(struct evhttp_connection *evcon)
{
	evi_exchange_close(evcon);
	if (!evcon->is_freed)
		evi_exchange_start_next(evcon);
}

static void
read_answer(struct evhttp_connection *evcon)
{
	enum read_result result;

	if (!evcon->client->in_flight) {
		close_idle(evcon);
		return;
	}
	if (evi_exchange_is_inherited(evcon)) {
		resend_or_fail(evcon);
		return;
	}
	switch (evi_conn_read(evcon, &result)) {
	case EVI_INPUT_READ:
		evi_conn_restart_timeout(evcon);
		handle_results(evcon, result);
		break;
	case EVI_INPUT_EOF:
		handle_eof(evcon);
		break;
	case EVI_INPUT_FAILED:
		resend_or_fail(evcon);
		break;
	default:
		break;
	}
}

static void
write_body(struct evhttp_connection *evcon)
{
	evi_exchange_flush(evcon);
	if (!evcon->output.has_failed && evi_output_size(&evcon->output) == 0)
		evi_upload_call_cb(evi_exchange_first(evcon));
}

static void
write_more(struct evhttp_connection *evcon)
{
	if (evcon->client->in_flight && evi_exchange_is_inherited(evcon))
		resend_or_fail(evcon);
	else if (evcon->client->in_flight)
		write_body(evcon);
	else if ((evcon->ev.ev_flags & EVLIST_ACTIVE) &&
		 evi_exchange_has_unread(evcon))
		close_idle(evcon); /* the bytes came before the request */
	else
		evi_exchange_start_next(evcon);
}

static void
readable_cb(struct evhttp_connection *evcon)
{
	read_answer(evcon);
	evi_exchange_free_if_done(evcon);
}

static void
writable_cb(struct evhttp_connection *evcon)
{
	write_more(evcon);
	evi_exchange_free_if_done(evcon);
}

static void
timed_out_cb(struct evhttp_connection *evcon)
{
	if (evcon->client->in_flight)
		evi_exchange_fail(evcon, evi_conn_timeout_reason(evcon), false);
	else
		close_idle(evcon); /* the event could not be added */
}

/* Not called: a client's request sets evcon->reading before it is sent. */
static enum read_result
begin_cb(struct evhttp_connection *evcon)
{
	(void)evcon;
	return EVI_READ_NOMEM;
}

static void
release_all(struct requestq *requests)
{
	struct evhttp_request *pub;

	while ((pub = TAILQ_FIRST(requests)) != NULL) {
		evi_request_unqueue(evi_request_of(pub), requests);
		evi_request_release(evi_request_of(pub));
	}
}

static void
free_cb(struct evhttp_connection *evcon)
{
	struct client *client = evcon->client;

	if (!evi_conn_begin_closing(evcon))
		return;
	evi_exchange_close(evcon);
	evi_connect_stop(&client->connect);
	release_all(&evcon->requests);
	release_all(&client->refused);
	evi_conn_set_client(evcon, NULL);
	evi_conn_destroy(evcon);
	evi_conn_unref(evcon);
	free(client);
}

static void
free_request_cb(struct evhttp_connection *evcon, struct http_request *req)
{
	evi_conn_ref(evcon);
	evi_request_begin_last_callback(req);
	evi_exchange_cancel(evcon, req);
	evi_request_free(req);
	evi_exchange_unref(evcon);
}

const struct conn_role evi_answer_role = {
    .readable_cb = readable_cb,
    .writable_cb = writable_cb,
    .timed_out_cb = timed_out_cb,
    .begin_cb = begin_cb,
    .free_cb = free_cb,
    .free_request_cb = free_request_cb,
};
