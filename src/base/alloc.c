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
#include <stdlib.h>
#include <string.h>

#include "support/log.h"

static _Atomic(void *) spare;
/* What the spare must hold; 0 while no block is without room to grow. */
static atomic_size_t shortage;

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
	p = realloc(block, want * 2);
	if (p != NULL)
		return p;
	note_shortage(want * 4);
	if (block != NULL && malloc_usable_size(block) >= want)
		return block;
	p = realloc(block, want);
	if (p == NULL)
		p = use_spare(block, want);
	if (p == NULL)
		event_errx(1, "no memory for the event loop");
	return p;
}

int
evi_alloc_secure(size_t size)
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
	if (evi_alloc_secure(size) == -1) {
		errno = ENOMEM;
		return -1;
	}
	atomic_store(&shortage, 0);
	return 0;
}
