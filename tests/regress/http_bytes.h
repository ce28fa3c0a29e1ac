/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes for the parsers of HTTP: before a page that may not be touched,
 * and more and more of them.
 */
#ifndef REGRESS_HTTP_BYTES_H
#define REGRESS_HTTP_BYTES_H

#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "test.h"

#define EDGE_MAX ((size_t)2 << 20)

/* A copy of the bytes, which lasts until the next one, and nothing after it. */
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

/* How many bytes are there after the next piece, where `given` were before. */
size_t next_given(int way, unsigned int *seed, size_t given, size_t len);

#endif
