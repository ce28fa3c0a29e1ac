/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The run queue: the active events of one base, a lane for each priority,
 * first in, first out.  The base embeds it.  Events are linked through
 * ev_active_next; an event is in a lane exactly while it has EVLIST_ACTIVE.
 *
 * A pass of the loop hears of its I/O events in the reverse of the order in
 * which the kernel reported them.  It therefore marks where each lane ends
 * before it polls, and inserts each of them right there.
 */
#ifndef EVI_RUNQ_H
#define EVI_RUNQ_H

#include <stddef.h>

#include "public.h"

struct lane {
	struct event_list events;
	struct event **mark; /* the link where this pass begins */
};

struct runq {
	struct lane *lanes; /* the most urgent first */
	int nlanes;
	int nactive;	   /* events in all lanes */
	unsigned int turn; /* see evi_runq_rotate() */
};

/* Gives the queue n empty lanes, n > 0.  -1: no memory, nothing changed. */
int evi_runq_init(struct runq *rq, int n);

/* Gives up the lanes; events still in them are forgotten. */
void evi_runq_free(struct runq *rq);

/* The most urgent lane that has any event, 0 if none has. */
int evi_runq_urgent(const struct runq *rq);

/* Marks the present end of every lane. */
void evi_runq_mark(struct runq *rq);

/*
 * Has the I/O events of this pass begin somewhere else in their order, in every
 * lane.  1.4 does so with poll and select, so that those first in the set do
 * not starve the others in a program that breaks the loop early.
 */
void evi_runq_rotate(struct runq *rq);

/* An event whose priority lies beyond the lanes goes to the last of them. */
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

/* Puts an event that was just popped back in front of its lane. */
static inline void
evi_runq_prepend(struct runq *rq, struct event *ev)
{
	TAILQ_INSERT_HEAD(&evi_runq_lane(rq, ev)->events, ev, ev_active_next);
	rq->nactive++;
}

/* Puts an event where the pass begins: ahead of what the pass has so far. */
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

/* The same, and has the pass begin behind it: the next one comes after it. */
static inline void
evi_runq_insert_before_pass(struct runq *rq, struct event *ev)
{
	evi_runq_insert(rq, ev);
	evi_runq_lane(rq, ev)->mark = &ev->ev_active_next.tqe_next;
}

/*
 * Takes the first event out of a lane and returns it; NULL if the lane is empty
 * or gone.
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

/* Takes an event out; the mark steps back if it is there. */
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
