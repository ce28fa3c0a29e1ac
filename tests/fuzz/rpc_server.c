/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing a connection to a server of calls.  The first SETTINGS bytes of the
 * input say what handlers and hooks do, and how the client splits what it
 * sends; the rest is what it sends.  0xf1 stands for the head of a call, with a
 * Content-Length of the byte that follows; 0xf2 for a whole good call.
 *
 * A handler gets complete requests alone; every message is freed in the end;
 * and while the name is registered, the next client's good call is answered.
 *
 * 1. store_cb() is the handler: it checks the request, and act() answers, keeps
 *    the call, or frees the server; hook() does the like to a message.
 * 2. play() sends the client's bytes in pieces, and has the server work.
 * 3. check_next() makes a good call over another connection.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include <sys/queue.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <event.h>
#include <evhttp.h>

#include "network.h"
#include "parcel.h"
#include "fuzz.h"

#define SETTINGS 10
#define MAX_SENT ((size_t)64 * 1024)
#define MAX_PASSES 5000
#define MAX_KEPT 64
#define IDLE_PASSES 6

/* What a handler does. */
enum act {
	NOW,
	LATER,
	HALF, /* a reply that is not complete */
	LARGE,
	UNREGISTER,
	UNREGISTER_LATER,
	REGISTER_TWICE,
	FREE_CONNECTION,
	FREE_BASE,
	FREE_SERVER,
	LOOP,
	NACTS
};

/* What a hook does. */
enum hook_act {
	NONE, /* there is no hook */
	PASS,
	REFUSE,
	DRAIN,
	APPEND,
	EMPTY,
	REMOVE_ITSELF,
	ANSWER_ITSELF,
	HOOK_UNREGISTERS,
	HOOK_FREES_CONNECTION,
	HOOK_FREES_BASE,
	HOOK_FREES_SERVER,
	NHOOK_ACTS
};

static struct settings {
	enum act acts[4];
	enum hook_act input, output;
	unsigned pieces[2];
	unsigned delay;
	bool half_closes;
} is;

static struct event_base *base;
static struct evhttp *http;
static struct evrpc_base *calls;
static struct unix_server unix_server;
static char to_send[MAX_SENT];
static size_t to_send_len;
static EVRPC_STRUCT(Store) * kept[MAX_KEPT];
static unsigned n_kept, n_handled, n_names, depth;
static void *input_hook, *output_hook;

static const char head[] =
    "POST /.rpc.Store HTTP/1.1\r\nContent-Length: %u\r\n\r\n";
static const char good_body[] = "\001\006hall 3\003\002\336\255";
static const char good_answer[] = "\001\002\030\300\002\006stored";

static void store_cb(EVRPC_STRUCT(Store) * call, void *arg);

static void
register_name(void)
{
	EVRPC_REGISTER(calls, Store, parcel, receipt, store_cb, NULL);
	n_names++;
}

static void
unregister_name(void)
{
	if (calls != NULL && EVRPC_UNREGISTER(calls, Store) == 0)
		n_names--;
}

static void
free_base(void)
{
	struct evrpc_base *old = calls;

	calls = NULL;
	n_names = 0;
	evrpc_free(old);
}

static void
free_server(void)
{
	struct evhttp *old = http;

	free_base();
	http = NULL;
	evhttp_free(old);
}

static void
free_connection(struct evhttp_request *req)
{
	if (req->evcon != NULL)
		evhttp_connection_free(req->evcon);
}

static void
answer(EVRPC_STRUCT(Store) * call)
{
	receipt_set(call->reply, 200, "stored");
	EVRPC_REQUEST_DONE(call);
}

static void
answer_large(EVRPC_STRUCT(Store) * call)
{
	static char text[20000];

	memset(text, 'x', sizeof text - 1);
	receipt_set(call->reply, 200, text);
	EVRPC_REQUEST_DONE(call);
}

static void
answer_kept(unsigned i)
{
	EVRPC_STRUCT(Store) *call = kept[i];

	memmove(kept + i, kept + i + 1, (--n_kept - i) * sizeof kept[0]);
	answer(call);
}

static void
keep(EVRPC_STRUCT(Store) * call)
{
	if (n_kept == MAX_KEPT)
		answer_kept(0);
	kept[n_kept++] = call;
}

static void
loop(void)
{
	if (depth++ < 3)
		event_base_loop(base, EVLOOP_NONBLOCK);
	depth--;
}

static void
act(EVRPC_STRUCT(Store) * call, enum act how)
{
	if (how == UNREGISTER || how == UNREGISTER_LATER)
		unregister_name();
	else if (how == REGISTER_TWICE && calls != NULL && n_names < 4)
		register_name();
	else if (how == FREE_CONNECTION)
		free_connection(EVRPC_REQUEST_HTTP(call));
	else if (how == FREE_BASE)
		free_base();
	else if (how == FREE_SERVER)
		free_server();
	else if (how == LOOP)
		loop();
	if (how == LATER || how == UNREGISTER_LATER)
		keep(call);
	else if (how == HALF)
		EVRPC_REQUEST_DONE(call);
	else if (how == LARGE)
		answer_large(call);
	else
		answer(call);
}

static void
store_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	(void)arg;
	expect("the request is complete", parcel_complete(call->request), 0);
	expect("the reply is complete", receipt_complete(call->reply), -1);
	if (EVRPC_REQUEST_HTTP(call)->type != EVHTTP_REQ_POST)
		fail("a call that was not POSTed");
	if (n_names == 0)
		fail("a call of a name that is not registered");
	act(call, is.acts[n_handled++ % 4]);
}

static int
hook(struct evhttp_request *req, struct evbuffer *payload, void *arg)
{
	bool is_input = arg != NULL;

	switch (is_input ? is.input : is.output) {
	case REFUSE:
		return -1;
	case DRAIN:
		evbuffer_drain(payload, 3);
		break;
	case APPEND:
		evbuffer_add(payload, "\001\001\007", 3);
		break;
	case EMPTY:
		evbuffer_drain(payload, SIZE_MAX);
		break;
	case REMOVE_ITSELF:
		if (calls != NULL)
			evrpc_remove_hook(calls,
			    is_input ? EVRPC_INPUT : EVRPC_OUTPUT,
			    is_input ? input_hook : output_hook);
		break;
	case ANSWER_ITSELF:
		evhttp_send_error(req, 401, NULL);
		return -1;
	case HOOK_UNREGISTERS:
		unregister_name();
		break;
	case HOOK_FREES_CONNECTION:
		free_connection(req);
		break;
	case HOOK_FREES_BASE:
		free_base();
		break;
	case HOOK_FREES_SERVER:
		free_server();
		break;
	default:
		break;
	}
	return 0;
}

/*
 * A run, from its settings to the last checks.
 */

static void
read_settings(void)
{
	for (int i = 0; i < 4; i++)
		is.acts[i] = take(NACTS);
	is.input = take(NHOOK_ACTS);
	is.output = take(NHOOK_ACTS);
	is.pieces[0] = take(256);
	is.pieces[1] = take(256);
	is.delay = take(8);
	is.half_closes = take(2);
}

static void
send_more(const void *bytes, size_t len)
{
	if (len > MAX_SENT - to_send_len)
		len = MAX_SENT - to_send_len;
	memcpy(to_send + to_send_len, bytes, len);
	to_send_len += len;
}

static void
send_head(unsigned length)
{
	char text[100];

	send_more(text, (size_t)snprintf(text, sizeof text, head, length));
}

static void
expand_rest(void)
{
	to_send_len = 0;
	while (fuzz.at < fuzz.end) {
		uint8_t c = *fuzz.at++;

		if (c == 0xf1) {
			send_head(take(256));
		} else if (c == 0xf2) {
			send_head(sizeof good_body - 1);
			send_more(good_body, sizeof good_body - 1);
		} else {
			send_more(&c, 1);
		}
	}
}

static void
start(void)
{
	int fd = unix_server_listen(&unix_server);

	n_kept = n_handled = n_names = 0;
	base = event_base_new();
	http = evhttp_new(base);
	evhttp_accept_socket(http, fd);
	calls = evrpc_init(http);
	register_name();
	if (is.input != NONE)
		input_hook = evrpc_add_hook(calls, EVRPC_INPUT, hook, &is);
	if (is.output != NONE)
		output_hook = evrpc_add_hook(calls, EVRPC_OUTPUT, hook, NULL);
}

/* Runs the loop once; appends what the client receives to got. */
static bool
resume(int client, char *got, size_t *len, size_t room)
{
	ssize_t n;

	if (event_base_loop(base, EVLOOP_NONBLOCK) == -1)
		fail("the loop failed");
	n = recv(client, got + *len, room - *len, 0);
	if (n > 0)
		*len += (size_t)n;
	return n > 0;
}

/* The client sends everything, in pieces, and reads the answers. */
static void
play(int client)
{
	char dropped[4096];
	size_t sent = 0, len;

	for (unsigned idle = 0, pass = 0; idle < IDLE_PASSES; idle++, pass++) {
		size_t n = is.pieces[pass % 2], left = to_send_len - sent;
		ssize_t done;

		if (pass > MAX_PASSES)
			fail("no end");
		if (n < to_send_len / 500 || n > left)
			n = left;
		done = send(client, to_send + sent, n, MSG_NOSIGNAL);
		if (done == -1 && errno != EAGAIN)
			sent = to_send_len;
		else if (done > 0)
			sent += (size_t)done;
		if (sent == to_send_len && is.half_closes)
			shutdown(client, SHUT_WR);
		len = 0;
		if (resume(client, dropped, &len, sizeof dropped) || done > 0)
			idle = 0;
		if (n_kept > 0 && pass % (1 + is.delay) == 0) {
			answer_kept(0);
			idle = 0;
		}
	}
}

/* Checks that another client's call is answered. */
static void
check_next(void)
{
	char text[200], got[1000];
	size_t len = 0;
	int client;

	if (http == NULL || n_names == 0)
		return;
	is.acts[0] = is.acts[1] = is.acts[2] = is.acts[3] = NOW;
	is.input = is.output = PASS;
	client = unix_server_connect(&unix_server);
	len = (size_t)snprintf(text, sizeof text, head,
	    (unsigned)sizeof good_body - 1);
	memcpy(text + len, good_body, sizeof good_body - 1);
	send(client, text, len + sizeof good_body - 1, MSG_NOSIGNAL);
	len = 0;
	for (int i = 0; i < 20; i++)
		resume(client, got, &len, sizeof got);
	if (len < sizeof good_answer - 1 ||
	    memcmp(got + len - (sizeof good_answer - 1), good_answer,
		sizeof good_answer - 1) != 0)
		fail("the next client gets %zu bytes: %.*s", len, (int)len,
		    got);
	close(client);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int client;

	if (size <= SETTINGS)
		return 0;
	fuzz_start_network(data, size);
	read_settings();
	fuzz.at = data + SETTINGS;
	expand_rest();
	start();
	begin("the client");
	client = unix_server_connect(&unix_server);
	play(client);
	begin("the next client");
	check_next();
	begin("the end");
	close(client);
	event_base_loop(base, EVLOOP_NONBLOCK);
	if (is.delay % 2 != 0)
		free_server();
	while (n_kept > 0)
		answer_kept(0);
	free_server();
	event_base_free(base);
	expect("the number of messages", message_count(), 0);
	return 0;
}
