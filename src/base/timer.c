/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers: an event with a timeout has an ev_timer.
 *
 *  1. A timer is unused at first.  Timers are allocated in chunks and
 *     freed with the set.
 *  2. evi_timer_set() gives an event a timer, or moves the one that it has.
 *  3. timer_cb() notes when a timer has expired, and reports that to the base,
 *     which removes it from the event.
 *  4. evi_timer_del() makes a timer idle: libev still has it, so that the next
 *     event that needs one gets it at less cost.
 *  5. An idle timer is stopped, and unused again, when another one becomes
 *     idle or before libev waits.
 */
#include "timer.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "alloc.h"
#include "base.h"
#include "libev.h"
#include "watch_private.h"

/* Timers that are allocated together. */
#define CHUNK 64

struct timer_chunk {
	struct timer_chunk *next;
	/*
	 * A timer's data is its event; NULL if idle; or the next unused timer.
	 */
	ev_timer timer[CHUNK];
};

/*
 * Seconds between timers that are set one after the other for the same time, so
 * that they expire in this order.  That is a nanosecond or, if it is more, the
 * distance between two adjacent doubles at four times the machine's uptime.
 * libev's time is a double, the seconds since the start of the machine; so the
 * tick is large enough until the machine has run four times as long.
 */
static double
choose_tick(void)
{
	struct timespec now;
	double up, apart;

	clock_gettime(CLOCK_MONOTONIC, &now);
	up = 4. * (double)now.tv_sec;
	apart = nextafter(up, 2. * up + 1.) - up;
	return apart > 1e-9 ? apart : 1e-9;
}

void
evi_timer_init(struct timers *timers)
{
	timers->tick = choose_tick();
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

/*
 * The last second that a time_t represents.  With 64 bits that is 2^63 - 1,
 * which a double would round up, so 4e18 stands for it.
 */
#define LAST_SECOND (sizeof(time_t) == 8 ? 4e18 : INT32_MAX)

/* A time that a time_t cannot represent becomes the last one, or 0. */
static void
to_timeval(double seconds, struct timeval *tv)
{
	if (seconds > LAST_SECOND)
		seconds = LAST_SECOND;
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
 * The event loses its timer before its callback runs.  For event_pending() it
 * keeps the time at which it expired, on the monotonic clock.  The clock is
 * read once for all timers that expire in a pass.
 */
static void
note_expiry(struct watch *w, struct event *ev, ev_timer *t)
{
	if (w->timers.expired_at == 0.)
		w->timers.expired_at = clock_now(CLOCK_MONOTONIC);
	to_timeval(w->timers.expired_at + ev_timer_remaining(w->loop, t),
	    &ev->ev_timeout);
}

static void
timer_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct event *ev = t->data;

	(void)loop;
	(void)revents;
	if (ev == NULL || timer_of(ev) != t)
		return; /* idle, or event_set() has cleared an added event */
	note_expiry(evi_base_watch_of(ev), ev, t);
	ev->ev_base->reports->expired_cb(ev);
}

static void
put_unused(struct watch *w, ev_timer *t)
{
	t->data = w->timers.unused;
	w->timers.unused = t;
}

/*
 * Returns the idle timer, an unused one, or the first of a new chunk.  NULL
 * without memory.
 */
static ev_timer *
take_timer(struct watch *w)
{
	ev_timer *t = w->timers.idle;
	struct timer_chunk *chunk;

	if (t != NULL) {
		w->timers.idle = NULL;
		return t;
	}
	t = w->timers.unused;
	if (t == NULL) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
		chunk->next = w->timers.chunks;
		w->timers.chunks = chunk;
		for (int i = 0; i < CHUNK; i++) {
			ev_timer_init(&chunk->timer[i], timer_cb, 0., 0.);
			put_unused(w, &chunk->timer[i]);
		}
		t = w->timers.unused;
	}
	w->timers.unused = t->data;
	return t;
}

/*
 * ev_timer_again() moves an active timer in libev's heap, or starts one; repeat
 * is 0 afterwards so that the timer expires once.  It cannot move a timer into
 * the past.
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
	w->timers.nset = 0;
}

/*
 * In how many seconds from libev's time a timer expires.  Counts the timer, and
 * reads the clock unless in_pass is true.
 */
static double
delay(struct watch *w, const struct timeval *tv, bool in_pass)
{
	if (!in_pass)
		read_clock(w);
	return (double)tv->tv_sec + (double)tv->tv_usec * 1e-6 +
	       ++w->timers.nset * w->timers.tick;
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
	t = take_timer(w);
	if (t == NULL)
		return -1;
	if (evi_alloc_begin(&w->timers.array, w->timers.count + 1) == -1) {
		w->timers.idle = t;
		return -1;
	}
	t->data = ev;
	set_timer_of(ev, t);
	start_timer(w, t, delay(w, tv, in_pass));
	evi_alloc_end(&w->timers.array, ++w->timers.count);
	return 0;
}

/*
 * Moving a timer in libev's heap is cheaper than stopping it and starting
 * another.  So the timer of the event that lost its timeout last stays active
 * without an event, for the next event that needs one, until the next pass.
 */
void
evi_timer_stop_idle(struct watch *w)
{
	ev_timer *t = w->timers.idle;

	w->timers.idle = NULL;
	ev_timer_stop(w->loop, t);
	put_unused(w, t);
}

void
evi_timer_del(struct watch *w, struct event *ev)
{
	ev_timer *t = timer_of(ev);

	set_timer_of(ev, NULL);
	w->timers.count--;
	t->data = NULL;
	if (w->timers.idle != NULL)
		evi_timer_stop_idle(w);
	w->timers.idle = t;
}

void
evi_timer_retry(struct watch *w, struct event *ev)
{
	ev_timer *t = timer_of(ev);

	start_timer(w, t, fmin(ev_timer_remaining(w->loop, t), 0.));
}

/*
 * libev notices a step of the wall clock late.  A step does not change how long
 * the timer still runs, so that is added to the current time.
 */
void
evi_timer_expiry(struct watch *w, const struct event *ev, bool in_pass,
    struct timeval *tv)
{
	ev_timer *t = timer_of(ev);
	double remaining;

	if (t != NULL) {
		if (!in_pass)
			read_clock(w);
		remaining = ev_timer_remaining(w->loop, t);
	} else {
		remaining = (double)ev->ev_timeout.tv_sec +
			    (double)ev->ev_timeout.tv_usec * 1e-6 -
			    clock_now(CLOCK_MONOTONIC);
	}
	to_timeval(clock_now(CLOCK_REALTIME) + remaining, tv);
}

void
evi_timer_drain(struct watch *w, void (*drop_cb)(struct event *))
{
	for (struct timer_chunk *t = w->timers.chunks; t != NULL; t = t->next)
		for (int i = 0; i < CHUNK; i++)
			if ((ev_is_active(&t->timer[i]) ||
				ev_is_pending(&t->timer[i])) &&
			    t->timer[i].data != NULL)
				drop_cb(t->timer[i].data);
}

void
evi_timer_stop(struct watch *w)
{
	for (struct timer_chunk *t = w->timers.chunks; t != NULL; t = t->next)
		for (int i = 0; i < CHUNK; i++)
			ev_timer_stop(w->loop, &t->timer[i]);
}

void
evi_timer_free(struct watch *w)
{
	struct timer_chunk *next;

	for (struct timer_chunk *t = w->timers.chunks; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
}
