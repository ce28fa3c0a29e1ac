/* SPDX-License-Identifier: BSD-3-Clause */
/* Buffers with content; see the header. */
#include "buffer.h"

struct evbuffer *
filled(const char *text)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add(buf, text, strlen(text)), 0);
	return buf;
}
