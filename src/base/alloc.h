/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for libev.  libev grows its arrays in the middle of its work and ends
 * the process where it gets no memory for that.  Our answer to it is to be one
 * step ahead: every block has room for the next doubling before libev asks for
 * it, and one spare block stands by, so that what fails is always our own
 * preparation, at a place that can return an error.
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

/*
 * To be asked before libev is given work.  0: libev will get the memory for
 * it.  -1 with ENOMEM: it might not, do not start.
 */
int evi_alloc_ready(void);

/*
 * Makes sure that libev can get one block of this size; for a step that is
 * larger than a doubling.  -1 with ENOMEM.
 */
int evi_alloc_secure(size_t size);

#endif
