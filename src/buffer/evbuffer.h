/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files on struct evbuffer share.
 */
#ifndef EVI_EVBUFFER_H
#define EVI_EVBUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "mark.h"
#include "public.h"

/* How many bytes there is room for behind the content. */
static inline size_t
evi_evbuffer_room(const struct evbuffer *buf)
{
	size_t used = evi_mark_misalign(buf) + buf->off;

	return buf->totallen > used ? buf->totallen - used : 0;
}

/*
 * As evbuffer_expand(), for who only appends and so leaves the mark true.  If
 * a program has cut the content by hand, the mark becomes so long.
 */
int evi_evbuffer_reserve(struct evbuffer *buf, size_t room);

/*
 * Moves the content to the start of another block, from malloc(3), of
 * EVI_BLOCK(size) bytes; takes it.  -1 if that is NULL, and nothing has moved.
 */
int evi_evbuffer_move(struct evbuffer *buf, unsigned char *block, size_t size);

/* Whether that many bytes are worth a spare block, and fit. */
bool evi_evbuffer_wants_spare(size_t n);

/*
 * Gives back what the block has beyond the content and so many bytes behind it,
 * if that is most of the block.
 */
void evi_evbuffer_trim(struct evbuffer *buf, size_t behind);

/* The content has grown by n bytes that were put behind it.  Calls back. */
void evi_evbuffer_grown(struct evbuffer *buf, size_t n);

#endif
