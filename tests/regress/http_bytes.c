/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes before a page that is not mapped, and pieces; see the header. */
#include "http_bytes.h"

char *
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

size_t
next_given(int way, unsigned int *seed, size_t given, size_t len)
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
