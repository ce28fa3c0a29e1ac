/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files that implement struct evbuffer share. */
#ifndef EVI_EVBUFFER_H
#define EVI_EVBUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "mark.h"
#include "public.h"

/* How many bytes the block has after the content. */
static inline size_t
evi_evbuffer_room(const struct evbuffer *buf)
{
	size_t used = evi_mark_misalign(buf) + buf->off;

	return buf->totallen > used ? buf->totallen - used : 0;
}

/*
 * evbuffer_expand() for callers that only append, so that the mark stays valid.
 * If the program has shortened the content directly, the mark is shortened,
 * too.  -1 with ENOMEM.
 */
int evi_evbuffer_reserve(struct evbuffer *buf, size_t room);

/*
 * Moves the content to the start of another block and frees the old one.  Takes
 * the block, which is from malloc(3) and has EVI_BLOCK(size) bytes.  -1 if the
 * block is NULL, and nothing has changed.
 */
int evi_evbuffer_move(struct evbuffer *buf, unsigned char *block, size_t size);

/* Whether n bytes fit into a spare block and fill a quarter of it or more. */
bool evi_evbuffer_suits_spare(size_t n);

/*
 * Frees what the block has after the content and `room` bytes, if that is most
 * of the block.
 */
void evi_evbuffer_trim(struct evbuffer *buf, size_t room);

/*
 * Adds to the content n bytes that were written after it.  Calls the buffer's
 * callback.
 */
void evi_evbuffer_commit(struct evbuffer *buf, size_t n);

#endif
