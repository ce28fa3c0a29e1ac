/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for libev; see the header.  libev has one allocator for the process,
 * so threads that have a base each share the spare block.  It is taken by an
 * atomic exchange.
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

static struct {
	_Atomic(void *) spare; /* the spare block, or NULL */
	/*
	 * Bytes that the spare block must have before the next run of libev; 0
	 * while every array can double without it.
	 */
	atomic_size_t shortage;
} state;

/* What happens between evi_alloc_begin() and evi_alloc_end() in this thread. */
static _Thread_local struct {
	bool is_active;
	size_t largest; /* the size of the largest block that libev asked for */
} adding;

/* Bytes: twice as much as libev's first blocks need. */
#define SPARE_MIN ((size_t)2 * 4096)
/* Bytes of an element of libev's arrays. */
#define ELEMENT_MIN 8
#define ELEMENT_MAX 32

/*
 * Moves the content of the block into the spare one and frees the block.  If
 * the spare one is too small it is freed, and NULL returned.
 */
static void *
use_spare(void *block, size_t size)
{
	void *p = atomic_exchange(&state.spare, NULL);

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
	if (atomic_load(&state.shortage) < size)
		atomic_store(&state.shortage, size);
}

void *
evi_alloc_resize(void *block, long size)
{
	size_t needed = (size_t)size;
	void *p;

	if (needed == 0) {
		free(block);
		return NULL;
	}
	if (needed > adding.largest)
		adding.largest = needed;
	p = realloc(block, adding.is_active ? needed : needed * 2);
	if (p != NULL)
		return p;
	/*
	 * An array that grows in ev_run() doubles: libev asks for 2 * needed
	 * bytes the next time, and this function then allocates twice as many.
	 */
	note_shortage(adding.is_active ? SPARE_MIN : needed * 4);
	if (block != NULL && malloc_usable_size(block) >= needed)
		return block;
	p = realloc(block, needed);
	if (p == NULL)
		p = use_spare(block, needed);
	if (p == NULL)
		event_errx(1, "no memory for the event loop");
	return p;
}

/* Makes sure that there is a spare block of that size.  -1 without memory. */
static int
ensure_spare(size_t size)
{
	void *p = atomic_exchange(&state.spare, NULL);

	if (p == NULL || malloc_usable_size(p) < size) {
		free(p);
		p = malloc(size);
	}
	free(atomic_exchange(&state.spare, p));
	return p != NULL ? 0 : -1;
}

int
evi_alloc_prepare(void)
{
	size_t size =
	    atomic_load_explicit(&state.shortage, memory_order_relaxed);

	if (size == 0)
		return 0;
	if (ensure_spare(size) == -1) {
		errno = ENOMEM;
		return -1;
	}
	atomic_store(&state.shortage, 0);
	return 0;
}

void
evi_alloc_set_unlimited(struct growing_array *array)
{
	array->room = SIZE_MAX;
}

/* libev doubles an array, and rounds its size up to pages. */
int
evi_alloc_begin(const struct growing_array *array, size_t n)
{
	if (n > array->room &&
	    ensure_spare(2 * ELEMENT_MAX * (n + 1) + SPARE_MIN) == -1) {
		errno = ENOMEM;
		return -1;
	}
	adding.is_active = true;
	adding.largest = 0;
	return 0;
}

/*
 * For how many elements the array has memory, after the nth was added; old is
 * its room before, which was less than n.
 *
 * If the largest block is too small for n elements, another array has grown,
 * and n is all that is known.  Otherwise this one had room for old elements or
 * more, and has at least doubled.  If n is more than twice old, the size of the
 * block says more.
 */
static size_t
room_now(size_t old, size_t n)
{
	size_t room = n;

	if (adding.largest < ELEMENT_MIN * n)
		return n;
	if (n <= 2 * old)
		room = 2 * old;
	else
		room = adding.largest / ELEMENT_MAX;
	return room > n ? room : n;
}

void
evi_alloc_end(struct growing_array *array, size_t n)
{
	void *p;

	adding.is_active = false;
	if (n <= array->room)
		return;
	array->room = room_now(array->room, n);
	/* A spare block as long as the array is not needed any more. */
	p = atomic_exchange(&state.spare, NULL);
	if (malloc_usable_size(p) >= 2 * SPARE_MIN) {
		free(p);
		p = malloc(SPARE_MIN);
	}
	if (p == NULL)
		note_shortage(SPARE_MIN);
	free(atomic_exchange(&state.spare, p));
}

int
evi_alloc_init(void)
{
	return ensure_spare(SPARE_MIN);
}
