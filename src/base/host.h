/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A loop that the program runs itself, with a base on it: what the loop has the
 * base do, and what the base asks of the loop.  evi_watch_new_on() makes the
 * set.
 */
#ifndef EVI_HOST_H
#define EVI_HOST_H

#include <stdbool.h>

struct event_base;
struct watch;

/* What the loop is to do next in this pass. */
enum host_action {
	EVI_HOST_WAIT, /* until something happens */
	EVI_HOST_POLL, /* ask the kernel without waiting */
	EVI_HOST_STOP, /* end the innermost run of the loop */
	EVI_HOST_FREED /* nothing: the base was freed, and the set */
};

/* The base's functions for such a loop. */
struct host {
	/* A pass begins; the loop has not waited yet. */
	enum host_action (*begin_cb)(struct event_base *);
	/* All watchers of the pass were invoked.  False: the base was freed. */
	bool (*end_cb)(struct event_base *);
	/* Whether the loop has to stay alive for the base. */
	bool (*has_work_cb)(struct event_base *);
	/*
	 * The process is a child of the one that made the base: the base makes
	 * new kernel state.  False: the base was freed.
	 */
	bool (*forked_cb)(struct event_base *);
	/* The program destroys the loop. */
	void (*lost_cb)(struct event_base *);
};

/* How many runs of the loop are nested at the moment; 0: it does not run. */
unsigned int evi_host_depth(const struct watch *w);

/*
 * Runs the loop until somebody ends the run or nothing keeps the loop alive.
 * True if anything still does.
 */
bool evi_host_run(struct watch *w);

/*
 * Returns the errno of the last system call that failed, and clears it.  0:
 * none has failed since.
 */
int evi_host_error(struct watch *w);

/* Whether the set is on a program's loop that waits for child processes. */
bool evi_host_reaps_children(const struct watch *w);

/* Starts and stops the set's watchers on the program's loop. */
void evi_host_start(struct watch *w);
void evi_host_stop(struct watch *w);

/* evi_watch_start_over() for a set on a program's loop. */
void evi_host_start_over(struct watch *w, bool *is_intact);

#endif
