/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing a client's connection against a server that follows a script.  The
 * first SETTINGS bytes of the input say which requests are made, and what their
 * callbacks do; the rest is what the server says, with these steps in it:
 *
 *	0x01 N C	many bytes C
 *	0x02		waits until a whole request has come
 *	0x03		closes; the next connection continues the script
 *	0x04		resets
 *	0x05		says that no more will come
 *	0x06		lets the client work
 *
 * Each request has to get exactly one callback, unless the program has freed
 * its connection or cancelled it.
 *
 * 1. start() makes the first requests; each is noted in requests[].
 * 2. The server of http_peer.h plays the steps, and has the client work.
 * 3. request_cb() and the callbacks for heads, pieces, errors and the end of a
 *    connection check what they get, and do what the settings say: they make
 *    requests, cancel some, or free the connection.
 * 4. end_all() closes whatever the client connects, and wants a callback of
 *    each request.
 */
#define EVCOMPAT_HTTP

#include <sys/queue.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <event.h>
#include <evcompat.h>
#include <evhttp.h>

#include "fuzz.h"
#include "http_peer.h"
#include "network.h"

#define SETTINGS 15
#define MAX_REQUESTS 24
#define MAX_MEMORY 4000000L

/* What a request's callback does. */
enum act {
	NOTHING,
	NEXT,
	NEXT_TWO,
	FREE_CONNECTION,
	FREE_SERVER_SIDE, /* the server closes meanwhile */
	CANCEL_LAST,
	FREE_LAST,
	OWN,
	OTHER_CONNECTION,
	FAIL_CONNECTION,
	NACTS
};

/* What the callbacks for header and chunk do besides. */
enum piece_act {
	CONTINUE,
	DRAIN,
	REFUSE,
	CANCEL,
	FREE_IT,
	FREE_ALL,
	NPIECE_ACTS
};

static struct settings {
	unsigned n_requests;
	bool streams, wants_chunks, has_short_heads, has_short_bodies;
	bool is_gone, frees_itself;
	enum piece_act on_header, on_chunk;
	unsigned on_close, on_error;
	enum act acts[4];
	unsigned types[2];
	unsigned body;
	unsigned pieces[2];
} is;

/* A request that was made. */
struct made {
	struct evhttp_request *req; /* while it waits for its callback */
	bool is_cancelled, is_called;
};

static struct made requests[MAX_REQUESTS];
static unsigned n_requests;
static struct event_base *base;
static struct evhttp_connection *evcon;
static struct evhttp_request *owned[MAX_REQUESTS];
static unsigned n_owned;
static const char *path_of_peer;

size_t __sanitizer_get_current_allocated_bytes(void);

static void make_request(void);

/*
 * What the client does.
 */

/*
 * Forgets the requests of a connection that is freed: none of them gets a
 * callback.
 */
static void
forget_all(void)
{
	for (unsigned i = 0; i < n_requests; i++)
		if (requests[i].req != NULL) {
			requests[i].is_cancelled = true;
			requests[i].req = NULL;
		}
}

static void
free_connection(void)
{
	struct evhttp_connection *old = evcon;

	if (is.frees_itself)
		return;
	forget_all();
	evcon = NULL;
	if (old != NULL)
		evhttp_connection_free(old);
}

static struct made *
last_waiting(void)
{
	for (unsigned i = n_requests; i-- > 0;)
		if (requests[i].req != NULL)
			return &requests[i];
	return NULL;
}

static void
cancel(struct made *m, bool frees)
{
	struct evhttp_request *req;

	if (m == NULL)
		return;
	req = m->req;
	m->req = NULL;
	m->is_cancelled = true;
	if (frees)
		evhttp_request_free(req);
	else
		evhttp_cancel_request(req);
}

static void
connect_to(const char *path)
{
	evcon = evcompat_http_unix_connection_new(base, path);
	if (is.has_short_heads)
		evhttp_connection_set_max_headers_size(evcon, 256);
	if (is.has_short_bodies)
		evhttp_connection_set_max_body_size(evcon, 40);
}

static void
reconnect(const char *path)
{
	if (is.frees_itself)
		return;
	free_connection();
	connect_to(path);
	make_request();
}

static void
act(enum act how)
{
	switch (how) {
	case NEXT_TWO:
		make_request();
		/* fall through */
	case NEXT:
		make_request();
		break;
	case FREE_CONNECTION:
		free_connection();
		break;
	case FREE_SERVER_SIDE:
		peer_close(false);
		break;
	case CANCEL_LAST:
	case FREE_LAST:
		cancel(last_waiting(), how == FREE_LAST);
		break;
	case FAIL_CONNECTION:
		reconnect("/no/such");
		break;
	case OTHER_CONNECTION:
		reconnect(path_of_peer);
		break;
	default:
		break;
	}
}

static void
check_answer(struct evhttp_request *req)
{
	if (req->response_code == 0 && !TAILQ_EMPTY(req->input_headers))
		fail("headers without an answer");
	if (req->response_code != 0 && req->response_code_line == NULL)
		fail("an answer without a reason");
	if (req->response_code < 0 || req->response_code > 999)
		fail("code %d", req->response_code);
	if (req->response_code != 0 && req->ntoread > 0)
		fail("an answer that is cut");
	if (is.has_short_bodies && EVBUFFER_LENGTH(req->input_buffer) > 40)
		fail("a body over the limit");
}

static void
request_cb(struct evhttp_request *req, void *arg)
{
	struct made *m = arg;

	if (m->is_called)
		fail("request %d is called back again", (int)(m - requests));
	if (m->is_cancelled)
		fail("request %d is called back", (int)(m - requests));
	if (req != NULL && req != m->req)
		fail("another's request");
	m->is_called = true;
	m->req = NULL;
	if (req != NULL)
		check_answer(req);
	if (req != NULL && is.acts[(m - requests) % 4] == OWN) {
		evhttp_request_own(req);
		owned[n_owned++] = req;
	}
	act(is.acts[(m - requests) % 4]);
}

static int
act_on_piece(struct evhttp_request *req, struct made *m, enum piece_act how)
{
	if (m->is_called || m->is_cancelled || req != m->req)
		fail("a piece of a request that has ended");
	if (req->response_code < 100)
		fail("a piece without a head");
	switch (how) {
	case DRAIN:
		evbuffer_drain(req->input_buffer, SIZE_MAX);
		return 0;
	case REFUSE:
		return -1;
	case CANCEL:
	case FREE_IT:
		cancel(m, how == FREE_IT);
		return 0;
	case FREE_ALL:
		free_connection();
		return 0;
	default:
		return 0;
	}
}

static int
header_cb(struct evhttp_request *req, void *arg)
{
	if (EVBUFFER_LENGTH(req->input_buffer) > 0)
		fail("some of the body before the head");
	return act_on_piece(req, arg, is.on_header);
}

static void
chunk_cb(struct evhttp_request *req, void *arg)
{
	if (EVBUFFER_LENGTH(req->input_buffer) == 0)
		fail("an empty piece");
	act_on_piece(req, arg, is.on_chunk);
}

static void
error_cb(enum evhttp_request_error error, void *arg)
{
	struct made *m = arg;

	(void)error;
	if (m->is_called)
		fail("an error after the callback");
	if (is.on_error == 1)
		make_request();
	else if (is.on_error == 2)
		free_connection();
}

static void
close_cb(struct evhttp_connection *c, void *arg)
{
	(void)arg;
	if (c != evcon && evcon != NULL)
		fail("another connection is closed");
	if (is.on_close == 1)
		free_connection();
	else if (is.on_close == 2 && evcon != NULL)
		make_request();
	else if (is.on_close == 3 && evcon != NULL) {
		cancel(last_waiting(), true);
		make_request();
	}
}

static void
fill(struct evhttp_request *req, struct made *m)
{
	static char much[300000];
	char id[16];

	snprintf(id, sizeof id, "%d", (int)(m - requests));
	evhttp_add_header(req->output_headers, "Host", "here");
	evhttp_add_header(req->output_headers, "X-Id", id);
	if (is.body > 0)
		evbuffer_add(req->output_buffer, much,
		    is.body == 1 ? 10 : sizeof much);
	if (is.streams)
		evhttp_request_set_header_cb(req, header_cb);
	if (is.streams || is.wants_chunks)
		evhttp_request_set_chunked_cb(req, chunk_cb);
	evhttp_request_set_error_cb(req, error_cb);
}

static void
make_request(void)
{
	static const enum evhttp_cmd_type types[] = {EVHTTP_REQ_GET,
	    EVHTTP_REQ_HEAD, EVHTTP_REQ_POST, EVHTTP_REQ_PUT};
	struct made *m = &requests[n_requests];
	struct evhttp_request *req;

	if (n_requests == MAX_REQUESTS || evcon == NULL)
		return;
	req = evhttp_request_new(request_cb, m);
	*m = (struct made){req, false, false};
	fill(req, m);
	n_requests++;
	evhttp_connection_set_closecb(evcon, close_cb, NULL);
	if (evhttp_make_request(evcon, req, types[is.types[n_requests % 2] % 4],
		"/what") != 0)
		fail("make_request failed");
	if (m->is_called)
		fail("called back inside make_request");
}

/*
 * Closes all connections from now on, so that each request fails or has ended.
 */
static void
end_all(void)
{
	begin("the end");
	peer_close(false);
	for (int idle = 0; idle < IDLE_PASSES; idle++) {
		peer_work(1);
		if (peer_accept()) {
			peer_close(idle % 2 == 0);
			idle = 0;
		}
	}
	for (unsigned i = 0; i < n_requests; i++)
		if (!requests[i].is_called && !requests[i].is_cancelled)
			fail("request %u is not called back", i);
}

/*
 * A run, from its settings to the last checks.
 */

static void
read_settings(void)
{
	unsigned flags = take(256);

	is.n_requests = 1 + take(8);
	is.streams = flags & 1;
	is.wants_chunks = flags & 2;
	is.has_short_heads = flags & 4;
	is.has_short_bodies = flags & 8;
	is.is_gone = flags & 16;
	is.frees_itself = flags & 32;
	is.on_header = take(NPIECE_ACTS);
	is.on_chunk = take(NPIECE_ACTS);
	if (is.on_chunk == REFUSE)
		is.on_chunk = CONTINUE;
	is.on_close = take(is.frees_itself ? 1 : 4);
	is.on_error = take(3);
	for (int i = 0; i < 4; i++)
		is.acts[i] = take(NACTS);
	is.types[0] = take(4);
	is.types[1] = take(4);
	is.body = take(3);
	is.pieces[0] = take(256);
	is.pieces[1] = take(256);
}

static void
start(void)
{
	n_requests = n_owned = 0;
	base = event_base_new();
	peer_begin(base, is.pieces);
	connect_to(is.is_gone ? "/no/such" : path_of_peer);
	for (unsigned i = 0; i < is.n_requests; i++)
		make_request();
	if (is.frees_itself)
		evhttp_connection_free_on_completion(evcon);
}

static void
finish(void)
{
	if (!is.frees_itself)
		free_connection();
	evcon = NULL;
	peer_close(false);
	for (unsigned i = 0; i < n_owned; i++)
		evhttp_request_free(owned[i]);
	peer_work(1);
	event_base_free(base);
	while (peer_accept())
		peer_close(false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t before;

	if (size < SETTINGS)
		return 0;
	fuzz_start_network(data, size);
	path_of_peer = peer_listen();
	read_settings();
	before = __sanitizer_get_current_allocated_bytes();
	start();
	while (fuzz.at < fuzz.end) {
		peer_step();
		if (__sanitizer_get_current_allocated_bytes() >
		    before + (size_t)MAX_MEMORY + (size_t)n_requests * 700000)
			fail("too much memory");
	}
	end_all();
	finish();
	return 0;
}
