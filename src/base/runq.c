/* SPDX-License-Identifier: BSD-3-Clause */
/* The run queue: functions that are too long for its header. */
#include "runq.h"

#include <stdlib.h>

int
evi_runq_init(struct runq *rq, int n)
{
	struct lane *lanes = calloc((size_t)n, sizeof(*lanes));

	if (lanes == NULL)
		return -1;
	for (int i = 0; i < n; i++)
		TAILQ_INIT(&lanes[i].events);
	free(rq->lanes);
	rq->lanes = lanes;
	rq->nlanes = n;
	rq->nactive = 0;
	evi_runq_mark(rq);
	return 0;
}

void
evi_runq_free(struct runq *rq)
{
	free(rq->lanes);
	rq->lanes = NULL;
}

int
evi_runq_urgent(const struct runq *rq)
{
	for (int i = 0; i < rq->nlanes; i++)
		if (!TAILQ_EMPTY(&rq->lanes[i].events))
			return i;
	return 0;
}

void
evi_runq_mark(struct runq *rq)
{
	for (int i = 0; i < rq->nlanes; i++)
		rq->lanes[i].mark = rq->lanes[i].events.tqh_last;
}

/* How many I/O events there are from ev on; the pass's timers follow them. */
static unsigned int
count_io(const struct event *ev)
{
	unsigned int n = 0;

	for (; ev != NULL && (ev->ev_res & (EV_READ | EV_WRITE)) != 0;
	     ev = TAILQ_NEXT(ev, ev_active_next))
		n++;
	return n;
}

/* Moves the first k of the n events at the mark to the end of the n. */
static void
rotate(struct lane *lane, unsigned int n, unsigned int k)
{
	struct event *first = *lane->mark, *before = first, *after, *last,
		     *next;

	for (unsigned int i = 1; i < k; i++)
		before = TAILQ_NEXT(before, ev_active_next);
	after = last = TAILQ_NEXT(before, ev_active_next);
	for (unsigned int i = k + 1; i < n; i++)
		last = TAILQ_NEXT(last, ev_active_next);
	next = TAILQ_NEXT(last, ev_active_next);
	*lane->mark = after;
	after->ev_active_next.tqe_prev = lane->mark;
	last->ev_active_next.tqe_next = first;
	first->ev_active_next.tqe_prev = &last->ev_active_next.tqe_next;
	before->ev_active_next.tqe_next = next;
	if (next != NULL)
		next->ev_active_next.tqe_prev =
		    &before->ev_active_next.tqe_next;
	else
		lane->events.tqh_last = &before->ev_active_next.tqe_next;
}

/* The next number of a linear congruential generator; its upper bits. */
static unsigned int
draw(struct runq *rq)
{
	rq->random = rq->random * 1103515245u + 12345u;
	return rq->random >> 16;
}

void
evi_runq_rotate(struct runq *rq)
{
	for (int i = 0; i < rq->nlanes; i++) {
		struct lane *lane = &rq->lanes[i];
		unsigned int n = count_io(*lane->mark);
		unsigned int k = n > 1 ? draw(rq) % n : 0;

		if (k > 0)
			rotate(lane, n, k);
	}
}
