/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events whose callback is being called several times in a row: a signal that
 * was delivered five times, or event_active() with ncalls.  event_del() inside
 * the callback ends the row, so it has to find the row's record.  The callback
 * may free the event and its base, so the record is part of neither.  It is not
 * on the stack either, because coroutine libraries copy a stack away while a
 * callback runs and other code deletes events.
 */
#ifndef EVI_REPEAT_H
#define EVI_REPEAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "public.h"

struct repeat {
	/*
	 * NULL before evi_repeat_start(), and if a later row of the same event
	 * has begun, which event_del() ends then.
	 */
	struct event *ev;
	int ncalls; /* calls that remain */
	LIST_ENTRY(repeat) next;
};

/* How many records all threads have. */
extern atomic_int evi_repeat_count __attribute__((visibility("hidden")));

/* A new record, of no event yet; NULL without memory. */
struct repeat *evi_repeat_new(void);

/* Frees the record. */
void evi_repeat_free(struct repeat *r);

/* Begins a row of ev->ev_ncalls calls of the event. */
void evi_repeat_start(struct repeat *r, struct event *ev);

/*
 * Whether the callback is to be called again.  Counts the call; the number of
 * calls after it is r->ncalls.
 */
static inline bool
evi_repeat_count_call(struct repeat *r)
{
	if (r->ncalls <= 0)
		return false;
	r->ncalls--;
	return true;
}

/*
 * Called by evi_repeat_cancel() and evi_repeat_detach() if there are any
 * records.
 */
void evi_repeat_cancel_all(const struct event *ev);
void evi_repeat_detach_all(const struct event *ev);

/* The event is deleted: its row ends. */
static inline void
evi_repeat_cancel(const struct event *ev)
{
	if (atomic_load_explicit(&evi_repeat_count, memory_order_relaxed) > 0)
		evi_repeat_cancel_all(ev);
}

/*
 * The event is activated: its earlier rows no longer belong to it.  1.4: an
 * event that is activated inside its callback begins a new row, and event_del()
 * ends that one.
 */
static inline void
evi_repeat_detach(const struct event *ev)
{
	if (atomic_load_explicit(&evi_repeat_count, memory_order_relaxed) > 0)
		evi_repeat_detach_all(ev);
}

#endif
