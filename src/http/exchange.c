/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What goes over a client's connection: a request and its answer, one after the
 * other.  The plan:
 *
 *  1. Requests wait on the connection's list; the first one is in flight once
 *     is_begun is set, the others wait for its end.
 *  2. Without a connection the first request has one made, see connect.h.  If
 *     it does not come about, all requests fail with code 0.
 *  3. begin_request() puts a request into the output, and the reader expects an
 *     answer from then on, as a server may answer before it has read all.
 *  4. complete() and evi_exchange_fail() are the two ways in which a request
 *     ends.  Both first see to the connection, so that the next request is on
 *     its way, and then call back.
 *  5. A connection that was used before may have been closed by the server
 *     without our having seen it.  A GET or HEAD to which nothing came back
 *     over such a connection is sent once more over a new one.
 *
 * Any callback may free the connection; see connection.h for how it is held.
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

static struct evi_request *
first(const struct evhttp_connection *evcon)
{
	return evi_request_of(TAILQ_FIRST(&evcon->requests));
}

void
evi_exchange_queue(struct evhttp_connection *evcon, struct evi_request *req)
{
	TAILQ_INSERT_TAIL(&evcon->requests, &req->pub, next);
	req->is_queued = true;
	req->pub.evcon = evcon;
}

void
evi_exchange_unqueue(struct evhttp_connection *evcon, struct evi_request *req)
{
	TAILQ_REMOVE(&evcon->requests, &req->pub, next);
	req->is_queued = false;
	req->pub.evcon = NULL;
	evi_upload_drop(req);
	if (evcon->reading == req)
		evcon->reading = NULL;
	if (evcon->body == req)
		evcon->body = NULL;
	if (evcon->client->ending == req)
		evcon->client->ending = NULL;
}

/* Closes, if there is a connection, and says so to the program. */
static void
hang_up(struct evhttp_connection *evcon)
{
	struct evi_client *client = evcon->client;

	client->is_begun = client->is_reused = false;
	evcon->reading = NULL;
	evcon->is_lost = false;
	evi_conn_close(evcon);
	evi_conn_tell_closed(evcon);
}

/*
 * The same at the end of the first request.  Returns whether it is still to be
 * called back: the close callback may take it back, and make another in the
 * same block of memory.
 */
static bool
hang_up_at_end(struct evhttp_connection *evcon, struct evi_request *req)
{
	evcon->client->ending = req;
	hang_up(evcon);
	return !evcon->is_freed && evcon->client->ending == req;
}

/* --- the end of a request --- */

/* Calls back with the request or, so says to, NULL; and frees it. */
static void
call_back(struct evi_request *req, bool with_request)
{
	struct evhttp_request *pub = &req->pub;

	if (pub->cb != NULL)
		pub->cb(with_request ? pub : NULL, pub->cb_arg);
	evi_request_release(req);
}

/* There is nothing left to do, and nobody else who frees the connection. */
static void
free_if_done(struct evhttp_connection *evcon)
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
end_without_answer(struct evhttp_connection *evcon, struct evi_request *req,
    enum evhttp_request_error error, bool with_request)
{
	evi_request_tell_error(req, error);
	if (evcon->is_freed) {
		evi_request_release(req);
		return;
	}
	if (with_request)
		evi_request_clear_input(req);
	call_back(req, with_request);
}

/*
 * The request in flight fails: its callback gets NULL, or a request with code
 * 0. The others go on over a new connection.
 */
void
evi_exchange_fail(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool with_request)
{
	struct evi_request *req = first(evcon);

	evi_conn_hold(evcon);
	if (hang_up_at_end(evcon, req)) {
		evi_exchange_unqueue(evcon, req);
		req->is_held = true;
		evi_exchange_go_on(evcon);
		end_without_answer(evcon, req, error, with_request);
		free_if_done(evcon);
	}
	evi_conn_release(evcon);
}

/* Nobody can be reached: those that wait now all fail, one after the other. */
void
evi_exchange_give_up(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub;
	size_t n = 0;

	evi_connect_end(&evcon->client->connect);
	evcon->state = EVI_CONN_DISCONNECTED;
	evcon->retry_cnt = 0;
	TAILQ_FOREACH (pub, &evcon->requests, next)
		n++;
	evi_conn_hold(evcon);
	while (!evcon->is_freed && n-- > 0 && !TAILQ_EMPTY(&evcon->requests)) {
		struct evi_request *req = first(evcon);

		evi_exchange_unqueue(evcon, req);
		req->is_held = true;
		end_without_answer(evcon, req, EVREQ_HTTP_EOF, true);
	}
	if (!evcon->is_freed) {
		evi_exchange_go_on(evcon);
		free_if_done(evcon);
	}
	evi_conn_release(evcon);
}

/* Whether it may be sent again, having been sent over a dead connection. */
static bool
may_resend(const struct evhttp_connection *evcon)
{
	const struct evi_request *req = first(evcon);

	return evcon->client->is_reused && !evcon->client->had_body &&
	       !req->is_retried && evcon->reader.at == EVI_READING_NOTHING &&
	       (req->pub.type == EVHTTP_REQ_GET ||
		   req->pub.type == EVHTTP_REQ_HEAD);
}

static void
resend(struct evhttp_connection *evcon)
{
	if (!TAILQ_EMPTY(&evcon->requests))
		first(evcon)->is_retried = true;
	hang_up(evcon);
	if (!evcon->is_freed)
		evi_exchange_go_on(evcon);
}

/* --- a request --- */

static void
expect_answer(struct evhttp_connection *evcon, struct evi_request *req)
{
	struct evi_reader *rd = &evcon->reader;

	evi_reader_begin(rd);
	rd->answers_head = req->pub.type == EVHTTP_REQ_HEAD;
	rd->stops_at_head = req->header_cb != NULL;
	rd->wants_chunks = req->header_cb == NULL && req->pub.chunk_cb != NULL;
	evcon->reading = req;
}

/* Writes what is left to be.  That it fails is seen when the answer is read,
 * which the server may have sent before it closed. */
static void
write_request(struct evhttp_connection *evcon)
{
	int result;

	if (evcon->is_lost)
		return;
	result = evi_conn_flush(evcon);
	if (result == -1)
		evi_conn_drop_output(evcon);
	if (result == 1 && evcon->state == EVI_CONN_WRITING &&
	    !evi_upload_is_open(first(evcon)))
		evcon->state = EVI_CONN_READING_FIRSTLINE;
}

/* The head, and what there is of the body.  Returns 0; -1 without memory. */
static int
put_request(struct evhttp_connection *evcon, struct evi_request *req)
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
evi_exchange_no_memory(struct evhttp_connection *evcon)
{
	evi_conn_drop_output(evcon);
	evcon->is_lost = true;
	evi_conn_give_up(evcon);
}

static void
begin_request(struct evhttp_connection *evcon)
{
	struct evi_request *req = first(evcon);

	evcon->client->is_begun = true;
	evcon->client->had_body = req->output.off > 0 || req->upload != NULL;
	evcon->state = EVI_CONN_WRITING;
	expect_answer(evcon, req);
	req->pub.kind = EVHTTP_RESPONSE;
	if (put_request(evcon, req) == -1)
		evi_exchange_no_memory(evcon);
	evi_conn_wait_for_input(evcon, evi_upload_is_open(req));
	write_request(evcon);
	if (evi_upload_is_open(req))
		evi_conn_write_soon(evcon); /* whose callback tells of it */
}

bool
evi_exchange_is_in_flight(const struct evhttp_connection *evcon,
    const struct evi_request *req)
{
	return evcon->client != NULL && evcon->client->is_begun &&
	       first(evcon) == req;
}

/* More of the request's body is in the output. */
void
evi_exchange_write_more(struct evhttp_connection *evcon)
{
	if (!evi_upload_is_open(first(evcon)))
		evi_conn_wait_for_input(evcon, false);
	evi_conn_write_soon(evcon);
}

/* A child does not talk over its parent's connection. */
static bool
is_inherited(const struct evhttp_connection *evcon)
{
	return evcon->fd != -1 && evcon->generation != evi_fork_generation;
}

void
evi_exchange_go_on(struct evhttp_connection *evcon)
{
	struct evi_client *client = evcon->client;

	if (TAILQ_EMPTY(&evcon->requests) || client->is_begun ||
	    evi_connect_is_waiting(&client->connect))
		return;
	if (evcon->state == EVI_CONN_IDLE && is_inherited(evcon)) {
		hang_up(evcon);
		if (evcon->is_freed)
			return;
	}
	if (evcon->state == EVI_CONN_IDLE)
		begin_request(evcon);
	else if (evcon->state == EVI_CONN_DISCONNECTED)
		evi_connect_again(&client->connect);
}

/* Whether the server says something without having been asked. */
static bool
has_spoken(const struct evhttp_connection *evcon)
{
	char byte;

	return recv(evcon->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Another connection for the first request, if it had no other yet. */
static void
do_not_use(struct evhttp_connection *evcon)
{
	if (TAILQ_EMPTY(&evcon->requests) || !first(evcon)->is_retried)
		resend(evcon);
	else
		evi_exchange_fail(evcon, EVREQ_HTTP_INVALID_HEADER, false);
}

static void
connected(struct evhttp_connection *evcon)
{
	evi_connect_end(&evcon->client->connect);
	evcon->retry_cnt = 0;
	evcon->state = EVI_CONN_IDLE;
	evcon->is_connected = true;
	if (has_spoken(evcon)) {
		do_not_use(evcon);
		return;
	}
	evi_conn_wait_for_input(evcon, true);
	evi_exchange_go_on(evcon);
}

/* --- the answer --- */

/* Whether nothing else may be sent over this connection. */
static bool
closes(const struct evhttp_connection *evcon, struct evi_request *req)
{
	const struct evi_reader *rd = &evcon->reader;
	struct evi_known in;

	if (rd->closes || evi_conn_has_input(evcon) || evcon->is_lost ||
	    evi_upload_is_open(req) || evi_conn_unsent(evcon) > 0 ||
	    (evcon->may_have_more && has_spoken(evcon)))
		return true;
	if (evi_headers_has_token(req->pub.output_headers, "Connection",
		"close"))
		return true;
	if (!(req->pub.flags & EVHTTP_PROXY_REQUEST))
		return req->pub.minor == 0 && !rd->keeps_alive;
	evi_known_find(&in, req->pub.input_headers);
	return in.proxy_closes || (req->pub.minor == 0 && !rd->keeps_alive &&
				      !in.proxy_keeps_alive);
}

static void
complete(struct evhttp_connection *evcon)
{
	struct evi_request *req = first(evcon);
	bool is_there = true;

	evi_conn_hold(evcon);
	if (closes(evcon, req)) {
		is_there = hang_up_at_end(evcon, req);
	} else {
		evcon->client->is_begun = false;
		evcon->client->is_reused = true;
		evcon->reading = NULL;
		evcon->state = EVI_CONN_IDLE;
		evi_conn_wait_for_input(evcon, true);
	}
	if (is_there) {
		evi_exchange_unqueue(evcon, req);
		req->is_held = true;
		if (evcon->state != EVI_CONN_IDLE)
			evi_exchange_go_on(evcon);
		else if (!TAILQ_EMPTY(&evcon->requests))
			evi_conn_write_soon(evcon);
		call_back(req, true);
		if (!evcon->is_freed)
			evi_exchange_go_on(evcon);
		free_if_done(evcon);
	}
	evi_conn_release(evcon);
}

/* Returns false if that was the end of the request. */
static bool
head_is_complete(struct evhttp_connection *evcon)
{
	struct evi_request *req = evcon->reading;

	if (req->pub.response_code < 200 && req->pub.response_code != 101) {
		evi_request_clear_input(req);
		expect_answer(evcon, req);
		return true;
	}
	evcon->state = EVI_CONN_READING_BODY;
	if (req->header_cb == NULL)
		return true;
	if (req->header_cb(&req->pub, req->pub.cb_arg) < 0) {
		if (!evcon->is_freed && evcon->reading == req)
			evi_exchange_fail(evcon, EVREQ_HTTP_EOF, false);
		return false;
	}
	if (evcon->is_freed || evcon->reading != req)
		return false;
	evcon->reader.wants_pieces = req->pub.chunk_cb != NULL;
	return true;
}

/* A chunk, or a piece, is in the input buffer alone. */
static bool
piece_is_there(struct evhttp_connection *evcon)
{
	struct evi_request *req = evcon->reading;

	if (req->pub.chunk_cb == NULL)
		return true;
	req->pub.chunk_cb(&req->pub, req->pub.cb_arg);
	if (evcon->is_freed || evcon->reading != req)
		return false;
	evbuffer_drain(&req->input, req->input.off);
	return true;
}

static void
refuse(struct evhttp_connection *evcon)
{
	int status = evcon->reader.status;

	evi_exchange_fail(evcon,
	    status == 413 || status == 414 || status == 431
		? EVREQ_HTTP_DATA_TOO_LONG
		: EVREQ_HTTP_INVALID_HEADER,
	    false);
}

/* Does what the result asks for, as long as there is something to be read. */
static void
answer(struct evhttp_connection *evcon, enum evi_read result)
{
	bool goes_on = true;

	while (goes_on) {
		switch (result) {
		case EVI_READ_HEAD:
			goes_on = head_is_complete(evcon);
			break;
		case EVI_READ_PIECE:
		case EVI_READ_CHUNK:
			goes_on = piece_is_there(evcon);
			break;
		case EVI_READ_DONE:
			complete(evcon);
			return;
		case EVI_READ_BAD:
			refuse(evcon);
			return;
		case EVI_READ_NOMEM:
			evi_exchange_fail(evcon, EVREQ_HTTP_BUFFER_ERROR,
			    false);
			return;
		default:
			return;
		}
		if (goes_on && !evi_conn_has_input(evcon) &&
		    evcon->reader.at != EVI_READING_END)
			return;
		if (goes_on)
			result = evi_conn_feed(evcon);
	}
}

/* 1.4: code 0 if the answer's first line was not whole, else NULL. */
static void
server_has_ended(struct evhttp_connection *evcon)
{
	bool has_begun = evcon->reader.at != EVI_READING_NOTHING &&
			 evcon->reader.at != EVI_READING_LINE;

	if (may_resend(evcon))
		resend(evcon);
	else if (evi_reader_eof(&evcon->reader) == EVI_READ_DONE) {
		evcon->reader.closes = true;
		complete(evcon);
	} else
		evi_exchange_fail(evcon, EVREQ_HTTP_EOF,
		    !has_begun && !evcon->is_lost);
}

static void
connection_broke(struct evhttp_connection *evcon)
{
	if (may_resend(evcon))
		resend(evcon);
	else
		evi_exchange_fail(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
}

/* --- the role --- */

/* Nothing is expected: the server closes, or says what nobody asked for. */
static void
idle_is_over(struct evhttp_connection *evcon)
{
	hang_up(evcon);
	if (!evcon->is_freed)
		evi_exchange_go_on(evcon);
}

static void
read_answer(struct evhttp_connection *evcon)
{
	enum evi_read result;

	if (!evcon->client->is_begun) {
		idle_is_over(evcon);
		return;
	}
	switch (evi_conn_read(evcon, &result)) {
	case EVI_INPUT_READ:
		evi_conn_touch(evcon);
		answer(evcon, result);
		break;
	case EVI_INPUT_EOF:
		server_has_ended(evcon);
		break;
	case EVI_INPUT_FAILED:
		connection_broke(evcon);
		break;
	default:
		break;
	}
}

static void
write_body(struct evhttp_connection *evcon)
{
	write_request(evcon);
	if (!evcon->is_lost && evi_conn_unsent(evcon) == 0)
		evi_upload_tell_written(first(evcon));
}

static void
write_or_connect(struct evhttp_connection *evcon)
{
	int error;
	socklen_t len = sizeof error;

	if (evcon->state != EVI_CONN_CONNECTING) {
		if (evcon->client->is_begun)
			write_body(evcon);
		else if ((evcon->ev.ev_flags & EVLIST_ACTIVE) &&
			 has_spoken(evcon))
			idle_is_over(evcon); /* it is no answer */
		else
			evi_exchange_go_on(evcon);
		return;
	}
	if (getsockopt(evcon->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0)
		evi_connect_next(&evcon->client->connect);
	else
		connected(evcon);
}

static void
readable(struct evhttp_connection *evcon)
{
	read_answer(evcon);
	free_if_done(evcon);
}

static void
writable(struct evhttp_connection *evcon)
{
	write_or_connect(evcon);
	free_if_done(evcon);
}

static void
timed_out(struct evhttp_connection *evcon)
{
	if (evcon->state == EVI_CONN_CONNECTING)
		evi_connect_next(&evcon->client->connect);
	else if (evcon->client->is_begun)
		evi_exchange_fail(evcon, evi_conn_error(evcon), false);
	else
		idle_is_over(evcon); /* which nobody would notice */
}

/* Nothing is begun by what a server says. */
static enum evi_read
begin(struct evhttp_connection *evcon)
{
	(void)evcon;
	return EVI_READ_NOMEM;
}

static void
free_all(struct evi_requestq *requests)
{
	struct evhttp_request *pub;

	while ((pub = TAILQ_FIRST(requests)) != NULL) {
		TAILQ_REMOVE(requests, pub, next);
		evi_request_of(pub)->is_queued = false;
		evi_request_release(evi_request_of(pub));
	}
}

static void
free_client(struct evhttp_connection *evcon)
{
	struct evi_client *client = evcon->client;

	if (evcon->is_closing)
		return;
	evcon->is_closing = true;
	evi_conn_hold(evcon);
	hang_up(evcon);
	evi_connect_end(&client->connect);
	free_all(&evcon->requests);
	free_all(&client->refused);
	evcon->client = NULL;
	evi_conn_destroy(evcon);
	evi_conn_release(evcon);
	free(client);
}

/*
 * The program takes back a request whose turn has not come, or has.  It is off
 * the connection before anybody is called, who may free that.  Returns whether
 * it was in flight.
 */
bool
evi_exchange_take_back(struct evhttp_connection *evcon, struct evi_request *req)
{
	bool is_in_flight = evi_exchange_is_in_flight(evcon, req);

	if (req->is_refused) {
		TAILQ_REMOVE(&evcon->client->refused, &req->pub, next);
		req->is_queued = false;
		return false;
	}
	evi_exchange_unqueue(evcon, req);
	if (is_in_flight)
		hang_up(evcon);
	if (!evcon->is_freed)
		evi_exchange_go_on(evcon);
	return is_in_flight;
}

/* Whoever runs a callback looks afterwards whether the connection is done. */
void
evi_exchange_release(struct evhttp_connection *evcon)
{
	if (evcon->holds == 1)
		free_if_done(evcon);
	evi_conn_release(evcon);
}

static void
free_request(struct evhttp_connection *evcon, struct evi_request *req)
{
	evi_conn_hold(evcon);
	req->is_held = true;
	evi_exchange_take_back(evcon, req);
	evi_request_end(req);
	evi_exchange_release(evcon);
}

const struct evi_role evi_exchanging = {
    .readable = readable,
    .writable = writable,
    .timed_out = timed_out,
    .begin = begin,
    .free = free_client,
    .free_request = free_request,
};
