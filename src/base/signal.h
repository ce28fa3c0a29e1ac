/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The signal events of a base.  The base embeds struct signals.
 *
 * For each signal that any base watches the process has this library's handler.
 * It counts the delivery for one base and wakes that base's loop.
 */
#ifndef EVI_SIGNAL_H
#define EVI_SIGNAL_H

#include <signal.h>
#include <stdatomic.h>

#include "public.h"

#define EVI_NSIG 65 /* signals are 1 to 64 */

struct signals {
	struct event_list events[EVI_NSIG]; /* by signal, in order of adding */
	atomic_int nevents[EVI_NSIG];	    /* the length of each list */
	atomic_int caught[EVI_NSIG];	    /* deliveries not reported yet */
	atomic_int any_caught;		    /* 1: caught[] has to be read */
	unsigned int total;		    /* events in all lists */
	LIST_ENTRY(event_base) next;	    /* in the list of all bases */
};

/* The base that receives signals.  1.4 exports it. */
extern struct event_base *evsignal_base __attribute__((visibility("default")));

/* Adds a new base to the list of all bases. */
void evi_signal_init(struct event_base *base);

/* Removes a base, which watches no signal any more, from the list. */
void evi_signal_free(struct event_base *base);

/*
 * Watches the signal of a signal event.  For the first event of the process the
 * handler is installed, and the previous one is saved.  -1 with EINVAL if the
 * number is not that of a signal that can be caught, or if the event is for a
 * descriptor as well; with EBUSY for SIGCHLD if libev waits for child processes
 * on the base's loop.
 */
int evi_signal_add(struct event_base *base, struct event *ev);

/*
 * Stops watching; with the last event the previous handler is restored.  -1
 * with errno if sigaction(2) fails.
 */
int evi_signal_del(struct event_base *base, struct event *ev);

/* The base's loop starts: the base receives the signals that it watches. */
void evi_signal_claim(struct event_base *base);

/*
 * Calls drop_cb, which deletes the event, for every signal event of the base.
 */
void evi_signal_drain(struct event_base *base, void (*drop_cb)(struct event *));

/* Forgets the deliveries that were not reported yet. */
void evi_signal_forget(struct event_base *base);

/*
 * Calls the base's signalled_cb for the deliveries since the last report, in
 * ascending order of the signals.
 */
void evi_signal_report(struct event_base *base);

#endif
