/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A mark says how many bytes of a buffer were searched for a line end without a
 * match.  struct evbuffer is public, and programs embed it, copy it, clear it,
 * set its length and move its start directly, so no private member can follow
 * it.  The mark is stored in `misalign`, whose value can be computed from two
 * other members: if its top bit is set, it is a mark.
 */
#ifndef EVI_MARK_H
#define EVI_MARK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "public.h"

/* What was searched for: the kind of a mark.  mark.c needs even values. */
enum mark {
	MARK_CR_OR_LF = 0,
	MARK_LF = 2,
	MARK_CR_LF = 4
};

#define EVI_MARKED ((size_t)1 << (sizeof(size_t) * CHAR_BIT - 1))

static inline bool
evi_mark_is_set(const struct evbuffer *buf)
{
	return (buf->misalign & EVI_MARKED) != 0;
}

/* The length of the gap between the block's start and the content. */
static inline size_t
evi_mark_misalign(const struct evbuffer *buf)
{
	if (evi_mark_is_set(buf))
		return (size_t)(buf->buffer - buf->orig_buffer);
	return buf->misalign;
}

/* How many bytes at the start of the content were searched.  Needs a mark. */
size_t evi_mark_length(const struct evbuffer *buf);

/*
 * How many bytes at the start of the content a search of this kind may skip: it
 * has searched them before.
 */
size_t evi_mark_searched(const struct evbuffer *buf, enum mark kind);

/*
 * Marks the first n bytes as searched by this kind.  Sets no mark if n is too
 * large for one, or if the program has set the content without a block.
 */
void evi_mark_set(struct evbuffer *buf, enum mark kind, size_t n);

/*
 * If there is a mark: makes it one of the same kind for the first n bytes of
 * the content, which may have moved.  With 0 `misalign` is the length of the
 * gap again.
 */
void evi_mark_keep(struct evbuffer *buf, size_t n);

#endif
