/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct event_base, for the files of this folder.
 *
 * "Kernel state" is what a child of fork(2) would share with its parent: the
 * epoll set, the base's descriptor for waking, and libev's other descriptors.
 */
#ifndef EVI_BASE_H
#define EVI_BASE_H

#include <signal.h>
#include <stdbool.h>

#include "calls.h"
#include "once.h"
#include "public.h"
#include "runq.h"
#include "signal.h"
#include "support/fork.h"
#include "wake.h"

struct host;
struct ev_loop;
struct watch;

/* A run of event_base_loop() on a loop of the program's; see guest.c. */
struct guest {
	unsigned int depth; /* evi_host_depth() of the run; 0: no run */
	int flags;	    /* EVLOOP_ONCE, EVLOOP_NONBLOCK */
	bool stops;	    /* the run ends before the loop waits again */
	bool has_result;    /* what the run will return is decided */
	int result;	    /* 0; or -1, with error */
	int error;	    /* errno for a result of -1 */
	bool has_warned;    /* of an error outside of such runs */
};

/*
 * What 1.4 has at the start of a base, at the same offsets.  1.4's own test
 * suite, which has a copy of its private header, looks there whether the
 * handler of a signal was removed, and whether a pipe was closed that this
 * library does not have.
 */
struct base_of_1_4 {
	const char *const *evsel; /* points to the name of the back-end */
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
	/*
	 * The event's signal was delivered ncalls times since the last report.
	 */
	void (*signalled_cb)(struct event *ev, int ncalls);
};

/*
 * What event_base_loop() calls: runs the loop, and returns what
 * event_base_loop() does with these flags.
 */
typedef int evi_base_run_cb(struct event_base *base, int flags);

struct event_base {
	struct base_of_1_4 of_1_4; /* first */
	const struct reports *reports;
	const char *method; /* the name of the back-end */
	struct watch *watch;
	evi_base_run_cb *run_cb;
	struct runq runq;
	struct signals signals;
	struct wake wake;
	struct calls calls;
	struct once_list once;
	/* evi_fork_generation when the kernel state was made. */
	atomic_uint generation;
	unsigned int nwatched; /* EVLIST_INSERTED and EVLIST_TIMEOUT flags */
	unsigned int depth;    /* calls of event_base_loop() that are running */
	int waits;	       /* passes that wait before one polls */
	int extra_waits;       /* added to them after polls without events */
	bool is_ordered;       /* as evi_watch_is_ordered() says */
	bool in_pass;	       /* timeouts count from when the pass polled */
	bool ignores_reports;  /* event_reinit() drops what its pass reports */
	bool exiting;	       /* by event_base_loopexit() */
	bool breaking;	       /* by event_base_loopbreak() */
	bool freed;	       /* it has no events and refuses new ones */
	bool lost_loop; /* freed because the program destroyed the loop */
	struct guest guest;
};

/*
 * Call these when an event gets, and loses, EVLIST_INSERTED or EVLIST_TIMEOUT:
 * once for each flag.
 */
static inline void
evi_base_add_watched(struct event_base *base)
{
	base->nwatched++;
}

static inline void
evi_base_remove_watched(struct event_base *base)
{
	base->nwatched--;
}

/*
 * Call these before and after all that may call the program.  A base that is
 * freed in between keeps its memory; see evi_base_end_if_freed().
 */
static inline void
evi_base_enter(struct event_base *base)
{
	base->depth++;
}

static inline void
evi_base_leave(struct event_base *base)
{
	base->depth--;
}

/*
 * Whether the program has any event on the base that is watched or active.  The
 * library's own event, if it is active, is not one of the program's.
 */
static inline bool
evi_base_has_events(const struct event_base *base)
{
	return base->nwatched > 0 ||
	       base->runq.nactive > evi_wake_is_active(&base->wake);
}

/* Whether the loop has anything to wait for, or to do, before it returns. */
static inline bool
evi_base_has_work(const struct event_base *base)
{
	return evi_base_has_events(base) || evi_calls_are_queued(&base->calls);
}

/*
 * Whether the base's kernel state is a parent process's.  Signal handlers call
 * it, too.
 */
static inline bool
evi_base_is_inherited(const struct event_base *base)
{
	return atomic_load(&base->generation) !=
	       atomic_load_explicit(&evi_fork_generation, memory_order_relaxed);
}

/* Whether the base has something to do before it may wait. */
static inline bool
evi_base_is_busy(const struct event_base *base)
{
	return base->runq.nactive > 0 || base->breaking || base->exiting;
}

/*
 * A new base, on a loop of its own if host is NULL; otherwise on `loop`, which
 * is the program's: its passes call the functions of host, and
 * event_base_loop() calls run_cb.  Returns NULL with errno: ENOMEM; ENOSYS
 * where there is no back-end; EMFILE, ENFILE.
 */
struct event_base *evi_base_new(struct ev_loop *loop, const struct host *host,
    evi_base_run_cb *run_cb);

/*
 * The program destroys the loop: deletes all events and stops all watchers.
 * The program still has to free the base.
 */
void evi_base_lose_loop(struct event_base *base);

/*
 * Whether the base was freed, or has lost its loop.  Call it after each
 * evi_base_leave(): if nothing else runs on a base that the program has freed,
 * its memory is freed here, too.
 */
bool evi_base_end_if_freed(struct event_base *base);

/*
 * In a child: the base makes kernel state of its own with the next pass.  -1
 * with errno.
 */
int evi_base_start_over(struct event_base *base);

/*
 * Call it before a pass polls.  Timeouts that native watchers set meanwhile
 * count from the current time.
 */
void evi_base_begin_poll(struct event_base *base);

/*
 * Call it after a pass has polled: queues signals, and makes the order of
 * events fair.  Timeouts that callbacks set from now on count from the time at
 * which the pass polled.
 */
void evi_base_end_poll(struct event_base *base);

/*
 * Call it after the callbacks of a pass.  Timeouts count from the current time
 * again.
 */
void evi_base_end_pass(struct event_base *base);

/*
 * Whether event_base_loopexit() or event_base_loopbreak() ends the loop here.
 * Clears the request.
 */
bool evi_base_take_stop(struct event_base *base);

/*
 * For a program's own signal handlers, which set event_gotsig: calls
 * event_sigcb.  -1 with EINTR: the loop returns.
 */
int evi_base_call_sigcb(void);

/*
 * Sets what the event's callback will be called with, and how many times.
 * Next, the caller puts it into a lane of the run queue.
 */
static inline void
evi_base_activate(struct event *ev, int res, int ncalls)
{
	ev->ev_res = res;
	ev->ev_ncalls = (short)ncalls;
	ev->ev_flags |= EVLIST_ACTIVE;
}

/*
 * io.c reports that the descriptor of the event is ready.  res: EV_READ,
 * EV_WRITE, or both, of what the event waits for.
 */
static inline void
evi_base_report_io(struct event *ev, int res)
{
	if (ev->ev_base->ignores_reports)
		return;
	if (ev->ev_flags & EVLIST_ACTIVE) {
		ev->ev_res |= res;
	} else if (ev->ev_flags & EVLIST_INSERTED) {
		evi_base_activate(ev, res, 1);
		evi_runq_insert(&ev->ev_base->runq, ev);
	}
}

/* The set that an added event is in. */
static inline struct watch *
evi_base_watch_of(const struct event *ev)
{
	return ev->ev_base->watch;
}

#endif
