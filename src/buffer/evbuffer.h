/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files on struct evbuffer share.  The struct is public and flat, and
 * programs embed it, copy it, clear it and set its length by hand, so there is
 * no place behind it for anything private.  What has to be remembered between
 * two searches for a line end is kept in `misalign`, which follows from two
 * other members: with its top bit set it is a mark, and says in which way how
 * many bytes at the front have been searched in vain.
 */
#ifndef EVI_EVBUFFER_H
#define EVI_EVBUFFER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "public.h"

/* --- the mark --- */

/*
 * The ways to search; each has a mark of its own.  A mark holds how far before
 * EVI_MARK_MAX, counted from the start of the block, the searched bytes end.
 * So it stays right if a program moves the front by hand; and if it adds to
 * misalign as well, the mark moves back, or, beyond the block's start, becomes
 * of an odd kind that nobody asks for.
 */
enum mark {
	MARK_CR_OR_LF = 0,
	MARK_LF = 2,
	MARK_CR_LF = 4
};

#define EVI_MARKED ((size_t)1 << (sizeof(size_t) * CHAR_BIT - 1))
#define EVI_MARK_SHIFT (sizeof(size_t) * CHAR_BIT - 4)
#define EVI_MARK_MAX (((size_t)1 << EVI_MARK_SHIFT) - 1)

static inline bool
evi_buffer_is_marked(const struct evbuffer *buf)
{
	return (buf->misalign & EVI_MARKED) != 0;
}

/* Only if there is a mark: of which kind. */
static inline enum mark
evi_buffer_mark_kind(const struct evbuffer *buf)
{
	return (enum mark)((buf->misalign & ~EVI_MARKED) >> EVI_MARK_SHIFT);
}

/* How far behind the block's start the content is. */
static inline size_t
evi_buffer_misalign(const struct evbuffer *buf)
{
	if (evi_buffer_is_marked(buf))
		return (size_t)(buf->buffer - buf->orig_buffer);
	return buf->misalign;
}

/* Only if there is a mark: how many bytes; a program may have cut them. */
static inline size_t
evi_buffer_mark_length(const struct evbuffer *buf)
{
	size_t end = EVI_MARK_MAX - (buf->misalign & EVI_MARK_MAX);
	size_t gap = evi_buffer_misalign(buf);

	if (end <= gap)
		return 0;
	return end - gap < buf->off ? end - gap : buf->off;
}

/*
 * Marks the first n bytes as searched; n may be 0.  Bytes beyond what a mark
 * can hold are searched again, and so is content that a program has put into
 * the struct without a block of ours.
 */
static inline void
evi_buffer_mark(struct evbuffer *buf, enum mark how, size_t n)
{
	size_t end = evi_buffer_misalign(buf) + n;

	if (n == 0 || end > EVI_MARK_MAX || buf->orig_buffer == NULL)
		buf->misalign = end - n;
	else
		buf->misalign = EVI_MARKED | (size_t)how << EVI_MARK_SHIFT |
				(EVI_MARK_MAX - end);
}

/* How many bytes at the front need not be searched in this way. */
static inline size_t
evi_buffer_searched(const struct evbuffer *buf, enum mark how)
{
	if (!evi_buffer_is_marked(buf) || evi_buffer_mark_kind(buf) != how)
		return 0;
	return evi_buffer_mark_length(buf);
}

/* --- the block --- */

/* How many bytes there is room for behind the content. */
static inline size_t
evi_buffer_room(const struct evbuffer *buf)
{
	size_t used = evi_buffer_misalign(buf) + buf->off;

	return buf->totallen > used ? buf->totallen - used : 0;
}

/*
 * As evbuffer_expand(), for who only appends and so leaves the mark true.  If
 * a program has cut the content by hand, the mark becomes so long.
 */
int evi_buffer_reserve(struct evbuffer *buf, size_t room);

/*
 * The block becomes another one from malloc(3), of EVI_BLOCK(size) bytes, which
 * has the content from its start; takes it.
 */
void
evi_buffer_exchange(struct evbuffer *buf, unsigned char *block, size_t size);

/* Whether that many bytes are worth a spare block, and fit. */
bool evi_buffer_wants_spare(size_t n);

/*
 * Gives back what the block has beyond the content and so many bytes behind it,
 * if that is most of the block.
 */
void evi_buffer_trim(struct evbuffer *buf, size_t behind);

/* How much evbuffer_read() takes if nobody says so. */
size_t evi_buffer_a_lot(const struct evbuffer *buf);

/* The content has grown by n bytes that were put behind it.  Calls back. */
void evi_buffer_grown(struct evbuffer *buf, size_t n);

#endif
