/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server of http_server.c and its handlers; see the header.
 *
 * 1. A request reaches handler_cb(), or first new_cb(), header_cb() and
 *    chunk_cb() where the server streams; begin_exchange() notes it.
 * 2. act() does what the settings say for that exchange: it answers, frees, or
 *    leaves it to a later pass.
 * 3. handlers_do_due() is called after each pass, and answers what is due in it
 *    by do_later().
 * 4. Whatever is freed is forgotten first, by forget_all(), as its answers may
 *    then be cut.
 */
#define EVCOMPAT_HTTP

#include "http_handlers.h"

#include <sys/queue.h>
#include <sys/socket.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <event.h>

#include "../../../src/http/conn.h"
#include "fuzz.h"
#include "http_answers.h"
#include "network.h"

struct settings is;
struct handlers handlers;

static void reply_in_part(struct exchange *e);

/*
 * Answers.
 */

static struct evbuffer *
make_body(struct exchange *e, size_t len)
{
	unsigned id = (unsigned)(e - exchanges);
	struct evbuffer *buf = evbuffer_new();

	if (e->len == 0 && len > 0)
		evbuffer_expand(buf, len);
	for (size_t i = 0; i < len; i++) {
		char c = body_byte(id, e->len + i);

		evbuffer_add(buf, &c, 1);
	}
	e->len += len;
	return buf;
}

static void
name_answer(struct exchange *e, int code)
{
	char id[16];

	snprintf(id, sizeof id, "%d", (int)(e - exchanges));
	evhttp_add_header(e->req->output_headers, "X-Id", id);
	e->code = code;
	e->is_begun = true;
}

/* The answer was given, and the library owns the request. */
static void
given(struct exchange *e)
{
	e->is_given = true;
	if (handlers.streamed == e->req)
		handlers.streamed = NULL;
	if (!e->is_owned)
		e->req = NULL;
}

static void
reply(struct exchange *e, int code, size_t len)
{
	struct evbuffer *body = make_body(e, len);

	name_answer(e, code);
	evhttp_send_reply(e->req, code, "So", body);
	expect("what is left of the body", (long long)EVBUFFER_LENGTH(body), 0);
	evbuffer_free(body);
	given(e);
}

static void
reply_start(struct exchange *e, int chunks)
{
	name_answer(e, 200);
	e->chunks_left = chunks;
	evhttp_send_reply_start(e->req, 200, "So");
}

static void
drained_cb(struct evhttp_connection *evcon, void *arg)
{
	struct exchange *e = arg;

	if (e->req == NULL || e->req->evcon != evcon)
		fail("drained, for a request that is gone");
	reply_in_part(e);
}

/* The next chunk, or the end. */
static void
reply_in_part(struct exchange *e)
{
	struct evbuffer *body;

	if (e->chunks_left-- == 0) {
		evhttp_send_reply_end(e->req);
		given(e);
		return;
	}
	body = make_body(e, (size_t)(e->chunks_left % 2) * 700);
	if (e->how == CHUNKS_AS_DRAINED)
		evhttp_send_reply_chunk_with_cb(e->req, body, drained_cb, e);
	else
		evhttp_send_reply_chunk(e->req, body);
	if (e->req->evcon == NULL)
		e->len -= EVBUFFER_LENGTH(body);
	evbuffer_free(body);
}

/* Forgets the requests of a connection that the program frees. */
static void
forget_all(void)
{
	may_be_cut = true;
	handlers.streamed = NULL;
	for (unsigned i = 0; i < n_exchanges; i++)
		if (!exchanges[i].is_owned &&
		    (exchanges[i].req == NULL ||
			exchanges[i].req->evcon != NULL))
			exchanges[i].req = NULL;
}

static void
free_connection(struct evhttp_connection *evcon)
{
	forget_all();
	evhttp_connection_free(evcon);
}

void
handlers_free_server(void)
{
	struct evhttp *old = handlers.http;

	forget_all();
	handlers.http = NULL;
	handlers.bound = NULL;
	if (old != NULL)
		evhttp_free(old);
}

static void
stop_accepting(void)
{
	if (handlers.bound != NULL)
		evhttp_del_accept_socket(handlers.http, handlers.bound);
	handlers.bound = NULL;
}

void
handlers_free_request(struct exchange *e)
{
	struct evhttp_request *req = e->req;

	e->req = NULL;
	if (handlers.streamed == req)
		handlers.streamed = NULL;
	evhttp_request_free(req);
}

/* Answers an exchange later, outside of the loop. */
static void
do_later(struct exchange *e)
{
	if (e->req->evcon == NULL && e->is_owned) {
		handlers_free_request(e);
		return;
	}
	e->due = handlers.pass + 1 + is.delay;
	switch (e->how) {
	case FREE_REQUEST_LATER:
	case OWN: /* perhaps before it is written */
		handlers_free_request(e);
		break;
	case FREE_CONNECTION_LATER:
		if (e->req->evcon != NULL)
			free_connection(e->req->evcon);
		else
			handlers_free_request(e);
		break;
	case CHUNKS_LATER:
	case CHUNKS_AS_DRAINED:
		if (e->how == CHUNKS_LATER || e->req->evcon == NULL)
			reply_in_part(e);
		break;
	case NEVER:
		if (e->req->evcon == NULL)
			handlers_free_request(e);
		break;
	default:
		if (e->is_given)
			handlers_free_request(e); /* it is owned */
		else
			reply(e, 200, 20);
	}
}

bool
handlers_do_due(void)
{
	bool is_busy = false;

	for (unsigned i = 0; i < n_exchanges; i++) {
		struct exchange *e = &exchanges[i];

		if (e->req == NULL || e->due > handlers.pass)
			continue;
		is_busy |= e->how != NEVER && e->how != CHUNKS_AS_DRAINED;
		do_later(e);
	}
	if (handlers.is_drained_later && handlers.streamed != NULL)
		evbuffer_drain(handlers.streamed->input_buffer, 5000);
	return is_busy;
}

/*
 * What the server calls.
 */

static void
close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)arg;
	handlers.n_closed++;
	handlers.streamed = NULL;
	if (is.on_close == 1)
		evhttp_connection_free(evcon);
	else if (is.on_close == 2 && handlers.http != NULL)
		handlers_free_server();
}

static void
set_close_cb(struct evhttp_request *req)
{
	int small = 1;

	if (handlers.to_close++ > 0)
		return;
	evhttp_connection_set_closecb(req->evcon, close_cb, NULL);
	if (is.has_little_room)
		setsockopt(req->evcon->fd, SOL_SOCKET, SO_SNDBUF, &small,
		    sizeof small);
}

static void
fold_request(const struct evhttp_request *req)
{
	const struct evkeyval *h;

	fold(&seen, &req->type, sizeof req->type);
	fold_string(&seen, req->uri);
	TAILQ_FOREACH (h, req->input_headers, next) {
		fold_string(&seen, h->key);
		fold_string(&seen, h->value);
	}
}

/* Returns the exchange of a request, a new one if it has none. */
static struct exchange *
begin_exchange(struct evhttp_request *req)
{
	struct exchange *e = &exchanges[n_exchanges];

	for (unsigned i = 0; i < n_exchanges; i++)
		if (exchanges[i].req == req && !exchanges[i].is_given)
			return &exchanges[i];
	if (n_exchanges == MAX_EXCHANGES)
		return NULL;
	n_exchanges++;
	memset(e, 0, sizeof *e);
	e->req = req;
	e->is_head = req->type == EVHTTP_REQ_HEAD;
	e->due = handlers.pass + 1 + is.delay;
	return e;
}

static void
act(struct exchange *e, enum act how)
{
	struct evhttp_request *req = e->req;

	e->how = how;
	switch (how) {
	case NOW:
		reply(e, 200, 30);
		break;
	case CHUNKS:
		reply_start(e, 3);
		while (e->req != NULL && !e->is_given)
			reply_in_part(e);
		break;
	case CHUNKS_LATER:
		reply_start(e, 3);
		break;
	case CHUNKS_AS_DRAINED:
		reply_start(e, 4);
		reply_in_part(e);
		break;
	case END_BEFORE_DRAINED:
		e->how = CHUNKS_AS_DRAINED;
		reply_start(e, 2);
		reply_in_part(e);
		e->chunks_left = 0;
		reply_in_part(e);
		break;
	case LARGE:
		reply(e, 200, 10000);
		break;
	case HUGE_BODY:
		reply(e, 200, 150000);
		break;
	case OWN_OUTPUT: {
		struct evbuffer *own = make_body(e, 20);

		evbuffer_add_buffer(req->output_buffer, own);
		evbuffer_free(own);
		reply(e, 200, 10);
		break;
	}
	case NO_CONTENT:
		reply(e, 204, 9);
		break;
	case NOT_MODIFIED:
		reply(e, 304, 9);
		break;
	case ERROR:
		e->is_error = e->is_begun = true;
		e->code = 500;
		evhttp_send_error(req, 500, NULL);
		given(e);
		break;
	case CLOSE:
		evhttp_add_header(req->output_headers, "Connection", "close");
		reply(e, 200, 3);
		break;
	case ASK_TO_CLOSE: /* programs add such a field themselves */
		evhttp_remove_header(req->input_headers, "Connection");
		evhttp_add_header(req->input_headers, "Connection", "close");
		reply(e, 200, 3);
		break;
	case TWICE:
		reply(e, 200, 3);
		evhttp_send_reply(req, 200, "Again", NULL);
		break;
	case OWN:
	case OWN_AND_LATER:
		e->is_owned = true;
		evhttp_request_own(req);
		if (how == OWN)
			reply(e, 200, 3);
		break;
	case FREE_REQUEST:
		handlers_free_request(e);
		break;
	case FREE_CONNECTION:
		free_connection(req->evcon);
		break;
	case REPLY_AND_FREE:
		reply(e, 200, 3);
		free_connection(req->evcon);
		break;
	case FREE_SERVER:
		handlers_free_server();
		break;
	case STOP_ACCEPTING:
		stop_accepting();
		reply(e, 200, 3);
		break;
	default:
		break; /* later, or never */
	}
}

static void
handler_cb(struct evhttp_request *req, void *arg)
{
	struct exchange *e;

	(void)arg;
	if (req->evcon == NULL || req->userdone || req->response_code != 0)
		fail("a request that has been answered");
	for (unsigned i = 0; i < n_exchanges; i++)
		if (exchanges[i].req == req && !exchanges[i].is_owned)
			fail("a request for the second time");
		else if (exchanges[i].req != NULL && !exchanges[i].is_given &&
			 exchanges[i].req->evcon == req->evcon &&
			 exchanges[i].req != req)
			fail("a request before its time");
	set_close_cb(req);
	if (!is.streams)
		fold_request(req);
	fold(&seen, EVBUFFER_DATA(req->input_buffer),
	    EVBUFFER_LENGTH(req->input_buffer));
	fold_string(&seen, "");
	handlers.streamed = NULL;
	e = begin_exchange(req);
	if (e == NULL)
		handlers_free_server();
	else
		act(e, is.acts[(e - exchanges) % 4]);
}

static void
complete_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	if (!req->userdone)
		fail("complete without an answer");
	if (is.on_complete == 1)
		free_connection(req->evcon);
	else if (is.on_complete == 2)
		handlers_free_server();
	if (is.on_complete != 0)
		handlers.depends_on_time = true;
}

static void
error_cb(enum evhttp_request_error error, void *arg)
{
	(void)error;
	(void)arg;
	handlers.streamed = NULL;
}

/* Returns what the header callback has to return: 0, or -1 to refuse. */
static int
act_on_piece(struct evhttp_request *req, enum piece_act how)
{
	struct exchange *e;

	switch (how) {
	case DRAIN:
		fold(&seen, EVBUFFER_DATA(req->input_buffer),
		    EVBUFFER_LENGTH(req->input_buffer));
		evbuffer_drain(req->input_buffer, SIZE_MAX);
		return 0;
	case DRAIN_LATER:
		handlers.is_drained_later = handlers.depends_on_time = true;
		return 0;
	case ANSWER:
	case BEGIN_ANSWER:
	case OWN_AND_ANSWER:
		e = begin_exchange(req);
		if (e == NULL)
			handlers_free_server();
		else if (how != OWN_AND_ANSWER)
			act(e, how == ANSWER ? NOW : CHUNKS_LATER);
		else if (!e->is_owned)
			act(e, OWN_AND_LATER);
		handlers.depends_on_time |= how == OWN_AND_ANSWER;
		return 0;
	case REFUSE_NEXT:
		if (n_exchanges == 0)
			return 0;
		/* fall through */
	case REFUSE:
		handlers.streamed = NULL;
		return -1;
	case FREE_ALL:
		if (req->evcon != NULL)
			free_connection(req->evcon);
		return 0;
	case FREE_IT:
		handlers.streamed = NULL;
		for (unsigned i = 0; i < n_exchanges; i++)
			if (exchanges[i].req == req)
				exchanges[i].req = NULL;
		evhttp_request_free(req);
		return 0;
	default:
		return 0;
	}
}

static void
chunk_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	/*
	 * The result depends on time: reading may pause for ever, or the body
	 * may be one piece.
	 */
	if (EVBUFFER_LENGTH(req->input_buffer) >= 65536)
		handlers.depends_on_time = true;
	act_on_piece(req, is.on_chunk);
}

static int
header_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	fold_request(req);
	if (EVBUFFER_LENGTH(req->input_buffer) > 0)
		fail("some of the body before the head");
	handlers.streamed = req;
	return act_on_piece(req, is.on_header);
}

static int
new_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	set_close_cb(req);
	evhttp_request_set_header_cb(req, header_cb);
	evhttp_request_set_chunked_cb(req, chunk_cb);
	evhttp_request_set_error_cb(req, error_cb);
	evhttp_request_set_on_complete_cb(req, complete_cb, NULL);
	return act_on_piece(req, is.on_new);
}

void
handlers_start(struct event_base *base, struct unix_server *server)
{
	int fd = unix_server_listen(server);

	memset(&handlers, 0, sizeof handlers);
	handlers.http = evhttp_new(base);
	handlers.bound = evhttp_accept_socket_with_handle(handlers.http, fd);
	evhttp_set_gencb(handlers.http, handler_cb, NULL);
	if (is.streams)
		evhttp_set_newreqcb(handlers.http, new_cb, NULL);
	if (is.is_lenient)
		evhttp_set_allowed_methods(handlers.http, 0xffff);
	if (is.has_short_heads)
		evhttp_set_max_headers_size(handlers.http, 256);
	if (is.has_short_bodies)
		evhttp_set_max_body_size(handlers.http, 40);
	if (is.is_full)
		evhttp_set_max_connections(handlers.http, 1);
}
