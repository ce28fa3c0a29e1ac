/* SPDX-License-Identifier: BSD-3-Clause */
/* All lookups of a resolver, until their callbacks. */
#ifndef EVI_DNS_QUEUE_H
#define EVI_DNS_QUEUE_H

#include <event.h>
#include <stdbool.h>
#include <stdint.h>

#include "lookup.h"
#include "nameserver.h"
#include "setup.h"

/* queue.c says what moves a lookup from one list to the next. */
struct queue {
	struct setup *setup;
	struct net net;
	bool closes_when_empty;
	struct event_base *base; /* NULL: none yet */
	bool suspended;		 /* no nameserver is asked */
	bool refusing;		 /* no new lookups are taken */
	bool delivering; /* callbacks run: queries are sent after them */
	int in_flight;	 /* lookups in `asking` */
	int depth;	 /* of nested calls of work() */
	void (*finish_cb)(void *arg); /* called when depth is 0, or NULL */
	unsigned int pass;	      /* calls of work() so far */
	struct lookups waiting, asking, slow, backing_off, answered, dropped;
	struct event timer;
	struct event work;  /* has the loop handle notes and call callbacks */
	struct event flush; /* has the loop send what callbacks have asked */
	bool work_is_pending;
	int64_t due; /* microseconds, when the timer fires; INT64_MAX: never */

	/*
	 * Each function that the loop calls, calls this first. may_open: it may
	 * open sockets.
	 */
	void (*check_cb)(void *arg, bool may_open);
	void *arg;
};

/*
 * Initializes a queue that is all zero.  The queue of the default resolver
 * logs, and stays open while it is empty; other queues do neither.
 */
void evi_queue_init(struct queue *q, struct setup *setup, bool is_default,
    void (*check_cb)(void *arg, bool may_open), void *arg);

/*
 * Takes a lookup, and frees it after its callback: it is answered soon, or
 * waits for its turn.  No callback runs inside.
 */
void evi_queue_take(struct queue *q, struct lookup *l);

/*
 * Frees a lookup that was taken, and whose callback has not begun; the callback
 * is not called.  Closes a queue that closes when it is empty.
 */
void evi_queue_cancel(struct queue *q, struct lookup *l);

/* Whether lookups can be in flight: it is open, and has a nameserver. */
bool evi_queue_can_ask(const struct queue *q);

/* Whether there are no lookups, answered ones included. */
bool evi_queue_is_empty(const struct queue *q);

/* Starts lookups that wait, as far as max-inflight allows; no callback runs. */
void evi_queue_pump(struct queue *q);

/* Has the loop call check_cb and handle all notes. */
void evi_queue_wake(struct queue *q);

/*
 * evi_queue_close() closes all sockets.  Lookups in flight stop until
 * evi_queue_open(), which restarts them through new sockets, on a base that may
 * be another one.  If base is NULL they wait for one.
 */
void evi_queue_close(struct queue *q);
void evi_queue_open(struct queue *q, struct event_base *base);

/*
 * Moves all lookups that are in flight or back off to those that wait.  They
 * start again later, with the nameservers that there are then.
 */
void evi_queue_park(struct queue *q);

/*
 * evi_queue_suspend() parks all lookups, and asks no nameserver until
 * evi_queue_resume(), or a new lookup while there is a nameserver.
 */
void evi_queue_suspend(struct queue *q);
void evi_queue_resume(struct queue *q);

/*
 * Calls finish_cb() with the arg of evi_queue_init(), now or when callbacks in
 * progress have returned; finish_cb() calls evi_queue_free().  The caller has
 * ended all lookups, and does not use the queue any more.
 */
void evi_queue_finish(struct queue *q, void (*finish_cb)(void *arg));
void evi_queue_free(struct queue *q);

/* Ends all lookups.  Calls their callbacks, with DNS_ERR_SHUTDOWN, or not. */
void evi_queue_drop(struct queue *q, bool with_callbacks);

#endif
