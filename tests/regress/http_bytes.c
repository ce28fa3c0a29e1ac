/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces in which bytes arrive; see the header. */
#include "http_bytes.h"

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
