/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the cases of the DNS share: 10,000 names with an address each, and the
 * other end.  evdns.c and cares.c look the names up; dnspeer.c, a program of
 * its own, replies with the addresses, or is the client of a server's case.
 */
#ifndef BENCH_DNS_H
#define BENCH_DNS_H

#include <arpa/inet.h>

#include <stdint.h>

#define DNS_NAMES 10000

/* A run of names ends after this long, even if names have no reply. */
#define DNS_PATIENCE_SECONDS 120

/* Returns the i-th name; the first one follows the last. */
const char *dns_name(long i);

/* Returns the i of a name that dns_name() returned. */
long dns_index(const char *name);

/* The address, in network order, of the i-th name. */
static inline uint32_t
dns_address(long i)
{
	return htonl(0x0a000000 + (uint32_t)(i % DNS_NAMES));
}

/*
 * Starts a server that replies for the names at a port of 127.0.0.1, and
 * returns the port.  `drop` of a thousand exchanges fail: the server ignores
 * the query, or does not send the reply.  The same names and tries fail each
 * time, in any order of the queries.
 *
 * `queries` is how many are in flight at once.  With one, only one end at a
 * time has something to do, and both run on the same core; otherwise each has
 * a core of its own.
 */
int dns_start_server(int drop, int queries);

/*
 * Starts a client of the server at that port of 127.0.0.1, which always keeps
 * that many queries in flight.  A reply that is missing or wrong ends the
 * client, and with it this process.
 */
void dns_start_asking(int port, int queries);

#endif
