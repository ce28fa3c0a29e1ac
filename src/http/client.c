/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's connections.  The plan:
 *
 *  1. Requests wait on the connection's list; the first one is in flight once
 *     is_begun is set, the others wait for its end.
 *  2. Without a connection the first request has one made: dial() goes through
 *     the host's addresses, and then waits and tries again as often as it is
 *     told.  If it does not come about, all requests fail with code 0.
 *  3. begin_request() puts a request into the output, and the reader expects an
 *     answer from then on, as a server may answer before it has read all.
 *  4. complete() and fail() are the two ways in which a request ends.  Both first
 *     see to the connection, so that the next request is on its way, and then
 *     call back.
 *  5. A connection that was used before may have been closed by the server
 *     without our having seen it.  A GET or HEAD to which nothing came back over
 *     such a connection is sent once more over a new one.
 *
 * Any callback may free the connection; see connection.h for how it is held.
 */
#include "client.h"

#include "connection.h"
#include "dial.h"
#include "support/fork.h"
#include "support/log.h"
#include "write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_TIMEOUT 45
#define FIRST_RETRY 2
#define LAST_RETRY 3600

/* What a connection has as a client. */
struct evi_client {
	struct event timer;    /* connecting is tried again; or has failed */
	struct evi_dial dial;
	struct evi_requestq refused; /* make_request was -1 */
	struct timeval first_retry;
	int family;
	bool is_unix;
	bool is_waiting;       /* timer: to try again */
	bool has_failed;       /* timer: to say so */
	struct evi_request *ending;  /* while the close callback runs */
	bool is_begun;	       /* the first request is in flight */
	bool is_reused;	       /* the connection has had an answer */
	bool had_body;	       /* the request in flight, which is sent now */
	bool frees_itself;     /* when there is nothing left to do */
};

static void go_on(struct evhttp_connection *evcon);

static struct evi_request *
first(const struct evhttp_connection *evcon)
{
	return evi_request_of(TAILQ_FIRST(&evcon->requests));
}

static void
queue(struct evhttp_connection *evcon, struct evi_request *req)
{
	TAILQ_INSERT_TAIL(&evcon->requests, &req->pub, next);
	req->is_queued = true;
	req->pub.evcon = evcon;
}

static void
unqueue(struct evhttp_connection *evcon, struct evi_request *req)
{
	TAILQ_REMOVE(&evcon->requests, &req->pub, next);
	req->is_queued = false;
	req->pub.evcon = NULL;
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

static void
tell_error(struct evi_request *req, enum evhttp_request_error error)
{
	if (req->error_cb != NULL)
		req->error_cb(error, req->pub.cb_arg);
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
	tell_error(req, error);
	if (evcon->is_freed) {
		evi_request_release(req);
		return;
	}
	if (with_request)
		evi_request_clear_input(req);
	call_back(req, with_request);
}

/*
 * The request in flight fails: its callback gets NULL, or a request with code 0.
 * The others go on over a new connection.
 */
static void
fail(struct evhttp_connection *evcon, enum evhttp_request_error error,
    bool with_request)
{
	struct evi_request *req = first(evcon);

	evi_conn_hold(evcon);
	if (hang_up_at_end(evcon, req)) {
		unqueue(evcon, req);
		req->is_held = true;
		go_on(evcon);
		end_without_answer(evcon, req, error, with_request);
		free_if_done(evcon);
	}
	evi_conn_release(evcon);
}

/* Nobody can be reached: those that wait now all fail, one after the other. */
static void
fail_all(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub;
	size_t n = 0;

	evi_dial_stop(&evcon->client->dial);
	evcon->state = EVI_CONN_DISCONNECTED;
	evcon->retry_cnt = 0;
	TAILQ_FOREACH (pub, &evcon->requests, next)
		n++;
	evi_conn_hold(evcon);
	while (!evcon->is_freed && n-- > 0 && !TAILQ_EMPTY(&evcon->requests)) {
		struct evi_request *req = first(evcon);

		unqueue(evcon, req);
		req->is_held = true;
		end_without_answer(evcon, req, EVREQ_HTTP_EOF, true);
	}
	if (!evcon->is_freed) {
		go_on(evcon);
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
		go_on(evcon);
}

/* --- connecting --- */

/* tv NULL: at once, for which it takes no memory. */
static int
set_timer(struct evhttp_connection *evcon, const struct timeval *tv)
{
	struct evi_client *client = evcon->client;

	evtimer_set(&client->timer, client->timer.ev_callback, evcon);
	if (evcon->base != NULL)
		event_base_set(evcon->base, &client->timer);
	if (tv != NULL)
		return event_add(&client->timer, tv);
	event_active(&client->timer, EV_TIMEOUT, 1);
	return 0;
}

/* From the loop, as make_request may be waiting for our return. */
static void
fail_soon(struct evhttp_connection *evcon)
{
	evcon->client->has_failed = true;
	evcon->state = EVI_CONN_CONNECTING;
	set_timer(evcon, NULL);
}

/* Twice as long each time. */
static void
wait_to_retry(struct evhttp_connection *evcon)
{
	struct evi_client *client = evcon->client;
	int64_t us = (int64_t)client->first_retry.tv_sec * 1000000 +
		     client->first_retry.tv_usec;
	struct timeval tv;

	for (int i = 0; i < evcon->retry_cnt && us < LAST_RETRY * 1000000LL; i++)
		us *= 2;
	if (us > LAST_RETRY * 1000000LL)
		us = LAST_RETRY * 1000000LL;
	tv.tv_sec = us / 1000000;
	tv.tv_usec = us % 1000000;
	evcon->retry_cnt++;
	client->is_waiting = set_timer(evcon, &tv) == 0;
	evcon->state = EVI_CONN_CONNECTING;
	if (!client->is_waiting)
		fail_soon(evcon);
}

static void
connecting_failed(struct evhttp_connection *evcon)
{
	if (evcon->retry_max < 0 || evcon->retry_cnt < evcon->retry_max)
		wait_to_retry(evcon);
	else
		fail_soon(evcon);
}

/* Returns -1 where our own end cannot be as it was set. */
static int
try_next_address(struct evhttp_connection *evcon)
{
	struct evi_dial_from from = {evcon->bind_address, evcon->bind_port};
	int fd;

	switch (evi_dial_try(&evcon->client->dial, &from, &fd)) {
	case EVI_DIAL_CONNECTING:
		evi_conn_open(evcon, fd, evcon->base);
		evcon->state = EVI_CONN_CONNECTING;
		evi_conn_await_connect(evcon, CONNECT_TIMEOUT);
		return 0;
	case EVI_DIAL_UNBOUND:
		return -1;
	default:
		connecting_failed(evcon);
		return 0;
	}
}

static int
dial(struct evhttp_connection *evcon)
{
	struct evi_client *client = evcon->client;

	if (evi_dial_start(&client->dial, evcon->address, evcon->port,
		client->family, client->is_unix) == -1) {
		connecting_failed(evcon);
		return 0;
	}
	return try_next_address(evcon);
}

static void
dial_again(struct evhttp_connection *evcon)
{
	if (dial(evcon) == -1)
		fail_soon(evcon);
}

static void
timer_cb(int fd, short what, void *arg)
{
	struct evhttp_connection *evcon = arg;
	struct evi_client *client = evcon->client;
	bool is_waiting = client->is_waiting;

	(void)fd;
	(void)what;
	client->is_waiting = client->has_failed = false;
	if (is_waiting)
		dial_again(evcon);
	else
		fail_all(evcon);
}

static void
address_failed(struct evhttp_connection *evcon)
{
	evi_conn_close(evcon);
	if (try_next_address(evcon) == -1)
		fail_soon(evcon);
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
	if (result == 1 && evcon->state == EVI_CONN_WRITING)
		evcon->state = EVI_CONN_READING_FIRSTLINE;
}

static void
begin_request(struct evhttp_connection *evcon)
{
	struct evi_request *req = first(evcon);

	evcon->client->is_begun = true;
	evcon->client->had_body = req->output.off > 0;
	evcon->state = EVI_CONN_WRITING;
	expect_answer(evcon, req);
	req->pub.kind = EVHTTP_RESPONSE;
	if (evi_write_request(req, &evcon->output) == -1) {
		evi_conn_drop_output(evcon);
		evcon->is_lost = true;
		evi_conn_give_up(evcon);
	}
	if (req->output.off > 0)
		evcon->body = req;
	evi_conn_wait_for_input(evcon, false);
	write_request(evcon);
}

/* A child does not talk over its parent's connection. */
static bool
is_inherited(const struct evhttp_connection *evcon)
{
	return evcon->fd != -1 && evcon->generation != evi_fork_generation;
}

static void
go_on(struct evhttp_connection *evcon)
{
	struct evi_client *client = evcon->client;

	if (TAILQ_EMPTY(&evcon->requests) || client->is_begun ||
	    client->is_waiting || client->has_failed)
		return;
	if (evcon->state == EVI_CONN_IDLE && is_inherited(evcon)) {
		hang_up(evcon);
		if (evcon->is_freed)
			return;
	}
	if (evcon->state == EVI_CONN_IDLE)
		begin_request(evcon);
	else if (evcon->state == EVI_CONN_DISCONNECTED)
		dial_again(evcon);
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
		fail(evcon, EVREQ_HTTP_INVALID_HEADER, false);
}

static void
connected(struct evhttp_connection *evcon)
{
	evi_dial_stop(&evcon->client->dial);
	evcon->retry_cnt = 0;
	evcon->state = EVI_CONN_IDLE;
	evcon->is_connected = true;
	if (has_spoken(evcon)) {
		do_not_use(evcon);
		return;
	}
	evi_conn_wait_for_input(evcon, true);
	go_on(evcon);
}

/* --- the answer --- */

/* Whether nothing else may be sent over this connection. */
static bool
closes(const struct evhttp_connection *evcon, struct evi_request *req)
{
	const struct evi_reader *rd = &evcon->reader;
	struct evi_known in, out;

	if (rd->closes || evi_conn_has_input(evcon) || evcon->is_lost ||
	    evi_conn_unsent(evcon) > 0 ||
	    (evcon->may_have_more && has_spoken(evcon)))
		return true;
	evi_known_find(&out, req->pub.output_headers);
	if (out.closes)
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
		unqueue(evcon, req);
		req->is_held = true;
		if (evcon->state != EVI_CONN_IDLE)
			go_on(evcon);
		else if (!TAILQ_EMPTY(&evcon->requests))
			evi_conn_write_soon(evcon);
		call_back(req, true);
		if (!evcon->is_freed)
			go_on(evcon);
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
			fail(evcon, EVREQ_HTTP_EOF, false);
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

	fail(evcon,
	    status == 413 || status == 414 || status == 431 ?
		EVREQ_HTTP_DATA_TOO_LONG :
		EVREQ_HTTP_INVALID_HEADER,
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
			fail(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
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
	else if (evi_reader_eof(&evcon->reader, evcon->reading) ==
		 EVI_READ_DONE) {
		evcon->reader.closes = true;
		complete(evcon);
	} else
		fail(evcon, EVREQ_HTTP_EOF, !has_begun && !evcon->is_lost);
}

static void
connection_broke(struct evhttp_connection *evcon)
{
	if (may_resend(evcon))
		resend(evcon);
	else
		fail(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
}

/* --- the role --- */

/* Nothing is expected: the server closes, or says what nobody asked for. */
static void
idle_is_over(struct evhttp_connection *evcon)
{
	hang_up(evcon);
	if (!evcon->is_freed)
		go_on(evcon);
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
write_or_connect(struct evhttp_connection *evcon)
{
	int error;
	socklen_t len = sizeof error;

	if (evcon->state != EVI_CONN_CONNECTING) {
		if (evcon->client->is_begun)
			write_request(evcon);
		else if ((evcon->ev.ev_flags & EVLIST_ACTIVE) &&
			 has_spoken(evcon))
			idle_is_over(evcon); /* it is no answer */
		else
			go_on(evcon);
		return;
	}
	if (getsockopt(evcon->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0)
		address_failed(evcon);
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
		address_failed(evcon);
	else if (evcon->client->is_begun)
		fail(evcon, evi_conn_error(evcon), false);
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
	if (client->is_waiting || client->has_failed)
		event_del(&client->timer);
	evi_dial_stop(&client->dial);
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
static bool
take_back(struct evhttp_connection *evcon, struct evi_request *req)
{
	bool is_in_flight = evcon->client->is_begun && first(evcon) == req;

	if (req->is_refused) {
		TAILQ_REMOVE(&evcon->client->refused, &req->pub, next);
		req->is_queued = false;
		return false;
	}
	unqueue(evcon, req);
	if (is_in_flight)
		hang_up(evcon);
	if (!evcon->is_freed)
		go_on(evcon);
	return is_in_flight;
}

/* Whoever runs a callback looks afterwards whether the connection is done. */
static void
release_if_done(struct evhttp_connection *evcon)
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
	take_back(evcon, req);
	evi_request_end(req);
	release_if_done(evcon);
}

static const struct evi_role client_role = {
    .readable = readable,
    .writable = writable,
    .timed_out = timed_out,
    .begin = begin,
    .free = free_client,
    .free_request = free_request,
};

/* --- the interface --- */

static struct evhttp_connection *
new_connection(const char *address, unsigned short port)
{
	struct evhttp_connection *evcon = evi_conn_new(&client_role);
	struct evi_client *client = calloc(1, sizeof *client);

	if (evcon == NULL || client == NULL ||
	    (evcon->address = strdup(address)) == NULL) {
		free(client);
		if (evcon != NULL)
			evi_conn_destroy(evcon);
		return NULL;
	}
	evcon->client = client;
	evcon->flags = EVI_CONN_OUTGOING;
	evcon->port = port;
	evi_reader_init(&evcon->reader, true);
	TAILQ_INIT(&client->refused);
	client->timer.ev_callback = timer_cb;
	client->first_retry.tv_sec = FIRST_RETRY;
	client->family = AF_UNSPEC;
	return evcon;
}

struct evhttp_connection *
evhttp_connection_new(const char *address, unsigned short port)
{
	return new_connection(address, port);
}

struct evhttp_connection *
evhttp_connection_base_new(struct event_base *base, struct evdns_base *dnsbase,
    const char *address, ev_uint16_t port)
{
	struct evhttp_connection *evcon =
	    dnsbase == NULL ? new_connection(address, port) : NULL;

	if (evcon != NULL) {
		evcon->base = base;
		evcon->has_base = base != NULL;
	}
	return evcon;
}

struct evhttp_connection *
evcompat_http_unix_connection_new(struct event_base *base, const char *path)
{
	struct evhttp_connection *evcon =
	    evhttp_connection_base_new(base, NULL, path, 0);

	if (evcon != NULL)
		evcon->client->is_unix = true;
	return evcon;
}

void
evhttp_connection_set_base(struct evhttp_connection *evcon,
    struct event_base *base)
{
	if (evcon->has_base || evcon->state != EVI_CONN_DISCONNECTED) {
		event_warnx("%s: the connection has a base", __func__);
		return;
	}
	evcon->base = base;
	evcon->has_base = base != NULL;
}

/* Whether our own end may still be set; says so if not. */
static bool
may_set_own_end(const struct evhttp_connection *evcon, const char *function)
{
	if (evcon->state == EVI_CONN_DISCONNECTED && evcon->client != NULL)
		return true;
	event_warnx("%s: there is a connection", function);
	return false;
}

void
evhttp_connection_set_local_address(struct evhttp_connection *evcon,
    const char *address)
{
	char *copy = NULL;

	if (!may_set_own_end(evcon, __func__))
		return;
	if (address != NULL && (copy = strdup(address)) == NULL) {
		event_warnx("%s: no memory", __func__);
		return;
	}
	free(evcon->bind_address);
	evcon->bind_address = copy;
}

void
evhttp_connection_set_local_port(struct evhttp_connection *evcon,
    unsigned short port)
{
	if (may_set_own_end(evcon, __func__))
		evcon->bind_port = port;
}

void
evhttp_connection_set_retries(struct evhttp_connection *evcon, int retry_max)
{
	evcon->retry_max = retry_max;
}

void
evhttp_connection_set_initial_retry_tv(struct evhttp_connection *evcon,
    const struct timeval *tv)
{
	static const struct timeval otherwise = {.tv_sec = FIRST_RETRY};

	if (evcon->client != NULL)
		evcon->client->first_retry = tv != NULL ? *tv : otherwise;
}

void
evhttp_connection_set_family(struct evhttp_connection *evcon, int family)
{
	if (evcon->client != NULL)
		evcon->client->family = family;
}

void
evhttp_connection_free_on_completion(struct evhttp_connection *evcon)
{
	if (evcon->client != NULL)
		evcon->client->frees_itself = true;
}

/* --- requests --- */

/* 1.4: stays with the connection, which frees it, but is never sent. */
static int
refuse_request(struct evhttp_connection *evcon, struct evi_request *req)
{
	req->is_queued = req->is_refused = true;
	req->pub.evcon = evcon;
	TAILQ_INSERT_TAIL(&evcon->client->refused, &req->pub, next);
	return -1;
}

static bool
may_be_sent(int type, const char *uri)
{
	return evi_method_name(type) != NULL && type != EVHTTP_REQ_CONNECT &&
	       uri[strcspn(uri, "\r\n")] == '\0';
}

int
evhttp_make_request(struct evhttp_connection *evcon,
    struct evhttp_request *pub, enum evhttp_cmd_type type, const char *uri)
{
	struct evi_request *req = evi_request_of(pub);
	char *copy;

	if (evcon->client == NULL || req->is_queued || req->is_held)
		return -1;
	copy = strdup(uri[0] != '\0' ? uri : "/");
	if (copy == NULL || !may_be_sent((int)type, uri) ||
	    (pub->flags & EVHTTP_REQ_OWN_CONNECTION)) {
		free(copy);
		return refuse_request(evcon, req);
	}
	free(pub->uri);
	pub->uri = copy;
	pub->kind = EVHTTP_REQUEST;
	pub->type = type;
	if (pub->major == 0 && pub->minor == 0)
		pub->major = pub->minor = 1;
	queue(evcon, req);
	if (evcon->state == EVI_CONN_DISCONNECTED && dial(evcon) == -1) {
		unqueue(evcon, req);
		return refuse_request(evcon, req);
	}
	if (evcon->state == EVI_CONN_IDLE)
		evi_conn_write_soon(evcon);
	return 0;
}

void
evhttp_cancel_request(struct evhttp_request *pub)
{
	struct evhttp_connection *evcon = pub->evcon;
	struct evi_request *req = evi_request_of(pub);

	if (evcon == NULL || !req->is_queued || evcon->client == NULL)
		return;
	evi_conn_hold(evcon);
	req->is_held = true;
	if (take_back(evcon, req))
		tell_error(req, EVREQ_HTTP_REQUEST_CANCEL);
	evi_request_release(req);
	release_if_done(evcon);
}

void
evhttp_connection_fail(struct evhttp_connection *evcon, int error)
{
	static const enum evhttp_request_error errors[] = {EVREQ_HTTP_TIMEOUT,
	    EVREQ_HTTP_EOF, EVREQ_HTTP_INVALID_HEADER};

	if (evcon->client == NULL)
		evcon->role->free(evcon);
	else if (!TAILQ_EMPTY(&evcon->requests))
		fail(evcon, errors[error >= 0 && error <= 2 ? error : 1],
		    false);
}
