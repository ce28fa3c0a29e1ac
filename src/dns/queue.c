/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The queues that lookups are in, and what moves them:
 *
 * 1. waiting: until there is a nameserver, and room among those in flight;
 *    pump() moves them to
 * 2. asking: in flight; after SLOW_AFTER has_room() moves them to
 * 3. slow: in flight as well, but not counted.  From both, collect() moves them
 *    to 4 or 5 after a note.
 * 4. backing_off: nobody could be reached.  At retry_at they are retried,
 *    and are slow.
 * 5. answered: their callbacks come next, in deliver_all().
 * 6. dropped: by evdns_shutdown(), which calls their callbacks or does not.
 *
 * Replies are only noted; all that follows from them, and all callbacks, run in
 * work(), outside of c-ares.  There is one timer.  When it fires, the sockets
 * are read before time-outs are handled.
 */
#include "queue.h"

#include <arpa/nameser.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "support/util.h"

/*
 * After this time a lookup is slow and not counted as in flight, so that names
 * that nobody answers do not block others. Microseconds.
 */
#define SLOW_AFTER 500000

/* --- the queues --- */

static void
move(struct queue *q, struct lookup *l, struct lookups *to)
{
	struct queued *place = &l->queued;

	q->in_flight += (to == &q->asking) - place->is_counted;
	place->is_counted = to == &q->asking;
	if (place->list != NULL)
		TAILQ_REMOVE(place->list, l, queued.link);
	place->list = to;
	if (to != NULL)
		TAILQ_INSERT_TAIL(to, l, queued.link);
}

static void
free_lookup(struct queue *q, struct lookup *l)
{
	move(q, l, NULL);
	evi_lookup_free(l);
}

/*
 * Inserts a lookup by retry_at.  After the option timeout has changed, that of
 * a later lookup may be the earlier one.
 */
static void
back_off(struct queue *q, struct lookup *l)
{
	struct lookup *other;

	move(q, l, NULL);
	l->queued.list = &q->backing_off;
	TAILQ_FOREACH_REVERSE (other, &q->backing_off, lookups, queued.link) {
		if (other->retry_at <= l->retry_at) {
			TAILQ_INSERT_AFTER(&q->backing_off, other, l,
			    queued.link);
			return;
		}
	}
	TAILQ_INSERT_HEAD(&q->backing_off, l, queued.link);
}

/* Moves the lookups that were noted. */
static void
collect(struct queue *q)
{
	struct lookup *l;

	while ((l = evi_lookup_next_noted(q->setup)) != NULL) {
		if (l->backs_off) {
			back_off(q, l);
		} else {
			l->queued.pass = q->pass;
			move(q, l, &q->answered);
		}
	}
}

bool
evi_queue_is_empty(const struct queue *q)
{
	return TAILQ_EMPTY(&q->waiting) && TAILQ_EMPTY(&q->asking) &&
	       TAILQ_EMPTY(&q->slow) && TAILQ_EMPTY(&q->backing_off) &&
	       TAILQ_EMPTY(&q->answered) && TAILQ_EMPTY(&q->dropped);
}

/* --- events --- */

/* Without memory for a timer the event is active now, so that lookups end. */
static void
run_after(struct event *ev, const struct timeval *tv)
{
	if (event_add(ev, tv) == -1)
		event_active(ev, EV_TIMEOUT, 1);
}

static void
run_soon(struct queue *q)
{
	struct timeval now = {0, 0};

	if (q->base == NULL || q->work_is_pending)
		return;
	run_after(&q->work, &now);
	q->work_is_pending = true;
}

void
evi_queue_wake(struct queue *q)
{
	if (q->base != NULL)
		event_active(&q->work, EV_TIMEOUT, 1);
}

/* What is not done yet is done by the loop, not by the caller. */
static void
run_rest_soon(struct queue *q)
{
	if (evi_question_has_notes(&q->net) || !TAILQ_EMPTY(&q->answered))
		run_soon(q);
}

/* When work() is needed though no socket is readable. */
static int64_t
next_due(const struct queue *q)
{
	int64_t due = q->net.questions.due;
	const struct lookup *l = TAILQ_FIRST(&q->backing_off);

	if (l != NULL && l->retry_at < due)
		due = l->retry_at;
	l = TAILQ_EMPTY(&q->waiting) ? NULL : TAILQ_FIRST(&q->asking);
	if (l != NULL && l->began_at + SLOW_AFTER < due)
		due = l->began_at + SLOW_AFTER;
	return due;
}

/* A timer that fires too early costs less than one that is set each time. */
static void
set_timer(struct queue *q)
{
	int64_t due = next_due(q), us;
	struct timeval tv;

	if (q->base == NULL || q->net.base == NULL || due >= q->due)
		return;
	q->due = due;
	us = due - evi_dns_now();
	tv = evi_util_timeval(us < 0 ? 0 : us);
	run_after(&q->timer, &tv);
}

/* --- from queue to queue --- */

static void
submit(struct queue *q, struct lookup *l)
{
	move(q, l, &q->asking);
	evi_lookup_start(q->setup, l);
	collect(q);
}

/* Whether one more may be in flight. Moves one that is slow now. */
static bool
has_room(struct queue *q)
{
	struct lookup *l;

	if (q->in_flight < q->setup->options.max_inflight)
		return true;
	l = TAILQ_FIRST(&q->asking);
	if (l->began_at + SLOW_AFTER > evi_dns_now())
		return false;
	move(q, l, &q->slow);
	return true;
}

bool
evi_queue_can_ask(const struct queue *q)
{
	return q->net.base != NULL && !q->suspended &&
	       q->setup->servers != NULL;
}

static void
pump(struct queue *q)
{
	struct lookup *l;

	if (!evi_queue_can_ask(q))
		return;
	while ((l = TAILQ_FIRST(&q->waiting)) != NULL && has_room(q))
		submit(q, l);
}

void
evi_queue_pump(struct queue *q)
{
	pump(q);
	if (!q->delivering)
		evi_nameserver_net_flush(&q->net);
	else if (q->base != NULL)
		event_active(&q->flush, EV_TIMEOUT, 1);
	run_rest_soon(q);
	set_timer(q);
}

static void
resume_those_that_back_off(struct queue *q)
{
	int64_t now = evi_dns_now();
	struct lookup *l;

	if (!evi_queue_can_ask(q))
		return;
	while (
	    (l = TAILQ_FIRST(&q->backing_off)) != NULL && l->retry_at <= now) {
		move(q, l, &q->slow);
		evi_lookup_resume(q->setup, l);
		collect(q);
	}
}

static void
handle_notes(struct queue *q)
{
	struct nameserver *ns;
	struct dns_question *question;

	if (evi_nameserver_take_has_failures(&q->net))
		evi_question_handle_failures(&q->net);
	while ((question = evi_question_next_noted(&q->net)) != NULL) {
		evi_lookup_handle_note(q->setup, question);
		collect(q);
		while (q->net.has_down &&
		       (ns = evi_nameserver_next_down(&q->net)) != NULL) {
			evi_lookup_leave_server(q->setup, ns);
			collect(q);
		}
	}
}

/* --- callbacks --- */

static void
deliver(struct queue *q, struct lookup *l, int result)
{
	static const char types[] = {
	    [ns_t_a] = DNS_IPv4_A,
	    [ns_t_ptr] = DNS_PTR,
	    [ns_t_aaaa] = DNS_IPv6_AAAA,
	};

	move(q, l, NULL);
	if (result == DNS_ERR_NONE)
		l->cb(result, types[l->type], l->answer.count, l->answer.ttl,
		    l->answer.addresses, l->arg);
	else
		l->cb(result, 0, 0, 0, NULL, l->arg);
	evi_lookup_free(l);
}

/*
 * Delivers what was answered before this pass, not what callbacks look up in
 * it. If a callback runs the loop, the rest is delivered there.
 */
static void
deliver_all(struct queue *q)
{
	struct lookup *l;

	q->delivering = true;
	while ((l = TAILQ_FIRST(&q->answered)) != NULL &&
	       l->queued.pass != q->pass) {
		if (TAILQ_NEXT(l, queued.link) != NULL)
			run_soon(q);
		deliver(q, l, l->result);
	}
	q->delivering = false;
	/*
	 * The event was for loops that callbacks run: nothing remains for it.
	 * While the queue is closed, the event is to open it again.
	 */
	if (TAILQ_EMPTY(&q->answered) && q->work_is_pending &&
	    q->net.base != NULL) {
		event_del(&q->work);
		q->work_is_pending = false;
	}
}

static void
delete_events(struct queue *q)
{
	event_del(&q->timer);
	event_del(&q->work);
	event_del(&q->flush);
	q->work_is_pending = false;
	q->due = INT64_MAX;
}

static void
close_if_empty(struct queue *q)
{
	if (!q->closes_when_empty || !evi_queue_is_empty(q))
		return;
	evi_queue_close(q);
	delete_events(q);
}

static void
work(struct queue *q, bool timer_fired)
{
	q->depth++;
	do {
		handle_notes(q);
		if (timer_fired)
			resume_those_that_back_off(q);
		pump(q);
		evi_question_work(&q->net, timer_fired);
		evi_nameserver_net_flush(&q->net);
	} while (evi_question_has_notes(&q->net));
	q->pass++;
	deliver_all(q);
	if (q->net.logs)
		evi_log_flush();
	run_rest_soon(q);
	set_timer(q);
	close_if_empty(q);
	if (--q->depth == 0 && q->finish_cb != NULL)
		q->finish_cb(q->arg);
}

static void
notify_cb(void *arg)
{
	struct queue *q = arg;

	q->check_cb(q->arg, false);
	work(q, false);
}

static void
work_cb(int fd, short what, void *arg)
{
	struct queue *q = arg;

	(void)fd;
	(void)what;
	q->work_is_pending = false;
	q->check_cb(q->arg, true);
	work(q, false);
}

static void
timer_cb(int fd, short what, void *arg)
{
	struct queue *q = arg;

	(void)fd;
	(void)what;
	q->due = INT64_MAX;
	q->check_cb(q->arg, false);
	evi_nameserver_net_drain(&q->net);
	work(q, true);
}

/*
 * Sends the queries of lookups that callbacks have made.  In a child of fork()
 * check_cb() has dropped them.
 */
static void
flush_cb(int fd, short what, void *arg)
{
	struct queue *q = arg;

	(void)fd;
	(void)what;
	q->check_cb(q->arg, false);
	evi_nameserver_net_flush(&q->net);
	run_rest_soon(q);
}

/* --- functions for the resolver --- */

void
evi_queue_init(struct queue *q, struct setup *setup, bool is_default,
    void (*check_cb)(void *arg, bool may_open), void *arg)
{
	q->setup = setup;
	q->closes_when_empty = !is_default;
	q->check_cb = check_cb;
	q->arg = arg;
	q->due = INT64_MAX;
	TAILQ_INIT(&q->waiting);
	TAILQ_INIT(&q->asking);
	TAILQ_INIT(&q->slow);
	TAILQ_INIT(&q->backing_off);
	TAILQ_INIT(&q->answered);
	TAILQ_INIT(&q->dropped);
	evi_nameserver_net_init(&q->net, &setup->options, is_default, notify_cb,
	    q);
	evi_question_init(&q->net);
	evi_lookup_init(setup);
}

void
evi_queue_take(struct queue *q, struct lookup *l)
{
	bool is_known = evi_lookup_ask_hosts(q->setup, l);

	/* 1.4: a new request is sent, and with it those that were suspended. */
	if (q->setup->servers != NULL)
		q->suspended = false;
	collect(q);
	if (!is_known)
		move(q, l, &q->waiting);
	evi_queue_pump(q);
}

void
evi_queue_cancel(struct queue *q, struct lookup *l)
{
	free_lookup(q, l);
	close_if_empty(q);
}

void
evi_queue_close(struct queue *q)
{
	evi_question_drop_all(&q->net);
	evi_nameserver_net_close(&q->net);
}

/*
 * Restarts each lookup of a list once.  It is in the list again before that, as
 * a lookup that ends moves to another one.
 */
static void
restart_all(struct queue *q, struct lookups *list)
{
	struct lookups restarted = TAILQ_HEAD_INITIALIZER(restarted);
	struct lookup *l;

	TAILQ_CONCAT(&restarted, list, queued.link);
	while ((l = TAILQ_FIRST(&restarted)) != NULL) {
		TAILQ_REMOVE(&restarted, l, queued.link);
		TAILQ_INSERT_TAIL(list, l, queued.link);
		evi_lookup_restart(q->setup, l);
		collect(q);
	}
}

static void
set_event(struct queue *q, struct event *ev,
    void (*cb)(int fd, short what, void *arg))
{
	event_set(ev, -1, 0, cb, q);
	event_base_set(q->base, ev);
}

void
evi_queue_open(struct queue *q, struct event_base *base)
{
	evi_queue_close(q);
	delete_events(q);
	q->base = base;
	if (base == NULL) {
		evi_queue_park(q);
		return;
	}
	evi_nameserver_net_open(&q->net, base);
	set_event(q, &q->timer, timer_cb);
	set_event(q, &q->work, work_cb);
	set_event(q, &q->flush, flush_cb);
	restart_all(q, &q->slow);
	restart_all(q, &q->asking);
	run_soon(q);
}

void
evi_queue_park(struct queue *q)
{
	struct lookups parked = TAILQ_HEAD_INITIALIZER(parked);
	struct lookup *l;

	TAILQ_CONCAT(&parked, &q->backing_off, queued.link);
	TAILQ_CONCAT(&parked, &q->slow, queued.link);
	TAILQ_CONCAT(&parked, &q->asking, queued.link);
	TAILQ_CONCAT(&parked, &q->waiting, queued.link);
	TAILQ_FOREACH (l, &parked, queued.link)
		l->queued.list = &parked;
	while ((l = TAILQ_FIRST(&parked)) != NULL) {
		move(q, l, &q->waiting);
		evi_lookup_stop(l);
	}
	evi_question_drop_all(&q->net);
}

void
evi_queue_suspend(struct queue *q)
{
	q->suspended = true;
	evi_queue_park(q);
}

void
evi_queue_resume(struct queue *q)
{
	q->suspended = false;
	evi_queue_pump(q);
}

/*
 * Ends all lookups of a list.  A callback may shut the resolver down again,
 * which ends more of them, and the rest of these.
 */
static void
drop(struct queue *q, struct lookups *list, bool with_callbacks)
{
	struct lookup *l;

	TAILQ_FOREACH (l, list, queued.link) {
		l->queued.list = &q->dropped;
		l->queued.is_silent = !with_callbacks;
	}
	TAILQ_CONCAT(&q->dropped, list, queued.link);
	while ((l = TAILQ_FIRST(&q->dropped)) != NULL) {
		if (l->queued.is_silent)
			free_lookup(q, l);
		else
			deliver(q, l, DNS_ERR_SHUTDOWN);
	}
}

/*
 * 1.4: lookups that a callback starts in here end in here, too.  Callbacks that
 * retry whenever they fail would keep this running: the last round refuses new
 * lookups.  If a callback has added a nameserver, the new lookups are sent
 * to that instead.
 */
void
evi_queue_drop(struct queue *q, bool with_callbacks)
{
	q->suspended = false;
	evi_queue_park(q);
	drop(q, &q->answered, with_callbacks);
	drop(q, &q->waiting, with_callbacks);
	if (q->setup->servers == NULL) {
		q->refusing = true;
		drop(q, &q->waiting, with_callbacks);
		q->refusing = false;
	}
}

void
evi_queue_finish(struct queue *q, void (*finish_cb)(void *arg))
{
	if (q->depth > 0)
		q->finish_cb = finish_cb;
	else
		finish_cb(q->arg);
}

void
evi_queue_free(struct queue *q)
{
	evi_queue_close(q);
	delete_events(q);
}
