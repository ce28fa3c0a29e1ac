/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The run queue: the active events of a base, with a lane for each priority,
 * first in, first out.  The base embeds it.  Events are linked by
 * ev_active_next; an event is in a lane while it has EVLIST_ACTIVE.
 *
 * libev reports the descriptors of a pass in the reverse of the kernel's order.
 * So a pass marks the end of each lane before it polls, and inserts each event
 * at the mark, before those that were reported earlier in the pass.
 */
#ifndef EVI_RUNQ_H
#define EVI_RUNQ_H

#include <stddef.h>

#include "public.h"

struct lane {
	struct event_list events;
	struct event **mark; /* the pointer to this pass's first event */
};

struct runq {
	struct lane *lanes; /* the most urgent first */
	int nlanes;
	int nactive;	     /* events in all lanes */
	unsigned int random; /* state of the generator in evi_runq_rotate() */
};

/*
 * Gives the queue n empty lanes, n > 0, instead of those that it has, in which
 * there must be no event.  -1 with ENOMEM, and nothing has changed.
 */
int evi_runq_init(struct runq *rq, int n);

/* Frees the lanes.  There must be no event in them. */
void evi_runq_free(struct runq *rq);

/* The most urgent lane that has any event, 0 if none has. */
int evi_runq_urgent(const struct runq *rq);

/* Marks the end of every lane, where a pass will insert events. */
void evi_runq_mark(struct runq *rq);

/*
 * Rotates the I/O events of this pass in every lane by a random number.  1.4
 * does so with poll and select.  So in a program that breaks the loop early the
 * first descriptors do not starve the others.
 */
void evi_runq_rotate(struct runq *rq);

/* The event's lane; the last one if its priority is out of range. */
static inline struct lane *
evi_runq_lane(const struct runq *rq, const struct event *ev)
{
	unsigned int last = (unsigned int)rq->nlanes - 1;
	unsigned int pri = (unsigned int)ev->ev_pri;

	return &rq->lanes[pri < last ? pri : last];
}

/* Puts an event at the end of its lane. */
static inline void
evi_runq_append(struct runq *rq, struct event *ev)
{
	TAILQ_INSERT_TAIL(&evi_runq_lane(rq, ev)->events, ev, ev_active_next);
	rq->nactive++;
}

/* Undoes evi_runq_pop(): puts the event before the others of its lane. */
static inline void
evi_runq_prepend(struct runq *rq, struct event *ev)
{
	TAILQ_INSERT_HEAD(&evi_runq_lane(rq, ev)->events, ev, ev_active_next);
	rq->nactive++;
}

/* Puts an event at the mark: before the other events of this pass. */
static inline void
evi_runq_insert(struct runq *rq, struct event *ev)
{
	struct lane *lane = evi_runq_lane(rq, ev);
	struct event *next = *lane->mark;

	ev->ev_active_next.tqe_next = next;
	ev->ev_active_next.tqe_prev = lane->mark;
	*lane->mark = ev;
	if (next != NULL)
		next->ev_active_next.tqe_prev = &ev->ev_active_next.tqe_next;
	else
		lane->events.tqh_last = &ev->ev_active_next.tqe_next;
	rq->nactive++;
}

/*
 * Puts an event at the mark and moves the mark after it, so that the event
 * comes before the descriptors and timers of this pass: for signals.
 */
static inline void
evi_runq_insert_before_pass(struct runq *rq, struct event *ev)
{
	evi_runq_insert(rq, ev);
	evi_runq_lane(rq, ev)->mark = &ev->ev_active_next.tqe_next;
}

/*
 * Removes the first event of lane n and returns it; NULL: no event or no lane.
 */
static inline struct event *
evi_runq_pop(struct runq *rq, int n)
{
	struct lane *lane = &rq->lanes[n];
	struct event *ev, *next;

	if (n >= rq->nlanes || (ev = TAILQ_FIRST(&lane->events)) == NULL)
		return NULL;
	next = ev->ev_active_next.tqe_next;
	lane->events.tqh_first = next;
	if (next != NULL)
		next->ev_active_next.tqe_prev = &lane->events.tqh_first;
	else
		lane->events.tqh_last = &lane->events.tqh_first;
	if (lane->mark == &ev->ev_active_next.tqe_next)
		lane->mark = &lane->events.tqh_first;
	rq->nactive--;
	return ev;
}

/* Removes an event from its lane. */
static inline void
evi_runq_remove(struct runq *rq, struct event *ev)
{
	struct lane *lane = evi_runq_lane(rq, ev);

	if (lane->mark == &ev->ev_active_next.tqe_next)
		lane->mark = ev->ev_active_next.tqe_prev;
	TAILQ_REMOVE(&lane->events, ev, ev_active_next);
	rq->nactive--;
}

#endif
