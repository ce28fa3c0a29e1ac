/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers: an ev_timer each, from a pool, for as long as the event has a
 * timeout.
 */
#include "timer.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "alloc.h"
#include "base.h"
#include "libev.h"

struct timers {
	struct timers *next;
	ev_timer timer[CHUNK]; /* data: its event; NULL; or the next free one */
};

/*
 * What a timer is late by, per earlier timer of the same pass, so that those
 * which expire together do so in the order in which they were set: a
 * nanosecond, or as much as libev's time can tell apart on a machine that has
 * been up for long, and will be four times as long.
 */
double
evi_timer_tick(void)
{
	struct timespec now;
	double up, apart;

	clock_gettime(CLOCK_MONOTONIC, &now);
	up = 4. * (double)now.tv_sec;
	apart = nextafter(up, 2. * up + 1.) - up;
	return apart > 1e-9 ? apart : 1e-9;
}

static ev_timer *
timer_of(const struct event *ev)
{
	return (ev_timer *)(void *)ev->ev_signal_next.tqe_next;
}

static void
set_timer_of(struct event *ev, ev_timer *t)
{
	ev->ev_signal_next.tqe_next = (struct event *)(void *)t;
}

/* What a time_t cannot hold is never, or the beginning. */
static void
to_timeval(double seconds, struct timeval *tv)
{
	static const double end = sizeof(time_t) == 8 ? 4e18 : INT32_MAX;

	if (seconds > end)
		seconds = end;
	if (seconds < 0)
		seconds = 0;
	tv->tv_sec = (time_t)seconds;
	tv->tv_usec = (suseconds_t)((seconds - (double)tv->tv_sec) * 1e6);
}

static double
clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/*
 * The event loses its timer before its callback runs, and keeps the time at
 * which it was due, by the monotonic clock, for event_pending().  For all
 * timers that expire in one pass the clock is read once.
 */
static void
note_due(struct watch *w, struct event *ev, ev_timer *t)
{
	if (w->expired_at == 0.)
		w->expired_at = clock_now(CLOCK_MONOTONIC);
	to_timeval(w->expired_at + ev_timer_remaining(w->loop, t),
	    &ev->ev_timeout);
}

static void
timer_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct event *ev = t->data;

	(void)loop;
	(void)revents;
	if (ev == NULL || timer_of(ev) != t)
		return;
	note_due(evi_watch_of(ev), ev, t);
	ev->ev_base->reports->expired(ev);
}

static void
timer_put(struct watch *w, ev_timer *t)
{
	t->data = w->free_timer;
	w->free_timer = t;
}

static ev_timer *
timer_get(struct watch *w)
{
	ev_timer *t = w->left_timer;
	struct timers *chunk;

	if (t != NULL) {
		w->left_timer = NULL;
		return t;
	}
	t = w->free_timer;
	if (t == NULL) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
		chunk->next = w->timers;
		w->timers = chunk;
		for (int i = 0; i < CHUNK; i++) {
			ev_timer_init(&chunk->timer[i], timer_cb, 0., 0.);
			timer_put(w, &chunk->timer[i]);
		}
		t = w->free_timer;
	}
	w->free_timer = t->data;
	return t;
}

/*
 * ev_timer_again() moves a timer in place, or starts it; the repeat that it
 * goes by is taken back, so that the timer then fires once.  It cannot move one
 * into the past.
 */
static void
start_timer(struct watch *w, ev_timer *t, double after)
{
	if (after > 0.) {
		t->repeat = after;
		ev_timer_again(w->loop, t);
		t->repeat = 0.;
	} else {
		ev_timer_stop(w->loop, t);
		ev_timer_set(t, after, 0.);
		ev_timer_start(w->loop, t);
	}
}

static void
read_clock(struct watch *w)
{
	ev_now_update(w->loop);
	w->ticks = 0;
}

/* Seconds from libev's time to when it expires. */
static double
delay(struct watch *w, const struct timeval *tv, bool in_pass)
{
	if (!in_pass)
		read_clock(w);
	return (double)tv->tv_sec + (double)tv->tv_usec * 1e-6 +
	       ++w->ticks * w->tick;
}

int
evi_timer_set(struct watch *w, struct event *ev, const struct timeval *tv,
    bool in_pass)
{
	ev_timer *t = timer_of(ev);

	if (t != NULL) {
		start_timer(w, t, delay(w, tv, in_pass));
		return 0;
	}
	t = timer_get(w);
	if (t == NULL)
		return -1;
	if (evi_alloc_begin(&w->timer_array, w->ntimers + 1) == -1) {
		w->left_timer = t;
		return -1;
	}
	t->data = ev;
	set_timer_of(ev, t);
	start_timer(w, t, delay(w, tv, in_pass));
	evi_alloc_end(&w->timer_array, ++w->ntimers);
	return 0;
}

/*
 * To move a timer in libev's heap is cheaper than to stop it and start another.
 * So the last one that was given back stays there for the next one that is
 * wanted, until a pass comes up.
 */
void
evi_timer_settle(struct watch *w)
{
	ev_timer *t = w->left_timer;

	w->left_timer = NULL;
	ev_timer_stop(w->loop, t);
	timer_put(w, t);
}

void
evi_timer_del(struct watch *w, struct event *ev)
{
	ev_timer *t = timer_of(ev);

	set_timer_of(ev, NULL);
	w->ntimers--;
	t->data = NULL;
	if (w->left_timer != NULL)
		evi_timer_settle(w);
	w->left_timer = t;
}

void
evi_timer_retry(struct watch *w, struct event *ev)
{
	ev_timer *t = timer_of(ev);

	start_timer(w, t, fmin(ev_timer_remaining(w->loop, t), 0.));
}

/*
 * libev's own idea of the wall clock follows a step of it only after a while,
 * so the time that is left, which no step changes, is added to the real one.
 */
void
evi_timer_expiry(struct watch *w, const struct event *ev, bool in_pass,
    struct timeval *tv)
{
	ev_timer *t = timer_of(ev);
	double left;

	if (t != NULL) {
		if (!in_pass)
			read_clock(w);
		left = ev_timer_remaining(w->loop, t);
	} else {
		left = (double)ev->ev_timeout.tv_sec +
		       (double)ev->ev_timeout.tv_usec * 1e-6 -
		       clock_now(CLOCK_MONOTONIC);
	}
	to_timeval(clock_now(CLOCK_REALTIME) + left, tv);
}

void
evi_timer_drain(struct watch *w, void (*drop)(struct event *))
{
	for (struct timers *t = w->timers; t != NULL; t = t->next)
		for (int i = 0; i < CHUNK; i++)
			if ((ev_is_active(&t->timer[i]) ||
				ev_is_pending(&t->timer[i])) &&
			    t->timer[i].data != NULL)
				drop(t->timer[i].data);
}

void
evi_timer_stop(struct watch *w)
{
	for (struct timers *t = w->timers; t != NULL; t = t->next)
		for (int i = 0; i < CHUNK; i++)
			ev_timer_stop(w->loop, &t->timer[i]);
}

void
evi_timer_free(struct watch *w)
{
	struct timers *next;

	for (struct timers *t = w->timers; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
}
