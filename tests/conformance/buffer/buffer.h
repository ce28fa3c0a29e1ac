/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of evbuffer share.
 */
#ifndef CONFORMANCE_BUFFER_H
#define CONFORMANCE_BUFFER_H

#include <string.h>

#include "test.h"

/* The content is this string literal, which may have NULs in it. */
#define assert_content(buf, text)                                              \
	do {                                                                   \
		assert_int_equal(EVBUFFER_LENGTH(buf), sizeof(text) - 1);      \
		assert_memory_equal(EVBUFFER_DATA(buf), text,                  \
		    sizeof(text) - 1);                                         \
	} while (0)

/* A new buffer with that content. */
struct evbuffer *filled(const char *text);

#endif
