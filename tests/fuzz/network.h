/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helpers for fuzzers of code that uses sockets: the start of a run, and a Unix
 * socket for a server, whose name the kernel chooses.
 */
#ifndef FUZZ_NETWORK_H
#define FUZZ_NETWORK_H

#include <event.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fuzz.h"

/* The library must not raise SIGPIPE. */
static inline void
fuzz_start_network(const uint8_t *data, size_t size)
{
	signal(SIGPIPE, SIG_DFL);
	event_set_log_callback(fuzz_log_cb);
	fuzz_start(data, size);
}

struct unix_server {
	struct sockaddr_un at;
	socklen_t len;
};

/* Returns the listening socket. */
static inline int
unix_server_listen(struct unix_server *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memset(&s->at, 0, sizeof s->at);
	s->at.sun_family = AF_UNIX;
	s->len = sizeof s->at.sun_family; /* Linux chooses a name */
	if (bind(fd, (struct sockaddr *)&s->at, s->len) != 0 ||
	    listen(fd, 8) != 0)
		fail("not listening: %s", strerror(errno));
	s->len = sizeof s->at;
	getsockname(fd, (struct sockaddr *)&s->at, &s->len);
	return fd;
}

static inline int
unix_server_connect(const struct unix_server *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&s->at, s->len) != 0)
		fail("not connected: %s", strerror(errno));
	return fd;
}

#endif
