/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers of a set.
 */
#ifndef EVI_TIMER_H
#define EVI_TIMER_H

#include <stdbool.h>

#include "public.h"

struct watch;

/*
 * Sets or moves the event's timer: it expires tv from now; now is the pass's
 * own time if in_pass, else the clock's; tv may be in the past.  -1 with
 * ENOMEM, and an earlier timer stays as it was.
 */
int evi_timer_set(struct watch *w, struct event *ev, const struct timeval *tv,
    bool in_pass);

/* Ends it. */
void evi_timer_del(struct watch *w, struct event *ev);

/* Sets the timer of an event that has just expired again, so that it does so in
 * the next pass. */
void evi_timer_retry(struct watch *w, struct event *ev);

/*
 * The wall-clock time at which the event's timer expires, or has expired last.
 * in_pass: as for evi_timer_set().
 */
void evi_timer_expiry(struct watch *w, const struct event *ev, bool in_pass,
    struct timeval *tv);

/* How far apart timers that expire together are kept, in seconds. */
double evi_timer_tick(void);

/* Stops the timer that is left over, which is there. */
void evi_timer_settle(struct watch *w);

/* Stops all timers there are, on a loop that goes on without us. */
void evi_timer_stop(struct watch *w);

/* Calls drop for every event that has a timer. */
void evi_timer_drain(struct watch *w, void (*drop)(struct event *));

/* Frees what is the file's when the set is freed. */
void evi_timer_free(struct watch *w);

#endif
