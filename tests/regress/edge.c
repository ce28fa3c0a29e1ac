/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes before a page that is not mapped; see the header. */
#include "edge.h"

const char *
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

const char *
string_at_edge(const char *string)
{
	return at_edge(string, strlen(string) + 1);
}
