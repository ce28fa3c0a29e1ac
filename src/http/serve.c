/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's connections.  The plan:
 *
 *  1. readable_cb() reads, and evi_incoming_handle() parses the bytes and calls
 *     the program, until it needs more bytes or a request is unanswered.
 *  2. Callbacks answer inside or later.  Either way the answer is added to the
 *     connection's output; process() writes it, frees the requests whose
 *     answers are written, and parses the input that is left.  An answer that
 *     is given later has process() called from the loop.
 *  3. While a request is unanswered nothing is read; but the event for reading
 *     stays added until it first fires, as most callbacks answer at once.
 *  4. A body that nobody reads, that of a GET request or of one that was
 *     answered before its end, is read and discarded, up to a limit.
 *  5. ending.c closes a connection, at once or when everything is written.
 *
 * Any callback may free the connection or the server.  The events' callbacks in
 * conn.c have a reference, so that the code may check evcon->fd after each
 * call; if that is -1, it uses no other member.
 */
#include "serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ending.h"
#include "incoming.h"
#include "support/log.h"

/*
 * The longest body that is discarded, in bytes; with a longer one the
 * connection closes after the answer.
 */
#define DISCARDED_MAX 1048576

/* --- writing answers --- */

/* Sends 100 Continue to a client that waits for it (RFC 9110 10.1.1). */
static void
send_continue(struct evhttp_connection *evcon)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct http_request *req = evcon->reading;

	if (req != NULL && evi_reader_take_expectation(&evcon->reader) &&
	    req->pub.minor >= 1 &&
	    evi_output_add(&evcon->output, text, sizeof text - 1) == -1)
		evi_output_fail(&evcon->output);
}

/* Has the connection close rather than discard a body that is too long. */
static void
limit_discarded(struct evhttp_connection *evcon)
{
	const struct message_reader *rd = &evcon->reader;

	if (rd->discards_body && evcon->unanswered == NULL &&
	    (rd->remaining > DISCARDED_MAX || rd->body_bytes > DISCARDED_MAX))
		evi_conn_close_when_written(evcon);
}

/* Frees the requests whose answers are written.  Returns false if a callback
 * has closed the connection. */
static bool
free_answered(struct evhttp_connection *evcon)
{
	struct evhttp_request *pub;

	while ((pub = TAILQ_FIRST(&evcon->requests)) != NULL && pub->userdone &&
	       evi_request_of(pub)->answer_end <= evcon->output.written) {
		struct http_request *req = evi_request_of(pub);

		evi_ending_unqueue(evcon, req);
		evi_request_begin_last_callback(req);
		if (req->complete_cb != NULL)
			req->complete_cb(pub, req->complete_arg);
		evi_request_release(req);
		if (evcon->fd == -1)
			return false;
		evi_conn_restart_timeout(evcon);
	}
	return true;
}

/* Whether the connection has no requests, and nothing to parse or write. */
static bool
is_idle(const struct evhttp_connection *evcon)
{
	return TAILQ_EMPTY(&evcon->requests) && !evcon->entry.is_lingering &&
	       !evi_conn_has_input(evcon) &&
	       evi_output_size(&evcon->output) == 0 &&
	       evcon->reader.state == EVI_READING_NOTHING;
}

/*
 * Closes a connection that has to close, if all answers are given and written.
 * Returns whether it is closed now, or lingers.
 */
static bool
close_if_due(struct evhttp_connection *evcon)
{
	if (evi_output_size(&evcon->output) > 0 || evcon->unanswered != NULL)
		return false;
	if (evcon->close_when_written) {
		evi_ending_close_gracefully(evcon);
		return true;
	}
	if (evcon->policy->closes_connections && is_idle(evcon)) {
		evi_ending_close(evcon, EVREQ_HTTP_EOF, false);
		return true;
	}
	return false;
}

/*
 * Writes the answers.  Returns false if the connection is closed, or cannot be
 * written to.  1.4: a program that has not begun an answer finds out that the
 * connection is closed when it answers.
 */
static bool
write_answers(struct evhttp_connection *evcon)
{
	enum flush_result result;

	if (evcon->reading != NULL && evcon->reading->pub.userdone)
		evi_incoming_drop_body(evcon);
	send_continue(evcon);
	limit_discarded(evcon);
	result = evi_conn_flush(evcon);
	if (result == EVI_FLUSH_FAILED) {
		if (evcon->unanswered == NULL || evcon->unanswered->is_started)
			evi_ending_close(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
		return false;
	}
	if (result == EVI_FLUSH_DONE && !evi_conn_call_drain_cb(evcon))
		return false;
	if (!free_answered(evcon))
		return false;
	return result == EVI_FLUSH_WAITS || !close_if_due(evcon);
}

/*
 * Writes answers and parses input in turn, while there is any.  needs_input:
 * the input that was read is not enough to parse anything.
 */
static void
process(struct evhttp_connection *evcon, bool needs_input)
{
	while (write_answers(evcon) && evi_incoming_may_read(evcon)) {
		if (needs_input || !evi_incoming_has_input(evcon)) {
			evi_conn_start_reading(evcon);
			return;
		}
		needs_input = evi_incoming_handle(evcon, evi_conn_feed(evcon));
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
	enum reader_state before = evcon->reader.state;
	enum read_result result;
	bool needs_input;

	if (evcon->entry.is_lingering) {
		if (!evi_ending_discard_input(evcon))
			evi_ending_close(evcon, EVREQ_HTTP_EOF, false);
		return;
	}
	if (!evi_incoming_may_read(evcon)) {
		evi_conn_stop_reading(evcon);
		return;
	}
	switch (evi_conn_read(evcon, &result)) {
	case EVI_INPUT_READ:
		/* The time limit of a head starts at its first byte. */
		if (before == EVI_READING_NOTHING ||
		    evcon->reader.state >= EVI_READING_BODY)
			evi_conn_restart_timeout(evcon);
		needs_input = evi_incoming_handle(evcon, result);
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
	if (!evcon->entry.is_lingering)
		process(evcon, false);
}

static void
timed_out_cb(struct evhttp_connection *evcon)
{
	evi_ending_close(evcon, evi_conn_timeout_reason(evcon), false);
}

/* The program frees a request that is on a connection, answered or not. */
static void
free_request_cb(struct evhttp_connection *evcon, struct http_request *req)
{
	if (req->pub.userdone) {
		evi_request_disown(req); /* freed when its answer is written */
		return;
	}
	if (evcon->reading == req)
		evi_incoming_drop_body(evcon);
	evi_ending_unqueue(evcon, req);
	evi_request_free(req);
	evi_conn_refuse_input(evcon);
	evi_conn_write_soon(evcon);
}

static const struct conn_role role = {
    .readable_cb = readable_cb,
    .writable_cb = writable_cb,
    .timed_out_cb = timed_out_cb,
    .begin_cb = evi_incoming_begin,
    .free_cb = evi_serve_free,
    .free_request_cb = free_request_cb,
};

/* --- new connections --- */

/* Makes a connection from a client's address. */
static struct evhttp_connection *
new_connection(const struct sockaddr *sa)
{
	const struct sockaddr_in6 *in6 = (const void *)sa;
	const struct sockaddr_in *in = (const void *)sa;
	char text[INET6_ADDRSTRLEN] = "localhost";
	unsigned short port = 0;

	if (sa->sa_family == AF_INET) {
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
		port = ntohs(in->sin_port);
	} else if (sa->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		port = ntohs(in6->sin6_port);
	}
	return evi_conn_new(&role, EVI_CONN_INCOMING, text, port);
}

/* Gives the connection its server's settings, and adds it to the server. */
static void
add_to_server(struct evhttp_connection *evcon, struct evhttp *http)
{
	evi_conn_set_server(evcon, http, &http->policy);
	evi_conn_set_time_limit(evcon, http->timeout,
	    http->uses_time_limit ? &http->time_limit : NULL);
	evi_conn_set_connected(evcon);
	evi_conn_set_state(evcon, EVI_CONN_IDLE);
	evi_reader_init(&evcon->reader, false);
	evi_reader_set_limits(&evcon->reader, &http->limits);
	if (http->has_method_mask)
		evi_reader_set_methods(&evcon->reader, http->methods);
	evi_ending_add_to_server(evcon);
}

void
evi_serve_start(struct evhttp *http, int fd, const struct sockaddr *client,
    bool is_over_limit)
{
	struct evhttp_connection *evcon = new_connection(client);
	int on = 1;

	if (evcon == NULL) {
		event_warnx("evhttp: no memory for a connection");
		close(fd);
		return;
	}
	if (client->sa_family == AF_INET || client->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	evi_conn_open(evcon, fd, http->base);
	add_to_server(evcon, http);
	if (!is_over_limit)
		evi_conn_start_reading(evcon);
	else if (evi_incoming_begin(evcon) == EVI_READ_NOMEM)
		evi_ending_close(evcon, EVREQ_HTTP_BUFFER_ERROR, false);
	else
		evi_incoming_refuse(evcon, HTTP_SERVUNAVAIL);
}

void
evi_serve_close_if_idle(struct evhttp_connection *evcon)
{
	/* writable_cb() finds nothing to write, and close_if_due() closes. */
	if (is_idle(evcon))
		evi_conn_write_soon(evcon);
}
