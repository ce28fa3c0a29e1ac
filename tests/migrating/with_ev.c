/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What surrounds a few lines of MIGRATING.md that are about libev: names are
 * those of with_event.c.  The lines are the file SNIPPET.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <ev.h>
#include <evcompat.h>
#include <signal.h>
#include <unistd.h>

struct event_base *event_init(void);

static int called;

static void
io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
	called++;
}

static void
timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
	called++;
}

static void
signal_cb(struct ev_loop *loop, ev_signal *w, int revents)
{
	called++;
}

static void
async_cb(struct ev_loop *loop, ev_async *w, int revents)
{
	called++;
}

int
main(void)
{
	struct event_base *base = event_init();
	struct ev_loop *loop = evcompat_base_loop(base);
	ev_io io;
	ev_timer timer;
	ev_signal term;
	ev_async async;
	int pair[2], fd, peer;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	fd = pair[0];
	peer = pair[1];
	ev_init(&io, io_cb);
	ev_init(&timer, timer_cb);
	ev_init(&term, signal_cb);
	ev_init(&async, async_cb);

#include SNIPPET

	return 0;
}
