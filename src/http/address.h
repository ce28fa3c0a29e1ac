/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looks up the addresses of a host with getaddrinfo(3).
 */
#ifndef EVI_HTTP_ADDRESS_H
#define EVI_HTTP_ADDRESS_H

struct addrinfo;

/*
 * Calls getaddrinfo(3) for stream sockets of a family; port is in host order.
 * flags are its AI_*; it blocks for a name unless AI_NUMERICHOST is set.
 * Returns its result; if that is 0, the caller has to call freeaddrinfo(3) for
 * *found.
 */
int evi_address_find(const char *host, unsigned short port, int family,
    int flags, struct addrinfo **found);

#endif
