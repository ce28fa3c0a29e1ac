/* SPDX-License-Identifier: BSD-3-Clause */
/* Questions, and the pace at which they are sent. */
#include <arpa/nameser.h>
#include <stdlib.h>

#include "ask.h"
#include "clock.h"
#include "public.h"
#include "resolve.h"
#include "resolver.h"

/* So many datagrams may be sent that the server may not have read yet, */
#define UNREAD_MAX 64
/* unless it is silent for so long: then these are read, or lost. */
#define READ_AFTER 20000 /* microseconds */

/* A question that was overtaken is sent once more after this, at least. */
#define REPEAT_AFTER 250000
/* and after so many times as long as the server takes for others. */
#define REPEAT_RTTS 8
/* and again after twice the time, so often at most. */
#define REPEATS 3

static struct evi_asks ended = TAILQ_HEAD_INITIALIZER(ended);

static void
put(struct evi_ask *ask, struct evi_asks *list)
{
	if (ask->list != NULL)
		TAILQ_REMOVE(ask->list, ask, link);
	ask->list = list;
	if (list != NULL)
		TAILQ_INSERT_TAIL(list, ask, link);
}

static void
leave_waiter(struct evi_ask *ask)
{
	if (ask->waiter != NULL)
		TAILQ_REMOVE(&ask->waiter->asks, ask, of_waiter);
	ask->waiter = NULL;
}

void
evi_ask_done(struct evi_ask *ask)
{
	put(ask, NULL);
	leave_waiter(ask);
	evi_answer_free(&ask->answer);
	free(ask);
}

/* --- how they end --- */

/*
 * A server reads in the order of sending.  What it answers it has read, and all
 * that was sent before.
 */
static void
note_reply(struct evi_ask *ask)
{
	struct evi_nameserver *ns = ask->ns;
	int64_t took = evi_dns_now() - ask->sent;

	if (ask->tcp)
		return;
	if (ask->serial > ns->nread)
		ns->nread = ask->serial;
	if (ask->serial > ns->newest)
		ns->newest = ask->serial;
	ns->rtt += (took - ns->rtt) / 8;
}

/* Runs inside c-ares. */
static void
on_end(struct evi_query *query, enum evi_outcome outcome, const uint8_t *msg,
    size_t len)
{
	struct evi_ask *ask = (struct evi_ask *)query;

	ask->outcome = outcome;
	evi_nameserver_learn(ask->ns, ask);
	if (outcome == EVI_REPLIED)
		note_reply(ask);
	if (ask->waiter == NULL) {
		evi_ask_done(ask);
		return;
	}
	if (outcome == EVI_REPLIED) {
		ask->result =
		    evi_wire_answer(msg, len, ask->type, &ask->answer);
		ask->cut =
		    !ask->tcp && (ask->result == DNS_ERR_TRUNCATED ||
				     (ask->result == -1 && len >= NS_PACKETSZ));
	}
	put(ask, &ended);
}

struct evi_ask *
evi_next_ended(void)
{
	struct evi_ask *ask;

	while ((ask = TAILQ_FIRST(&ended)) != NULL && ask->waiter == NULL)
		evi_ask_done(ask);
	if (ask != NULL)
		put(ask, NULL);
	return ask;
}

bool
evi_has_ended(void)
{
	return !TAILQ_EMPTY(&ended);
}

void
evi_waiter_leave(struct evi_waiter *waiter)
{
	struct evi_ask *ask;

	while ((ask = TAILQ_FIRST(&waiter->asks)) != NULL)
		leave_waiter(ask);
}

/* --- how they are sent --- */

static void set_pace(struct evi_nameserver *ns);

static int
send_now(struct evi_ask *ask)
{
	struct evi_channel *channel = evi_nameserver_channel(ask->ns, ask->tcp);

	if (channel == NULL)
		return -1;
	ask->sent = evi_dns_now();
	if (ask->began == 0)
		ask->began = ask->sent;
	if (!ask->tcp)
		ask->serial = ++ask->ns->nsent;
	put(ask, &ask->ns->asks);
	evi_channel_ask(channel, ask->name, ask->type,
	    ask->ns->settings.edns0 && !ask->ns->no_edns, &ask->query);
	return 0;
}

static bool
may_send(struct evi_nameserver *ns, bool tcp)
{
	const struct evi_channel *channel = tcp ? ns->tcp : ns->udp;

	if (channel != NULL && evi_channel_is_full(channel))
		return false;
	if (TAILQ_EMPTY(&ns->asks))
		ns->nread = ns->nsent;
	return tcp || ns->nsent - ns->nread < UNREAD_MAX;
}

static struct evi_ask *
new_ask(struct evi_nameserver *ns, struct evi_waiter *waiter, const char *name,
    int type, bool tcp)
{
	struct evi_ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL)
		return NULL;
	ask->query.ended = on_end;
	ask->ns = ns;
	ask->waiter = waiter;
	ask->name = name;
	ask->type = type;
	ask->tcp = tcp || ns->settings.use_vc;
	if (waiter != NULL)
		TAILQ_INSERT_TAIL(&waiter->asks, ask, of_waiter);
	return ask;
}

/* Takes the question over. */
static int
send_or_keep(struct evi_ask *ask)
{
	struct evi_nameserver *ns = ask->ns;

	if (!may_send(ns, ask->tcp) ||
	    (!ask->tcp && !TAILQ_EMPTY(&ns->unsent))) {
		put(ask, &ns->unsent);
		set_pace(ns);
		return 0;
	}
	if (send_now(ask) == 0)
		return 0;
	evi_ask_done(ask);
	return -1;
}

int
evi_ask(struct evi_nameserver *ns, struct evi_waiter *waiter, const char *name,
    int type, bool tcp)
{
	struct evi_ask *ask = new_ask(ns, waiter, name, type, tcp);

	return ask == NULL ? -1 : send_or_keep(ask);
}

int
evi_ask_again(const struct evi_ask *before)
{
	struct evi_ask *ask = new_ask(before->ns, before->waiter, before->name,
	    before->type, before->tcp);

	if (ask == NULL)
		return -1;
	ask->began = before->began;
	ask->repeats = before->repeats;
	return send_or_keep(ask);
}

/* By more than what rounding to milliseconds can do. */
bool
evi_ask_is_early(const struct evi_ask *ask)
{
	int64_t time = (int64_t)ask->ns->settings.timeout * 1000000;

	return ask->outcome == EVI_TIMED_OUT &&
	       evi_dns_now() - ask->began < time - 50000;
}

void
evi_ask_probe(struct evi_nameserver *ns, const char *name, int type)
{
	struct evi_ask *ask = new_ask(ns, NULL, name, type, false);

	if (ask != NULL && send_now(ask) == -1)
		evi_ask_done(ask);
}

void
evi_asks_drop_unsent(struct evi_nameserver *ns)
{
	struct evi_ask *ask;

	while ((ask = TAILQ_FIRST(&ns->unsent)) != NULL)
		evi_ask_done(ask);
	if (ns->paced)
		event_del(&ns->pace);
	ns->paced = false;
	ns->nread = ns->nsent;
}

/* --- at what pace --- */

static void
send_kept(struct evi_nameserver *ns)
{
	struct evi_ask *ask;

	while ((ask = TAILQ_FIRST(&ns->unsent)) != NULL &&
	       may_send(ns, ask->tcp)) {
		if (ask->waiter == NULL) {
			evi_ask_done(ask);
		} else if (send_now(ask) == -1) {
			ask->outcome = EVI_NO_MEMORY;
			put(ask, &ended);
		}
	}
}

/* When a question that was overtaken is sent once more. */
static int64_t
repeat_at(const struct evi_ask *ask)
{
	int64_t rtts = REPEAT_RTTS * ask->ns->rtt;
	int64_t us = rtts > REPEAT_AFTER ? rtts : REPEAT_AFTER;

	return ask->sent + (us << ask->repeats);
}

/* The oldest question by UDP, if others were answered that came later. */
static struct evi_ask *
overtaken(const struct evi_nameserver *ns)
{
	struct evi_ask *ask = TAILQ_FIRST(&ns->asks);

	return ask != NULL && ask->serial < ns->newest ? ask : NULL;
}

static void
repeat(struct evi_ask *ask)
{
	put(ask, &ask->ns->repeated);
	if (ask->waiter == NULL || ask->tcp || ask->repeats == REPEATS)
		return;
	ask->repeats++;
	evi_ask_again(ask);
	ask->repeats--;
}

static void on_pace(int fd, short what, void *arg);

/* Has somebody look again when there is something to do without a reply. */
static void
set_pace(struct evi_nameserver *ns)
{
	struct evi_ask *ask = overtaken(ns);
	int64_t now = evi_dns_now(), due;
	struct timeval tv;

	if (!TAILQ_EMPTY(&ns->unsent))
		due = now + READ_AFTER;
	else if (ask != NULL)
		due = repeat_at(ask);
	else
		return;
	if (!ns->paced) {
		event_set(&ns->pace, -1, 0, on_pace, ns);
		event_base_set(evi_nameservers_base(), &ns->pace);
		ns->paced = true;
	}
	if (event_pending(&ns->pace, EV_TIMEOUT, NULL) && ns->due <= due)
		return;
	ns->due = due;
	if (due < now)
		due = now;
	tv.tv_sec = (due - now) / 1000000;
	tv.tv_usec = (due - now) % 1000000;
	event_add(&ns->pace, &tv);
}

static void
on_pace(int fd, short what, void *arg)
{
	struct evi_nameserver *ns = arg;
	int64_t now = evi_dns_now();
	struct evi_ask *ask;

	(void)fd;
	(void)what;
	evi_resolver_check(); /* a child has nothing under way after that */
	while ((ask = overtaken(ns)) != NULL && repeat_at(ask) <= now)
		repeat(ask);
	ask = TAILQ_LAST(&ns->asks, evi_asks);
	if (ask == NULL || now - ask->sent >= READ_AFTER)
		ns->nread = ns->nsent;
	evi_resolve_work();
}

void
evi_asks_go_on(void)
{
	struct evi_nameserver *ns = NULL;

	while ((ns = evi_nameserver_after(ns)) != NULL) {
		if (!TAILQ_EMPTY(&ns->unsent))
			send_kept(ns);
		set_pace(ns);
	}
}
