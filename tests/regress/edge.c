/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes before a page that is not mapped; see the header. */
#include "edge.h"

#include <sys/mman.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static char *
map_before_edge(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *place = mmap(NULL, EDGE_MAX + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(place != MAP_FAILED);
	assert_int_equal(mprotect(place + EDGE_MAX, page, PROT_NONE), 0);
	return place;
}

void *
at_edge(const void *bytes, size_t len)
{
	static char *places[EDGE_COPIES];
	static unsigned int next;
	char **place = &places[next++ % EDGE_COPIES];

	assert_true(len <= EDGE_MAX);
	if (*place == NULL)
		*place = map_before_edge();
	return memmove(*place + EDGE_MAX - len, bytes, len);
}

char *
string_at_edge(const char *string)
{
	return at_edge(string, strlen(string) + 1);
}
