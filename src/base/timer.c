/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers: an ev_timer each, from a pool, for as long as the event has a
 * timeout.
 */
#include <math.h>
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

static void
timer_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct event *ev = t->data;

	(void)loop;
	(void)revents;
	if (ev != NULL && timer_of(ev) == t)
		evi_expired(ev);
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

/* Seconds from libev's time to when it expires. */
static double
delay(struct watch *w, const struct timeval *tv, bool in_pass)
{
	if (!in_pass) {
		ev_now_update(w->loop);
		w->ticks = 0;
	}
	return (double)tv->tv_sec + (double)tv->tv_usec * 1e-6 +
	       ++w->ticks * w->tick;
}

int
evi_watch_timer_set(struct watch *w, struct event *ev, const struct timeval *tv,
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
evi_watch_timer_del(struct watch *w, struct event *ev)
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
evi_watch_timer_expiry(struct watch *w, const struct event *ev,
    struct timeval *tv)
{
	static const double never = 4e18; /* fits in the 64 bits of a time_t */
	ev_timer *t = timer_of(ev);
	double at = ev_now(w->loop);

	if (t != NULL)
		at += ev_timer_remaining(w->loop, t);
	if (at > never)
		at = never;
	if (at < 0)
		at = 0;
	tv->tv_sec = (time_t)at;
	tv->tv_usec = (suseconds_t)((at - (double)tv->tv_sec) * 1e6);
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
evi_timer_free(struct watch *w)
{
	struct timers *next;

	for (struct timers *t = w->timers; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
}
