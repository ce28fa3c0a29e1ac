/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that other threads and signal handlers want the loop to make, in a ring
 * of 1,024: evcompat_base_wakeup().  The base embeds struct calls.
 */
#ifndef EVI_CALLS_H
#define EVI_CALLS_H

#include <stdatomic.h>
#include <stdbool.h>

struct event_base;
struct ring;

struct calls {
	struct ring *ring; /* pages that take no memory before they are used */
	atomic_int any;	   /* since the loop looked last */
};

/* Makes the ring.  -1 with ENOMEM. */
int evi_calls_init(struct calls *calls);

/* No call is made any more.  Takes one that was not made. */
void evi_calls_free(struct calls *calls);

/* Whether calls are queued.  The loop is woken for them, too. */
static inline bool
evi_calls_are_queued(const struct calls *calls)
{
	return atomic_load_explicit(&calls->any, memory_order_acquire) != 0;
}

/*
 * For evi_wake_init(): makes the calls that wait by now.  One of them may free
 * the base; one that ends the loop leaves the others to the next pass.
 */
void evi_calls_woken_cb(int fd, short what, void *base);

/* The base has another descriptor to be woken by. */
void evi_calls_renew(struct event_base *base);

#endif
