/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * heap.so: preloaded into a program of the bench, it counts the calls of
 * malloc and free and the bytes in use.  For programs with one thread, and for
 * glibc, whose own functions it calls.
 */
#include "heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

static struct heap_use use;

static void *
count_new(void *p)
{
	use.mallocs++;
	use.bytes += (long)malloc_usable_size(p);
	return p;
}

void *
malloc(size_t size)
{
	return count_new(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return count_new(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
	long old = (long)malloc_usable_size(p);
	void *q = __libc_realloc(p, size);

	if (q != NULL || size == 0)
		use.bytes -= old;
	return count_new(q);
}

void *
memalign(size_t align, size_t size)
{
	return count_new(__libc_memalign(align, size));
}

void *
aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int
posix_memalign(void **pp, size_t align, size_t size)
{
	void *p = memalign(align, size);

	if (p == NULL)
		return ENOMEM;
	*pp = p;
	return 0;
}

void
free(void *p)
{
	if (p == NULL)
		return;
	use.frees++;
	use.bytes -= (long)malloc_usable_size(p);
	__libc_free(p);
}

void
heap_read(struct heap_use *out)
{
	*out = use;
}
