/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes at the end of the memory: who reads one more of them crashes. */
#ifndef REGRESS_EDGE_H
#define REGRESS_EDGE_H

#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "test.h"

#define EDGE_MAX ((size_t)65536)

/* A copy of these bytes before a page that is not mapped; it stays mapped. */
static inline const char *
at_edge(const void *bytes, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *place;

	assert_in_range(len, 0, EDGE_MAX);
	place = mmap(NULL, EDGE_MAX + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(place != MAP_FAILED);
	assert_int_equal(mprotect(place + EDGE_MAX, page, PROT_NONE), 0);
	return memcpy(place + EDGE_MAX - len, bytes, len);
}

static inline const char *
string_at_edge(const char *string)
{
	return at_edge(string, strlen(string) + 1);
}

#endif
