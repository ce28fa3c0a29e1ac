/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evbuffer: bytes in one block of memory.
 *
 *  1. Bytes are appended after the content and drained from its start.
 *     Draining only moves the start, which leaves a gap before the content.
 *  2. When there is no room after the content and the gap is at least as long
 *     as the content, the content is moved to the block's start.  So each byte
 *     that was drained pays for at most one byte that is moved.
 *  3. Otherwise the block grows to twice its size.
 *  4. Bytes that are added to an empty buffer at once and fill a quarter of a
 *     spare block (spare.h) or more go into one.
 *  5. An empty buffer keeps only a small block.
 *
 * `misalign`, which is the length of the gap, may also be a mark (mark.h).
 */
#include "evbuffer.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spare.h"

#define SMALLEST_BLOCK ((size_t)256)
/* An empty buffer keeps its block if that has at most this many bytes. */
#define KEPT_BLOCK ((size_t)16384)

/* --- the block --- */

/* The buffer's content is in this block now, at its start.  Keeps the mark. */
static void
set_block(struct evbuffer *buf, unsigned char *block)
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

/*
 * Frees a block, or keeps it as a spare one.  A block of that size may be the
 * program's own, without the byte that EVI_BLOCK() adds.
 */
static void
free_block(unsigned char *block, size_t size)
{
	if (size == EVI_SPARE_SIZE &&
	    malloc_usable_size(block) >= EVI_BLOCK(size))
		evi_spare_give(block);
	else
		free(block);
}

bool
evi_evbuffer_suits_spare(size_t n)
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
	set_block(buf, block);
	buf->totallen = size;
	free_block(old, old_size);
	return 0;
}

/*
 * Resizes the block and keeps the gap, the content and the mark: realloc(3)
 * often need not copy.
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
 * Makes the block large enough for `need` bytes of content: twice as large as
 * before or, without memory for that, only as large as needed.  If the gap is
 * longer than the content, the content moves to the start of a new block.
 */
static int
grow(struct evbuffer *buf, size_t need)
{
	size_t gap = evi_mark_misalign(buf), size = 2 * buf->totallen;
	bool moves = buf->orig_buffer == NULL || gap > buf->off;
	size_t least = moves ? need : need + gap;

	if (buf->off == 0 && evi_evbuffer_suits_spare(need) &&
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
	if (evi_mark_is_set(buf)) /* the program may have reduced off */
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
	set_block(buf, buf->orig_buffer);
	return 0;
}

static void
clear(struct evbuffer *buf)
{
	if (buf->totallen > KEPT_BLOCK) {
		free_block(buf->orig_buffer, buf->totallen);
		buf->orig_buffer = NULL;
		buf->totallen = 0;
	}
	buf->off = 0;
	buf->buffer = buf->orig_buffer;
	buf->misalign = 0;
}

void
evi_evbuffer_trim(struct evbuffer *buf, size_t room)
{
	size_t used = evi_mark_misalign(buf) + buf->off + room;

	if (buf->off + room == 0)
		clear(buf);
	else if (buf->totallen / 4 > used && buf->totallen > KEPT_BLOCK)
		(void)resize(buf, used);
}

/* --- the interface --- */

/* Calls the buffer's callback; the content had old bytes before. */
static void
call_cb(struct evbuffer *buf, size_t old)
{
	if (buf->cb != NULL)
		buf->cb(buf, old, buf->off, buf->cbarg);
}

void
evi_evbuffer_commit(struct evbuffer *buf, size_t n)
{
	size_t old = buf->off;

	buf->off += n;
	call_cb(buf, old);
}

struct evbuffer *
evbuffer_new(void)
{
	/* glibc's calloc() does not reuse blocks from the thread's cache. */
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
	free_block(buf->orig_buffer, buf->totallen);
	free(buf);
}

/*
 * The caller may fill the room directly, and move the start.  So the mark is
 * removed, and the content is searched again.
 */
int
evbuffer_expand(struct evbuffer *buf, size_t room)
{
	evi_mark_keep(buf, 0);
	return evi_evbuffer_reserve(buf, room);
}

/* data may be in the buffer's own block, which making room moves. */
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
	evi_evbuffer_commit(buf, len);
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
	evi_evbuffer_commit(buf, len);
	return 0;
}

/* 1.4: the callback of the buffer that becomes empty is called first. */
static void
swap(struct evbuffer *dst, struct evbuffer *src)
{
	struct evbuffer old = *dst;
	size_t len = src->off;

	dst->buffer = src->buffer;
	dst->orig_buffer = src->orig_buffer;
	dst->misalign = src->misalign;
	dst->totallen = src->totallen;
	dst->off = src->off;
	src->orig_buffer = old.orig_buffer;
	src->totallen = old.totallen;
	clear(src);
	call_cb(src, len);
	call_cb(dst, 0);
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
	evi_evbuffer_commit(dst, len);
	call_cb(src, len);
	return 0;
}

/* 1.4: calls the callback even if the text is empty. */
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
	evi_evbuffer_commit(buf, (size_t)n);
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

/* Not inlined, so that the usual evbuffer_drain() saves no registers. */
#define OUT_OF_LINE __attribute__((noinline))

/* Drains, and keeps the mark for the rest of the content. */
OUT_OF_LINE static void
drain_marked(struct evbuffer *buf, size_t len)
{
	size_t old = buf->off;

	buf->buffer += len;
	buf->off -= len;
	evi_mark_keep(buf, evi_mark_length(buf));
	call_cb(buf, old);
}

OUT_OF_LINE static void
drain_all(struct evbuffer *buf)
{
	size_t old = buf->off;

	clear(buf);
	call_cb(buf, old);
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
		call_cb(buf, old);
	}
}

/* The result is an int, so at most INT_MAX bytes are removed. */
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
