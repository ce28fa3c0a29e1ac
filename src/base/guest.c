/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A base on a loop that the program runs itself: evcompat_base_on().
 *
 * A pass of that loop does for the base what one of event_base_loop() does:
 * begin_cb() is what comes before it waits, end_cb() what comes when it has
 * reported. So event_base_loop() on such a base is a run of the loop that
 * begin_cb() ends.
 */
#include <errno.h>

#include "base.h"
#include "evcompat.h"
#include "host.h"
#include "support/log.h"
#include "watch.h"
#include "event.h"

/* Whether the base was freed and is not there any more. */
static bool
is_gone(struct event_base *base)
{
	bool outermost = base->depth == 0;

	return evi_base_end_if_freed(base) && outermost;
}

/* Whether the innermost run is that of event_base_loop(). */
static bool
is_ours(const struct event_base *base)
{
	return base->guest.depth != 0 &&
	       base->guest.depth == evi_host_depth(base->watch);
}

/* What was decided first counts. */
static void
decide(struct event_base *base, int result)
{
	if (base->guest.result != EVI_UNDECIDED)
		return;
	base->guest.stops = true;
	base->guest.result = result;
	base->guest.error = errno;
}

/*
 * event_base_loopbreak() and loopexit() end the innermost event_base_loop(); in
 * a run of the program's own outside of any they end a pass, no more.
 */
static bool
is_to_stop(struct event_base *base)
{
	if (!base->guest.stops && evi_base_told_to_stop(base) &&
	    base->guest.depth != 0)
		decide(base, 0);
	return base->guest.stops && is_ours(base);
}

static enum turn
begin_cb(struct event_base *base)
{
	int r;

	base->in_pass = false;
	if (is_to_stop(base))
		return EVI_TURN_STOP;
	base->depth++;
	r = evi_base_call_sigcb();
	base->depth--;
	if (is_gone(base))
		return EVI_TURN_FREED;
	if (r == -1 && is_ours(base)) {
		decide(base, -1);
		return EVI_TURN_STOP;
	}
	evi_runq_mark(&base->runq);
	if ((is_ours(base) && (base->guest.flags & EVLOOP_NONBLOCK)) ||
	    atomic_load_explicit(&base->signals.any_caught,
		memory_order_relaxed))
		return EVI_TURN_POLL;
	return EVI_TURN_WAIT;
}

/* A system call of libev's has failed. */
static void
tell(struct event_base *base, int error)
{
	errno = error;
	if (is_ours(base)) {
		decide(base, -1);
	} else if (!base->guest.has_told) {
		base->guest.has_told = true;
		event_warn("a descriptor cannot be watched");
	}
}

/*
 * 1.4: EVLOOP_ONCE ends with the events of a pass, EVLOOP_NONBLOCK where there
 * are none.  Without memory for one that is to be called several times it stays
 * active, as everything does when a watcher of the program's breaks the loop.
 */
static void
run(struct event_base *base)
{
	bool had_any = base->runq.nactive > 0;
	int r = had_any && !base->breaking ? evi_event_run_active(base) : 0;

	if (!is_ours(base))
		return;
	if (r == -1)
		decide(base, -1);
	else if (!had_any)
		base->guest.stops = base->guest.flags & EVLOOP_NONBLOCK;
	else if (base->runq.nactive == 0 && (base->guest.flags & EVLOOP_ONCE))
		decide(base, 0);
}

static bool
end_cb(struct event_base *base)
{
	int error = evi_host_error(base->watch);

	base->in_pass = true;
	evi_signal_report(base);
	if (base->is_ordered)
		evi_runq_rotate(&base->runq);
	base->depth++;
	if (error != 0)
		tell(base, error);
	run(base);
	base->depth--;
	base->in_pass = false;
	return !is_gone(base);
}

static bool
has_work_cb(struct event_base *base)
{
	return evi_is_wanted(base);
}

/* What cannot be had now is tried again with the next pass. */
static bool
forked_cb(struct event_base *base)
{
	base->depth++;
	if (evi_base_start_over(base) == 0)
		evi_fork_tell(base, true);
	base->depth--;
	return !is_gone(base);
}

static int
run_host(struct event_base *base, int flags)
{
	struct guest outer = base->guest;
	bool alive;
	int r;

	base->guest = (struct guest){
	    .depth = evi_host_depth(base->watch) + 1,
	    .flags = flags,
	    .result = EVI_UNDECIDED,
	    .has_told = outer.has_told,
	};
	alive = evi_host_run(base->watch);
	r = base->guest.result;
	if (r == EVI_UNDECIDED)
		r = evi_base_told_to_stop(base) || alive ? 0 : 1;
	if (r == -1)
		errno = base->guest.error;
	base->guest = outer;
	return r;
}

struct event_base *
evcompat_base_on(struct ev_loop *loop)
{
	static const struct host host = {
	    .begin_cb = begin_cb,
	    .end_cb = end_cb,
	    .has_work_cb = has_work_cb,
	    .forked_cb = forked_cb,
	    .lost_cb = evi_base_lose,
	};
	struct event_base *base;

	if (loop == NULL) {
		errno = EINVAL;
		return NULL;
	}
	base = evi_base_new(loop, &host);
	if (base == NULL)
		return NULL;
	base->run = run_host;
	if (current_base == NULL)
		evi_event_make_current(base);
	return base;
}
