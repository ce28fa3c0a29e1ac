/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looks up the addresses of a host: the one call of getaddrinfo(3) in HTTP.
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
