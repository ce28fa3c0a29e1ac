/* SPDX-License-Identifier: BSD-3-Clause */
/* All lookups of a resolver, from its first question to its callback. */
#ifndef EVI_DNS_QUEUE_H
#define EVI_DNS_QUEUE_H

#include <event.h>
#include <stdbool.h>
#include <stdint.h>

#include "lookup.h"
#include "nameserver.h"
#include "setup.h"

struct queue {
	struct setup *setup;
	struct net net;
	struct event_base *base; /* NULL: none yet */
	bool suspended;		 /* nobody is asked */
	bool refusing;		 /* no new ones are taken */
	bool delivering;	 /* what callbacks ask for is sent after them */
	bool closes_when_empty;
	int in_flight;		      /* how many are asking */
	int depth;		      /* of work() */
	void (*finish_cb)(void *arg); /* to be called when that is over */
	unsigned int pass;	      /* how often all of them were looked at */
	struct lookups waiting, asking, slow, backing_off, answered, dropped;
	struct event timer, work, flush;
	bool work_is_pending;
	int64_t due; /* when the timer fires, INT64_MAX: never */

	/* Called first by whatever the loop calls; may_open: sockets may be
	 * opened by it. */
	void (*check_cb)(void *arg, bool may_open);
	void *arg;
};

/* It is all zero. */
void evi_queue_init(struct queue *q, struct setup *setup,
    void (*check_cb)(void *arg, bool may_open), void *arg);

/* Takes a lookup over: it is answered soon, or waits for its turn. */
void evi_queue_take(struct queue *q, struct lookup *l);

/* Ends one; its callback is not called any more. */
void evi_queue_cancel(struct queue *q, struct lookup *l);

/* Whether lookups can be in flight: it is open, and has a nameserver. */
bool evi_queue_can_ask(const struct queue *q);

/* There are none, also none whose callback is to be called. */
bool evi_queue_is_empty(const struct queue *q);

/* Asks what waits, as far as that is allowed now; calls nobody. */
void evi_queue_pump(struct queue *q);

/* Has check_cb be called, and all be looked at, in this pass of the loop. */
void evi_queue_wake(struct queue *q);

/*
 * Closes all sockets.  What is in flight is not asked any more until
 * evi_queue_open(), which asks all of it again through new sockets, on another
 * base or in another process.  NULL: has all of it wait for one.
 */
void evi_queue_close(struct queue *q);
void evi_queue_open(struct queue *q, struct event_base *base);

/* Moves all lookups in flight to those that wait, for other nameservers. */
void evi_queue_park(struct queue *q);

/* Calls finish_cb(arg), now or when its callbacks have returned, which calls
 * evi_queue_free().  All have ended, and it is not used any more. */
void evi_queue_finish(struct queue *q, void (*finish_cb)(void *arg));
void evi_queue_free(struct queue *q);

/* Ends all lookups; their callbacks are called if tell is not 0. */
void evi_queue_drop(struct queue *q, int tell);

#endif
