/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The regress tests are linked statically, with ours and libev's calls of these
 * functions led through counters, so that a test can count them or make them
 * fail.
 */
#ifndef REGRESS_WRAP_H
#define REGRESS_WRAP_H

#include <stddef.h>

struct counts {
	long allocs; /* malloc, calloc, realloc with a size */
	long frees;
	long bytes; /* in use, by malloc_usable_size() */
	long libev; /* of these, what libev asked for */
	long epoll_ctl;
	long epoll_sets; /* made: epoll_create1 */
	long epoll_wait;
	long reads;    /* read, readv, recv */
	long writes;   /* write, writev, send, sendmsg */
	long accepts;  /* accept4 */
	long others;   /* fcntl, ioctl, poll */
	long files;    /* open, stat, fstat */
	long searched; /* bytes that memchr, memmem, memcmp looked at */
	long copied;   /* bytes, by memcpy, memmove, and realloc that moves */
};

extern _Thread_local struct counts counts; /* of this thread */

/* What came since then. */
struct counts counts_since(const struct counts *before);

/* Adds those to a sum. */
void counts_add(struct counts *sum, const struct counts *c);

/* Bytes in use, whichever thread has asked for them. */
long bytes_of_all_threads(void);

/* Makes the nth allocation from now on fail, 1 being the next; 0: none. */
void fail_alloc(long nth);

/* From the nth allocation on all fail; 0: none. */
void fail_allocs_from(long nth);

/* Has one allocation in one_in fail, by chance that a seed decides; 0: none.
 */
void fail_allocs_often(unsigned int seed, unsigned int one_in);

/* Whether one has failed since. */
int alloc_failed(void);

/* Makes the next n calls of epoll_create1 and eventfd fail with EMFILE; or n
 * calls of epoll_create1. */
void fail_descriptors(int n);
void fail_epoll_sets(int n);

/* Makes the next n additions to an epoll set fail with this errno. */
void fail_epoll_adds(int n, int err);

#endif
