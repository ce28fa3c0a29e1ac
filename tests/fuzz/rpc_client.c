/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes a pool with the answers of a server.  The first SETTINGS bytes of the
 * input are the number of connections, what callbacks and hooks do, and how the
 * server splits its answers; the rest is what the server sends, to one
 * connection after the other.  0xf1 stands for a whole good answer, 0xf2 for
 * the head of one with a Content-Length of the byte that follows, 0xf3 ends
 * what is sent to one connection, which is then closed.
 *
 * Every call has one callback, with a complete reply if there is no error, and
 * none once the pool is freed; every message is freed in the end.
 *
 * 1. make_call() makes a call; ended_cb() is its callback, which checks the
 *    reply, and does what the settings say by act(), as hook() does.
 * 2. accept_all() accepts the pool's connections; send_some() sends the next
 *    bytes to the first that is open.
 * 3. play() has both work by turns; end_all() closes all, until each call has
 *    ended.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include <sys/queue.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
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

#define SETTINGS 8
#define MAX_CALLS 24
#define MAX_PEERS 64
#define MAX_PASSES 3000
#define IDLE_PASSES 8

/* What a callback or hook does. */
enum act {
	NOTHING,
	MAKE,
	MAKE_TWO,
	ADD_CONNECTION,
	REMOVE_HOOKS,
	LOOP,
	REFUSE, /* a hook */
	DRAIN,
	FREE_POOL,
	NACTS
};

static struct settings {
	unsigned n_connections, n_calls;
	enum act in_callback, in_input, in_output, in_close;
	unsigned piece, delay;
} is;

static struct event_base *base;
static struct evrpc_pool *pool;
static void *input_hook, *output_hook;
static struct parcel *request;
static struct call {
	struct receipt *reply;
	bool is_made, has_ended;
} calls[MAX_CALLS];
static unsigned n_calls, n_ended, depth;

static int listener;
static struct sockaddr_in at;
static struct peer {
	int fd; /* -1: closed */
	bool is_closing;
} peers[MAX_PEERS];
static unsigned n_peers;

static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
			   "\001\002\030\300\002\006stored";

static void act(enum act how);

static void
close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	act(is.in_close);
}

static void
add_connection(void)
{
	static unsigned n;
	struct evhttp_connection *evcon =
	    evhttp_connection_new("127.0.0.1", ntohs(at.sin_port));

	evhttp_connection_set_closecb(evcon, close_cb, &n);
	evrpc_pool_add_connection(pool, evcon);
}

static void
ended_cb(struct evrpc_status *status, struct parcel *sent,
    struct receipt *reply, void *arg)
{
	struct call *call = arg;

	if (pool == NULL)
		fail("a callback though the pool is freed");
	if (call->has_ended || !call->is_made)
		fail("a callback for the second time");
	if (sent != request || reply != call->reply)
		fail("other messages than were given");
	if (status->error == EVRPC_STATUS_ERR_NONE)
		expect("the reply is complete", receipt_complete(reply), 0);
	else
		expect("the reply is complete", receipt_complete(reply), -1);
	call->has_ended = true;
	n_ended++;
	act(is.in_callback);
}

static void
make_call(void)
{
	struct call *call = &calls[n_calls];

	if (n_calls == MAX_CALLS || pool == NULL)
		return;
	n_calls++;
	call->is_made = true;
	call->has_ended = false;
	receipt_clear(call->reply);
	EVRPC_MAKE_REQUEST(Store, pool, request, call->reply, ended_cb, call);
}

static void
remove_hooks(void)
{
	if (input_hook != NULL)
		evrpc_remove_hook(pool, EVRPC_INPUT, input_hook);
	if (output_hook != NULL)
		evrpc_remove_hook(pool, EVRPC_OUTPUT, output_hook);
	input_hook = output_hook = NULL;
}

static void
free_pool(void)
{
	struct evrpc_pool *old = pool;

	pool = NULL;
	evrpc_pool_free(old);
}

static void
act(enum act how)
{
	static unsigned n_added;

	if (pool == NULL)
		return;
	if (how == MAKE || how == MAKE_TWO)
		make_call();
	if (how == MAKE_TWO)
		make_call();
	if (how == ADD_CONNECTION && n_added++ % 3 == 0 && n_peers < 40)
		add_connection();
	if (how == REMOVE_HOOKS)
		remove_hooks();
	if (how == LOOP && depth++ < 3) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		depth--;
	}
	if (how == FREE_POOL)
		free_pool();
}

static int
hook(struct evhttp_request *req, struct evbuffer *payload, void *arg)
{
	enum act how = arg != NULL ? is.in_input : is.in_output;

	if (evrpc_hook_get_connection(req) == NULL)
		fail("a hook without a connection");
	act(how);
	if (how == DRAIN)
		evbuffer_drain(payload, 3);
	return how == REFUSE ? -1 : 0;
}

/*
 * The server.
 */

static void
accept_all(void)
{
	int fd;

	while (n_peers < MAX_PEERS &&
	       (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) != -1) {
		peers[n_peers].fd = fd;
		peers[n_peers++].is_closing = false;
	}
}

/* Reads and drops requests; returns whether there were any bytes. */
static bool
drop_requests(void)
{
	char dropped[4096];
	bool has_come = false;

	for (unsigned i = 0; i < n_peers; i++)
		while (peers[i].fd != -1 &&
		       recv(peers[i].fd, dropped, sizeof dropped, 0) > 0)
			has_come = true;
	return has_come;
}

static void
close_peer(struct peer *peer)
{
	if (peer->fd != -1)
		close(peer->fd);
	peer->fd = -1;
}

/* The first peer that is open. */
static struct peer *
first_open_peer(void)
{
	for (unsigned i = 0; i < n_peers; i++)
		if (peers[i].fd != -1)
			return &peers[i];
	return NULL;
}

/* Sends some of the rest of the input; returns whether it did. */
static bool
send_some(void)
{
	struct peer *peer = first_open_peer();
	char text[300];
	size_t len = 0;

	if (peer == NULL || fuzz.at == fuzz.end)
		return false;
	while (len < 1 + is.piece && fuzz.at < fuzz.end) {
		uint8_t c = *fuzz.at++;

		if (c == 0xf1 || c == 0xf2 || c == 0xf3) {
			send(peer->fd, text, len, MSG_NOSIGNAL);
			len = 0;
		}
		if (c == 0xf1)
			send(peer->fd, good, sizeof good - 1, MSG_NOSIGNAL);
		else if (c == 0xf2)
			len = (size_t)snprintf(text, sizeof text,
			    "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n",
			    take(256));
		else if (c == 0xf3)
			close_peer(peer);
		else
			text[len++] = (char)c;
		if (c == 0xf1 || c == 0xf3)
			return true;
	}
	send(peer->fd, text, len, MSG_NOSIGNAL);
	return true;
}

/*
 * A run, from its settings to the last checks.
 */

static void
read_settings(void)
{
	is.n_connections = take(4);
	is.n_calls = 1 + take(6);
	is.in_callback = take(NACTS);
	is.in_input = take(NACTS);
	is.in_output = take(NACTS);
	is.in_close = take(NACTS);
	is.piece = take(200);
	is.delay = take(4);
}

static void
start(void)
{
	socklen_t len = sizeof at;

	n_calls = n_ended = n_peers = 0;
	base = event_base_new();
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	memset(&at, 0, sizeof at);
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&at, len) != 0 ||
	    listen(listener, 64) != 0)
		fail("not listening: %s", strerror(errno));
	getsockname(listener, (struct sockaddr *)&at, &len);
	request = parcel_new();
	parcel_set(request, "hall 3", "seal");
	for (int i = 0; i < MAX_CALLS; i++)
		calls[i] = (struct call){.reply = receipt_new()};
	pool = evrpc_pool_new(base);
	input_hook = evrpc_add_hook(pool, EVRPC_INPUT, hook, &is);
	output_hook = evrpc_add_hook(pool, EVRPC_OUTPUT, hook, NULL);
}

static void
play(void)
{
	for (unsigned idle = 0, pass = 0; idle < IDLE_PASSES + is.delay;
	     idle++, pass++) {
		if (pass > MAX_PASSES)
			fail("no end");
		if (event_base_loop(base, EVLOOP_NONBLOCK) == -1)
			fail("the loop failed");
		accept_all();
		if (drop_requests())
			idle = 0;
		if (pass % (1 + is.delay) == 0 && send_some())
			idle = 0;
	}
}

/* Closes the server, so that all calls end. */
static void
end_all(void)
{
	close(listener);
	is.in_callback = is.in_input = is.in_output = is.in_close = NOTHING;
	for (int pass = 0; pool != NULL && n_ended < n_calls; pass++) {
		accept_all();
		for (unsigned i = 0; i < n_peers; i++)
			close_peer(&peers[i]);
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (pass > MAX_PASSES)
			fail("%u calls have no callback", n_calls - n_ended);
	}
	for (unsigned i = 0; i < n_peers; i++)
		close_peer(&peers[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size <= SETTINGS)
		return 0;
	fuzz_start_network(data, size);
	read_settings();
	fuzz.at = data + SETTINGS;
	start();
	begin("calls without a connection");
	for (unsigned i = 0; i < is.n_calls / 2; i++)
		make_call();
	for (unsigned i = 0; i < 1 + is.n_connections && pool != NULL; i++)
		add_connection();
	for (unsigned i = 0; i < is.n_calls; i++)
		make_call();
	begin("answers");
	play();
	begin("the end");
	end_all();
	if (pool != NULL)
		free_pool();
	parcel_free(request);
	for (int i = 0; i < MAX_CALLS; i++)
		receipt_free(calls[i].reply);
	event_base_free(base);
	expect("the number of messages", message_count(), 0);
	return 0;
}
