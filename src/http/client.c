/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's connections, as the program sees them.  The plan:
 *
 *  1. evhttp_connection_new() and its variants make a connection, and the
 *     settings are stored in it, in its connector or its struct client.
 *  2. evhttp_make_request() checks a request, queues it, and starts to connect
 *     if there is no socket; exchange.c does the rest.
 *  3. evcompat_http_stream() announces a body in pieces; while the request is
 *     in flight, each piece is added to the output.
 *  4. evhttp_cancel_request() and evhttp_connection_fail() end a request early.
 */
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "answer.h"
#include "exchange.h"
#include "upload.h"
#include "support/log.h"

static struct evhttp_connection *
new_connection(const char *address, unsigned short port)
{
	struct evhttp_connection *evcon =
	    evi_conn_new(&evi_answer_role, EVI_CONN_OUTGOING, address, port);

	if (evcon == NULL)
		return NULL;
	if (evi_exchange_init(evcon) == -1) {
		evi_conn_destroy(evcon);
		return NULL;
	}
	evi_reader_init(&evcon->reader, true);
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

	if (evcon != NULL)
		evi_conn_set_base(evcon, base);
	return evcon;
}

struct evhttp_connection *
evcompat_http_unix_connection_new(struct event_base *base, const char *path)
{
	struct evhttp_connection *evcon =
	    evhttp_connection_base_new(base, NULL, path, 0);

	if (evcon != NULL)
		evi_connect_set_unix(&evcon->client->connect);
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
	evi_conn_set_base(evcon, base);
}

/* Whether the local address may still be set; logs a warning if not. */
static bool
may_set_local_end(const struct evhttp_connection *evcon, const char *function)
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

	if (!may_set_local_end(evcon, __func__))
		return;
	if (address != NULL && (copy = strdup(address)) == NULL) {
		event_warnx("%s: no memory", __func__);
		return;
	}
	evi_conn_set_local_address(evcon, copy);
}

void
evhttp_connection_set_local_port(struct evhttp_connection *evcon,
    unsigned short port)
{
	if (may_set_local_end(evcon, __func__))
		evi_conn_set_local_port(evcon, port);
}

void
evhttp_connection_set_retries(struct evhttp_connection *evcon, int retry_max)
{
	evi_conn_set_retry_max(evcon, retry_max);
}

void
evhttp_connection_set_initial_retry_tv(struct evhttp_connection *evcon,
    const struct timeval *tv)
{
	if (evcon->client != NULL)
		evi_connect_set_retry(&evcon->client->connect, tv);
}

void
evhttp_connection_set_family(struct evhttp_connection *evcon, int family)
{
	if (evcon->client != NULL)
		evi_connect_set_family(&evcon->client->connect, family);
}

void
evhttp_connection_free_on_completion(struct evhttp_connection *evcon)
{
	if (evcon->client != NULL)
		evi_exchange_set_frees_itself(evcon);
}

/* --- requests --- */

/*
 * 1.4: the connection keeps a refused request, which it never sends, until the
 * program frees one of the two.
 */
static int
refuse_request(struct evhttp_connection *evcon, struct http_request *req)
{
	evi_request_queue_refused(req, &evcon->client->refused, evcon);
	return -1;
}

static bool
may_be_sent(int type, const char *uri)
{
	return evi_request_method(type) != NULL && type != EVHTTP_REQ_CONNECT &&
	       uri[strcspn(uri, "\r\n")] == '\0';
}

/*
 * Whether a body in pieces can be sent, if the request has one: a body of
 * unknown length needs chunks, which HTTP/1.0 does not have, and output_buffer,
 * the first piece, must not be longer than a known length.
 */
static bool
may_be_streamed(const struct http_request *req)
{
	int64_t length;

	if (req->upload == NULL)
		return true;
	length = req->upload->remaining;
	if (length < 0)
		return !(req->pub.major == 1 && req->pub.minor == 0);
	return EVBUFFER_LENGTH(&req->output) <= (uint64_t)length;
}

int
evhttp_make_request(struct evhttp_connection *evcon, struct evhttp_request *pub,
    enum evhttp_cmd_type type, const char *uri)
{
	struct http_request *req = evi_request_of(pub);
	char *copy;

	if (evcon->client == NULL || req->is_queued || req->in_last_callback)
		return -1;
	copy = strdup(uri[0] != '\0' ? uri : "/");
	if (copy == NULL || !may_be_sent((int)type, uri) ||
	    !may_be_streamed(req) || (pub->flags & EVHTTP_REQ_OWN_CONNECTION)) {
		free(copy);
		return refuse_request(evcon, req);
	}
	free(pub->uri);
	pub->uri = copy;
	pub->kind = EVHTTP_REQUEST;
	pub->type = type;
	if (pub->major == 0 && pub->minor == 0)
		pub->major = pub->minor = 1;
	evi_exchange_queue(evcon, req);
	if (evcon->state == EVI_CONN_DISCONNECTED &&
	    evi_connect_start(&evcon->client->connect) == -1) {
		evi_exchange_unqueue(evcon, req);
		return refuse_request(evcon, req);
	}
	if (evcon->state == EVI_CONN_IDLE)
		evi_conn_write_soon(evcon);
	return 0;
}

/* --- a body in pieces --- */

int
evcompat_http_stream(struct evhttp_request *pub, ev_int64_t length,
    void (*cb)(struct evhttp_request *, void *), void *arg)
{
	struct http_request *req = evi_request_of(pub);

	if (length < -1 || req->is_queued || req->in_last_callback ||
	    (pub->flags & EVHTTP_REQ_OWN_CONNECTION)) {
		errno = EINVAL;
		return -1;
	}
	return evi_upload_begin(req, length, cb, arg);
}

/* The connection that takes pieces of the body now; NULL, with errno, if none.
 */
static struct evhttp_connection *
streaming_connection(struct http_request *req)
{
	struct evhttp_connection *evcon = req->pub.evcon;

	if (!evi_upload_is_open(req)) {
		errno = EINVAL;
		return NULL;
	}
	if (!req->is_queued || !evi_exchange_is_in_flight(evcon, req)) {
		errno = ENOTCONN;
		return NULL;
	}
	return evcon;
}

int
evcompat_http_stream_piece(struct evhttp_request *pub, struct evbuffer *piece)
{
	struct http_request *req = evi_request_of(pub);
	struct evhttp_connection *evcon = streaming_connection(req);
	int64_t remaining;

	if (evcon == NULL)
		return -1;
	remaining = req->upload->remaining;
	if (remaining >= 0 && EVBUFFER_LENGTH(piece) > (uint64_t)remaining) {
		errno = EINVAL;
		return -1;
	}
	if (evi_upload_add(req, &evcon->output, piece) == -1)
		evi_exchange_report_no_memory(evcon);
	else
		evi_exchange_continue_body(evcon);
	return 0;
}

int
evcompat_http_stream_end(struct evhttp_request *pub)
{
	struct http_request *req = evi_request_of(pub);
	struct evhttp_connection *evcon = streaming_connection(req);

	if (evcon == NULL)
		return -1;
	if (req->upload->remaining > 0) {
		errno = EINVAL;
		return -1;
	}
	if (evi_upload_end(req, &evcon->output) == -1)
		evi_exchange_report_no_memory(evcon);
	else
		evi_exchange_continue_body(evcon);
	return 0;
}

void
evhttp_cancel_request(struct evhttp_request *pub)
{
	struct evhttp_connection *evcon = pub->evcon;
	struct http_request *req = evi_request_of(pub);

	if (evcon == NULL || !req->is_queued || evcon->client == NULL)
		return;
	evi_conn_ref(evcon);
	evi_request_begin_last_callback(req);
	if (evi_exchange_cancel(evcon, req))
		evi_request_call_error_cb(req, EVREQ_HTTP_REQUEST_CANCEL);
	evi_request_release(req);
	evi_exchange_unref(evcon);
}

void
evhttp_connection_fail(struct evhttp_connection *evcon, int error)
{
	static const enum evhttp_request_error errors[] = {EVREQ_HTTP_TIMEOUT,
	    EVREQ_HTTP_EOF, EVREQ_HTTP_INVALID_HEADER};

	if (evcon->client == NULL)
		evcon->role->free_cb(evcon);
	else if (!TAILQ_EMPTY(&evcon->requests))
		evi_exchange_fail(evcon,
		    errors[error >= 0 && error <= 2 ? error : 1], false);
}
