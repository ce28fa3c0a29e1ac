/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses of a host and a port.
 */
#ifndef EVI_HTTP_ADDRESS_H
#define EVI_HTTP_ADDRESS_H

struct addrinfo;

/*
 * getaddrinfo(3) for stream sockets of a family, with flags, AI_*: blocks for a
 * name that is not AI_NUMERICHOST.  Returns what that does; 0: *found is to be
 * freed with freeaddrinfo(3).
 */
int evi_address_find(const char *host, unsigned short port, int family,
    int flags, struct addrinfo **found);

#endif
