/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Resolvers: each has a base, a setup and a queue of lookups.  That of
 * evdns_*() follows the program's current base; others stay on theirs.
 */
#ifndef EVI_RESOLVER_H
#define EVI_RESOLVER_H

#include <event.h>
#include <stdbool.h>

#include "queue.h"
#include "setup.h"

struct resolver {
	struct setup setup;
	struct queue queue;
	bool is_default;
	struct event_base *base;	/* NULL: none yet */
	struct event_base *was_current; /* current when base was chosen */
	unsigned int generation;	/* evi_fork_generation at that time */
	bool is_closed;			/* until the loop opens sockets again */
	struct event keep;		/* pending if there are servers */
};

/* The resolver of evdns_*(). */
struct resolver *evi_resolver_default(void);

/*
 * Makes another resolver, set up from the machine's files.  It has no event on
 * its base while it has no lookups.  NULL without memory.
 */
struct resolver *evi_resolver_new(struct event_base *base);

/*
 * Frees a resolver that evi_resolver_new() made, and ends its lookups without
 * their callbacks.  May be called in a callback.  NULL is ignored.
 */
void evi_resolver_free(struct resolver *r);

/*
 * Called before a function that may use sockets: if the resolver is a parent
 * process's, or its descriptors were closed, it gets sockets of this process.
 * The default resolver moves to the current base if its own was freed.  Has the
 * hosts file asked from now on.  -1 if there is no base.
 */
int evi_resolver_check(struct resolver *r);

/* Moves a resolver to the current base, if it is on another one. */
void evi_resolver_move(struct resolver *r);

/* Called after a change of the setup: starts lookups that waited for it. */
void evi_resolver_changed(struct resolver *r);

/* Called before evi_queue_take(): opens the queue, and checks the files. */
void evi_resolver_prepare(struct resolver *r);

/*
 * Ends all lookups, and forgets the setup.  Calls the callbacks of the lookups,
 * with DNS_ERR_SHUTDOWN, or not.
 */
void evi_resolver_shut_down(struct resolver *r, bool with_callbacks);

#endif
