/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for libev.  libev grows its arrays in the middle of its work and ends
 * the process where it gets no memory for that.  Our answer to it is to be one
 * step ahead, so that what fails is always our own preparation, at a place that
 * can return an error:
 *
 *  - An array that grows while libev runs has room for its next doubling before
 *    libev asks for it.  These are as long as what is ready at once.
 *  - An array that grows when something is added, and so is as long as all that
 *    is watched, gets no such room: a spare block stands by for the moment.
 */
#ifndef EVI_ALLOC_H
#define EVI_ALLOC_H

#include <stddef.h>

/*
 * For ev_set_allocator(): realloc(3) as libev knows it; its blocks and those of
 * malloc(3) are the same kind.  Ends the program through event_errx() if
 * memory failed twice without evi_alloc_ready() having been heeded.
 */
void *evi_alloc_resize(void *block, long size);

/* Once before the first loop is made.  -1 with ENOMEM. */
int evi_alloc_init(void);

/*
 * To be asked before libev is given work.  0: libev will get the memory for
 * it.  -1 with ENOMEM: it might not, do not start.
 */
int evi_alloc_ready(void);

/*
 * An array of libev's that grows with what is added, an element of at most 32
 * bytes at a time; all zero at first.
 */
struct growing_array {
	size_t room; /* as many elements are known to fit */
};

/* libev's memory is not prepared for this array. */
void evi_alloc_never(struct growing_array *array);

/*
 * Around the call that tells libev of the nth element, n > room.  It can be
 * left out where n <= room.  -1 with ENOMEM: do not tell it.
 */
int evi_alloc_begin(const struct growing_array *array, size_t n);
void evi_alloc_end(struct growing_array *array, size_t n);

#endif
