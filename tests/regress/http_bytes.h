/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes for the parsers of HTTP: in front of a page that may not be touched,
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
static inline char *
at_the_edge(const char *bytes, size_t len)
{
	static char *place;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert_true(len <= EDGE_MAX);
	if (place == NULL) {
		place = mmap(NULL, EDGE_MAX + page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(place != MAP_FAILED);
		assert_int_equal(mprotect(place + EDGE_MAX, page, PROT_NONE),
		    0);
	}
	return memmove(place + EDGE_MAX - len, bytes, len);
}

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

/* How many bytes are there after the next piece, where so many were before. */
static inline size_t
grown(int way, unsigned int *seed, size_t given, size_t len)
{
	size_t piece;

	if (way == WHOLE)
		return len;
	if (way == BYTE_BY_BYTE)
		return given + 1;
	if (*seed == 0)
		*seed = (unsigned int)way;
	*seed = *seed * 1103515245 + 12345;
	piece = 1 + (*seed >> 16) % (way % 2 == 0 ? 4 : 24);
	return len - given < piece ? len : given + piece;
}

#endif
