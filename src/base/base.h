/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct event_base, and what the files of the loop tell each other about
 * events and bases.  Nothing outside src/base includes this.
 */
#ifndef EVI_BASE_H
#define EVI_BASE_H

#include <signal.h>
#include <stdbool.h>

#include "calls.h"
#include "public.h"
#include "runq.h"
#include "signal.h"
#include "support/fork.h"
#include "wake.h"

struct host;
struct ev_loop;
struct watch;

struct event_once {
	struct event ev;
	LIST_ENTRY(event_once) next;
	void (*cb)(int, short, void *);
	void *arg;
};

/* event_base_loop() on a loop of the program's; see guest.c. */
struct guest {
	unsigned int depth; /* of the run that it is; 0: it is not under way */
	int flags;	    /* EVLOOP_ONCE, EVLOOP_NONBLOCK */
	bool stops;	    /* the run is to end before it waits again */
	int result;	    /* to return, or EVI_UNDECIDED */
	int error;	    /* errno for a result of -1 */
	bool has_told;	    /* of an error that nobody could be told of */
};

#define EVI_UNDECIDED 2

/*
 * What 1.4 has at the start of a base, in its places.  Its own suite, which has
 * a copy of the private header, looks there whether a signal's handler is gone,
 * and whether a pipe is closed that we have not got.
 */
struct base_of_1_4 {
	const char *const *evsel; /* leads to the name of the back-end */
	void *evbase;
	int event_count, event_count_active;
	int event_gotterm, event_break;
	void **activequeues;
	int nactivequeues;
	struct event ev_signal;
	int ev_signal_pair[2]; /* -1 */
	int ev_signal_added;
	volatile sig_atomic_t evsignal_caught; /* 0 */
};

/* What timer.c and signal.c, which are below event.c, call there. */
struct reports {
	/* The event's timer has expired. */
	void (*expired_cb)(struct event *ev);
	/* The event's signal was delivered ncalls times before this pass
	 * polled. */
	void (*signalled_cb)(struct event *ev, int ncalls);
};

struct event_base {
	struct base_of_1_4 of_1_4; /* first */
	const struct reports *reports;
	const char *method;
	struct watch *watch;
	int (*run)(struct event_base *, int flags); /* event_base_loop() */
	struct runq runq;
	struct signals signals;
	struct wake wake;
	struct calls calls;
	atomic_uint process; /* evi_fork_generation of who last renewed it */
	LIST_HEAD(, event_once) once; /* ours to free */
	unsigned int nwatched; /* events inserted, and events with a timeout */
	unsigned int depth;    /* calls of event_base_loop() under way */
	int luck;	       /* see may_wait() */
	int more_passes;       /* for which it is given up next time */
	bool is_ordered;       /* as evi_watch_is_ordered() says */
	bool in_pass;	       /* callbacks run; the time is the pass's */
	bool deaf;	       /* what libev reports is not wanted yet */
	bool exiting;	       /* by event_base_loopexit() */
	bool breaking;	       /* by event_base_loopbreak() */
	bool freed;	       /* while it ran; ends with the outermost loop */
	bool lost;	       /* its loop was the program's, and is gone */
	struct guest guest;
};

/* Whether the program has any event on the base that is watched or active. */
static inline bool
evi_has_events(const struct event_base *base)
{
	return base->nwatched > 0 ||
	       base->runq.nactive > evi_wake_is_active(&base->wake);
}

/* Whether the loop has anything to wait for, or to do, before it returns. */
static inline bool
evi_is_wanted(const struct event_base *base)
{
	return evi_has_events(base) || evi_calls_wait(&base->calls);
}

/* Whether the base's kernel state is a parent process's.  In signal handlers
 * too. */
static inline bool
evi_is_inherited(const struct event_base *base)
{
	return atomic_load(&base->process) !=
	       atomic_load_explicit(&evi_fork_generation, memory_order_relaxed);
}

/* Whether the base has something to do before it may sleep. */
static inline bool
evi_is_busy(const struct event_base *base)
{
	return base->runq.nactive > 0 || base->breaking || base->exiting;
}

/*
 * A new base, on a loop of the program's where host is not NULL.  NULL with
 * errno: ENOMEM, ENOSYS where there is no back-end, or no descriptor is left.
 */
struct event_base *evi_base_new(struct ev_loop *loop, const struct host *host);

/* The program destroys the loop: the base ends but for its memory. */
void evi_base_lose(struct event_base *base);

/*
 * To be called after each thing that may have freed the base while depth was
 * not 0: true if so, and at depth 0 the base is not there any more.
 */
bool evi_base_end_if_freed(struct event_base *base);

/* Gives the base kernel state of its own, with the next pass.  -1 with errno.
 */
int evi_base_start_over(struct event_base *base);

/* Whether the loop is to return because it was told to; once each time. */
bool evi_base_told_to_stop(struct event_base *base);

/*
 * For a program's own signal handlers, which set event_gotsig.  -1 with EINTR:
 * the loop is to return.
 */
int evi_base_call_sigcb(void);

/* What its callback will be called with, and how often.  It goes into a lane
 * of the run queue next. */
static inline void
evi_activate(struct event *ev, int res, int ncalls)
{
	ev->ev_res = res;
	ev->ev_ncalls = (short)ncalls;
	ev->ev_flags |= EVLIST_ACTIVE;
}

/* A descriptor of the event is ready; res: which of its EV_READ, EV_WRITE. */
static inline void
evi_ready(struct event *ev, int res)
{
	if (ev->ev_base->deaf)
		return;
	if (ev->ev_flags & EVLIST_ACTIVE) {
		ev->ev_res |= res;
	} else if (ev->ev_flags & EVLIST_INSERTED) {
		evi_activate(ev, res, 1);
		evi_runq_insert(&ev->ev_base->runq, ev);
	}
}

/* The set that an added event is in. */
static inline struct watch *
evi_watch_of(const struct event *ev)
{
	return ev->ev_base->watch;
}

#endif
