/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a pass does with the events of a base.
 */
#ifndef EVI_BASE_EVENT_H
#define EVI_BASE_EVENT_H

#include "base.h"

/* What happens to an event when its timer expires, or its signal has come. */
extern const struct reports evi_event_reports
    __attribute__((visibility("hidden")));

/*
 * Runs the active events of the most urgent lane, until it is empty.  -1 with
 * ENOMEM: the next one is to be called several times, and stays active.
 */
int evi_event_run_active(struct event_base *base);

/* It is the current base from now on, or has other priorities; NULL: none. */
void evi_event_make_current(struct event_base *base);

/* The base of the last event_init(); NULL if there is none. */
extern struct event_base *current_base __attribute__((visibility("default")));

/*
 * 1.4: a program's own signal handler sets event_gotsig, and the loop then
 * calls event_sigcb before it polls.
 */
extern volatile int event_gotsig __attribute__((visibility("default")));
extern int (*event_sigcb)(void) __attribute__((visibility("default")));

#endif
