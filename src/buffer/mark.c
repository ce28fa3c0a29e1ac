/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A mark has a top bit, three bits for its kind, and MARK_MAX minus the offset
 * in the block at which the searched bytes end.  So it stays valid if a program
 * moves the start of the content directly.  If the program adds to misalign as
 * well, as it had to in 1.4, the offset becomes smaller; below 0 it overflows
 * into the kind, which becomes odd and so is that of no search.
 */
#include "mark.h"

#define MARK_SHIFT (sizeof(size_t) * CHAR_BIT - 4)
#define MARK_MAX (((size_t)1 << MARK_SHIFT) - 1)

static enum mark
kind_of(const struct evbuffer *buf)
{
	return (enum mark)((buf->misalign & ~EVI_MARKED) >> MARK_SHIFT);
}

/*
 * The program may have shortened the content, so the result is at most
 * buf->off.
 */
size_t
evi_mark_length(const struct evbuffer *buf)
{
	size_t end = MARK_MAX - (buf->misalign & MARK_MAX);
	size_t gap = evi_mark_misalign(buf);

	if (end <= gap)
		return 0;
	return end - gap < buf->off ? end - gap : buf->off;
}

size_t
evi_mark_searched(const struct evbuffer *buf, enum mark kind)
{
	if (!evi_mark_is_set(buf) || kind_of(buf) != kind)
		return 0;
	return evi_mark_length(buf);
}

void
evi_mark_set(struct evbuffer *buf, enum mark kind, size_t n)
{
	size_t gap = evi_mark_misalign(buf);

	if (n == 0 || n > MARK_MAX - gap || buf->orig_buffer == NULL)
		buf->misalign = gap;
	else
		buf->misalign = EVI_MARKED | (size_t)kind << MARK_SHIFT |
				(MARK_MAX - gap - n);
}

void
evi_mark_keep(struct evbuffer *buf, size_t n)
{
	if (evi_mark_is_set(buf))
		evi_mark_set(buf, kind_of(buf), n);
}
