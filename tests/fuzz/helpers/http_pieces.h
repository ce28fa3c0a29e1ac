/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An input that arrives in pieces.  The parser gets the bytes that it has not
 * consumed in a block of their own, so that ASan notices if it reads one byte
 * more.
 */
#ifndef FUZZ_HTTP_PIECES_H
#define FUZZ_HTTP_PIECES_H

#include <stddef.h>
#include <stdint.h>

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

void pieces_begin(struct pieces *pieces, const uint8_t *data, size_t size,
    unsigned int way);

/* Another piece arrives; 0 if there is none. */
int pieces_more(struct pieces *pieces);

size_t pieces_len(const struct pieces *pieces);

/*
 * The bytes that have arrived and were not consumed.  Valid until the next
 * call, or pieces_end().
 */
const char *pieces_data(struct pieces *pieces);

void pieces_end(struct pieces *pieces);

/* The result of a parser, as text; what has no room in it is dropped. */
struct story {
	size_t len;
	char text[1 << 16];
};

void tell(struct story *story, const void *bytes, size_t len);

void tell_number(struct story *story, long long number);

int is_same_story(const struct story *a, const struct story *b);

#endif
