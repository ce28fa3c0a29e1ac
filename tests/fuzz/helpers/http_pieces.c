/* SPDX-License-Identifier: BSD-3-Clause */
/* An input that arrives in pieces; see the header. */
#include "http_pieces.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void
pieces_begin(struct pieces *pieces, const uint8_t *data, size_t size,
    unsigned int way)
{
	*pieces = (struct pieces){data, size, 0, 0, way, NULL};
}

int
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

size_t
pieces_len(const struct pieces *pieces)
{
	return pieces->given - pieces->used;
}

const char *
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

void
pieces_end(struct pieces *pieces)
{
	free(pieces->block);
	pieces->block = NULL;
}

void
tell(struct story *story, const void *bytes, size_t len)
{
	size_t room = sizeof story->text - story->len;

	if (len > room)
		len = room;
	if (len > 0)
		memcpy(story->text + story->len, bytes, len);
	story->len += len;
}

void
tell_number(struct story *story, long long number)
{
	tell(story, &number, sizeof number);
}

int
is_same_story(const struct story *a, const struct story *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}
