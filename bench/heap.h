/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the heap has been used so far, as heap.so counts it.  harness.c looks
 * the function up by name: it exists when heap.so was preloaded, which it is
 * not in runs that measure time.
 */
#ifndef BENCH_HEAP_H
#define BENCH_HEAP_H

struct heap_use {
	long mallocs; /* calls of malloc, calloc, realloc and the like */
	long frees;   /* calls of free with something to free */
	long bytes;   /* allocated and not freed, as malloc_usable_size says */
};

void heap_read(struct heap_use *use);

#endif
