/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The connections of `shout` (see shout.h) as bufferevents of libevent 1.4.
 * Two of the programs use this file; it does not depend on which library runs
 * the loop.
 */
#include "shout.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <err.h>
#include <event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct client {
	struct bufferevent *bev;
	int fd;
	int has_ended; /* it has sent its last byte */
};

static void
disconnect(struct client *client)
{
	bufferevent_free(client->bev);
	close(client->fd);
	free(client);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = EVBUFFER_INPUT(bev);

	(void)arg;
	shout_raise(EVBUFFER_DATA(input), EVBUFFER_LENGTH(input));
	if (bufferevent_write_buffer(bev, input) == -1)
		err(1, "bufferevent_write_buffer");
}

/* The output is empty: closes a client that has ended. */
static void
write_cb(struct bufferevent *bev, void *arg)
{
	struct client *client = arg;

	(void)bev;
	if (client->has_ended)
		disconnect(client);
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	struct client *client = arg;

	if ((what & EVBUFFER_EOF) &&
	    EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)) > 0) {
		client->has_ended = 1;
		return;
	}
	if (what & EVBUFFER_TIMEOUT)
		tally.silent++;
	disconnect(client);
}

void
clients_accept(int listener, int seconds)
{
	struct client *client;
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		return;
	client = calloc(1, sizeof(*client));
	if (client == NULL || fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		err(1, "accept");
	client->fd = fd;
	client->bev = bufferevent_new(fd, read_cb, write_cb, error_cb, client);
	if (client->bev == NULL)
		err(1, "bufferevent_new");
	bufferevent_settimeout(client->bev, seconds, seconds);
	if (bufferevent_enable(client->bev, EV_READ) == -1)
		err(1, "bufferevent_enable");
	tally.clients++;
}
