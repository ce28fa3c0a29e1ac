/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions, from a lookup's call to the note that the queue collects:
 *
 * 1. unsent: the server may not have room for it.  A server's socket has room
 *    for some 200 datagrams, and the kernel drops further ones; so at most
 *    UNREAD_MAX are sent that the server may not have read yet.
 * 2. sent: it waits for its time-out, in the order of time-outs.
 * 3. A server reads in order.  What it has not answered, while it answered
 *    others that were sent later, may be lost: that is repeated long before its
 *    time-out, which stays as it was.
 * 4. late: its time-out has passed, and it is noted.  The lookup may send it
 *    again, or ask another server.  A reply to what was sent before is as good
 *    as any other until the question is dropped.
 * 5. When it ends, with a reply or without, it is noted as well.
 *
 * c-ares calls ended_cb(), which only notes: notes are collected when c-ares
 * has returned.
 */
#include "question.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "public.h"

/* At most this many datagrams are sent that the server may not have read. */
#define UNREAD_MAX 64
/* This long after the last one was sent all of them count as read, or lost. */
#define READ_AFTER 20000 /* microseconds */

/* A lost question is repeated this long after it was sent, at the earliest. */
#define REPEAT_AFTER 250000 /* microseconds */
/* It is not repeated before this many round trips of the server, either. */
#define REPEAT_RTTS 8
/* There are at most this many repetitions, each after twice the time. */
#define REPEATS 3
/* Lost questions are searched for after replies, at most once in this time. */
#define SEARCH_EVERY 62500 /* microseconds */

/* Moves a question to the end of a list, or to none. */
static void
move(struct dns_question *q, struct questions *list)
{
	if (q->list != NULL)
		TAILQ_REMOVE(q->list, q, link);
	q->list = list;
	if (list != NULL)
		TAILQ_INSERT_TAIL(list, q, link);
}

static void
note(struct dns_question *q)
{
	if (!q->is_noted)
		TAILQ_INSERT_TAIL(&q->ns->net->questions.noted, q, noted);
	q->is_noted = true;
}

static int64_t
timeout_of(const struct nameserver *ns)
{
	return (int64_t)ns->net->options->timeout * 1000000;
}

/* Has handle_due() called at the time due, or before. */
static void
plan_work(struct nameserver *ns, int64_t due)
{
	struct question_state *state = &ns->net->questions;

	if (state->due > due)
		state->due = due;
}

/* Inserts a question by its time-out: most of the time, at the end. */
static void
put_sent(struct dns_question *q)
{
	struct questions *sent = &q->ns->pace.sent;
	struct dns_question *other;

	move(q, NULL);
	q->list = sent;
	TAILQ_FOREACH_REVERSE (other, sent, questions, link)
		if (other->timeout_at <= q->timeout_at)
			break;
	if (other != NULL)
		TAILQ_INSERT_AFTER(sent, other, q, link);
	else
		TAILQ_INSERT_HEAD(sent, q, link);
	plan_work(q->ns, q->timeout_at);
}

/* --- the end of a question --- */

static void
free_question(struct dns_question *q)
{
	free(q->answer.addresses);
	free(q);
}

/*
 * For lack of memory c-ares may keep the query; ended_cb() frees the question
 * then.
 */
void
evi_question_drop(struct dns_question *q)
{
	struct nameserver *ns = q->ns;
	bool is_probe = q->waiter == NULL;

	move(q, NULL);
	if (q->waiter != NULL)
		TAILQ_REMOVE(q->waiter, q, of_waiter);
	if (q->is_noted)
		TAILQ_REMOVE(&ns->net->questions.noted, q, noted);
	q->is_dropped = true;
	if (q->query.channel == NULL)
		free_question(q);
	else
		evi_channel_give_up(&q->query);
	if (is_probe)
		evi_nameserver_release(ns);
}

void
evi_question_drop_list(struct questions *list)
{
	struct dns_question *q;

	while ((q = TAILQ_FIRST(list)) != NULL)
		evi_question_drop(q);
}

/*
 * A server reads in the order of sending: it has read what it answers, and all
 * that was sent before.
 */
static void
note_reply(struct dns_question *q, int64_t now)
{
	struct pace *pace = &q->ns->pace;

	if (q->tcp)
		return;
	if (q->serial > pace->nread)
		pace->nread = q->serial;
	if (q->serial > pace->newest_answered)
		pace->newest_answered = q->serial;
	/*
	 * A reply to one of several datagrams does not say to which.  The mean
	 * is smoothed as in RFC 6298, section 2.3.
	 */
	if (q->transmitted_at == q->first_sent_at)
		pace->rtt += (now - q->transmitted_at - pace->rtt) / 8;
}

static void
end(struct dns_question *q, enum outcome outcome, int64_t now)
{
	q->outcome = outcome;
	q->has_ended = true;
	move(q, NULL);
	/* A server that has replied over UDP is not down if TCP is blocked. */
	if (!evi_question_is_fallback(q) || outcome == EVI_REPLIED)
		evi_nameserver_judge(q->ns, outcome, q->sent_at, now);
	note(q);
}

/* c-ares calls this, also for questions that were dropped or have ended. */
static void
ended_cb(struct query *query, const uint8_t *msg, size_t len)
{
	struct dns_question *q = (struct dns_question *)query;
	int64_t now;

	q->ns->pace.cares_queries--;
	if (q->is_dropped) {
		free_question(q);
		return;
	}
	if (q->has_ended)
		return;
	now = evi_dns_now();
	if (msg == NULL) {
		end(q, EVI_FAILED, now);
		return;
	}
	q->result = evi_wire_answer(msg, len, q->type, &q->answer);
	/* A reply that was cut, by us or on the way, may be without TC. */
	q->is_truncated =
	    !q->tcp &&
	    (q->result == DNS_ERR_TRUNCATED ||
		(q->result == EVI_WIRE_MALFORMED && len >= NS_PACKETSZ));
	note_reply(q, now);
	end(q, EVI_REPLIED, now);
}

struct dns_question *
evi_question_next_noted(struct net *net)
{
	struct questions *noted = &net->questions.noted;
	struct dns_question *q;

	while ((q = TAILQ_FIRST(noted)) != NULL && q->waiter == NULL)
		evi_question_drop(q);
	if (q != NULL) {
		TAILQ_REMOVE(noted, q, noted);
		q->is_noted = false;
	}
	return q;
}

/* --- sending --- */

static void
transmit(struct dns_question *q, uint64_t after)
{
	struct nameserver *ns = q->ns;
	int64_t number;

	q->transmitted_at = evi_dns_now();
	q->edns = evi_nameserver_takes_edns(ns);
	if (!q->tcp)
		q->serial = ++ns->pace.nsent;
	number = evi_nameserver_send(ns, q->query.msg, q->query.len, q->tcp,
	    after, q->transmitted_at);
	if (!q->tcp)
		ns->pace.last_sent_at = q->transmitted_at;
	if (number > 0)
		q->socket_number = (uint64_t)number;
}

static void
start_timeout(struct dns_question *q)
{
	q->sent_at = q->transmitted_at;
	q->timeout_at = q->sent_at + timeout_of(q->ns);
	if (q->timeout_at > q->deadline)
		q->timeout_at = q->deadline;
	put_sent(q);
}

/* Has c-ares take the question, once, and write its id.  -1 without memory. */
static int
make_message(struct dns_question *q)
{
	struct channel *channel = evi_nameserver_channel(q->ns);

	if (channel == NULL)
		return -1;
	q->ns->pace.cares_queries++;
	evi_channel_ask(channel, &q->query);
	return q->has_ended || q->query.len > 0 ? 0 : -1;
}

/* If it cannot be sent, the question ends now, or its time-out passes. */
static void
send_now(struct dns_question *q)
{
	bool is_first = q->query.channel == NULL;

	if (is_first && make_message(q) == -1)
		end(q, EVI_FAILED, evi_dns_now());
	if (q->has_ended)
		return;
	/* After a time-out it is sent from another port. */
	transmit(q, q->socket_number);
	if (is_first)
		q->first_sent_at = q->transmitted_at;
	start_timeout(q);
}

static bool
may_send(struct nameserver *ns, bool tcp)
{
	struct pace *pace = &ns->pace;

	if (pace->cares_queries >= EVI_CHANNEL_MAX)
		return false;
	/* Nothing waits for a reply: the server has read all, or it is lost. */
	if (TAILQ_EMPTY(&pace->sent))
		pace->nread = pace->nsent;
	return tcp || pace->nsent - pace->nread < UNREAD_MAX;
}

static void
send_or_keep(struct dns_question *q)
{
	struct nameserver *ns = q->ns;

	if (may_send(ns, q->tcp) && (q->tcp || TAILQ_EMPTY(&ns->pace.unsent))) {
		send_now(q);
		return;
	}
	move(q, &ns->pace.unsent);
	plan_work(ns, evi_dns_now() + READ_AFTER);
}

static struct dns_question *
new_question(struct nameserver *ns, struct questions *waiter, const char *name,
    int type, bool tcp)
{
	size_t room = EVI_WIRE_QUERY(strlen(name));
	struct dns_question *q = malloc(sizeof(*q) + room);

	if (q == NULL)
		return NULL;
	*q = (struct dns_question){
	    .query.ended_cb = ended_cb,
	    .query.msg = (uint8_t *)(q + 1),
	    .query.len = evi_wire_query((uint8_t *)(q + 1), name, type),
	    .ns = ns,
	    .waiter = waiter,
	    .type = type,
	    .tcp = tcp || ns->net->options->use_vc,
	    .deadline = INT64_MAX,
	};
	if (waiter != NULL)
		TAILQ_INSERT_TAIL(waiter, q, of_waiter);
	return q;
}

int
evi_question_ask(struct nameserver *ns, struct questions *waiter,
    const char *name, int type, bool tcp, int64_t deadline)
{
	struct dns_question *q = new_question(ns, waiter, name, type, tcp);

	if (q == NULL)
		return -1;
	q->deadline = deadline;
	send_or_keep(q);
	return 0;
}

struct dns_question *
evi_question_find_late(struct questions *waiter, const struct nameserver *ns)
{
	struct dns_question *q;

	TAILQ_FOREACH (q, waiter, of_waiter)
		if (q->ns == ns && q->list == &ns->pace.late && !q->tcp)
			break;
	return q;
}

void
evi_question_resend(struct dns_question *q, int64_t deadline)
{
	q->deadline = deadline;
	q->repeats = 0;
	send_or_keep(q);
}

void
evi_question_probe(struct nameserver *ns, const char *name, int type)
{
	struct dns_question *q;

	if (ns->pace.cares_queries >= EVI_CHANNEL_MAX)
		return;
	q = new_question(ns, NULL, name, type, false);
	if (q == NULL)
		return;
	evi_nameserver_ref(ns);
	send_now(q);
}

/* --- failures of sockets --- */

/*
 * Ends the questions that were sent over UDP or TCP, through sockets or
 * connections up to number last.
 */
static void
fail_all(struct nameserver *ns, bool tcp, uint64_t last)
{
	int64_t now = evi_dns_now();
	struct dns_question *q, *next;

	for (q = TAILQ_FIRST(&ns->pace.sent); q != NULL; q = next) {
		next = TAILQ_NEXT(q, link);
		if (q->tcp == tcp && q->socket_number <= last)
			end(q, EVI_UNREACHABLE, now);
	}
}

/* Sends questions again, as their replies may not arrive at the old port. */
static void
transmit_all(struct nameserver *ns)
{
	struct dns_question *q;

	TAILQ_FOREACH (q, &ns->pace.sent, link)
		if (!q->tcp)
			transmit(q, 0);
}

static void
handle_failures_of(struct nameserver *ns)
{
	struct failures failures = evi_nameserver_take_failures(ns);

	if (failures.udp)
		fail_all(ns, false, UINT64_MAX);
	if (failures.tcp)
		fail_all(ns, true, ns->last_ended_stream);
	if (failures.port_changed)
		transmit_all(ns);
}

void
evi_question_handle_failures(struct net *net)
{
	struct nameserver *ns;

	TAILQ_FOREACH (ns, &net->all, link)
		handle_failures_of(ns);
}

/* --- time-outs and repeats --- */

static void
time_out(struct dns_question *q, int64_t now)
{
	struct nameserver *ns = q->ns;

	move(q, &ns->pace.late);
	if (!evi_question_is_fallback(q))
		evi_nameserver_judge(ns, EVI_TIMED_OUT, q->sent_at, now);
	/* A connection that brought nothing since then may be dead. */
	if (q->tcp && ns->stream_heard_at < q->sent_at)
		evi_nameserver_close_stream(ns);
	q->outcome = EVI_TIMED_OUT;
	note(q);
}

/* When a question is repeated, after the server has answered later ones. */
static int64_t
repeat_at(const struct dns_question *q)
{
	int64_t rtts = REPEAT_RTTS * q->ns->pace.rtt;
	int64_t us = rtts > REPEAT_AFTER ? rtts : REPEAT_AFTER;

	return q->transmitted_at + (us << q->repeats);
}

/* Whether the server has answered later ones. TCP does its own repeating. */
static bool
may_repeat(const struct dns_question *q)
{
	return !q->tcp && q->serial < q->ns->pace.newest_answered &&
	       q->repeats < REPEATS && q->waiter != NULL;
}

/*
 * Repeats the questions that may be lost.  Time-outs are in the order of
 * sending: from the first one after `recent` on, questions are too young.
 */
static void
repeat_all(struct nameserver *ns, int64_t now)
{
	int64_t recent = now + timeout_of(ns) - REPEAT_AFTER;
	struct dns_question *q;

	TAILQ_FOREACH (q, &ns->pace.sent, link) {
		if (q->timeout_at > recent) {
			plan_work(ns, q->sent_at + REPEAT_AFTER);
			break;
		}
		if (may_repeat(q) && repeat_at(q) <= now) {
			q->repeats++;
			transmit(q, 0);
		}
		if (may_repeat(q))
			plan_work(ns, repeat_at(q));
	}
}

static int64_t
oldest_of(const struct questions *list, int64_t oldest)
{
	const struct dns_question *q;

	TAILQ_FOREACH (q, list, link)
		if (q->first_sent_at < oldest)
			oldest = q->first_sent_at;
	return oldest;
}

static void
close_old_sockets(struct nameserver *ns)
{
	int64_t oldest = oldest_of(&ns->pace.sent, INT64_MAX);

	evi_nameserver_close_retired(ns, oldest_of(&ns->pace.late, oldest));
}

static void
handle_due(struct nameserver *ns, int64_t now)
{
	struct pace *pace = &ns->pace;
	struct dns_question *q;

	while ((q = TAILQ_FIRST(&pace->sent)) != NULL && q->timeout_at <= now)
		time_out(q, now);
	if (q != NULL)
		plan_work(ns, q->timeout_at);
	pace->searched_at = now;
	pace->newest_searched = pace->newest_answered;
	repeat_all(ns, now);
	if (now - pace->last_sent_at >= READ_AFTER)
		pace->nread = pace->nsent;
	if (evi_nameserver_has_old_sockets(ns))
		close_old_sockets(ns);
}

/* Sets the time to search for lost questions, if there are new replies. */
static void
plan_repeats(struct nameserver *ns)
{
	struct pace *pace = &ns->pace;
	const struct dns_question *q = TAILQ_FIRST(&pace->sent);
	int64_t due = pace->searched_at + SEARCH_EVERY;

	if (q == NULL || pace->newest_answered == pace->newest_searched)
		return;
	if (due < q->sent_at + REPEAT_AFTER)
		due = q->sent_at + REPEAT_AFTER;
	plan_work(ns, due);
}

static void
send_unsent(struct nameserver *ns)
{
	struct pace *pace = &ns->pace;
	struct dns_question *q;

	while ((q = TAILQ_FIRST(&pace->unsent)) != NULL && may_send(ns, q->tcp))
		send_now(q);
	if (q != NULL)
		plan_work(ns, evi_dns_now() + READ_AFTER);
}

void
evi_question_work(struct net *net, bool timer_fired)
{
	int64_t now = evi_dns_now();
	bool is_due = timer_fired && net->questions.due <= now;
	struct nameserver *ns;

	if (is_due)
		net->questions.due = INT64_MAX;
	TAILQ_FOREACH (ns, &net->all, link) {
		if (is_due)
			handle_due(ns, now);
		plan_repeats(ns);
		send_unsent(ns);
		if (evi_nameserver_has_old_sockets(ns) &&
		    TAILQ_EMPTY(&ns->pace.sent))
			close_old_sockets(ns);
	}
}

/* --- all questions --- */

void
evi_question_drop_all(struct net *net)
{
	struct nameserver *ns, *next;

	for (ns = TAILQ_FIRST(&net->all); ns != NULL; ns = next) {
		next = TAILQ_NEXT(ns, link);
		evi_nameserver_ref(ns);
		evi_question_drop_list(&ns->pace.unsent);
		evi_question_drop_list(&ns->pace.sent);
		evi_question_drop_list(&ns->pace.late);
		evi_nameserver_release(ns);
	}
	evi_question_drop_list(&net->questions.noted);
	net->questions.due = INT64_MAX;
}

void
evi_question_init(struct net *net)
{
	TAILQ_INIT(&net->questions.noted);
	net->questions.due = INT64_MAX;
}
