/* SPDX-License-Identifier: BSD-3-Clause */
/* The timers of a set. */
#ifndef EVI_TIMER_H
#define EVI_TIMER_H

#include <stdbool.h>
#include <stddef.h>

#include "alloc.h"
#include "public.h"

struct ev_timer;
struct timer_chunk;
struct watch;

/* The timers of a set.  struct watch, which is the set, embeds it. */
struct timers {
	double tick;	   /* seconds; see choose_tick() */
	unsigned int nset; /* timers set since the clock was read */
	/*
	 * The time at which timers of this pass expired, in seconds on the
	 * monotonic clock; 0: it was not read yet.
	 */
	double expired_at;
	size_t count; /* events that have a timer */
	struct timer_chunk *chunks;
	struct ev_timer *unused; /* a list of timers that libev does not know */
	struct ev_timer *idle;	 /* active without an event; NULL: none */
	struct growing_array array; /* libev's, of timers */
};

void evi_timer_init(struct timers *timers);

/* A pass has ended: libev has read the clock. */
static inline void
evi_timer_end_pass(struct timers *timers)
{
	timers->nset = 0;
	timers->expired_at = 0.;
}

/*
 * Sets or moves the event's timer, which expires tv from now.  Now is the time
 * of the pass if in_pass is true, else the clock is read.  tv may be negative.
 * -1 with ENOMEM; an earlier timer stays as it was.
 */
int evi_timer_set(struct watch *w, struct event *ev, const struct timeval *tv,
    bool in_pass);

/* The event, which must have a timer, has none any more. */
void evi_timer_del(struct watch *w, struct event *ev);

/* The event's timer, which has just expired, expires again in the next pass. */
void evi_timer_retry(struct watch *w, struct event *ev);

/*
 * Sets *tv to the wall-clock time at which the event's timer expires, or has
 * expired if it has none any more.  in_pass: as for evi_timer_set().
 */
void evi_timer_expiry(struct watch *w, const struct event *ev, bool in_pass,
    struct timeval *tv);

/* Stops the idle timer; there must be one. */
void evi_timer_stop_idle(struct watch *w);

/* Stops all timers.  For a loop of the program's, as evi_io_stop(). */
void evi_timer_stop(struct watch *w);

/* Calls drop_cb for every event that has a timer. */
void evi_timer_drain(struct watch *w, void (*drop_cb)(struct event *));

/* Frees the timers. */
void evi_timer_free(struct watch *w);

#endif
