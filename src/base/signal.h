/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signals: what a base has to do with them.  The base embeds struct signals.
 *
 * The process has one handler for each signal that any base watches: ours.  It
 * counts the delivery for one base and wakes that.
 */
#ifndef EVI_SIGNAL_H
#define EVI_SIGNAL_H

#include <signal.h>
#include <stdatomic.h>

#include "public.h"

#define EVI_NSIG 65 /* signals are 1 to 64 */

struct signals {
	struct event_list events[EVI_NSIG]; /* in the order of adding */
	atomic_int nevents[EVI_NSIG];	    /* the length of each list */
	atomic_int caught[EVI_NSIG];	    /* deliveries not reported yet */
	atomic_int any_caught;
	unsigned int total; /* events in all lists */
	LIST_ENTRY(event_base) next;
};

/* The base that receives signals; exported by 1.4. */
extern struct event_base *evsignal_base __attribute__((visibility("default")));

void evi_signal_init(struct event_base *base);

/* The base is about to be freed; it watches no signal any more. */
void evi_signal_free(struct event_base *base);

/*
 * Watches the signal of a signal event: installs our handler, if the process
 * has none yet, and keeps the one before it.  -1 with EINVAL for what is no
 * signal that can be caught, or if the event is for a descriptor as well; EBUSY
 * for SIGCHLD where libev waits for children on the base's loop.
 */
int evi_signal_add(struct event_base *base, struct event *ev);

/* Ends that; with the last event of a signal the handler before comes back. */
int evi_signal_del(struct event_base *base, struct event *ev);

/* The base runs: from now on it is the one that receives signals. */
void evi_signal_claim(struct event_base *base);

/* Calls drop_cb for every signal event of the base, and takes it out. */
void evi_signal_drain(struct event_base *base, void (*drop_cb)(struct event *));

/* Forgets what was caught since the last time. */
void evi_signal_forget(struct event_base *base);

/* Reports what was caught since the last time, in ascending order. */
void evi_signal_report(struct event_base *base);

#endif
