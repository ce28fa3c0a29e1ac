/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events: event_set() to event_pending(), and the calls of their callbacks.
 *
 *  1. ev_flags says where an event is: EVLIST_INSERTED if its descriptor or
 *     signal is watched, EVLIST_TIMEOUT if it has a timer, EVLIST_ACTIVE if it
 *     is in the run queue.
 *  2. A pass reports what has happened: expired_cb(), signalled_cb() and
 *     evi_base_report_io() put events into the run queue.
 *  3. evi_event_run_active() then removes one after the other from the queue
 *     and calls its callback, which may free its event, any other event, or the
 *     base.  So an event that is not persistent is deleted before its callback
 *     runs.  Afterwards only locals are used; and, for an event that is called
 *     several times, a record of its own (repeat.h).
 */
#include "event.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base.h"
#include "io.h"
#include "repeat.h"
#include "timer.h"
#include "watch.h"

struct event_base *current_base;
volatile int event_gotsig;
int (*event_sigcb)(void);

/*
 * The middle priority of the current base.  event_set() does not read the base
 * for it, because another thread may make or free the base meanwhile.
 */
static struct {
	atomic_uint changes; /* odd: a thread is changing base and priority */
	_Atomic(struct event_base *) base;
	atomic_int priority;
} middle;

/* flag is EVLIST_INSERTED or EVLIST_TIMEOUT; the base counts both. */
static void
set_watch_flag(struct event *ev, int flag)
{
	ev->ev_flags |= flag;
	evi_base_add_watched(ev->ev_base);
}

static void
clear_watch_flag(struct event *ev, int flag)
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
	clear_watch_flag(ev, EVLIST_INSERTED);
	if (ev->ev_events & EV_SIGNAL)
		return evi_signal_del(ev->ev_base, ev);
	evi_io_del(ev->ev_base->watch, ev);
	return 0;
}

static void
stop_timer(struct event *ev)
{
	clear_watch_flag(ev, EVLIST_TIMEOUT);
	evi_timer_del(ev->ev_base->watch, ev);
}

/* Deletes the event: it is not watched, has no timer and is not active. */
static inline int
remove_event(struct event *ev)
{
	evi_repeat_cancel(ev);
	if (ev->ev_flags & EVLIST_ACTIVE)
		dequeue(ev);
	if (ev->ev_flags & EVLIST_TIMEOUT)
		stop_timer(ev);
	return ev->ev_flags & EVLIST_INSERTED ? stop_watching(ev) : 0;
}

/* --- what the loop reports --- */

/* 1.4: a timeout deletes the event, so it also stops waiting for I/O. */
static void
expired_cb(struct event *ev)
{
	if (ev->ev_base->ignores_reports) {
		evi_timer_retry(ev->ev_base->watch, ev);
		return;
	}
	/* 1.4: reports signals before timers.  That may delete the event. */
	evi_signal_report(ev->ev_base);
	if (!(ev->ev_flags & EVLIST_TIMEOUT))
		return;
	remove_event(ev);
	event_active(ev, EV_TIMEOUT, 1);
}

static void
signalled_cb(struct event *ev, int ncalls)
{
	if (!(ev->ev_events & EV_PERSIST))
		remove_event(ev);
	if (ev->ev_flags & EVLIST_ACTIVE) {
		ev->ev_res |= EV_SIGNAL;
		return;
	}
	evi_repeat_detach(ev);
	evi_base_activate(ev, EV_SIGNAL, ncalls);
	evi_runq_insert_before_pass(&ev->ev_base->runq, ev);
}

const struct reports evi_event_reports = {expired_cb, signalled_cb};

/* Prepares an event for the call: deletes it if it is not persistent. */
static inline void
begin_call(struct event *ev)
{
	ev->ev_flags &= ~EVLIST_ACTIVE;
	if (!(ev->ev_events & EV_PERSIST))
		remove_event(ev);
}

/*
 * Calls an event several times in a row; event_del() inside the callback ends
 * the row.  1.4: if the event is activated again meanwhile, the remaining calls
 * get the new result.  Without memory for the record the event stays in the
 * queue and *error is set.
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
	begin_call(ev);
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
 * Calls an event that was just removed from the run queue.  The callback may
 * free the event, so it is not read afterwards.  False if the loop has to stop.
 */
static inline bool
run(struct event_base *base, struct event *ev, bool *error)
{
	if (ev->ev_ncalls != 1)
		return run_repeated(base, ev, error);
	begin_call(ev);
	ev->ev_ncalls = 0;
	ev->ev_callback(ev->ev_fd, (short)ev->ev_res, ev->ev_arg);
	return !base->breaking && !event_gotsig;
}

/*
 * 1.4: runs all events of the lane, also those that callbacks activate, before
 * the loop polls again and looks for more urgent lanes.
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
fail_with_einval(void)
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

/* Gives the event the current base and its middle priority. */
static void
set_current(struct event *ev)
{
	unsigned changes = atomic_load(&middle.changes);
	struct event_base *base =
	    __atomic_load_n(&current_base, __ATOMIC_SEQ_CST);
	bool is_known = base == atomic_load(&middle.base);

	ev->ev_base = base;
	if (base == NULL)
		return;
	/*
	 * If the base is not the one that was stored with the priority, and no
	 * thread is storing one, the program has set current_base itself.
	 */
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
	set_current(ev);
}

int
event_base_set(struct event_base *base, struct event *ev)
{
	if (base == NULL || ev->ev_flags != EVLIST_INIT)
		return fail_with_einval();
	ev->ev_base = base;
	ev->ev_pri = base->runq.nlanes / 2;
	return 0;
}

int
event_priority_set(struct event *ev, int pri)
{
	if (ev->ev_base == NULL || (ev->ev_flags & EVLIST_ACTIVE) || pri < 0 ||
	    pri >= ev->ev_base->runq.nlanes)
		return fail_with_einval();
	ev->ev_pri = pri;
	return 0;
}

/*
 * System calls in here fail although nothing is wrong (kernel.c).  Programs
 * read errno after event_add(), so it is restored if the event was added.
 */
static int
start_watching(struct event *ev)
{
	int r, saved = errno;

	if (ev->ev_events & EV_SIGNAL)
		r = evi_signal_add(ev->ev_base, ev);
	else
		r = evi_io_add(ev->ev_base->watch, ev);
	if (r == 0) {
		set_watch_flag(ev, EVLIST_INSERTED);
		errno = saved;
	}
	return r;
}

/* 1.4: setting a timeout again cancels the call for the one that expired. */
static int
start_timer(struct event *ev, const struct timeval *tv)
{
	struct event_base *base = ev->ev_base;

	if (evi_timer_set(base->watch, ev, tv, base->in_pass) == -1)
		return -1;
	if (!(ev->ev_flags & EVLIST_TIMEOUT))
		set_watch_flag(ev, EVLIST_TIMEOUT);
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
		return fail_with_einval();
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
		return fail_with_einval();
	return remove_event(ev);
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
