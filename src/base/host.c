/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A set (struct watch) on a loop that the program runs itself: its host.
 *
 * Each pass of that loop invokes two watchers of the set that have the lowest
 * priority.  The ev_prepare is the last one before the loop waits: it passes to
 * libev what has changed.  The ev_check is invoked after the other watchers of
 * the pass, the set's among them: it has the base call its events.
 *
 * These watchers do not keep the loop alive.  While the base has events,
 * ev_ref() keeps it alive, because libev learns of a new event only before the
 * next pass, and never of a signal.
 */
#include "host.h"

#include <errno.h>

#include "base.h"
#include "io.h"
#include "kernel.h"
#include "libev.h"
#include "timer.h"
#include "watch_private.h"

/* How many of the set's watchers libev counts: fork, prepare and check. */
#define NCOUNTED 3

/* Makes the pass poll instead of wait: a timer is due. */
static void
keep_from_waiting(struct watch *w)
{
	if (ev_is_active(&w->hosted.end_wait))
		return;
	ev_timer_set(&w->hosted.end_wait, -1., 0.);
	ev_timer_start(w->loop, &w->hosted.end_wait);
}

/*
 * The loop makes new kernel state.  Descriptors that were closed and are open
 * by now are watched again.  False if the base was freed.
 */
static bool
renew(struct watch *w)
{
	evi_io_drop_closed(w);
	evi_io_retry(w);
	if (evi_base_is_inherited(w->base) && !w->host->forked_cb(w->base))
		return false;
	evi_backend_forget(&w->backend);
	return true;
}

static void
fork_cb(struct ev_loop *loop, ev_fork *fork, int revents)
{
	(void)loop;
	(void)revents;
	renew(fork->data);
}

/*
 * If neither the program nor the base has called ev_loop_fork() in a child,
 * renew() does here what fork_cb() does otherwise.
 */
static void
prepare_cb(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct watch *w = prepare->data;
	enum host_action action;

	(void)revents;
	if (evi_base_is_inherited(w->base) && !renew(w))
		return;
	action = w->host->begin_cb(w->base);
	if (action == EVI_HOST_FREED)
		return;
	if (action == EVI_HOST_STOP) {
		ev_break(loop, EVBREAK_ONE);
		return;
	}
	if (evi_watch_flush(w) == -1)
		evi_libev_set_error(&w->libev, errno);
	evi_libev_keep_alive(&w->libev, loop, w->host->has_work_cb(w->base));
	if (action == EVI_HOST_POLL || evi_base_is_busy(w->base))
		keep_from_waiting(w);
}

/*
 * The program's own watchers of the lowest priority are invoked after
 * check_cb() and may add or activate events.  If any are pending, the loop
 * stays alive for one more pass.
 */
static void
keep_alive(struct watch *w)
{
	bool has_work = w->host->has_work_cb(w->base);

	w->hosted.has_extra_pass = !has_work && !w->hosted.has_extra_pass &&
				   ev_pending_count(w->loop) > 0;
	evi_libev_keep_alive(&w->libev, w->loop,
	    has_work || w->hosted.has_extra_pass);
}

static void
check_cb(struct ev_loop *loop, ev_check *check, int revents)
{
	struct watch *w = check->data;

	(void)revents;
	evi_timer_end_pass(&w->timers);
	ev_timer_stop(loop, &w->hosted.end_wait);
	evi_backend_find(&w->backend, loop);
	if (w->host->end_cb(w->base)) /* otherwise the set is freed, too */
		keep_alive(w);
}

static void
cleanup_cb(struct ev_loop *loop, ev_cleanup *cleanup, int revents)
{
	struct watch *w = cleanup->data;

	(void)loop;
	(void)revents;
	w->host->lost_cb(w->base);
}

void
evi_host_start(struct watch *w)
{
	struct host_watchers *hosted = &w->hosted;
	struct ev_loop *loop = w->loop;

	ev_timer_init(&hosted->end_wait, evi_libev_ignore_cb, 0., 0.);
	ev_fork_init(&hosted->fork, fork_cb);
	ev_prepare_init(&hosted->prepare, prepare_cb);
	ev_check_init(&hosted->check, check_cb);
	ev_cleanup_init(&hosted->cleanup, cleanup_cb);
	ev_set_priority(&hosted->prepare, EV_MINPRI);
	ev_set_priority(&hosted->check, EV_MINPRI);
	hosted->fork.data = hosted->prepare.data = w;
	hosted->check.data = hosted->cleanup.data = w;
	ev_fork_start(loop, &hosted->fork);
	ev_prepare_start(loop, &hosted->prepare);
	ev_check_start(loop, &hosted->check);
	ev_cleanup_start(loop, &hosted->cleanup); /* libev does not count it */
	for (int i = 0; i < NCOUNTED; i++)
		ev_unref(loop);
}

void
evi_host_stop(struct watch *w)
{
	struct host_watchers *hosted = &w->hosted;
	struct ev_loop *loop = w->loop;

	evi_io_stop(w);
	evi_timer_stop(w);
	evi_libev_keep_alive(&w->libev, loop, false);
	ev_timer_stop(loop, &hosted->end_wait);
	for (int i = 0; i < NCOUNTED; i++)
		ev_ref(loop);
	ev_fork_stop(loop, &hosted->fork);
	ev_prepare_stop(loop, &hosted->prepare);
	ev_check_stop(loop, &hosted->check);
	ev_cleanup_stop(loop, &hosted->cleanup);
}

void
evi_host_start_over(struct watch *w, bool *is_intact)
{
	*is_intact = evi_backend_is_intact(&w->backend);
	ev_loop_fork(w->loop);
	evi_backend_start_over(&w->backend);
}

/* --- for the base --- */

unsigned int
evi_host_depth(const struct watch *w)
{
	return ev_depth(w->loop);
}

bool
evi_host_run(struct watch *w)
{
	return evi_libev_run(&w->libev, w->loop, 0, true) > 0;
}

int
evi_host_error(struct watch *w)
{
	int error = w->libev.error;

	evi_libev_set_error(&w->libev, 0);
	return error;
}

bool
evi_host_reaps_children(const struct watch *w)
{
	return w->host != NULL && ev_is_default_loop(w->loop);
}
