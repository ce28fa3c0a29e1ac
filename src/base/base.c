/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct event_base: made, run, renewed after fork() and freed.
 *
 * A base that is freed while it runs loses its events at once and its memory
 * when the outermost event_base_loop() on it returns.
 */
#include "base.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "once.h"
#include "support/fork.h"
#include "support/interpose.h"
#include "support/log.h"
#include "support/util.h"
#include "watch.h"
#include "event.h"
#include "native.h"

_Static_assert(offsetof(struct base_of_1_4, ev_signal) ==
		   (sizeof(void *) == 8 ? 48 : 32),
    "libevent 1.4 has it elsewhere");
_Static_assert(offsetof(struct base_of_1_4, evsignal_caught) ==
		   offsetof(struct base_of_1_4, ev_signal) +
		       sizeof(struct event) + 12,
    "libevent 1.4 has it elsewhere");

static int loop(struct event_base *, int);

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
evi_base_new(struct ev_loop *host_loop, const struct host *host)
{
	struct event_base *base = calloc(1, sizeof(*base));
	int error;

	evi_interpose_warn(false);
	if (base == NULL || evi_runq_init(&base->runq, 1) == -1)
		goto fail;
	base->run = loop;
	base->reports = &evi_event_reports;
	base->watch = host != NULL ? evi_watch_new_on(base, host_loop, host)
				   : evi_watch_new(base);
	if (base->watch == NULL)
		goto fail;
	base->method = evi_watch_method(base->watch);
	base->of_1_4.evsel = &base->method;
	base->of_1_4.ev_signal_pair[0] = base->of_1_4.ev_signal_pair[1] = -1;
	base->is_ordered = evi_watch_is_ordered(base->watch);
	atomic_init(&base->process, atomic_load(&evi_fork_generation));
	LIST_INIT(&base->once);
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
	struct event_base *base = evi_base_new(NULL, NULL);

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
drop(struct event *ev)
{
	event_del(ev);
}

static void
drop_all(struct event_base *base)
{
	struct event *ev;

	evi_once_free(base);
	evi_signal_drain(base, drop);
	evi_wake_free(base);
	evi_watch_drain(base->watch, drop);
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
	if (base == NULL || (base->freed && !base->lost))
		return;
	if (base == current_base)
		evi_event_make_current(NULL);
	if (!base->lost)
		drop_all(base);
	base->lost = false;
	if (base->depth == 0) {
		destroy(base);
	} else {
		base->freed = true;
		base->breaking = true;
	}
}

/* It is as freed, but for the call that frees its memory. */
void
evi_base_lose(struct event_base *base)
{
	if (base->freed)
		return;
	drop_all(base);
	evi_watch_leave_loop(base->watch);
	base->freed = base->lost = true;
}

/* A base that was freed while it ran ends with the outermost call. */
bool
evi_base_end_if_freed(struct event_base *base)
{
	if (!base->freed || base->lost)
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
	atomic_store(&base->process, atomic_load(&evi_fork_generation));
	evi_calls_renew(base);
	return 0;
}

/* With new kernel state at once; what the pass finds ready is not reported. */
static int
renew(struct event_base *base)
{
	int r;

	base->deaf = true;
	base->depth++;
	r = evi_base_start_over(base);
	if (r == 0 && base->run == loop)
		r = evi_watch_refresh(base->watch);
	base->depth--;
	base->deaf = false;
	return evi_base_end_if_freed(base) ? -1 : r;
}

/*
 * 1.4: deliveries of signals that were not reported yet are forgotten.  The
 * kernel state is new at once, so that a program may close and open descriptors
 * right after.  libev makes it at the start of a pass; what that pass finds
 * ready the next one will find again.
 */
int
event_reinit(struct event_base *base)
{
	if (base == NULL || base->freed) {
		errno = EINVAL;
		return -1;
	}
	evi_fork_tell(base, false);
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
 * To ask the kernel without waiting is cheaper than to ask with a time limit,
 * which libev always has, but wasted if nothing has happened yet.  So that is
 * tried as long as it goes well, and given up for a while when it did not: for
 * twice as many passes each time, as with a peer that never answers so soon.
 */
#define LUCK_MAX 4
#define LUCK_LOST 16
#define LUCK_LOST_MAX 256

static bool
may_wait(struct event_base *base)
{
	if (base->luck > 0)
		return false;
	base->luck++;
	return true;
}

static void
learn(struct event_base *base, bool waited)
{
	if (base->runq.nactive == 0) {
		base->luck = -LUCK_LOST - base->more_passes;
		if (!waited && base->more_passes < LUCK_LOST_MAX)
			base->more_passes += LUCK_LOST + base->more_passes;
	} else if (!waited) {
		base->more_passes /= 2;
		if (base->luck < LUCK_MAX)
			base->luck++;
	}
}

/*
 * A pass.  In a child the first one does not wait: a signal may have come while
 * nothing could wake us.
 */
static int
pass(struct event_base *base, bool wait)
{
	if (evi_is_inherited(base)) {
		if (evi_base_start_over(base) == -1)
			return -1;
		evi_fork_tell(base, true);
		wait = false;
	}
	return evi_watch_pass(base->watch, wait, evi_is_wanted(base));
}

/* Asks the kernel and queues what it says, behind what is queued already. */
static int
poll_once(struct event_base *base, bool wait)
{
	int r;

	evi_runq_mark(&base->runq);
	base->in_pass = false;
	r = pass(base, wait);
	base->in_pass = true;
	evi_signal_report(base);
	if (base->is_ordered)
		evi_runq_rotate(&base->runq);
	return r;
}

/* A pass that may wait, unless there is a reason not to. */
static int
wait_once(struct event_base *base)
{
	bool wait = base->runq.nactive == 0 && may_wait(base) &&
		    !atomic_load_explicit(&base->signals.any_caught,
			memory_order_relaxed);
	int r = poll_once(base, wait);

	learn(base, wait);
	return r;
}

bool
evi_base_told_to_stop(struct event_base *base)
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
loop(struct event_base *base, int flags)
{
	bool poll = (flags & EVLOOP_NONBLOCK) != 0;
	bool once = (flags & EVLOOP_ONCE) != 0;

	for (;;) {
		if (evi_base_told_to_stop(base))
			return 0;
		if (evi_base_call_sigcb() == -1)
			return -1;
		if (!evi_is_wanted(base) && !evi_native_is_in_use(base->watch))
			return 1;
		if ((poll ? poll_once(base, false) : wait_once(base)) == -1)
			return -1;
		if (!evi_has_events(base) && !evi_native_is_alive(base->watch))
			return 1; /* nor has the program native watchers */
		if (base->breaking)
			continue; /* one of those has said so */
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
	bool deaf;
	int r;

	if (base == NULL || base->freed) {
		errno = EINVAL;
		return -1;
	}
	deaf = base->deaf; /* in a native watcher that event_reinit() runs */
	base->deaf = false;
	evi_signal_claim(base);
	base->depth++;
	r = base->run(base, flags);
	base->depth--;
	base->in_pass = false;
	base->deaf = deaf;
	return evi_base_end_if_freed(base) ? 0 : r;
}

int
event_base_dispatch(struct event_base *base)
{
	return event_base_loop(base, 0);
}
