/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A set of watchers on a loop that the program runs itself: its host.
 *
 * Each pass of that loop meets two watchers of ours that have the lowest
 * priority.  The ev_prepare comes last before the loop waits: it tells libev
 * what has changed.  The ev_check comes when the other watchers of the pass,
 * ours among them, have been invoked: it has the base call its events.
 *
 * None of our own watchers counts for the loop's life.  While the base has
 * events one reference does, because what is added is told to libev only before
 * the next pass, and signals never are.
 */
#include "host.h"

#include <errno.h>

#include "base.h"
#include "kernel.h"
#include "libev.h"
#include "io.h"
#include "timer.h"

/* Keeps the next pass from waiting. */
static void
poll_at_once(struct watch *w)
{
	if (ev_is_active(&w->at_once))
		return;
	ev_timer_set(&w->at_once, -1., 0.);
	ev_timer_start(w->loop, &w->at_once);
}

static void
at_once_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop;
	(void)t;
	(void)revents;
}

static void
tell_libev(struct watch *w)
{
	if (w->left_timer != NULL)
		evi_timer_settle(w);
	if (evi_io_has_changes(w) && evi_io_flush(w) == -1)
		w->error = errno;
	if (w->backend.kind->reports_closed)
		evi_io_drop_closed(w);
}

/*
 * The loop is about to make its kernel state again, or is told to here.  What
 * was closed and is open by now is watched again.
 */
static bool
renew(struct watch *w)
{
	evi_io_drop_closed(w);
	evi_io_retry(w);
	if (evi_is_inherited(w->base) && !w->host->forked(w->base))
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

/* A child that has not called ev_loop_fork() is helped. */
static void
prepare_cb(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct watch *w = prepare->data;
	enum evi_turn turn;

	(void)revents;
	if (evi_is_inherited(w->base) && !renew(w))
		return;
	turn = w->host->begin(w->base);
	if (turn == EVI_TURN_GONE)
		return;
	if (turn == EVI_TURN_STOP) {
		ev_break(loop, EVBREAK_ONE);
		return;
	}
	tell_libev(w);
	evi_watch_hold(w, w->host->wants(w->base));
	if (turn == EVI_TURN_POLL || evi_is_busy(w->base))
		poll_at_once(w);
}

/*
 * The program's own watchers of the lowest priority have their turn after this
 * one: what they add or activate keeps the loop alive, too.
 */
static void
keep_alive(struct watch *w)
{
	bool wants = w->host->wants(w->base);

	w->late = !wants && !w->late && ev_pending_count(w->loop) > 0;
	evi_watch_hold(w, wants || w->late);
}

static void
check_cb(struct ev_loop *loop, ev_check *check, int revents)
{
	struct watch *w = check->data;

	(void)revents;
	w->ticks = 0;
	w->expired_at = 0.;
	ev_timer_stop(loop, &w->at_once);
	evi_backend_find(&w->backend, loop);
	if (!w->host->end(w->base))
		return; /* nor is the set there any more */
	keep_alive(w);
}

static void
cleanup_cb(struct ev_loop *loop, ev_cleanup *cleanup, int revents)
{
	struct watch *w = cleanup->data;

	(void)loop;
	(void)revents;
	w->host->lost(w->base);
}

void
evi_host_start(struct watch *w)
{
	struct ev_loop *loop = w->loop;

	ev_timer_init(&w->at_once, at_once_cb, 0., 0.);
	ev_fork_init(&w->fork, fork_cb);
	ev_prepare_init(&w->prepare, prepare_cb);
	ev_check_init(&w->check, check_cb);
	ev_cleanup_init(&w->cleanup, cleanup_cb);
	ev_set_priority(&w->prepare, EV_MINPRI);
	ev_set_priority(&w->check, EV_MINPRI);
	w->fork.data = w->prepare.data = w->check.data = w->cleanup.data = w;
	ev_fork_start(loop, &w->fork);
	ev_prepare_start(loop, &w->prepare);
	ev_check_start(loop, &w->check);
	ev_cleanup_start(loop, &w->cleanup); /* does not count */
	for (int i = 0; i < 3; i++)
		ev_unref(loop);
}

void
evi_host_stop(struct watch *w)
{
	struct ev_loop *loop = w->loop;

	if (loop == NULL)
		return;
	evi_io_stop(w);
	evi_timer_stop(w);
	evi_watch_hold(w, false);
	ev_timer_stop(loop, &w->at_once);
	for (int i = 0; i < 3; i++)
		ev_ref(loop);
	ev_fork_stop(loop, &w->fork);
	ev_prepare_stop(loop, &w->prepare);
	ev_check_stop(loop, &w->check);
	ev_cleanup_stop(loop, &w->cleanup);
	w->loop = NULL;
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
	return evi_libev_run(w, w->loop, 0) > 0;
}

int
evi_host_error(struct watch *w)
{
	int error = w->error;

	w->error = 0;
	return error;
}

bool
evi_host_reaps_children(const struct watch *w)
{
	return w->host != NULL && ev_is_default_loop(w->loop);
}
