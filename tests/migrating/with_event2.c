/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What surrounds a few lines of MIGRATING.md that are about libevent 2.x: names
 * are those of with_event.c.  The lines are the file SNIPPET.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <assert.h>
#include <err.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

static int called;

static void
cb(evutil_socket_t fd, short what, void *arg)
{
	called++;
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
}

static void
event_cb(struct bufferevent *bev, short what, void *arg)
{
}

static void
accept_cb(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int len, void *arg)
{
}

static void
name_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
}

static void
use(const void *bytes, size_t len)
{
	assert(bytes != NULL && len > 0);
}

int
main(void)
{
	struct event_base *base = event_base_new();
	struct timeval tv = {5, 0}, soon = {0, 1};
	struct event *ev = NULL;
	struct bufferevent *bev = NULL;
	struct evconnlistener *listener = NULL;
	struct evdns_base *dns = NULL;
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr *address = (struct sockaddr *)&sin;
	struct evbuffer *input = evbuffer_new();
	void *arg = NULL;
	int pair[2], fd;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	fd = pair[0];
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	evbuffer_add(input, "GET\n/\n", 6);

#include SNIPPET

	return 0;
}
