/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct event_base, and what the files of the loop tell each other about
 * events and bases.  Nothing outside src/base includes this.
 */
#ifndef EVI_BASE_H
#define EVI_BASE_H

#include <stdbool.h>

#include "public.h"
#include "runq.h"
#include "signal.h"

struct watch;

struct event_once {
	struct event ev;
	LIST_ENTRY(event_once) next;
	void (*cb)(int, short, void *);
	void *arg;
};

struct event_base {
	struct watch *watch;
	struct runq runq;
	struct signals signals;
	LIST_HEAD(, event_once) once; /* ours to free */
	/* In how many ways events are in: inserted, timed, active. */
	unsigned int nevents;
	unsigned int depth; /* calls of event_base_loop() under way */
	bool in_pass;       /* callbacks run; the time is the pass's */
	bool deaf;          /* descriptors that are ready are ignored */
	bool exiting;       /* by event_base_loopexit() */
	bool breaking;      /* by event_base_loopbreak() */
	bool freed;         /* while it ran; ends with the outermost loop */
};

/* The base of the last event_init(); NULL if there is none. */
extern struct event_base *current_base __attribute__((visibility("default")));

/*
 * 1.4: a program's own signal handler sets event_gotsig, and the loop then
 * calls event_sigcb before it polls.
 */
extern volatile int event_gotsig __attribute__((visibility("default")));
extern int (*event_sigcb)(void) __attribute__((visibility("default")));

/* A descriptor of the event is ready; res: which of its EV_READ, EV_WRITE. */
void evi_ready(struct event *ev, short res);

/* The event's timer has expired. */
void evi_expired(struct event *ev);

/* A signal has come ncalls times, before this pass polled. */
void evi_signalled(struct event *ev, int ncalls);

/* Runs the active events of the most urgent lane, until it is empty. */
void evi_run_active(struct event_base *base);


#endif
