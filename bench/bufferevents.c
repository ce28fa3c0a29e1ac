/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cases of bufferevent, in libevent 1.4's interface.  A case's N is how
 * many connections there are, its TOKENS how many bytes a message has.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <event.h>

#include "tally.h"

#include <string.h>

#define ONE_PASS (EVLOOP_ONCE | EVLOOP_NONBLOCK)

static struct event_base *base;
static int *ends; /* of socket pairs, two by two */
static unsigned char *message;
static size_t size;
static int count;
static struct tally tally;

/* The base, n pairs, and a message to send. */
static int
open_pairs(int n, int each)
{
	base = event_init();
	bench_need(base != NULL, "event_init");
	n = bench_fit(n, 2);
	ends = bench_sockets(2 * n);
	count = n;
	size = (size_t)each;
	message = bench_alloc(1, size + 1);
	memset(message, 'x', size);
	return n;
}

static void
failed_cb(struct bufferevent *bev, short what, void *arg)
{
	bench_need(0, "a bufferevent");
}

static struct bufferevent *
open_bufferevent(int fd, evbuffercb readcb)
{
	struct bufferevent *bev =
	    bufferevent_new(fd, readcb, NULL, failed_cb, NULL);

	bench_need(bev != NULL, "bufferevent_new");
	bench_need(bufferevent_enable(bev, EV_READ) == 0, "bufferevent_enable");
	return bev;
}

/*
 * Echo: both ends of a pair are bufferevents of one loop.  The server sends
 * back what it has read, whole message or not; the client waits until its
 * message is complete, drops it and sends the next.
 */

static void
serve_cb(struct bufferevent *bev, void *arg)
{
	bench_need(bufferevent_write_buffer(bev, EVBUFFER_INPUT(bev)) == 0,
	    "bufferevent_write_buffer");
}

static void
ask(struct bufferevent *bev)
{
	bench_need(bufferevent_write(bev, message, size) == 0,
	    "bufferevent_write");
}

static void
answer_cb(struct bufferevent *bev, void *arg)
{
	if (EVBUFFER_LENGTH(EVBUFFER_INPUT(bev)) < size)
		return;
	evbuffer_drain(EVBUFFER_INPUT(bev), size);
	ask(bev);
	if (tally_one(&tally))
		event_base_loopbreak(base);
}

static void
run_loop(void)
{
	event_base_dispatch(base);
}

static int
echo_setup(int n, int each)
{
	n = open_pairs(n, each);
	for (int i = 0; i < n; i++) {
		open_bufferevent(ends[2 * i], serve_cb);
		ask(open_bufferevent(ends[2 * i + 1], answer_cb));
	}
	return n;
}

/*
 * Whole rounds of all connections, at least n messages.  The connections keep
 * in step, so that every call begins and ends at the same point of a round.
 */
static long
echo_run(long n)
{
	return tally_run(&tally, (n + count - 1) / count * count, run_loop);
}

/*
 * For the memory: n bufferevents, the two ends of n/2 pairs, that wait for
 * input.  Unless a message has no bytes, each pair has exchanged one before:
 * the server waited until it was complete, and sent it back.
 */

static int
idle_setup(int n, int each)
{
	return 2 * open_pairs(n / 2, each);
}

static void
heard_cb(struct bufferevent *bev, void *arg)
{
	size_t len = EVBUFFER_LENGTH(EVBUFFER_INPUT(bev));

	evbuffer_drain(EVBUFFER_INPUT(bev), len);
	tally.done += (long)len;
}

static void
converse(struct bufferevent *server, struct bufferevent *client)
{
	bufferevent_setwatermark(server, EV_READ, size, 0);
	ask(client);
	for (tally.done = 0; tally.done < (long)size;)
		event_base_loop(base, EVLOOP_ONCE);
}

static long
idle_run(long n)
{
	for (long i = 0; i < n; i += 2) {
		struct bufferevent *server, *client;

		server = open_bufferevent(ends[i], serve_cb);
		client = open_bufferevent(ends[i + 1], heard_cb);
		if (size > 0)
			converse(server, client);
	}
	event_base_loop(base, ONE_PASS);
	return n;
}

const struct bench_case bench_bufferevent_cases[] = {
    {"echo", echo_setup, echo_run},
    {"idle", idle_setup, idle_run},
    {NULL, NULL, NULL},
};
