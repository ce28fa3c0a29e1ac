/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cases of events.c and bufferevents.c in libuv's interface, where libuv has
 * the same thing: rings of descriptors by uv_poll_t, timers, a signal, and the
 * echo by uv_tcp_t.  What one does in a callback the other does too, in the
 * same order.
 *
 * libuv has nothing like event_active().  `register` and `churn` set an event
 * to another descriptor: with libuv a program closes the handle and makes a new
 * one, which takes another pass of the loop.  Those cases are left out.
 */
#include "tally.h"

#include <uv.h>

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000

/* What a program keeps for one event. */
struct watcher {
	uv_poll_t poll;
	uv_timer_t timer;
};

static uv_loop_t *loop;
static struct watcher *watchers;
static int count;
static struct tally tally;

static void
need(int status, const char *what)
{
	bench_need(status == 0, what);
}

static void
start(int n)
{
	loop = uv_default_loop();
	watchers = bench_alloc((size_t)n, sizeof(*watchers));
	count = n;
}

static void
one_done(void)
{
	if (tally_one(&tally))
		uv_stop(loop);
}

static void
run_loop(void)
{
	uv_run(loop, UV_RUN_DEFAULT);
}

static long
dispatch(long n)
{
	return tally_run(&tally, n, run_loop);
}

static struct watcher *
of_poll(uv_poll_t *poll)
{
	return (
	    struct watcher *)((char *)poll - offsetof(struct watcher, poll));
}

static int
index_of(uv_poll_t *poll)
{
	return (int)(of_poll(poll) - watchers);
}

static void
silent_poll_cb(uv_poll_t *poll, int status, int what)
{
}

static void
silent_timer_cb(uv_timer_t *timer)
{
}

/* The rings. */

static struct ring ring;

static void
persist_cb(uv_poll_t *poll, int status, int what)
{
	ring_pass(&ring, index_of(poll));
	one_done();
}

static void
persist_timeout_cb(uv_poll_t *poll, int status, int what)
{
	ring_pass(&ring, index_of(poll));
	uv_timer_again(&of_poll(poll)->timer);
	one_done();
}

static void
oneshot_cb(uv_poll_t *poll, int status, int what)
{
	uv_poll_stop(poll);
	ring_pass(&ring, index_of(poll));
	uv_poll_start(poll, UV_READABLE, oneshot_cb);
	one_done();
}

static void
oneshot_timeout_cb(uv_poll_t *poll, int status, int what)
{
	struct watcher *both = of_poll(poll);

	uv_poll_stop(poll);
	uv_timer_stop(&both->timer);
	ring_pass(&ring, index_of(poll));
	uv_poll_start(poll, UV_READABLE, oneshot_timeout_cb);
	uv_timer_start(&both->timer, silent_timer_cb, MINUTE_MS, MINUTE_MS);
	one_done();
}

static void
watch(uv_poll_t *poll, int fd, uv_poll_cb cb)
{
	need(uv_poll_init(loop, poll, fd), "uv_poll_init");
	need(uv_poll_start(poll, UV_READABLE, cb), "uv_poll_start");
}

static int
ring_setup(int n, int tokens, int timeout, uv_poll_cb cb)
{
	ring_open(&ring, n, tokens);
	start(ring.n);
	for (int i = 0; i < ring.n; i++) {
		watch(&watchers[i].poll, ring.in[i], cb);
		uv_timer_init(loop, &watchers[i].timer);
		if (timeout)
			uv_timer_start(&watchers[i].timer, silent_timer_cb,
			    MINUTE_MS, MINUTE_MS);
	}
	return ring.n;
}

static int
persist_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 0, persist_cb);
}

static int
persist_timeout_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 1, persist_timeout_cb);
}

static int
oneshot_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 0, oneshot_cb);
}

static int
oneshot_timeout_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 1, oneshot_timeout_cb);
}

/* A crowd around a small ring. */

static int
crowd_setup(int n, int tokens, uv_poll_cb cb)
{
	int silent = bench_fit(n, 1) - 2 * tokens;
	int *sockets = bench_sockets(silent);

	ring_setup(tokens, tokens, 0, cb);
	for (int i = 0; i < silent; i++) {
		struct watcher *w = bench_alloc(1, sizeof(*w));

		watch(&w->poll, sockets[i], silent_poll_cb);
	}
	return silent + 2 * tokens;
}

static int
crowd_persist_setup(int n, int tokens)
{
	return crowd_setup(n, tokens, persist_cb);
}

static int
crowd_oneshot_setup(int n, int tokens)
{
	return crowd_setup(n, tokens, oneshot_cb);
}

/* Timers. */

static uv_prepare_t trigger;

static uint64_t
ms(int i)
{
	return (uint64_t)bench_seconds(i) * 1000;
}

static void
move_timers(void)
{
	for (int i = 0; i < count; i++)
		uv_timer_start(&watchers[i].timer, silent_timer_cb, ms(i), 0);
	for (int i = 0; i < count; i++)
		uv_timer_start(&watchers[i].timer, silent_timer_cb,
		    ms(i + count), 0);
	for (int i = 0; i < count; i++)
		uv_timer_stop(&watchers[i].timer);
}

static void
move_timers_cb(uv_prepare_t *prepare)
{
	move_timers();
}

static int
timers_setup(int n, int tokens)
{
	start(n);
	uv_prepare_init(loop, &trigger);
	uv_prepare_start(&trigger, move_timers_cb);
	for (int i = 0; i < n; i++)
		uv_timer_init(loop, &watchers[i].timer);
	return n;
}

static long
timers_inside_run(long n)
{
	long total;

	for (total = 0; total < n; total += 3L * count)
		uv_run(loop, UV_RUN_NOWAIT);
	return total;
}

static long
timers_outside_run(long n)
{
	long total;

	for (total = 0; total < n; total += 3L * count) {
		uv_update_time(loop);
		move_timers();
	}
	return total;
}

/* A signal raised, and waited for. */

static uv_signal_t usr1;

static void
signal_cb(uv_signal_t *handle, int signo)
{
	tally.done++;
}

static int
signal_setup(int n, int tokens)
{
	start(1);
	uv_signal_init(loop, &usr1);
	need(uv_signal_start(&usr1, signal_cb, SIGUSR1), "uv_signal_start");
	return n;
}

static void
run_pass(void)
{
	uv_run(loop, UV_RUN_ONCE);
}

static long
signal_run(long n)
{
	return tally_signals(&tally, n, run_pass);
}

/*
 * Echo: both ends of a pair are uv_tcp_t's of one loop.  The server sends back
 * what it has read, whole message or not; the client waits until its message is
 * complete, drops it and sends the next.
 */

/* Bytes from a read until they are written; it is reused then. */
struct piece {
	uv_write_t req;
	struct piece *next;
	char bytes[65536];
};

/*
 * A write of the message.  The reply may be read before the write's callback
 * has run, so a client may have two of these in use.
 */
struct question {
	uv_write_t req;
	struct question *next;
};

struct client {
	uv_tcp_t tcp;
	size_t got;
};

static struct piece *spare;
static struct question *spare_questions;
static char *message;
static size_t size;

static struct piece *
take_piece(void)
{
	struct piece *piece = spare;

	if (piece == NULL)
		return bench_alloc(1, sizeof(*piece));
	spare = piece->next;
	return piece;
}

static void
give_piece(struct piece *piece)
{
	piece->next = spare;
	spare = piece;
}

static struct piece *
of_bytes(char *bytes)
{
	return (struct piece *)(bytes - offsetof(struct piece, bytes));
}

static void
alloc_cb(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	*buf = uv_buf_init(take_piece()->bytes, sizeof(spare->bytes));
}

static void
served_cb(uv_write_t *req, int status)
{
	need(status, "uv_write");
	give_piece((struct piece *)req);
}

static void
serve_cb(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct piece *piece = of_bytes(buf->base);
	uv_buf_t out;

	bench_need(n >= 0, "uv_read_start");
	if (n == 0) {
		give_piece(piece);
		return;
	}
	out = uv_buf_init(piece->bytes, (unsigned int)n);
	need(uv_write(&piece->req, stream, &out, 1, served_cb), "uv_write");
}

static void
asked_cb(uv_write_t *req, int status)
{
	struct question *question = (struct question *)req;

	need(status, "uv_write");
	question->next = spare_questions;
	spare_questions = question;
}

static struct question *
take_question(void)
{
	struct question *question = spare_questions;

	if (question == NULL)
		return bench_alloc(1, sizeof(*question));
	spare_questions = question->next;
	return question;
}

static void
ask(struct client *client)
{
	uv_buf_t out = uv_buf_init(message, (unsigned int)size);

	need(uv_write(&take_question()->req, (uv_stream_t *)&client->tcp, &out,
		 1, asked_cb),
	    "uv_write");
}

static void
answer_cb(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = (struct client *)stream;

	bench_need(n >= 0, "uv_read_start");
	give_piece(of_bytes(buf->base));
	client->got += (size_t)n;
	if (client->got < size)
		return;
	client->got -= size;
	ask(client);
	one_done();
}

/* The descriptors are Unix sockets, as with the other libraries. */
static void
open_stream(uv_tcp_t *tcp, int fd, uv_read_cb cb)
{
	need(uv_tcp_init(loop, tcp), "uv_tcp_init");
	need(uv_tcp_open(tcp, fd), "uv_tcp_open");
	need(uv_read_start((uv_stream_t *)tcp, alloc_cb, cb), "uv_read_start");
}

static int
echo_setup(int n, int each)
{
	struct client *clients;
	uv_tcp_t *servers;
	int *ends;

	n = bench_fit(n, 2);
	start(n);
	size = (size_t)each;
	message = bench_alloc(1, size + 1);
	memset(message, 'x', size);
	ends = bench_sockets(2 * n);
	clients = bench_alloc((size_t)n, sizeof(*clients));
	servers = bench_alloc((size_t)n, sizeof(*servers));
	for (int i = 0; i < n; i++) {
		open_stream(&servers[i], ends[2 * i], serve_cb);
		open_stream(&clients[i].tcp, ends[2 * i + 1], answer_cb);
		ask(&clients[i]);
	}
	return n;
}

/* In whole rounds of all connections, as in bufferevents.c. */
static long
echo_run(long n)
{
	return dispatch((n + count - 1) / count * count);
}

void
bench_print_version(void)
{
	printf("%s, epoll\n", uv_version_string());
}

const size_t bench_event_size = sizeof(struct watcher);

const struct bench_case bench_cases[] = {
    {"persist", persist_setup, dispatch},
    {"persist_timeout", persist_timeout_setup, dispatch},
    {"oneshot", oneshot_setup, dispatch},
    {"oneshot_timeout", oneshot_timeout_setup, dispatch},
    {"crowd_persist", crowd_persist_setup, dispatch},
    {"crowd_oneshot", crowd_oneshot_setup, dispatch},
    {"timers_inside", timers_setup, timers_inside_run},
    {"timers_outside", timers_setup, timers_outside_run},
    {"signal", signal_setup, signal_run},
    {NULL, NULL, NULL},
};

const struct bench_case bench_bufferevent_cases[] = {
    {"echo", echo_setup, echo_run},
    {NULL, NULL, NULL},
};
