/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for libev; see the header.  The state is the process's, as libev's
 * allocator hook is: threads with a base each share the spare block, which is
 * therefore taken by an atomic exchange.
 */
#include "alloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/log.h"

static _Atomic(void *) spare;
/* What the spare must hold; 0 while no block is without room to grow. */
static atomic_size_t shortage;

/* Between evi_alloc_begin() and evi_alloc_end() of this thread. */
static _Thread_local struct {
	bool under_way;
	size_t largest; /* block that was asked for */
} adding;

/* libev's first blocks take half of it. */
#define SPARE_MIN ((size_t)2 * 4096)
#define ELEMENT_MAX 32

/* Moves the block into the spare one, if that is large enough. */
static void *
use_spare(void *block, size_t size)
{
	void *p = atomic_exchange(&spare, NULL);

	if (p == NULL || malloc_usable_size(p) < size) {
		free(p);
		return NULL;
	}
	if (block != NULL) {
		size_t have = malloc_usable_size(block);

		memcpy(p, block, have < size ? have : size);
		free(block);
	}
	return p;
}

static void
note_shortage(size_t size)
{
	if (atomic_load(&shortage) < size)
		atomic_store(&shortage, size);
}

void *
evi_alloc_resize(void *block, long size)
{
	size_t want = (size_t)size;
	void *p;

	if (want == 0) {
		free(block);
		return NULL;
	}
	if (want > adding.largest)
		adding.largest = want;
	p = realloc(block, adding.under_way ? want : want * 2);
	if (p != NULL)
		return p;
	note_shortage(adding.under_way ? SPARE_MIN : want * 4);
	if (block != NULL && malloc_usable_size(block) >= want)
		return block;
	p = realloc(block, want);
	if (p == NULL)
		p = use_spare(block, want);
	if (p == NULL)
		event_errx(1, "no memory for the event loop");
	return p;
}

/* Makes sure that the spare block is there, and large enough. */
static int
secure(size_t size)
{
	void *p = atomic_exchange(&spare, NULL);

	if (p == NULL || malloc_usable_size(p) < size) {
		free(p);
		p = malloc(size);
	}
	free(atomic_exchange(&spare, p));
	return p != NULL ? 0 : -1;
}

int
evi_alloc_ready(void)
{
	size_t size = atomic_load_explicit(&shortage, memory_order_relaxed);

	if (size == 0)
		return 0;
	if (secure(size) == -1) {
		errno = ENOMEM;
		return -1;
	}
	atomic_store(&shortage, 0);
	return 0;
}

void
evi_alloc_never(struct growing_array *array)
{
	array->room = SIZE_MAX;
}

/* libev doubles, and rounds up to pages. */
int
evi_alloc_begin(const struct growing_array *array, size_t n)
{
	if (n > array->room &&
	    secure(2 * ELEMENT_MAX * (n + 1) + SPARE_MIN) == -1) {
		errno = ENOMEM;
		return -1;
	}
	adding.under_way = true;
	adding.largest = 0;
	return 0;
}

/*
 * How many elements fit, now that n do.  A block of less than 8 bytes an
 * element was another array.  One that was full and had to grow has doubled.
 */
static size_t
room_now(size_t old, size_t n)
{
	size_t room = n;

	if (adding.largest < 8 * n)
		return n;
	if (n <= 2 * old)
		room = 2 * (n - 1);
	else
		room = adding.largest / ELEMENT_MAX;
	return room > n ? room : n;
}

void
evi_alloc_end(struct growing_array *array, size_t n)
{
	void *p;

	adding.under_way = false;
	if (n <= array->room)
		return;
	array->room = room_now(array->room, n);
	p = atomic_exchange(&spare, NULL);
	if (malloc_usable_size(p) >= 2 * SPARE_MIN) {
		free(p);
		p = malloc(SPARE_MIN);
	}
	if (p == NULL)
		note_shortage(SPARE_MIN);
	free(atomic_exchange(&spare, p));
}

int
evi_alloc_init(void)
{
	return secure(SPARE_MIN);
}
