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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "public.h"

/* The ways to search; each has a mark of its own. */
enum mark {
	MARK_CR_OR_LF,
	MARK_LF,
	MARK_CR_LF
};

/* How far behind the block's start the content is. */
size_t evi_buffer_misalign(const struct evbuffer *buf);

/* How many bytes there is room for behind the content. */
size_t evi_buffer_room(const struct evbuffer *buf);

/* As evbuffer_expand(), for who only appends and so leaves the mark true. */
int evi_buffer_reserve(struct evbuffer *buf, size_t room);

/* Takes a spare block that has the content from its start, for the old one. */
void evi_buffer_adopt(struct evbuffer *buf, unsigned char *spare);

/* Whether that many bytes are worth a spare block, and fit. */
bool evi_buffer_wants_spare(size_t n);

/*
 * Gives back what the block has beyond the content and so many bytes behind it,
 * if that is most of the block.
 */
void evi_buffer_trim(struct evbuffer *buf, size_t behind);

/* The content has grown by n bytes that were put behind it.  Calls back. */
void evi_buffer_grown(struct evbuffer *buf, size_t n);

/*
 * Marks the first n bytes as searched; and how many are.  A length that was cut
 * by hand is taken note of in evi_buffer_reserve().
 */
void evi_buffer_mark(struct evbuffer *buf, enum mark how, size_t n);
size_t evi_buffer_marked(const struct evbuffer *buf, enum mark how);

#endif
