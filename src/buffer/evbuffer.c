/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evbuffer: bytes in one block of memory, which are added behind and
 * taken in front.  Taking moves the front on, and costs nothing; the gap before
 * it is used again once it is as large as the content, so that each byte is
 * moved at most as often as one was added or taken.
 *
 * The block doubles as the content grows.  What comes at once and fills a good
 * part of a spare block goes to one.  When the buffer is empty, only a small
 * block is kept.
 */
#include "evbuffer.h"
#include "spare.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_BLOCK ((size_t)256)
/* An empty buffer keeps its block up to this size. */
#define KEPT_BLOCK ((size_t)16384)

/* --- the block --- */

/* The content is at that block's start now, and as much of it is searched. */
static void
settle(struct evbuffer *buf, unsigned char *block)
{
	bool marked = evi_mark_is_set(buf);
	size_t searched = marked ? evi_mark_length(buf) : 0;

	buf->orig_buffer = block;
	buf->buffer = block;
	if (marked)
		evi_mark_keep(buf, searched);
	else
		buf->misalign = 0;
}

/* Gives a block back.  A program's own may happen to have that size too. */
static void
release(unsigned char *block, size_t size)
{
	if (size == EVI_SPARE_SIZE)
		evi_spare_give(block);
	else
		free(block);
}

bool
evi_evbuffer_wants_spare(size_t n)
{
	return n >= EVI_SPARE_SIZE / 4 && n <= EVI_SPARE_SIZE;
}

int
evi_evbuffer_move(struct evbuffer *buf, unsigned char *block, size_t size)
{
	unsigned char *old = buf->orig_buffer;
	size_t old_size = buf->totallen;

	if (block == NULL)
		return -1;
	if (buf->off > 0)
		memcpy(block, buf->buffer, buf->off);
	settle(buf, block);
	buf->totallen = size;
	release(old, old_size);
	return 0;
}

/*
 * The content and the gap before it, and so the mark, stay as they are, in a
 * block of that size: realloc(3) can often do without copying.
 */
static int
resize(struct evbuffer *buf, size_t size)
{
	size_t gap = evi_mark_misalign(buf);
	unsigned char *block = realloc(buf->orig_buffer, EVI_BLOCK(size));

	if (block == NULL)
		return -1;
	buf->orig_buffer = block;
	buf->buffer = block + gap;
	buf->totallen = size;
	return 0;
}

/*
 * A block with room for that many bytes in all.  Content that comes behind a
 * gap larger than itself leaves the gap behind.
 */
static int
grow(struct evbuffer *buf, size_t need)
{
	size_t gap = evi_mark_misalign(buf), size = 2 * buf->totallen;
	bool moves = buf->orig_buffer == NULL || gap > buf->off;
	size_t least = moves ? need : need + gap;

	if (buf->off == 0 && evi_evbuffer_wants_spare(need) &&
	    evi_evbuffer_move(buf, evi_spare_take(), EVI_SPARE_SIZE) == 0)
		return 0;
	if (size < SMALLEST_BLOCK)
		size = SMALLEST_BLOCK;
	for (size = size < least ? least : size;; size = least) {
		if (moves &&
		    evi_evbuffer_move(buf, malloc(EVI_BLOCK(size)), size) == 0)
			return 0;
		if (!moves && resize(buf, size) == 0)
			return 0;
		if (size == least)
			break;
	}
	errno = ENOMEM;
	return -1;
}

int
evi_evbuffer_reserve(struct evbuffer *buf, size_t room)
{
	if (evi_mark_is_set(buf)) /* and since then perhaps cut by hand */
		evi_mark_keep(buf, evi_mark_length(buf));
	if (evi_evbuffer_room(buf) >= room)
		return 0;
	if (room > PTRDIFF_MAX - buf->off) {
		errno = ENOMEM;
		return -1;
	}
	if (evi_mark_misalign(buf) < buf->off ||
	    buf->off + room > buf->totallen)
		return grow(buf, buf->off + room);
	if (buf->off > 0)
		memmove(buf->orig_buffer, buf->buffer, buf->off);
	settle(buf, buf->orig_buffer);
	return 0;
}

static void
clear(struct evbuffer *buf)
{
	if (buf->totallen > KEPT_BLOCK) {
		release(buf->orig_buffer, buf->totallen);
		buf->orig_buffer = NULL;
		buf->totallen = 0;
	}
	buf->off = 0;
	buf->buffer = buf->orig_buffer;
	buf->misalign = 0;
}

void
evi_evbuffer_trim(struct evbuffer *buf, size_t behind)
{
	size_t used = evi_mark_misalign(buf) + buf->off + behind;

	if (buf->off + behind == 0)
		clear(buf);
	else if (buf->totallen / 4 > used && buf->totallen > KEPT_BLOCK)
		(void)resize(buf, used);
}

/* --- the interface --- */

static void
call(struct evbuffer *buf, size_t old)
{
	if (buf->cb != NULL)
		buf->cb(buf, old, buf->off, buf->cbarg);
}

void
evi_evbuffer_grown(struct evbuffer *buf, size_t n)
{
	size_t old = buf->off;

	buf->off += n;
	call(buf, old);
}

struct evbuffer *
evbuffer_new(void)
{
	/* glibc's calloc() does not look among what its thread freed last. */
	struct evbuffer *buf = malloc(sizeof(*buf));

	if (buf != NULL)
		*buf = (struct evbuffer){0};
	return buf;
}

void
evbuffer_free(struct evbuffer *buf)
{
	if (buf == NULL)
		return;
	release(buf->orig_buffer, buf->totallen);
	free(buf);
}

/* Who asks for room may fill it by hand: what is there is searched anew. */
int
evbuffer_expand(struct evbuffer *buf, size_t room)
{
	evi_mark_keep(buf, 0);
	return evi_evbuffer_reserve(buf, room);
}

/* The bytes may be some of the buffer's own, which making room moves. */
static int
make_room_and_add(struct evbuffer *buf, const void *data, size_t len)
{
	uintptr_t from = (uintptr_t)data, own = (uintptr_t)buf->buffer;
	bool inside = from >= own && from < own + buf->off;

	if (evi_evbuffer_reserve(buf, len) == -1)
		return -1;
	if (inside)
		data = buf->buffer + (from - own);
	memcpy(buf->buffer + buf->off, data, len);
	evi_evbuffer_grown(buf, len);
	return 0;
}

int
evbuffer_add(struct evbuffer *buf, const void *data, size_t len)
{
	if (len == 0)
		return 0;
	if (evi_mark_is_set(buf) || evi_evbuffer_room(buf) < len)
		return make_room_and_add(buf, data, len);
	memcpy(buf->buffer + buf->off, data, len);
	evi_evbuffer_grown(buf, len);
	return 0;
}

/* 1.4: of the two callbacks, that of the empty one comes first. */
static void
swap(struct evbuffer *dst, struct evbuffer *src)
{
	struct evbuffer block = *dst;
	size_t len = src->off;

	dst->buffer = src->buffer;
	dst->orig_buffer = src->orig_buffer;
	dst->misalign = src->misalign;
	dst->totallen = src->totallen;
	dst->off = src->off;
	src->orig_buffer = block.orig_buffer;
	src->totallen = block.totallen;
	clear(src);
	call(src, len);
	call(dst, 0);
}

int
evbuffer_add_buffer(struct evbuffer *dst, struct evbuffer *src)
{
	size_t len = src->off;

	if (dst == src || len == 0)
		return 0;
	if (dst->off == 0) {
		swap(dst, src);
		return 0;
	}
	if (evi_evbuffer_reserve(dst, len) == -1)
		return -1;
	memcpy(dst->buffer + dst->off, src->buffer, len);
	clear(src);
	evi_evbuffer_grown(dst, len);
	call(src, len);
	return 0;
}

/* 1.4: a callback also where the text is empty. */
int
evbuffer_add_vprintf(struct evbuffer *buf, const char *format, va_list ap)
{
	size_t room;
	va_list again;
	int n;

	if (evi_evbuffer_reserve(buf, 1) == -1)
		return -1;
	room = evi_evbuffer_room(buf);
	va_copy(again, ap);
	n = vsnprintf((char *)buf->buffer + buf->off, room, format, again);
	va_end(again);
	if (n < 0)
		return -1;
	if ((size_t)n >= room) {
		if (evi_evbuffer_reserve(buf, (size_t)n + 1) == -1)
			return -1;
		room = evi_evbuffer_room(buf);
		n = vsnprintf((char *)buf->buffer + buf->off, room, format, ap);
	}
	evi_evbuffer_grown(buf, (size_t)n);
	return n;
}

int
evbuffer_add_printf(struct evbuffer *buf, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = evbuffer_add_vprintf(buf, format, ap);
	va_end(ap);
	return n;
}

/* Out of line, since the usual drain needs no registers of its own. */
#define OUT_OF_LINE __attribute__((noinline))

/* What has been searched and is still there stays marked. */
OUT_OF_LINE static void
drain_marked(struct evbuffer *buf, size_t len)
{
	size_t old = buf->off;

	buf->buffer += len;
	buf->off -= len;
	evi_mark_keep(buf, evi_mark_length(buf));
	call(buf, old);
}

OUT_OF_LINE static void
drain_all(struct evbuffer *buf)
{
	size_t old = buf->off;

	clear(buf);
	call(buf, old);
}

void
evbuffer_drain(struct evbuffer *buf, size_t len)
{
	size_t old = buf->off;

	if (len == 0 || old == 0)
		return;
	if (len >= old) {
		drain_all(buf);
	} else if (evi_mark_is_set(buf)) {
		drain_marked(buf, len);
	} else {
		buf->buffer += len;
		buf->off = old - len;
		buf->misalign += len;
		call(buf, old);
	}
}

/* 1.4 returns an int, so that no more than INT_MAX may go at once. */
int
evbuffer_remove(struct evbuffer *buf, void *data, size_t len)
{
	if (len > buf->off)
		len = buf->off;
	if (len > INT_MAX)
		len = INT_MAX;
	if (len > 0)
		memcpy(data, buf->buffer, len);
	evbuffer_drain(buf, len);
	return (int)len;
}

void
evbuffer_setcb(struct evbuffer *buf,
    void (*cb)(struct evbuffer *, size_t, size_t, void *), void *cbarg)
{
	buf->cb = cb;
	buf->cbarg = cbarg;
}
