/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes for the parsers of HTTP: a copy that ends at a page without access, and
 * pieces in which they arrive.
 */
#ifndef REGRESS_HTTP_BYTES_H
#define REGRESS_HTTP_BYTES_H

#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "test.h"

#define EDGE_MAX ((size_t)2 << 20)

/*
 * A copy of the bytes that ends at a page without access.  It is valid until
 * the next call.
 */
char *at_the_edge(const char *bytes, size_t len);

/*
 * The ways in which bytes arrive: all at once, one by one, and in pieces that a
 * way's number decides.
 */
enum way {
	WHOLE,
	BYTE_BY_BYTE,
	FIRST_RANDOM,
	WAYS = 30
};

/*
 * How many of len bytes have arrived after the next piece, if `given` had
 * before.  *seed is 0 at first.
 */
size_t next_given(int way, unsigned int *seed, size_t given, size_t len);

#endif
