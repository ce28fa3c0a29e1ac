/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What surrounds a few lines of MIGRATING.md that are about libuv: names are
 * those of with_event.c.  The lines are the file SNIPPET.
 */
#include <assert.h>
#include <err.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

static int called;

static void
poll_cb(uv_poll_t *poll, int status, int events)
{
	called++;
	uv_poll_stop(poll);
}

static void
timer_cb(uv_timer_t *timer)
{
	called++;
	uv_timer_stop(timer);
}

static void
signal_cb(uv_signal_t *handle, int signo)
{
	called++;
	uv_signal_stop(handle);
}

static void
async_cb(uv_async_t *async)
{
	called++;
	uv_close((uv_handle_t *)async, NULL);
}

static void
name_cb(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
	called += status == 0;
	uv_freeaddrinfo(found);
}

int
main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_poll_t poll;
	uv_timer_t timer;
	uv_signal_t term;
	uv_async_t async;
	uv_getaddrinfo_t name;
	int pair[2], fd, peer;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	fd = pair[0];
	peer = pair[1];

#include SNIPPET

	return 0;
}
