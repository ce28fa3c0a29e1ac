/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses of a numeric host, or of one to bind to: the one call of
 * getaddrinfo(3).
 */
#include "address.h"

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int
evi_address_find(const char *host, unsigned short port, int family, int flags,
    struct addrinfo **found)
{
	struct addrinfo hints = {.ai_family = family,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = flags};
	char service[8];

	snprintf(service, sizeof service, "%u", port);
	return getaddrinfo(host, service, &hints, found);
}
