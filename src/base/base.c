/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct event_base: made, run, renewed after fork() and freed.
 *
 *  1. event_base_loop() makes passes: run_own_loop() on a loop of its own;
 *     guest.c on a loop of the program's.
 *  2. A pass polls (poll_once() or wait_once()), which queues events, and then
 *     calls the events of one lane of the run queue (evi_event_run_active()).
 *  3. A base that is freed while it runs loses its events at once.  Its memory
 *     is freed when the outermost event_base_loop() on it returns.
 *  4. In a child process the first pass makes new kernel state; event_reinit()
 *     makes it at once.
 */
#include "base.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "event.h"
#include "native.h"
#include "once.h"
#include "support/fork.h"
#include "support/interpose.h"
#include "support/log.h"
#include "support/util.h"
#include "watch.h"

_Static_assert(offsetof(struct base_of_1_4, ev_signal) ==
		   (sizeof(void *) == 8 ? 48 : 32),
    "its offset in libevent 1.4");
_Static_assert(offsetof(struct base_of_1_4, evsignal_caught) ==
		   offsetof(struct base_of_1_4, ev_signal) +
		       sizeof(struct event) + 12,
    "its offset in libevent 1.4");

static int run_own_loop(struct event_base *, int);

static void
destroy(struct event_base *base)
{
	evi_signal_free(base);
	evi_watch_free(base->watch);
	evi_calls_free(&base->calls);
	evi_runq_free(&base->runq);
	free(base);
}

struct event_base *
evi_base_new(struct ev_loop *host_loop, const struct host *host,
    evi_base_run_cb *run_cb)
{
	struct event_base *base = calloc(1, sizeof(*base));
	int error;

	evi_interpose_check();
	if (base == NULL || evi_runq_init(&base->runq, 1) == -1)
		goto fail;
	base->run_cb = host != NULL ? run_cb : run_own_loop;
	base->reports = &evi_event_reports;
	base->watch = host != NULL ? evi_watch_new_on(base, host_loop, host)
				   : evi_watch_new(base);
	if (base->watch == NULL)
		goto fail;
	base->method = evi_watch_method(base->watch);
	base->of_1_4.evsel = &base->method;
	base->of_1_4.ev_signal_pair[0] = base->of_1_4.ev_signal_pair[1] = -1;
	base->is_ordered = evi_watch_is_ordered(base->watch);
	atomic_init(&base->generation, atomic_load(&evi_fork_generation));
	base->waits = 1;
	evi_once_init(&base->once);
	evi_signal_init(base);
	if (evi_calls_init(&base->calls) == 0 &&
	    evi_wake_init(base, evi_calls_woken_cb) == 0)
		return base;
	error = errno;
	destroy(base);
	errno = error;
	return NULL;
fail:
	if (base != NULL)
		evi_runq_free(&base->runq);
	free(base);
	return NULL;
}

struct event_base *
event_base_new(void)
{
	struct event_base *base = evi_base_new(NULL, NULL, NULL);

	if (base == NULL && errno == ENOSYS)
		event_errx(1, "no event mechanism available");
	if (base == NULL)
		event_err(1, "no event base");
	if (evutil_getenv("EVENT_SHOW_METHOD") != NULL)
		event_msgx("the event loop uses %s",
		    evi_watch_method(base->watch));
	return base;
}

static void
delete_cb(struct event *ev)
{
	event_del(ev);
}

static void
delete_all(struct event_base *base)
{
	struct event *ev;

	evi_once_free(&base->once);
	evi_signal_drain(base, delete_cb);
	evi_wake_free(base);
	evi_watch_drain(base->watch, delete_cb);
	for (int lane = 0; lane < base->runq.nlanes; lane++)
		while ((ev = evi_runq_pop(&base->runq, lane)) != NULL) {
			ev->ev_flags &= ~EVLIST_ACTIVE;
			event_del(ev);
		}
}

void
event_base_free(struct event_base *base)
{
	if (base == NULL)
		base = current_base;
	if (base == NULL || (base->freed && !base->lost_loop))
		return;
	if (base == current_base)
		evi_event_make_current(NULL);
	if (!base->lost_loop)
		delete_all(base);
	base->lost_loop = false;
	if (base->depth == 0) {
		destroy(base);
	} else {
		base->freed = true;
		base->breaking = true;
	}
}

void
evi_base_lose_loop(struct event_base *base)
{
	if (base->freed)
		return;
	delete_all(base);
	evi_watch_leave_loop(base->watch);
	base->freed = base->lost_loop = true;
}

bool
evi_base_end_if_freed(struct event_base *base)
{
	if (!base->freed || base->lost_loop)
		return base->freed;
	if (base->depth == 0)
		destroy(base);
	else
		base->breaking = true;
	return true;
}

int
evi_base_start_over(struct event_base *base)
{
	bool is_intact;

	if (evi_watch_start_over(base->watch, &is_intact) == -1 ||
	    evi_wake_renew(base, is_intact) == -1)
		return -1;
	atomic_store(&base->generation, atomic_load(&evi_fork_generation));
	evi_calls_renew(base);
	return 0;
}

/*
 * Makes new kernel state.  libev does so at the start of a pass; the next pass
 * reports again what this one finds ready.
 */
static int
renew(struct event_base *base)
{
	int r;

	base->ignores_reports = true;
	evi_base_enter(base);
	r = evi_base_start_over(base);
	if (r == 0 && base->run_cb == run_own_loop)
		r = evi_watch_refresh(base->watch);
	evi_base_leave(base);
	base->ignores_reports = false;
	return evi_base_end_if_freed(base) ? -1 : r;
}

/*
 * The kernel state is new when the function returns, so that the program may
 * close and open descriptors afterwards.
 */
int
event_reinit(struct event_base *base)
{
	if (base == NULL || base->freed) {
		errno = EINVAL;
		return -1;
	}
	evi_fork_notify(base, false);
	/* 1.4: deliveries that were not reported yet are lost. */
	evi_signal_forget(base);
	return renew(base);
}

int
event_base_priority_init(struct event_base *base, int npriorities)
{
	if (base == NULL || npriorities < 1 || base->runq.nactive > 0) {
		errno = EINVAL;
		return -1;
	}
	if (evi_runq_init(&base->runq, npriorities) == -1)
		return -1;
	if (base == current_base)
		evi_event_make_current(base);
	return 0;
}

const char *
event_base_get_method(struct event_base *base)
{
	return base != NULL ? evi_watch_method(base->watch) : NULL;
}

int
event_base_loopbreak(struct event_base *base)
{
	if (base == NULL)
		return -1;
	base->breaking = true;
	return 0;
}

static void
loopexit_cb(int fd, short what, void *arg)
{
	struct event_base *base = arg;

	(void)fd;
	(void)what;
	base->exiting = true;
}

int
event_base_loopexit(struct event_base *base, const struct timeval *tv)
{
	return event_base_once(base, -1, EV_TIMEOUT, loopexit_cb, base, tv);
}

int
evi_base_call_sigcb(void)
{
	while (event_gotsig) {
		event_gotsig = 0;
		if (event_sigcb != NULL && event_sigcb() == -1) {
			errno = EINTR;
			return -1;
		}
	}
	return 0;
}

/*
 * epoll_wait(2) without waiting is cheaper than with a time limit, which libev
 * always sets, but it is useless if nothing has happened yet.  So after a pass
 * without events the next passes wait, WAITS of them and extra_waits more; then
 * passes poll while they find events.  Each poll without events adds to
 * extra_waits, for peers that never answer that fast; each poll with events
 * halves it.  With such peers one pass in 18 polls at first, and one in 514
 * after five polls without events.
 */
#define WAITS 17 /* these three in passes */
#define EXTRA_WAITS_MIN 16
#define EXTRA_WAITS_MAX 256 /* extra_waits does not grow from here on */

/* Whether the next pass waits; counts it. */
static bool
take_wait(struct event_base *base)
{
	if (base->waits == 0)
		return false;
	base->waits--;
	return true;
}

/* After a pass: how many of the next ones wait. */
static void
plan_waits(struct event_base *base, bool waited)
{
	if (base->runq.nactive == 0) {
		base->waits = WAITS + base->extra_waits;
		if (!waited && base->extra_waits < EXTRA_WAITS_MAX)
			base->extra_waits +=
			    EXTRA_WAITS_MIN + base->extra_waits;
	} else if (!waited) {
		base->extra_waits /= 2;
		if (base->waits > 0)
			base->waits--;
	}
}

/*
 * A pass.  In a child the first one does not wait: a signal may have been
 * delivered while the child had no descriptor to wake the loop.
 */
static int
pass(struct event_base *base, bool wait)
{
	if (evi_base_is_inherited(base)) {
		if (evi_base_start_over(base) == -1)
			return -1;
		evi_fork_notify(base, true);
		wait = false;
	}
	return evi_watch_pass(base->watch, wait, evi_base_has_work(base));
}

void
evi_base_begin_poll(struct event_base *base)
{
	evi_runq_mark(&base->runq);
	base->in_pass = false;
}

void
evi_base_end_poll(struct event_base *base)
{
	base->in_pass = true;
	evi_signal_report(base);
	if (base->is_ordered)
		evi_runq_rotate(&base->runq);
}

void
evi_base_end_pass(struct event_base *base)
{
	base->in_pass = false;
}

/* Asks the kernel, and queues events after those that are queued already. */
static int
poll_once(struct event_base *base, bool wait)
{
	int r;

	evi_base_begin_poll(base);
	r = pass(base, wait);
	evi_base_end_poll(base);
	return r;
}

/* A pass that may wait, unless there is a reason not to. */
static int
wait_once(struct event_base *base)
{
	bool wait = base->runq.nactive == 0 && take_wait(base) &&
		    !atomic_load_explicit(&base->signals.any_caught,
			memory_order_relaxed);
	int r = poll_once(base, wait);

	plan_waits(base, wait);
	return r;
}

bool
evi_base_take_stop(struct event_base *base)
{
	if (base->exiting) {
		base->exiting = false;
		return true;
	}
	if (base->breaking) {
		base->breaking = false;
		return true;
	}
	return false;
}

static int
run_own_loop(struct event_base *base, int flags)
{
	bool poll = (flags & EVLOOP_NONBLOCK) != 0;
	bool once = (flags & EVLOOP_ONCE) != 0;

	for (;;) {
		if (evi_base_take_stop(base))
			return 0;
		if (evi_base_call_sigcb() == -1)
			return -1;
		if (!evi_base_has_work(base) &&
		    !evi_native_is_in_use(base->watch))
			return 1;
		if ((poll ? poll_once(base, false) : wait_once(base)) == -1)
			return -1;
		if (!evi_base_has_events(base) &&
		    !evi_native_is_alive(base->watch))
			return 1; /* neither events nor native watchers */
		if (base->breaking)
			continue; /* a native watcher has called loopbreak */
		if (base->runq.nactive > 0) {
			if (evi_event_run_active(base) == -1)
				return -1;
			if (once && base->runq.nactive == 0)
				return 0;
		} else if (poll) {
			return 0;
		}
	}
}

int
event_base_loop(struct event_base *base, int flags)
{
	bool ignored_reports;
	int r;

	if (base == NULL || base->freed) {
		errno = EINVAL;
		return -1;
	}
	/* event_reinit() may invoke a native watcher that calls this function.
	 */
	ignored_reports = base->ignores_reports;
	base->ignores_reports = false;
	evi_signal_claim(base);
	evi_base_enter(base);
	r = base->run_cb(base, flags);
	evi_base_leave(base);
	evi_base_end_pass(base);
	base->ignores_reports = ignored_reports;
	return evi_base_end_if_freed(base) ? 0 : r;
}

int
event_base_dispatch(struct event_base *base)
{
	return event_base_loop(base, 0);
}
