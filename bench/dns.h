/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the cases of the DNS share: 10,000 names with an address each, and the
 * other end.  evdns.c and cares.c ask for the names; dnspeer.c, a program of
 * its own, knows the addresses and answers, or asks where a case has a server.
 */
#ifndef BENCH_DNS_H
#define BENCH_DNS_H

#include <arpa/inet.h>

#include <stdint.h>

#define DNS_NAMES 10000

/* A run of names ends then, however many of them are without an answer. */
#define DNS_PATIENCE_SECONDS 120

/* The i-th name; after the last comes the first. */
const char *dns_name(long i);

/* Which name it is, of those that dns_name() returns. */
long dns_index(const char *name);

/* The address, in network order, of the i-th name. */
static inline uint32_t
dns_address(long i)
{
	return htonl(0x0a000000 + (uint32_t)(i % DNS_NAMES));
}

/*
 * Starts a server that answers for the names at a port of 127.0.0.1, which is
 * returned.  Of a thousand exchanges `drop` come to nothing: in one half the
 * query is not answered and in the other the answer is not sent.  It is the
 * same names and tries each time, in whatever order they are asked.
 *
 * `queries` is how many are under way at once.  With one, only one end at a
 * time has something to do, and the two share a core; otherwise each of them is
 * given its own.
 */
int dns_start_server(int drop, int queries);

/*
 * Starts asking the server at that port of 127.0.0.1, always with so many
 * queries under way, and forever.  Without an answer, or with a wrong one, that
 * ends and ends this process.
 */
void dns_start_asking(int port, int queries);

#endif
