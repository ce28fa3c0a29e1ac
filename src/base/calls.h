/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that other threads and signal handlers queue for the loop to make, in a
 * ring of 1,024: evcompat_base_wakeup().  The base embeds struct calls.
 */
#ifndef EVI_CALLS_H
#define EVI_CALLS_H

#include <stdatomic.h>
#include <stdbool.h>

struct event_base;
struct ring;

struct calls {
	struct ring *ring; /* its pages take no memory before they are used */
	atomic_int any;	   /* 1: a call was queued since the loop looked last */
};

/* Allocates the ring.  -1 with ENOMEM. */
int evi_calls_init(struct calls *calls);

/* Frees the ring and drops the queued calls.  The ring may be NULL. */
void evi_calls_free(struct calls *calls);

/* Whether calls are queued.  The loop is woken for them, too. */
static inline bool
evi_calls_are_queued(const struct calls *calls)
{
	return atomic_load_explicit(&calls->any, memory_order_acquire) != 0;
}

/*
 * The callback for evi_wake_init(): makes the calls that are queued by now.
 * One of them may free the base.  After one that ends the loop, the others wait
 * for the next pass.
 */
void evi_calls_woken_cb(int fd, short what, void *base);

/*
 * The base has a new descriptor to wake it: writes to it if calls are queued.
 */
void evi_calls_renew(struct event_base *base);

#endif
