/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A loop that the program runs itself, which a base is on: what it has the base
 * do, and what the base asks of it.  The set itself is made by evi_watch_on().
 */
#ifndef EVI_HOST_H
#define EVI_HOST_H

#include <stdbool.h>

struct event_base;
struct watch;

/* What a pass of a loop that is not the set's own is to do next. */
enum evi_turn {
	EVI_TURN_WAIT,
	EVI_TURN_POLL, /* not wait */
	EVI_TURN_STOP, /* end the innermost run of the loop */
	EVI_TURN_GONE  /* nothing: the base was freed, and the set */
};

/* What such a loop has the base do. */
struct evi_host {
	enum evi_turn (*begin)(struct event_base *); /* before it waits */
	bool (*end)(struct event_base *);    /* behind all watchers of the pass;
						false: the base was freed */
	bool (*wants)(struct event_base *);  /* whether to keep it alive */
	bool (*forked)(struct event_base *); /* in a child; false: freed */
	void (*lost)(struct event_base *);   /* it is being destroyed */
};

/* How many runs of the loop are under way. */
unsigned int evi_host_depth(const struct watch *w);

/*
 * A run, until somebody ends it or nothing keeps the loop alive; whether
 * anything still does.
 */
bool evi_host_run(struct watch *w);

/* The errno of what went wrong since the last time, or 0. */
int evi_host_error(struct watch *w);

/* Whether a set's loop is one of these, and waits for the process's children.
 */
bool evi_host_reaps_children(const struct watch *w);

/* The set's watchers on the program's loop begin and end. */
void evi_host_start(struct watch *w);
void evi_host_stop(struct watch *w);

/* evi_watch_start_over() for such a loop, whose next pass does it. */
void evi_host_start_over(struct watch *w, bool *is_intact);

#endif
