/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What surrounds a few lines of MIGRATING.md that are about libevent 1.4's
 * interface.  The lines are the file SNIPPET.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#ifdef OURS
#include <evcompat.h>
#else
#include <sys/queue.h> /* 1.4's evrpc.h wants it */
#endif
#include <netinet/in.h>
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <event.h>
#include <evdns.h>
#include <evhttp.h>
#include <evrpc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often each was called. */
static int called, calls, reads, writes, failures;
static size_t grown;

static void
cb(int fd, short what, void *arg)
{
	called++;
}

static void
call(void *arg)
{
	calls++;
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	reads++;
}

static void
write_cb(struct bufferevent *bev, void *arg)
{
	writes++;
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	failures++;
}

static void
buffer_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	grown += now - old;
}

static void
use(const void *bytes, size_t len)
{
	assert(bytes != NULL && len > 0);
}

static void
fail(void)
{
	failures++;
}

static void
name_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	called++;
}

int
main(void)
{
	struct event_base *base = event_init();
	struct evbuffer *buf = evbuffer_new(), *line = evbuffer_new();
	struct timeval tv = {5, 0}, soon = {0, 1};
	struct event ev, other;
	struct bufferevent *bev;
	struct evhttp_request *req = NULL;
	struct evhttp *http = evhttp_new(base);
	struct evrpc_status done = {0}, *status = &done;
	struct evrpc_pool *pool = evrpc_pool_new(base);
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr *address = (struct sockaddr *)&sin;
	void *arg = NULL;
	char bytes[64] = "some text", *text;
	size_t len = strlen(bytes), n;
	int pair[2], fd, peer, result = DNS_ERR_NONE;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	fd = pair[0];
	peer = pair[1];
	memset(&ev, 0, sizeof(ev));
	event_set(&other, -1, 0, cb, NULL);
	bev = bufferevent_new(fd, read_cb, write_cb, error_cb, NULL);
	evbuffer_add(buf, "GET\n/\n", 6);
	assert(bev != NULL && line != NULL && http != NULL && pool != NULL);

#include SNIPPET

	return 0;
}
