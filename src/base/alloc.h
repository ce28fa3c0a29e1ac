/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for libev.  libev grows its arrays while it runs, and ends the process
 * if it gets no memory.  So memory is allocated before libev needs it, where a
 * failure can be returned as an error:
 *
 *  1. An array that grows inside ev_run() is allocated with twice the size that
 *     libev asks for, so that it can double later.  Such arrays are as long as
 *     the number of watchers that are pending at the same time.
 *  2. An array that grows when a watcher is started is as long as the number of
 *     watchers.  It gets the size that libev asks for, and a spare block is
 *     allocated before the watcher is started.
 */
#ifndef EVI_ALLOC_H
#define EVI_ALLOC_H

#include <stddef.h>

/*
 * realloc(3) for ev_set_allocator().  free(3) can free its blocks.  Ends the
 * program through event_errx() if there is neither memory nor a spare block,
 * which cannot happen after evi_alloc_prepare() has returned 0.
 */
void *evi_alloc_resize(void *block, long size);

/* Allocates the first spare block, before a loop is made.  -1 with ENOMEM. */
int evi_alloc_init(void);

/*
 * Allocates a spare block if libev may need one.  Call it before ev_run().  0:
 * libev will get the memory that it needs.  -1 with ENOMEM: it may not; do not
 * call ev_run().
 */
int evi_alloc_prepare(void);

/*
 * An array of libev's that grows when a watcher is started, by one element of
 * at most 32 bytes.  All members are 0 at first.
 */
struct growing_array {
	size_t room; /* elements for which it is known to have memory */
};

/*
 * Makes the array's room unlimited: evi_alloc_begin() allocates nothing for it.
 */
void evi_alloc_set_unlimited(struct growing_array *array);

/*
 * The caller calls evi_alloc_begin() before it starts the nth watcher and
 * evi_alloc_end() afterwards.  It may leave both out if n is not larger than
 * room.  -1 with ENOMEM: do not start the watcher.
 */
int evi_alloc_begin(const struct growing_array *array, size_t n);
void evi_alloc_end(struct growing_array *array, size_t n);

#endif
