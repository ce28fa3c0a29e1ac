/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How far a buffer has been searched for a line end in vain.  struct evbuffer
 * is public and flat, and programs embed it, copy it, clear it, set its length
 * and move its front by hand, so there is no place behind it for anything
 * private.  The mark is kept in `misalign`, which follows from two other
 * members: if the top bit of that is set it is a mark.
 */
#ifndef EVI_MARK_H
#define EVI_MARK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "public.h"

/* The ways to search; each has a mark of its own, and none is odd. */
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

/* How far behind the block's start the content is. */
static inline size_t
evi_mark_misalign(const struct evbuffer *buf)
{
	if (evi_mark_is_set(buf))
		return (size_t)(buf->buffer - buf->orig_buffer);
	return buf->misalign;
}

/* Where there is a mark: how many bytes at the front it says are searched. */
size_t evi_mark_length(const struct evbuffer *buf);

/* How many bytes at the front need not be searched in this way. */
size_t evi_mark_searched(const struct evbuffer *buf, enum mark how);

/*
 * Marks the first n bytes as searched.  Beyond what a mark can hold they are
 * searched again, and so is content that a program has put into the struct
 * without a block.
 */
void evi_mark_set(struct evbuffer *buf, enum mark how, size_t n);

/*
 * Where there is a mark: it stays of its kind, for the first n bytes of where
 * the content is now.  With 0, `misalign` is again what it says.
 */
void evi_mark_keep(struct evbuffer *buf, size_t n);

#endif
