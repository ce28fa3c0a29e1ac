/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An input that arrives in pieces.  The parser gets the bytes that it has not
 * consumed in a block of their own, so that ASan notices if it reads one byte
 * more.
 */
#ifndef FUZZ_HTTP_PIECES_H
#define FUZZ_HTTP_PIECES_H

#include "fuzz.h"

#include <string.h>

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what))                                                   \
			fail("line %d: not so: %s", __LINE__, #what);          \
	} while (0)

/*
 * All bytes at once, one by one, or in pieces of pseudo-random lengths; any
 * number from BY_CHANCE on is a seed.
 */
enum way {
	WHOLE,
	BYTE_BY_BYTE,
	BY_CHANCE
};

struct pieces {
	const uint8_t *data;
	size_t size;
	size_t used;
	size_t given;
	unsigned int way;
	char *block;
};

static inline void
pieces_begin(struct pieces *pieces, const uint8_t *data, size_t size,
    unsigned int way)
{
	*pieces = (struct pieces){data, size, 0, 0, way, NULL};
}

/* Another piece arrives; 0 if there is none. */
static inline int
pieces_more(struct pieces *pieces)
{
	size_t left = pieces->size - pieces->given, n = 1;

	if (left == 0)
		return 0;
	if (pieces->way == WHOLE) {
		n = left;
	} else if (pieces->way >= BY_CHANCE) {
		pieces->way = pieces->way * 1103515245 + 12345;
		n = 1 + (pieces->way >> 16) % 16;
		pieces->way |= BY_CHANCE;
	}
	pieces->given += n < left ? n : left;
	return 1;
}

static inline size_t
pieces_len(const struct pieces *pieces)
{
	return pieces->given - pieces->used;
}

/*
 * The bytes that have arrived and were not consumed.  Valid until the next
 * call, or pieces_end().
 */
static inline const char *
pieces_data(struct pieces *pieces)
{
	size_t len = pieces_len(pieces);

	free(pieces->block);
	pieces->block = malloc(len > 0 ? len : 1);
	CHECK(pieces->block != NULL);
	if (len > 0)
		memcpy(pieces->block, pieces->data + pieces->used, len);
	return pieces->block;
}

static inline void
pieces_end(struct pieces *pieces)
{
	free(pieces->block);
	pieces->block = NULL;
}

/* The result of a parser, as text; what has no room in it is dropped. */
struct story {
	size_t len;
	char text[1 << 16];
};

static inline void
tell(struct story *story, const void *bytes, size_t len)
{
	size_t room = sizeof story->text - story->len;

	if (len > room)
		len = room;
	if (len > 0)
		memcpy(story->text + story->len, bytes, len);
	story->len += len;
}

static inline void
tell_number(struct story *story, long long number)
{
	tell(story, &number, sizeof number);
}

static inline int
is_same_story(const struct story *a, const struct story *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

#endif
