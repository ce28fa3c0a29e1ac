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

#include "fuzz.h"
#include "http_answers.h"
#include "http_handlers.h"
#include "network.h"

#define SETTINGS 17
#define MAX_SENT ((size_t)512 * 1024)
#define MAX_PASSES 20000
#define IDLE_PASSES 6
#define MAX_AHEAD 65536	    /* bytes that are read ahead of a handler */
#define MAX_MEMORY 3000000L /* bytes, besides twice what is sent */

static struct event_base *base;
static struct unix_server unix_server;
static char to_send[MAX_SENT];
static size_t to_send_len, sent_len;
static int client, first_client;
static unsigned n_pieces;
static bool is_whole;

size_t __sanitizer_get_current_allocated_bytes(void);

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
start(void)
{
	n_pieces = 0;
	sent_len = 0;
	answers_begin();
	base = event_base_new();
	handlers_start(base, &unix_server);
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
		if (handlers.pass++ > MAX_PASSES)
			fail("no end");
		if (send_some())
			idle = 0;
		if (event_base_loop(base, EVLOOP_NONBLOCK) == -1)
			fail("the loop failed");
		if (handlers_do_due())
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
	if (is.end == HALF_CLOSES && !got_eof && handlers.streamed == NULL)
		fail("not closed, though the client has ended");
}

static void
finish(void)
{
	close(client);
	if (first_client != -1)
		close(first_client);
	for (int i = 0; i < 3; i++, handlers.pass += 10) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		handlers_do_due();
	}
	handlers_free_server();
	for (unsigned i = 0; i < n_exchanges; i++)
		if (exchanges[i].req != NULL)
			handlers_free_request(&exchanges[i]);
	event_base_free(base);
	if (handlers.to_close > 0)
		expect("the number of close callbacks", handlers.n_closed, 1);
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
		may_be_cut = handlers.depends_on_time = true;
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
	if (handlers.depends_on_time || (is.streams && is.has_short_bodies))
		return 0;
	if (run(true) != split && !handlers.depends_on_time)
		fail("not the same as when it is split");
	return 0;
}
