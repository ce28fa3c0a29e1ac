/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The regress tests are linked statically, and the linker's --wrap leads calls
 * of these functions, ours and libev's, through counters, so that a test can
 * count them or make them fail.
 */
#ifndef REGRESS_WRAP_H
#define REGRESS_WRAP_H

#include <stddef.h>

struct counts {
	long allocs; /* malloc, calloc, realloc with a size */
	long frees;
	long bytes; /* in use, as malloc_usable_size() counts */
	long libev; /* of these, what libev asked for */
	long epoll_ctl;
	long epoll_sets; /* calls of epoll_create1 */
	long epoll_wait;
	long reads;    /* read, readv, recv */
	long writes;   /* write, writev, send, sendmsg */
	long accepts;  /* accept4 */
	long others;   /* fcntl, ioctl, poll */
	long files;    /* open, stat, fstat */
	long searched; /* bytes that memchr, memmem, memcmp read */
	long copied;   /* bytes, by memcpy, memmove, and realloc that moves */
};

extern _Thread_local struct counts counts; /* of the calling thread */

/* counts less *before: what was counted since that copy was made. */
struct counts counts_since(const struct counts *before);

/* Adds the members of *c to those of *sum. */
void counts_add(struct counts *sum, const struct counts *c);

/* Bytes in use, whichever thread allocated them. */
long bytes_of_all_threads(void);

/* Makes the nth allocation from now on fail, 1 being the next; 0: none. */
void fail_alloc(long nth);

/* From the nth allocation on all fail; 0: none. */
void fail_allocs_from(long nth);

/*
 * Has one allocation in one_in fail on average, chosen pseudo-randomly from the
 * seed; one_in of 0: none.
 */
void fail_allocs_often(unsigned int seed, unsigned int one_in);

/* Whether an allocation has failed since the last call of these three. */
int alloc_failed(void);

/*
 * Make the next n calls fail with EMFILE: fail_descriptors() those of
 * epoll_create1 and eventfd, fail_epoll_sets() those of epoll_create1.
 */
void fail_descriptors(int n);
void fail_epoll_sets(int n);

/* Makes the next n additions to an epoll set fail with this errno. */
void fail_epoll_adds(int n, int err);

#endif
