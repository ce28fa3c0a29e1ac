/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Resolvers: each on a base, with what it is set up with and what it was asked.
 * The one of evdns_*() follows the program's current base; others stay on
 * theirs.
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
	struct event_base *was_current; /* when base was chosen */
	unsigned int generation;	/* of evi_fork_generation */
	bool starts_over;		/* sockets are opened by the loop */
	struct event keep; /* keeps the loop, and says that the base lives */
};

/* The one of evdns_*(). */
struct resolver *evi_resolver_default(void);

/*
 * Another one, set up from the machine's files, which has no event on its base
 * while it is asked nothing; NULL without memory.  To free it ends what it was
 * asked without a callback, and may be done in one.
 */
struct resolver *evi_resolver_new(struct event_base *base);
void evi_resolver_free(struct resolver *r);

/*
 * To be called before anything else is done: makes the resolver one of this
 * process and of a base that exists, if it was a parent's, or its descriptors
 * are gone, or its base is.  -1 where there is no base at all.
 */
int evi_resolver_check(struct resolver *r);

/* Goes to the current base, if it is on another one. */
void evi_resolver_move(struct resolver *r);

/* Nameservers, options or the search list may have changed: asks what can be
 * asked by now. */
void evi_resolver_changed(struct resolver *r);

/*
 * Takes a lookup over, for which evi_resolver_prepare() has been called: has
 * looked at the files.
 */
void evi_resolver_prepare(struct resolver *r);
void evi_resolver_take(struct resolver *r, struct lookup *l);

/* Ends everything; the callbacks are called if tell is not 0. */
void evi_resolver_shut_down(struct resolver *r, int tell);

#endif
