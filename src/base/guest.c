/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A base on a loop that the program runs itself: evcompat_base_on().
 *
 * A pass of that loop does for the base what a pass of event_base_loop() does:
 * begin_cb() the part before the loop waits, end_cb() the part after it has
 * reported.  event_base_loop() on such a base runs the loop until begin_cb()
 * ends the run.
 */
#include <errno.h>

#include "base.h"
#include "event.h"
#include "evcompat.h"
#include "host.h"
#include "support/log.h"
#include "watch.h"

/*
 * Frees the memory of a base that was freed, unless a callback of it is
 * running.  True if the caller must not use the base any more: its memory was
 * freed, or it has lost its loop.
 */
static bool
end_if_freed(struct event_base *base)
{
	bool outermost = base->depth == 0;

	return evi_base_end_if_freed(base) && outermost;
}

/* Whether the innermost run of the loop is one of event_base_loop(). */
static bool
is_ours(const struct event_base *base)
{
	return base->guest.depth != 0 &&
	       base->guest.depth == evi_host_depth(base->watch);
}

/* Has the run of event_base_loop() end with a result, unless it has one. */
static void
end_run(struct event_base *base, int result)
{
	if (base->guest.has_result)
		return;
	base->guest.stops = base->guest.has_result = true;
	base->guest.result = result;
	base->guest.error = errno;
}

/*
 * Whether the innermost run of the loop has to end.  event_base_loopbreak() and
 * event_base_loopexit() end the innermost event_base_loop().  In a run of the
 * program's that is not inside one they only end the pass.
 */
static bool
must_stop(struct event_base *base)
{
	if (!base->guest.stops && evi_base_take_stop(base) &&
	    base->guest.depth != 0)
		end_run(base, 0);
	return base->guest.stops && is_ours(base);
}

static enum host_action
begin_cb(struct event_base *base)
{
	int r;

	evi_base_end_pass(base);
	if (must_stop(base))
		return EVI_HOST_STOP;
	evi_base_enter(base);
	r = evi_base_call_sigcb();
	evi_base_leave(base);
	if (end_if_freed(base))
		return EVI_HOST_FREED;
	if (r == -1 && is_ours(base)) {
		end_run(base, -1);
		return EVI_HOST_STOP;
	}
	evi_base_begin_poll(base);
	if ((is_ours(base) && (base->guest.flags & EVLOOP_NONBLOCK)) ||
	    atomic_load_explicit(&base->signals.any_caught,
		memory_order_relaxed))
		return EVI_HOST_POLL;
	return EVI_HOST_WAIT;
}

/*
 * A system call of libev's has failed: event_base_loop() returns -1.  Outside
 * of it, the first error is logged.
 */
static void
report_error(struct event_base *base, int error)
{
	errno = error;
	if (is_ours(base)) {
		end_run(base, -1);
	} else if (!base->guest.has_warned) {
		base->guest.has_warned = true;
		event_warn("a descriptor cannot be watched");
	}
}

/*
 * 1.4: EVLOOP_ONCE ends after the events of a pass, EVLOOP_NONBLOCK after a
 * pass without any.  Without memory, an event that is to be called several
 * times stays active.  If a watcher of the program's calls loopbreak, all
 * events stay active.
 */
static void
call_events(struct event_base *base)
{
	bool had_any = base->runq.nactive > 0;
	int r = had_any && !base->breaking ? evi_event_run_active(base) : 0;

	if (!is_ours(base))
		return;
	if (r == -1)
		end_run(base, -1);
	else if (!had_any)
		base->guest.stops = base->guest.flags & EVLOOP_NONBLOCK;
	else if (base->runq.nactive == 0 && (base->guest.flags & EVLOOP_ONCE))
		end_run(base, 0);
}

static bool
end_cb(struct event_base *base)
{
	int error = evi_host_error(base->watch);

	evi_base_end_poll(base);
	evi_base_enter(base);
	if (error != 0)
		report_error(base, error);
	call_events(base);
	evi_base_leave(base);
	evi_base_end_pass(base);
	return !end_if_freed(base);
}

static bool
has_work_cb(struct event_base *base)
{
	return evi_base_has_work(base);
}

/* If making the new kernel state fails, the next pass tries again. */
static bool
forked_cb(struct event_base *base)
{
	evi_base_enter(base);
	if (evi_base_start_over(base) == 0)
		evi_fork_notify(base, true);
	evi_base_leave(base);
	return !end_if_freed(base);
}

static int
run_on_host(struct event_base *base, int flags)
{
	struct guest outer = base->guest;
	bool alive;
	int r;

	base->guest = (struct guest){
	    .depth = evi_host_depth(base->watch) + 1,
	    .flags = flags,
	    .has_warned = outer.has_warned,
	};
	alive = evi_host_run(base->watch);
	r = base->guest.result;
	if (!base->guest.has_result)
		r = evi_base_take_stop(base) || alive ? 0 : 1;
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
	    .lost_cb = evi_base_lose_loop,
	};
	struct event_base *base;

	if (loop == NULL) {
		errno = EINVAL;
		return NULL;
	}
	base = evi_base_new(loop, &host, run_on_host);
	if (base == NULL)
		return NULL;
	if (current_base == NULL)
		evi_event_make_current(base);
	return base;
}
