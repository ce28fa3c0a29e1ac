/* SPDX-License-Identifier: BSD-3-Clause */
/* Helpers for fuzzers of code that uses sockets; see the header. */
#include "network.h"

#include <errno.h>
#include <event.h>
#include <signal.h>
#include <string.h>

#include "fuzz.h"

void
fuzz_start_network(const uint8_t *data, size_t size)
{
	signal(SIGPIPE, SIG_DFL);
	event_set_log_callback(fuzz_log_cb);
	fuzz_start(data, size);
}

int
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

int
unix_server_connect(const struct unix_server *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&s->at, s->len) != 0)
		fail("not connected: %s", strerror(errno));
	return fd;
}
