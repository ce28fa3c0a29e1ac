/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plain reader of DNS replies, which dns_reply.c compares the library with.
 * It reads by the simplest loops, and all records again for each alias.
 */
#ifndef FUZZ_DNS_READER_H
#define FUZZ_DNS_READER_H

#include <stddef.h>
#include <stdint.h>

#define HEADER 12 /* bytes, before the questions of a message */

/* Types of records. */
enum {
	A = 1,
	CNAME = 5,
	PTR = 12,
	AAAA = 28
};

/* What a reply says: the result, and if it is DNS_ERR_NONE the records. */
struct found {
	int result;
	int count, ttl;
	uint8_t bytes[65536]; /* addresses, or a name */
};

/* Two bytes as a number. */
unsigned int get16(const uint8_t *p);

/*
 * Reads a reply to a question of that type.  The result is a DNS_ERR_*, -1 for
 * a malformed message, or EVI_WIRE_LAME.
 */
void read_reply(const uint8_t *msg, size_t len, int type, struct found *f);

/* Checks the arguments of a callback. */
void check_found(const struct found *f, int type, int count, int ttl,
    const void *addresses);

#endif
