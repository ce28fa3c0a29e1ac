/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events: event_set() to event_pending(), and the run of their callbacks.
 *
 * ev_flags says what an event is in: EVLIST_INSERTED for its descriptor or
 * signal, EVLIST_TIMEOUT for its timer, EVLIST_ACTIVE for the run queue.
 *
 * A callback may free its event, any other, or the base.  Therefore an event
 * is out of everything it has to be out of before its callback runs.  What is
 * still needed is in locals that no other call reaches, and, of an event that
 * is to be called several times, in a record of its own (repeat.h).
 */
#include "event.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base.h"
#include "repeat.h"
#include "watch.h"
#include "io.h"
#include "timer.h"

struct event_base *current_base;

/*
 * The middle priority of the current base.  A thread may set events up while
 * another one makes or frees that, so that event_set() does not look into it.
 */
static struct {
	atomic_uint changes; /* odd: there is one just now */
	_Atomic(struct event_base *) base;
	atomic_int priority;
} middle;
volatile int event_gotsig;
int (*event_sigcb)(void);

static void
enter(struct event *ev, int flag)
{
	ev->ev_flags |= flag;
	evi_base_add_watched(ev->ev_base);
}

static void
leave(struct event *ev, int flag)
{
	ev->ev_flags &= ~flag;
	evi_base_remove_watched(ev->ev_base);
}

static inline void
dequeue(struct event *ev)
{
	ev->ev_flags &= ~EVLIST_ACTIVE;
	evi_runq_remove(&ev->ev_base->runq, ev);
}

static int
stop_watching(struct event *ev)
{
	leave(ev, EVLIST_INSERTED);
	if (ev->ev_events & EV_SIGNAL)
		return evi_signal_del(ev->ev_base, ev);
	evi_io_del(ev->ev_base->watch, ev);
	return 0;
}

static void
stop_timer(struct event *ev)
{
	leave(ev, EVLIST_TIMEOUT);
	evi_timer_del(ev->ev_base->watch, ev);
}

/* Takes the event out of everything. */
static inline int
withdraw(struct event *ev)
{
	evi_repeat_cancel(ev);
	if (ev->ev_flags & EVLIST_ACTIVE)
		dequeue(ev);
	if (ev->ev_flags & EVLIST_TIMEOUT)
		stop_timer(ev);
	return ev->ev_flags & EVLIST_INSERTED ? stop_watching(ev) : 0;
}

/* --- what the loop reports --- */

/* 1.4: the timeout takes the event out of everything, its I/O included. */
static void
expired_cb(struct event *ev)
{
	if (ev->ev_base->ignores_reports) { /* set anew: the next pass will
					       report it */
		evi_timer_retry(ev->ev_base->watch, ev);
		return;
	}
	evi_signal_report(ev->ev_base); /* 1.4: signals come before timers, */
	if (!(ev->ev_flags & EVLIST_TIMEOUT))
		return; /* and end those of one-shot events */
	withdraw(ev);
	event_active(ev, EV_TIMEOUT, 1);
}

static void
signalled_cb(struct event *ev, int ncalls)
{
	if (!(ev->ev_events & EV_PERSIST))
		withdraw(ev);
	if (ev->ev_flags & EVLIST_ACTIVE) {
		ev->ev_res |= EV_SIGNAL;
		return;
	}
	evi_repeat_detach(ev);
	evi_base_activate(ev, EV_SIGNAL, ncalls);
	evi_runq_insert_before_pass(&ev->ev_base->runq, ev);
}

const struct reports evi_event_reports = {expired_cb, signalled_cb};

/* The event leaves all that it has to be out of before its callback runs. */
static inline void
take(struct event *ev)
{
	ev->ev_flags &= ~EVLIST_ACTIVE;
	if (!(ev->ev_events & EV_PERSIST))
		withdraw(ev);
}

/*
 * Several calls in a row, which event_del() inside ends.  1.4: an event that is
 * activated again between them goes on with its new result.  Without memory for
 * the record the event goes back into the queue and *error is set.
 */
static bool
run_repeated(struct event_base *base, struct event *ev, bool *error)
{
	struct repeat *r = evi_repeat_new();
	bool continues = true;

	if (r == NULL) {
		evi_runq_prepend(&base->runq, ev);
		*error = true;
		return false;
	}
	take(ev);
	evi_repeat_start(r, ev);
	while (continues && evi_repeat_count_call(r)) {
		ev->ev_ncalls = (short)r->ncalls;
		ev->ev_callback(ev->ev_fd, (short)ev->ev_res, ev->ev_arg);
		continues = !base->breaking && !event_gotsig;
	}
	evi_repeat_free(r);
	return continues;
}

/*
 * Calls an event that has just left the run queue.  The callback may free it,
 * so the event is not looked at afterwards.  False if the loop has to stop
 * here.
 */
static inline bool
run(struct event_base *base, struct event *ev, bool *error)
{
	if (ev->ev_ncalls != 1)
		return run_repeated(base, ev, error);
	take(ev);
	ev->ev_ncalls = 0;
	ev->ev_callback(ev->ev_fd, (short)ev->ev_res, ev->ev_arg);
	return !base->breaking && !event_gotsig;
}

/*
 * 1.4: the lane is run to its end, what callbacks add to it included, before
 * the loop polls again and looks at more urgent lanes.
 */
int
evi_event_run_active(struct event_base *base)
{
	int lane = evi_runq_urgent(&base->runq);
	bool error = false;
	struct event *ev;

	while ((ev = evi_runq_pop(&base->runq, lane)) != NULL)
		if (!run(base, ev, &error))
			break;
	return error ? -1 : 0;
}

/* --- the interface --- */

static int
refuse(void)
{
	errno = EINVAL;
	return -1;
}

void
evi_event_make_current(struct event_base *base)
{
	atomic_fetch_add(&middle.changes, 1);
	if (base != NULL)
		atomic_store(&middle.priority, base->runq.nlanes / 2);
	atomic_store(&middle.base, base);
	__atomic_store_n(&current_base, base, __ATOMIC_SEQ_CST);
	atomic_fetch_add(&middle.changes, 1);
}

/* Its base is the current one, and its priority that one's middle. */
static void
take_current(struct event *ev)
{
	unsigned changes = atomic_load(&middle.changes);
	struct event_base *base =
	    __atomic_load_n(&current_base, __ATOMIC_SEQ_CST);
	bool is_known = base == atomic_load(&middle.base);

	ev->ev_base = base;
	if (base == NULL)
		return;
	/* A program may have set current_base itself. */
	if (!is_known && changes % 2 == 0 &&
	    changes == atomic_load(&middle.changes))
		ev->ev_pri = base->runq.nlanes / 2;
	else
		ev->ev_pri = atomic_load(&middle.priority);
}

void
event_set(struct event *ev, int fd, short events,
    void (*callback)(int, short, void *), void *arg)
{
	memset(ev, 0, sizeof(*ev));
	ev->ev_fd = fd;
	ev->ev_events = events;
	ev->ev_callback = callback;
	ev->ev_arg = arg;
	ev->ev_flags = EVLIST_INIT;
	take_current(ev);
}

int
event_base_set(struct event_base *base, struct event *ev)
{
	if (base == NULL || ev->ev_flags != EVLIST_INIT)
		return refuse();
	ev->ev_base = base;
	ev->ev_pri = base->runq.nlanes / 2;
	return 0;
}

int
event_priority_set(struct event *ev, int pri)
{
	if (ev->ev_base == NULL || (ev->ev_flags & EVLIST_ACTIVE) || pri < 0 ||
	    pri >= ev->ev_base->runq.nlanes)
		return refuse();
	ev->ev_pri = pri;
	return 0;
}

/*
 * What is asked of the kernel is answered by calls that fail.  Where nothing is
 * wrong errno stays as it was: programs look at it after they have added.
 */
static int
start_watching(struct event *ev)
{
	int r, before = errno;

	if (ev->ev_events & EV_SIGNAL)
		r = evi_signal_add(ev->ev_base, ev);
	else
		r = evi_io_add(ev->ev_base->watch, ev);
	if (r == 0) {
		enter(ev, EVLIST_INSERTED);
		errno = before;
	}
	return r;
}

/* 1.4: a timeout that is set anew withdraws the call for the one before. */
static int
start_timer(struct event *ev, const struct timeval *tv)
{
	struct event_base *base = ev->ev_base;

	if (evi_timer_set(base->watch, ev, tv, base->in_pass) == -1)
		return -1;
	if (!(ev->ev_flags & EVLIST_TIMEOUT))
		enter(ev, EVLIST_TIMEOUT);
	if ((ev->ev_flags & EVLIST_ACTIVE) && (ev->ev_res & EV_TIMEOUT)) {
		evi_repeat_cancel(ev);
		dequeue(ev);
	}
	return 0;
}

int
event_add(struct event *ev, const struct timeval *tv)
{
	bool watches = (ev->ev_events & (EV_READ | EV_WRITE | EV_SIGNAL)) &&
		       !(ev->ev_flags & (EVLIST_INSERTED | EVLIST_ACTIVE));

	if (ev->ev_base == NULL || (ev->ev_flags & ~EVLIST_ALL) ||
	    ev->ev_base->freed)
		return refuse();
	if (watches && start_watching(ev) == -1)
		return -1;
	if (tv != NULL && start_timer(ev, tv) == -1) {
		if (watches)
			stop_watching(ev);
		return -1;
	}
	return 0;
}

int
event_del(struct event *ev)
{
	if (ev->ev_base == NULL || (ev->ev_flags & ~EVLIST_ALL))
		return refuse();
	return withdraw(ev);
}

void
event_active(struct event *ev, int res, short ncalls)
{
	if (ev->ev_base == NULL || ev->ev_base->freed)
		return;
	if (ev->ev_flags & EVLIST_ACTIVE) {
		ev->ev_res |= res;
		return;
	}
	evi_repeat_detach(ev);
	evi_base_activate(ev, res, ncalls);
	evi_runq_append(&ev->ev_base->runq, ev);
}

int
event_pending(struct event *ev, short what, struct timeval *tv)
{
	int flags = 0;

	if (ev->ev_flags & EVLIST_INSERTED)
		flags |= ev->ev_events & (EV_READ | EV_WRITE | EV_SIGNAL);
	if (ev->ev_flags & EVLIST_ACTIVE)
		flags |= ev->ev_res;
	if (ev->ev_flags & EVLIST_TIMEOUT)
		flags |= EV_TIMEOUT;
	flags &= what & (EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL);
	if (tv != NULL && (flags & EV_TIMEOUT))
		evi_timer_expiry(ev->ev_base->watch, ev, ev->ev_base->in_pass,
		    tv);
	return flags;
}
