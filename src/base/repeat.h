/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events that are being called several times in a row: a signal that was
 * delivered five times, event_active() with ncalls.  event_del() inside such a
 * callback ends the row, so it has to find it.  The callback may free the event
 * and its base, so the row is kept in neither; nor is it on the stack, because
 * coroutine libraries copy that away while a callback runs and the rest of the
 * program goes on deleting events.
 */
#ifndef EVI_REPEAT_H
#define EVI_REPEAT_H

#include <stdatomic.h>
#include <stddef.h>

#include "public.h"

struct repeat {
	struct event *ev; /* NULL if event_del() means another row by now */
	int left;	  /* the calls that are still to be made */
	LIST_ENTRY(repeat) next;
};

/* How many rows there are, in all threads. */
extern atomic_int evi_repeat_count __attribute__((visibility("hidden")));

/* Begins a row that names no event yet; NULL without memory. */
struct repeat *evi_repeat_new(void);

/* Ends the row. */
void evi_repeat_free(struct repeat *r);

/* The two below, for the few programs and moments that have rows. */
void evi_repeat_cancel_all(const struct event *ev);
void evi_repeat_detach_all(const struct event *ev);

/* The event is deleted: it is not called again. */
static inline void
evi_repeat_cancel(const struct event *ev)
{
	if (atomic_load_explicit(&evi_repeat_count, memory_order_relaxed) > 0)
		evi_repeat_cancel_all(ev);
}

/* 1.4: an event that is activated again begins a new row, and event_del() means
 * that one. */
static inline void
evi_repeat_detach(const struct event *ev)
{
	if (atomic_load_explicit(&evi_repeat_count, memory_order_relaxed) > 0)
		evi_repeat_detach_all(ev);
}

#endif
