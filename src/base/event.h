/* SPDX-License-Identifier: BSD-3-Clause */
/* Events, and the current base, for the files above event.c. */
#ifndef EVI_BASE_EVENT_H
#define EVI_BASE_EVENT_H

#include "base.h"

/*
 * What happens to an event when its timer expires or its signal is delivered.
 */
extern const struct reports evi_event_reports
    __attribute__((visibility("hidden")));

/*
 * Calls the active events of the most urgent lane until it is empty, or until
 * the loop has to stop.  -1 with ENOMEM if there was no memory to call an event
 * several times: it stays active.
 */
int evi_event_run_active(struct event_base *base);

/*
 * Makes base the current one; NULL: there is none.  Also call it when the
 * number of its priorities has changed.
 */
void evi_event_make_current(struct event_base *base);

/* The current base: that of the last event_init().  NULL if there is none. */
extern struct event_base *current_base __attribute__((visibility("default")));

/*
 * 1.4: a program's own signal handler sets event_gotsig, and the loop then
 * calls event_sigcb before it polls.
 */
extern volatile int event_gotsig __attribute__((visibility("default")));
extern int (*event_sigcb)(void) __attribute__((visibility("default")));

#endif
