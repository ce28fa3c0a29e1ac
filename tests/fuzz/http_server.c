/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing a server's connection.  The first SETTINGS bytes of the input say
 * what the server and its handlers do, how the client splits what it sends, and
 * how it reads and ends; the rest is what it sends.  0x01, a number and a byte
 * stand for many such bytes.
 *
 * Each input is played twice, split and in one piece.  Both times the answers
 * have to be whole and in order (http_answers.h), and the handlers have to see
 * the same requests, where nothing in the settings depends on time.
 */
#define EVCOMPAT_HTTP

#include <sys/queue.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <event.h>

#include "../../src/http/conn.h"

#include "http_answers.h"
#include "network.h"
#include "fuzz.h"

#define SETTINGS 17
#define MAX_SENT ((size_t)512 * 1024)
#define MAX_PASSES 20000
#define IDLE_PASSES 6
#define MAX_AHEAD 65536	    /* bytes that are read ahead of a handler */
#define MAX_MEMORY 3000000L /* bytes, besides twice what is sent */

/* What a handler does. */
enum act {
	NOW,
	LATER,
	CHUNKS,
	CHUNKS_LATER,
	CHUNKS_AS_DRAINED,
	LARGE,
	HUGE_BODY,
	OWN_OUTPUT,
	NO_CONTENT,
	NOT_MODIFIED,
	ERROR,
	CLOSE,
	TWICE,
	OWN,
	OWN_AND_LATER,
	NEVER,
	FREE_REQUEST,
	FREE_REQUEST_LATER,
	FREE_CONNECTION,
	FREE_CONNECTION_LATER,
	REPLY_AND_FREE,
	FREE_SERVER,
	STOP_ACCEPTING,
	ASK_TO_CLOSE,
	END_BEFORE_DRAINED,
	NACTS
};

/* What the header callback and the chunk callback do besides. */
enum piece_act {
	CONTINUE,
	DRAIN,
	DRAIN_LATER,
	ANSWER,
	BEGIN_ANSWER,
	OWN_AND_ANSWER,
	REFUSE,
	REFUSE_NEXT, /* once a handler has been called */
	FREE_ALL,
	FREE_IT,
	NPIECE_ACTS
};

enum client_end {
	STAYS,
	HALF_CLOSES,
	CLOSES,
	CLOSES_UNREAD,
	NENDS
};

static struct settings {
	bool streams, is_lenient, has_short_heads, has_short_bodies;
	bool has_little_room, is_full, is_listening_only;
	enum client_end end;
	enum piece_act on_new, on_header, on_chunk;
	unsigned on_close, on_complete;
	enum act acts[4];
	unsigned pieces[4];
	unsigned delay, reads;
} is;

static struct event_base *base;
static struct evhttp *http;
static struct evhttp_bound_socket *bound;
static struct unix_server unix_server;
static char to_send[MAX_SENT];
static size_t to_send_len, sent_len;
static int client, first_client;
static unsigned pass, n_pieces, to_close, n_closed;
static bool is_whole, depends_on_time, is_drained_later;
static struct evhttp_connection *drained_on;
static struct evhttp_request *streamed;

size_t __sanitizer_get_current_allocated_bytes(void);

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
	if (streamed == e->req)
		streamed = NULL;
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
	streamed = NULL;
	drained_on = NULL;
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

static void
free_server(void)
{
	struct evhttp *old = http;

	forget_all();
	http = NULL;
	bound = NULL;
	if (old != NULL)
		evhttp_free(old);
}

static void
stop_accepting(void)
{
	if (bound != NULL)
		evhttp_del_accept_socket(http, bound);
	bound = NULL;
}

static void
free_request(struct exchange *e)
{
	struct evhttp_request *req = e->req;

	e->req = NULL;
	if (streamed == req)
		streamed = NULL;
	evhttp_request_free(req);
}

/* Answers an exchange later, outside of the loop. */
static void
do_later(struct exchange *e)
{
	if (e->req->evcon == NULL && e->is_owned) {
		free_request(e);
		return;
	}
	e->due = pass + 1 + is.delay;
	switch (e->how) {
	case FREE_REQUEST_LATER:
	case OWN: /* perhaps before it is written */
		free_request(e);
		break;
	case FREE_CONNECTION_LATER:
		if (e->req->evcon != NULL)
			free_connection(e->req->evcon);
		else
			free_request(e);
		break;
	case CHUNKS_LATER:
	case CHUNKS_AS_DRAINED:
		if (e->how == CHUNKS_LATER || e->req->evcon == NULL)
			reply_in_part(e);
		break;
	case NEVER:
		if (e->req->evcon == NULL)
			free_request(e);
		break;
	default:
		if (e->is_given)
			free_request(e); /* it is owned */
		else
			reply(e, 200, 20);
	}
}

/* Answers the exchanges that are due; returns whether there was one. */
static bool
do_due(void)
{
	bool is_busy = false;

	for (unsigned i = 0; i < n_exchanges; i++) {
		struct exchange *e = &exchanges[i];

		if (e->req == NULL || e->due > pass)
			continue;
		is_busy |= e->how != NEVER && e->how != CHUNKS_AS_DRAINED;
		do_later(e);
	}
	if (is_drained_later && streamed != NULL)
		evbuffer_drain(streamed->input_buffer, 5000);
	return is_busy;
}

/*
 * What the server calls.
 */

static void
close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)arg;
	n_closed++;
	drained_on = NULL;
	streamed = NULL;
	if (is.on_close == 1)
		evhttp_connection_free(evcon);
	else if (is.on_close == 2 && http != NULL)
		free_server();
}

static void
set_close_cb(struct evhttp_request *req)
{
	int small = 1;

	if (to_close++ > 0)
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
	e->due = pass + 1 + is.delay;
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
		free_request(e);
		break;
	case FREE_CONNECTION:
		free_connection(req->evcon);
		break;
	case REPLY_AND_FREE:
		reply(e, 200, 3);
		free_connection(req->evcon);
		break;
	case FREE_SERVER:
		free_server();
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
	streamed = NULL;
	e = begin_exchange(req);
	if (e == NULL)
		free_server();
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
		free_server();
	if (is.on_complete != 0)
		depends_on_time = true;
}

static void
error_cb(enum evhttp_request_error error, void *arg)
{
	(void)error;
	(void)arg;
	streamed = NULL;
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
		is_drained_later = depends_on_time = true;
		return 0;
	case ANSWER:
	case BEGIN_ANSWER:
	case OWN_AND_ANSWER:
		e = begin_exchange(req);
		if (e == NULL)
			free_server();
		else if (how != OWN_AND_ANSWER)
			act(e, how == ANSWER ? NOW : CHUNKS_LATER);
		else if (!e->is_owned)
			act(e, OWN_AND_LATER);
		depends_on_time |= how == OWN_AND_ANSWER;
		return 0;
	case REFUSE_NEXT:
		if (n_exchanges == 0)
			return 0;
		/* fall through */
	case REFUSE:
		streamed = NULL;
		return -1;
	case FREE_ALL:
		if (req->evcon != NULL)
			free_connection(req->evcon);
		return 0;
	case FREE_IT:
		streamed = NULL;
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
		depends_on_time = true;
	act_on_piece(req, is.on_chunk);
}

static int
header_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	fold_request(req);
	if (EVBUFFER_LENGTH(req->input_buffer) > 0)
		fail("some of the body before the head");
	streamed = req;
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

/*
 * The client.
 */

static size_t
next_piece(void)
{
	size_t left = to_send_len - sent_len;
	size_t n = is.pieces[n_pieces++ % 4];

	if (is_whole || n == 0)
		return left;
	if (n < to_send_len / 2000)
		n = to_send_len / 2000;
	return n < left ? n : left;
}

/* Returns whether something was sent. */
static bool
send_some(void)
{
	ssize_t n;

	if (sent_len == to_send_len)
		return false;
	n = send(client, to_send + sent_len, next_piece(), MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN)
		n = (ssize_t)(to_send_len - sent_len);
	if (n > 0)
		sent_len += (size_t)n;
	if (sent_len == to_send_len && is.end == HALF_CLOSES)
		shutdown(client, SHUT_WR);
	return n > 0;
}

/* Returns whether something was received. */
static bool
read_some(bool is_last)
{
	static const size_t amounts[] = {SIZE_MAX, 1000, 100, 0};
	size_t most = is_last ? SIZE_MAX : amounts[is.reads % 4];
	ssize_t n;

	if (most > MAX_GOT - got_len)
		most = MAX_GOT - got_len;
	if (got_eof || most == 0)
		return false;
	n = recv(client, got + got_len, most, 0);
	if (n > 0)
		got_len += (size_t)n;
	if (n == 0 || (n == -1 && errno != EAGAIN))
		got_eof = true;
	return n > 0;
}

/*
 * A run, from its settings to the last checks.
 */

static void
read_settings(void)
{
	unsigned flags = take(256);

	is.streams = flags & 1;
	is.is_lenient = flags & 2;
	is.has_short_heads = flags & 4;
	is.has_short_bodies = flags & 8;
	is.has_little_room = flags & 16;
	is.is_full = flags & 32;
	is.end = take(NENDS);
	is.on_new = take(NPIECE_ACTS);
	if (is.on_new != REFUSE && is.on_new != REFUSE_NEXT)
		is.on_new = CONTINUE;
	is.on_header = take(NPIECE_ACTS);
	is.on_chunk = take(NPIECE_ACTS);
	if (is.on_chunk == REFUSE || is.on_chunk == REFUSE_NEXT)
		is.on_chunk = CONTINUE; /* it returns nothing */
	is.on_close = take(4);
	is.on_complete = take(4);
	for (int i = 0; i < 4; i++)
		is.acts[i] = take(NACTS);
	for (int i = 0; i < 4; i++)
		is.pieces[i] = take(256);
	is.delay = take(8);
	is.reads = take(4);
}

static void
expand_rest(void)
{
	to_send_len = 0;
	while (fuzz.at < fuzz.end && to_send_len < MAX_SENT) {
		size_t n = 1, left = MAX_SENT - to_send_len;
		char c = (char)*fuzz.at++;

		if (c == 1) {
			n = 128 * (1 + (size_t)take(256));
			c = (char)take(256);
		}
		if (n > left)
			n = left;
		memset(to_send + to_send_len, c, n);
		to_send_len += n;
	}
}

static void
start_server(void)
{
	int fd = unix_server_listen(&unix_server);

	http = evhttp_new(base);
	bound = evhttp_accept_socket_with_handle(http, fd);
	evhttp_set_gencb(http, handler_cb, NULL);
	if (is.streams)
		evhttp_set_newreqcb(http, new_cb, NULL);
	if (is.is_lenient)
		evhttp_set_allowed_methods(http, 0xffff);
	if (is.has_short_heads)
		evhttp_set_max_headers_size(http, 256);
	if (is.has_short_bodies)
		evhttp_set_max_body_size(http, 40);
	if (is.is_full)
		evhttp_set_max_connections(http, 1);
}

static void
start(void)
{
	n_exchanges = pass = n_pieces = to_close = n_closed = 0;
	got_len = sent_len = 0;
	got_eof = may_be_cut = depends_on_time = is_drained_later = false;
	streamed = NULL;
	seen = 14695981039346656037u;
	base = event_base_new();
	start_server();
	first_client = is.is_full ? unix_server_connect(&unix_server) : -1;
	client = unix_server_connect(&unix_server);
}

static void
check_memory(size_t before)
{
	size_t now = __sanitizer_get_current_allocated_bytes();

	if (now > before + 2 * to_send_len + MAX_MEMORY)
		fail("%zu bytes more of memory", now - before);
	for (unsigned i = 0; i < n_exchanges; i++) {
		struct evhttp_request *req = exchanges[i].req;

		if (req != NULL && req->evcon != NULL &&
		    EVBUFFER_LENGTH(req->evcon->input_buffer) > MAX_AHEAD)
			fail("%zu bytes read ahead",
			    EVBUFFER_LENGTH(req->evcon->input_buffer));
	}
}

/* Passes until nothing moves any more. */
static void
play(bool is_last)
{
	size_t before = __sanitizer_get_current_allocated_bytes();

	for (unsigned idle = 0; idle < IDLE_PASSES + is.delay; idle++) {
		if (pass++ > MAX_PASSES)
			fail("no end");
		if (send_some())
			idle = 0;
		if (event_base_loop(base, EVLOOP_NONBLOCK) == -1)
			fail("the loop failed");
		if (do_due())
			idle = 0;
		check_memory(before);
		if (read_some(is_last))
			idle = 0;
	}
}

/*
 * Checks that each connection was closed: every request is answered, and the
 * client has ended its side.
 */
static void
check_closed(void)
{
	for (unsigned i = 0; i < n_exchanges; i++)
		if (exchanges[i].req != NULL && !exchanges[i].is_given)
			return;
	if (is.end == HALF_CLOSES && !got_eof && streamed == NULL)
		fail("not closed, though the client has ended");
}

static void
finish(void)
{
	close(client);
	if (first_client != -1)
		close(first_client);
	for (int i = 0; i < 3; i++, pass += 10) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		do_due();
	}
	free_server();
	for (unsigned i = 0; i < n_exchanges; i++)
		if (exchanges[i].req != NULL)
			free_request(&exchanges[i]);
	event_base_free(base);
	if (to_close > 0)
		expect("the number of close callbacks", n_closed, 1);
}

/* Returns a hash of what was seen. */
static uint64_t
run(bool whole)
{
	uint64_t requests;

	is_whole = whole;
	begin(whole ? "in one piece" : "split");
	start();
	if (is.end == CLOSES_UNREAD) {
		while (send_some())
			event_base_loop(base, EVLOOP_NONBLOCK);
		may_be_cut = depends_on_time = true;
	} else {
		play(false);
		play(true);
		check_closed();
		requests = seen;
		check_answers();
		if (may_be_cut) /* which of them arrive depends on time */
			seen = requests;
	}
	finish();
	return seen;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t split;

	if (size <= SETTINGS)
		return 0;
	fuzz_start_network(data, size);
	read_settings();
	fuzz.at = data + SETTINGS;
	expand_rest();
	split = run(false);
	if (depends_on_time || (is.streams && is.has_short_bodies))
		return 0;
	if (run(true) != split && !depends_on_time)
		fail("not the same as when it is split");
	return 0;
}
