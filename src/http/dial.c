/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a host to a socket.  All its addresses are tried in turn, in the order
 * in which getaddrinfo(3) has them, which is that of RFC 6724.
 */
#include "dial.h"

#include "support/log.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A Unix socket's address, in the form of what is looked up. */
struct unix_address {
	struct addrinfo ai;
	struct sockaddr_un sun;
};

static struct addrinfo *
unix_address(const char *path)
{
	struct unix_address *a;

	if (strlen(path) >= sizeof a->sun.sun_path)
		return NULL;
	a = calloc(1, sizeof *a);
	if (a == NULL)
		return NULL;
	a->sun.sun_family = AF_UNIX;
	strcpy(a->sun.sun_path, path);
	a->ai.ai_family = AF_UNIX;
	a->ai.ai_socktype = SOCK_STREAM;
	a->ai.ai_addr = (struct sockaddr *)&a->sun;
	a->ai.ai_addrlen = sizeof a->sun;
	return &a->ai;
}

static struct addrinfo *
look_up(const char *host, unsigned short port, int family)
{
	struct addrinfo hints = {.ai_family = family,
	    .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char service[8];
	int error;

	snprintf(service, sizeof service, "%u", port);
	error = getaddrinfo(host, service, &hints, &found);
	if (error == 0)
		return found;
	event_warnx("evhttp: %s: %s", host, gai_strerror(error));
	return NULL;
}

int
evi_dial_start(struct evi_dial *dial, const char *host, unsigned short port,
    int family, bool is_unix)
{
	evi_dial_stop(dial);
	dial->found =
	    is_unix ? unix_address(host) : look_up(host, port, family);
	dial->next = dial->found;
	return dial->found != NULL ? 0 : -1;
}

void
evi_dial_stop(struct evi_dial *dial)
{
	if (dial->found != NULL && dial->found->ai_family == AF_UNIX)
		free(dial->found);
	else if (dial->found != NULL)
		freeaddrinfo(dial->found);
	dial->found = NULL;
	dial->next = NULL;
}

static bool
is_inet(int family)
{
	return family == AF_INET || family == AF_INET6;
}

/* Returns 0; -1 where our own end cannot be that. */
static int
bind_from(int fd, int family, const struct evi_dial_from *from)
{
	struct addrinfo hints = {.ai_family = family,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE};
	struct addrinfo *own;
	char service[8];
	int on = 1, result;

	if (from->address == NULL && from->port == 0)
		return 0;
	snprintf(service, sizeof service, "%u", from->port);
	if (getaddrinfo(from->address, service, &hints, &own) != 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	result = bind(fd, own->ai_addr, own->ai_addrlen);
	freeaddrinfo(own);
	return result;
}

static int
open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd == -1 || !is_inet(family))
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

enum evi_dialled
evi_dial_try(struct evi_dial *dial, const struct evi_dial_from *from, int *fd)
{
	enum evi_dialled result = EVI_DIAL_FAILED;

	while (dial->next != NULL) {
		const struct addrinfo *ai = dial->next;

		dial->next = ai->ai_next;
		*fd = open_socket(ai->ai_family);
		if (*fd == -1)
			continue;
		if (is_inet(ai->ai_family) &&
		    bind_from(*fd, ai->ai_family, from) == -1)
			result = EVI_DIAL_UNBOUND;
		else if (connect(*fd, ai->ai_addr, ai->ai_addrlen) == 0 ||
			 errno == EINPROGRESS)
			return EVI_DIAL_CONNECTING;
		close(*fd);
	}
	return result;
}
