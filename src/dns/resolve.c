/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A request's way: it is looked up in the hosts file, waits until there is room
 * among those in flight, is asked of one nameserver after the other, for one
 * name of the search list after the other, and waits again to be delivered.
 *
 * What comes in is only noted, by nameserver.c; all that follows from it, and
 * all callbacks, run in evi_resolve_work(), outside of c-ares.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "clock.h"
#include "public.h"
#include "resolve.h"
#include "resolver.h"
#include "source.h"

TAILQ_HEAD(requests, request);

struct request {
	struct evi_waiter waiter; /* has to be first */
	TAILQ_ENTRY(request) link;
	struct requests *queue; /* that it is in */
	evdns_callback_type callback;
	void *arg;
	int type;	     /* of the records it wants: A, AAAA, PTR */
	uint8_t address[16]; /* whose name it wants */
	int family;

	struct evi_search *search; /* NULL: the name as it is */
	int candidate;		   /* which name of the search list is asked */
	const char *asked;	   /* that name, or NULL */
	char *joined;		   /* its memory, if it is not the name itself */

	struct evi_servers *servers; /* those it is asked of */
	unsigned int first;	     /* where a round of them starts */
	uint64_t turns;		     /* which have had theirs in this round */
	int rounds, tries, redials;
	bool silence, refusal; /* what there was in this round */
	bool plain;	       /* was asked again without EDNS */
	int error;	       /* the last that a server said, or 0 */
	int64_t began;	       /* when it was asked first */
	int64_t rested;	       /* when it will have rested */

	int result;
	struct evi_answer answer;
	unsigned int pass; /* in which that came */
	char name[];
};

static struct requests waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct requests asking = TAILQ_HEAD_INITIALIZER(asking);
static struct requests slow = TAILQ_HEAD_INITIALIZER(slow);
static struct requests resting = TAILQ_HEAD_INITIALIZER(resting);
static struct requests answered = TAILQ_HEAD_INITIALIZER(answered);
static int in_flight;	  /* how many are asking */
static bool refusing;	  /* no new ones are taken */
static bool delivering;	  /* what callbacks ask for is sent after them */
static unsigned int pass; /* how often evi_resolve_work() has run */

/*
 * What is asked for so long, in microseconds, is not counted as in flight any
 * more: names that nobody answers do not hold up the others.
 */
#define SLOW_AFTER 500000

static struct event rest_event, slow_event;

static void ask_next(struct request *r);

/* --- their life --- */

static void
move(struct request *r, struct requests *queue)
{
	if (r->queue != NULL)
		TAILQ_REMOVE(r->queue, r, link);
	in_flight += (queue == &asking) - (r->queue == &asking);
	r->queue = queue;
	if (queue != NULL)
		TAILQ_INSERT_TAIL(queue, r, link);
}

static void
leave_servers(struct request *r)
{
	evi_waiter_leave(&r->waiter);
	evi_servers_release(r->servers);
	r->servers = NULL;
}

static void
free_request(struct request *r)
{
	move(r, NULL);
	leave_servers(r);
	evi_search_release(r->search);
	evi_answer_free(&r->answer);
	free(r->joined);
	free(r);
}

static int
answer_with(struct request *r, const void *addresses, size_t size, int count)
{
	void *copy = malloc(size * (size_t)count);

	if (copy == NULL)
		return DNS_ERR_SERVERFAILED;
	memcpy(copy, addresses, size * (size_t)count);
	r->answer.addresses = copy;
	r->answer.count = count;
	return DNS_ERR_NONE;
}

static int
answer_with_name(struct request *r, const char *name)
{
	size_t len = strlen(name) + 1;
	char **copy = malloc(sizeof(char *) + len);

	if (copy == NULL)
		return DNS_ERR_SERVERFAILED;
	*copy = memcpy(copy + 1, name, len);
	r->answer.addresses = copy;
	r->answer.count = 1;
	return DNS_ERR_NONE;
}

/* What the hosts file says, or error where that is nothing. */
static int
ask_hosts(struct request *r, int error)
{
	struct evi_hosts *hosts = evi_resolver.hosts;
	const void *found;
	const char *name;
	int known, count = 0;

	if (r->type == ns_t_ptr) {
		known = evi_hosts_name(hosts, r->family, r->address, &name);
		if (known == 1)
			return answer_with_name(r, name);
	} else {
		known = evi_hosts_addresses(
		    hosts, r->name, r->family, &found, &count);
		if (count > 0)
			return answer_with(
			    r, found, r->family == AF_INET ? 4 : 16, count);
		/* The DNS may have addresses of the other family. */
		if (known == 1 && evi_hosts_is_local(r->name))
			return DNS_ERR_UNKNOWN;
	}
	return known == -1 ? DNS_ERR_SERVERFAILED : error;
}

static bool
may_be_in_hosts(const struct request *r, enum evi_hosts_order when)
{
	enum evi_hosts_order order;

	if (evi_resolver.hosts == NULL)
		return false;
	order = r->type != ns_t_ptr && evi_hosts_is_local(r->name) ?
	    EVI_HOSTS_FIRST :
	    evi_hosts_order(evi_resolver.hosts);
	return order == when;
}

static void
end(struct request *r, int result)
{
	leave_servers(r);
	if (result != DNS_ERR_NONE && may_be_in_hosts(r, EVI_HOSTS_LAST))
		result = ask_hosts(r, result);
	r->result = result;
	r->pass = pass;
	move(r, &answered);
}

/* --- names of the search list --- */

static void
start_round(struct request *r)
{
	r->turns = 0;
	r->silence = r->refusal = false;
}

static void
start_name(struct request *r)
{
	r->rounds = r->tries = r->redials = 0;
	r->plain = false;
	r->error = 0;
	start_round(r);
	ask_next(r);
}

static int
use_name(struct request *r, const char *name)
{
	free(r->joined);
	r->joined = name == r->name ? NULL : strdup(name);
	r->asked = name == r->name ? name : r->joined;
	return r->asked == NULL ? -1 : 0;
}

/* Goes on to candidate number i, or the next one that can be asked. */
static void
try_name(struct request *r, int i, int error)
{
	char buffer[NS_MAXDNAME];
	const char *name;

	for (; (name = evi_search_name(r->search, r->name, i, buffer,
		    sizeof(buffer))) != NULL;
	     i++) {
		if (name != r->name && !evi_wire_name_ok(name))
			continue;
		if (use_name(r, name) == -1)
			break;
		r->candidate = i;
		start_name(r);
		return;
	}
	end(r, error);
}

/*
 * This is what became of the name that was asked.  1.4: the next one is tried
 * whatever the error is, but if there was no answer at all.
 */
static void
end_name(struct request *r, int result)
{
	evi_waiter_leave(&r->waiter);
	if (result == DNS_ERR_NONE || result == DNS_ERR_TIMEOUT)
		end(r, result);
	else
		try_name(r, r->candidate + 1, result);
}

/* --- one nameserver after the other --- */

/* Beyond 64 servers, the rest of them has one turn. */
static uint64_t
turn_of(int i)
{
	return (uint64_t)1 << (i < 63 ? i : 63);
}

/*
 * Where the next one of this round is in the list; -1 if all had their turn.  It
 * is one that is aside only if aside says so.
 */
static int
next_place(const struct request *r, bool aside)
{
	int i, n = r->servers->n;

	for (i = 0; i < n; i++) {
		int at = (int)((r->first + (unsigned int)i) % (unsigned int)n);

		if (!(r->turns & turn_of(at)) &&
		    evi_nameserver_is_aside(r->servers->list[at]) == aside)
			return at;
	}
	return -1;
}

static struct evi_nameserver *
next_server(struct request *r)
{
	int at;

	if (r->rounds > 0 && r->tries >= evi_resolver.options.attempts)
		return NULL;
	at = next_place(r, false);
	if (at == -1)
		at = next_place(r, true);
	if (at == -1)
		return NULL;
	r->turns |= turn_of(at);
	return r->servers->list[at];
}

/* Sees to it that a server that was put aside is found out to be back. */
static void
probe(struct request *r)
{
	struct evi_nameserver *ns;
	int i;

	for (i = 0; i < r->servers->n; i++) {
		ns = r->servers->list[i];
		if (evi_nameserver_wants_probe(ns))
			evi_ask_probe(ns, r->asked, r->type);
	}
}

static void
run_after(struct event *timer, int64_t us)
{
	struct timeval tv = {us / 1000000, us % 1000000};

	event_add(timer, &tv);
}

static void
rest(struct request *r)
{
	int64_t us = (int64_t)evi_resolver.options.timeout * 1000000;

	r->rested = evi_dns_now() + us;
	move(r, &resting);
	if (TAILQ_FIRST(&resting) == r)
		run_after(&rest_event, us);
}

/* All servers have had their turn: once more, now or later, or never. */
static void
end_round(struct request *r)
{
	bool again = r->tries < evi_resolver.options.attempts;

	r->rounds++;
	if (again && r->silence) {
		start_round(r);
		ask_next(r);
	} else if (again && r->refusal) {
		rest(r);
	} else {
		end_name(r, r->error != 0 ? r->error : DNS_ERR_TIMEOUT);
	}
}

static void
ask_next(struct request *r)
{
	struct evi_nameserver *ns;

	while ((ns = next_server(r)) != NULL) {
		if (evi_ask(ns, &r->waiter, r->asked, r->type, false) == 0) {
			probe(r);
			return;
		}
		r->error = DNS_ERR_SERVERFAILED;
	}
	end_round(r);
}

/* --- what became of a question --- */

static bool
is_final(int result)
{
	return result == DNS_ERR_NONE || result == DNS_ERR_NOTEXIST ||
	    result == DNS_ERR_UNKNOWN;
}

/* Asks the same server again in another way.  False if there is none. */
static bool
ask_otherwise(struct request *r, const struct evi_ask *ask)
{
	bool tcp = ask->tcp || ask->cut;

	if (ask->result == DNS_ERR_FORMAT && ask->ns->settings.edns0 &&
	    !r->plain)
		ask->ns->no_edns = r->plain = true;
	else if (!ask->cut)
		return false;
	return evi_ask(ask->ns, &r->waiter, r->asked, r->type, tcp) == 0;
}

static void
on_reply(struct request *r, struct evi_ask *ask, bool last)
{
	if (is_final(ask->result) && !ask->cut) {
		r->answer = ask->answer;
		memset(&ask->answer, 0, sizeof(ask->answer));
		end_name(r, ask->result);
		return;
	}
	r->error = ask->cut ? DNS_ERR_TRUNCATED :
	    ask->result < 0 ? DNS_ERR_SERVERFAILED :
			      ask->result;
	if (!ask_otherwise(r, ask) && last)
		ask_next(r);
}

/*
 * A connection that breaks takes all its questions with it.  If the server said
 * something since this one was sent, it is the connection's fault.
 */
#define REDIALS 8
#define GARBLED 2 /* so often, as that may have been about another question */

static bool
redial(struct request *r, const struct evi_ask *ask, int most)
{
	return ask->ns->heard >= ask->sent && r->redials++ < most &&
	    evi_ask_again(ask) == 0;
}

static void
on_silence(struct request *r, const struct evi_ask *ask, bool last)
{
	bool fallback = ask->tcp && !ask->ns->settings.use_vc;

	if (ask->outcome == EVI_UNREACHABLE && redial(r, ask, REDIALS))
		return;
	if (evi_ask_is_early(ask) && evi_ask_again(ask) == 0)
		return;
	/* That it does no TCP after a reply that was cut is an answer. */
	if (!fallback && ask->repeats == 0) {
		r->tries++;
		if (ask->outcome == EVI_UNREACHABLE)
			r->refusal = true;
		else
			r->silence = true;
	}
	if (last)
		ask_next(r);
}

static void
on_ended(struct evi_ask *ask)
{
	struct request *r = (struct request *)ask->waiter;
	bool last = TAILQ_FIRST(&r->waiter.asks) == ask &&
	    TAILQ_NEXT(ask, of_waiter) == NULL;

	switch (ask->outcome) {
	case EVI_REPLIED:
		on_reply(r, ask, last);
		break;
	case EVI_TIMED_OUT:
	case EVI_UNREACHABLE:
		on_silence(r, ask, last);
		break;
	case EVI_GARBLED:
		if (redial(r, ask, GARBLED))
			break;
		ask->result = -1;
		on_reply(r, ask, last);
		break;
	case EVI_NO_SUCH_NAME:
		end_name(r, DNS_ERR_NOTEXIST);
		break;
	case EVI_NO_MEMORY:
		r->error = DNS_ERR_SERVERFAILED;
		if (last)
			ask_next(r);
		break;
	case EVI_DROPPED:
		break;
	}
	evi_ask_done(ask);
}

/* --- at large --- */

/* What is under way to a server that fails is asked of the next one, too. */
static void
ask_others(struct evi_nameserver *ns)
{
	struct evi_ask *ask, *next;
	struct request *r;

	for (ask = TAILQ_FIRST(&ns->asks); ask != NULL; ask = next) {
		next = TAILQ_NEXT(ask, link);
		r = (struct request *)ask->waiter;
		if (r != NULL &&
		    ask == TAILQ_LAST(&r->waiter.asks, evi_asks) &&
		    next_place(r, false) != -1)
			ask_next(r);
	}
}

static void
submit(struct request *r)
{
	move(r, &asking);
	r->began = evi_dns_now();
	r->servers = evi_servers_ref(evi_resolver.servers);
	r->first = evi_resolver.options.rotate ? evi_resolver.turn++ : 0;
	if (r->asked == NULL)
		try_name(r, 0, DNS_ERR_NOTEXIST);
	else
		start_name(r);
}

/* Whether one more may be asked; if not now, looks again when that may be. */
static bool
has_room(void)
{
	struct request *r;
	int64_t left;

	if (in_flight < evi_resolver.options.max_inflight)
		return true;
	r = TAILQ_FIRST(&asking);
	left = r->began + SLOW_AFTER - evi_dns_now();
	if (left <= 0) {
		move(r, &slow);
		return true;
	}
	if (!event_pending(&slow_event, EV_TIMEOUT, NULL))
		run_after(&slow_event, left);
	return false;
}

static void
pump(void)
{
	struct request *r;

	if (!evi_resolver_can_ask())
		return;
	while ((r = TAILQ_FIRST(&waiting)) != NULL && has_room())
		submit(r);
}

/* Not to be done in the caller's place: the loop comes to it. */
static void
work_left(void)
{
	if (evi_has_ended() || !TAILQ_EMPTY(&answered))
		evi_resolver_work_soon();
}

void
evi_resolve_pump(void)
{
	pump();
	if (delivering)
		evi_resolver_flush_soon();
	else
		evi_channels_flush();
	work_left();
}

static void
on_slow(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	evi_resolve_work();
}

static void
on_rested(int fd, short what, void *arg)
{
	int64_t now = evi_dns_now();
	struct request *r;

	(void)fd;
	(void)what;
	(void)arg;
	while ((r = TAILQ_FIRST(&resting)) != NULL && r->rested <= now) {
		move(r, &slow);
		start_round(r);
		ask_next(r);
	}
	if (r != NULL)
		run_after(&rest_event, r->rested - now);
	evi_resolve_work();
}

void
evi_resolve_let_go(void)
{
	struct request *r;

	TAILQ_FOREACH (r, &asking, link)
		evi_waiter_leave(&r->waiter);
	TAILQ_FOREACH (r, &slow, link)
		evi_waiter_leave(&r->waiter);
	evi_nameservers_use(NULL, NULL);
}

static void
ask_all_again(struct requests *queue)
{
	struct requests again = TAILQ_HEAD_INITIALIZER(again);
	struct request *r;

	TAILQ_CONCAT(&again, queue, link);
	while ((r = TAILQ_FIRST(&again)) != NULL) {
		TAILQ_REMOVE(&again, r, link);
		TAILQ_INSERT_TAIL(queue, r, link);
		start_round(r);
		ask_next(r);
	}
}

void
evi_resolve_on(struct event_base *base)
{
	evi_resolve_let_go();
	event_del(&rest_event);
	event_del(&slow_event);
	if (base == NULL) {
		evi_resolve_hold();
		return;
	}
	event_set(&rest_event, -1, 0, on_rested, NULL);
	event_base_set(base, &rest_event);
	event_set(&slow_event, -1, 0, on_slow, NULL);
	event_base_set(base, &slow_event);
	evi_nameservers_use(base, evi_resolve_work);
	if (!TAILQ_EMPTY(&resting))
		run_after(&rest_event, 0);
	ask_all_again(&slow);
	ask_all_again(&asking);
}

void
evi_resolve_hold(void)
{
	struct requests held = TAILQ_HEAD_INITIALIZER(held);
	struct request *r;

	TAILQ_CONCAT(&held, &resting, link);
	TAILQ_CONCAT(&held, &slow, link);
	TAILQ_CONCAT(&held, &asking, link);
	TAILQ_CONCAT(&held, &waiting, link);
	while ((r = TAILQ_FIRST(&held)) != NULL) {
		TAILQ_REMOVE(&held, r, link);
		TAILQ_INSERT_TAIL(&waiting, r, link);
		r->queue = &waiting;
		leave_servers(r);
	}
	in_flight = 0;
}

static void
deliver(struct request *r)
{
	static const char types[] = {
	    [ns_t_a] = DNS_IPv4_A,
	    [ns_t_ptr] = DNS_PTR,
	    [ns_t_aaaa] = DNS_IPv6_AAAA,
	};

	move(r, NULL);
	if (r->result == DNS_ERR_NONE)
		r->callback(r->result, types[r->type], r->answer.count,
		    r->answer.ttl, r->answer.addresses, r->arg);
	else
		r->callback(r->result, 0, 0, 0, NULL, r->arg);
	free_request(r);
}

static void
drop(struct requests *queue, int tell)
{
	struct requests dropped = TAILQ_HEAD_INITIALIZER(dropped);
	struct request *r;

	TAILQ_CONCAT(&dropped, queue, link);
	TAILQ_FOREACH (r, &dropped, link)
		r->queue = &dropped;
	while ((r = TAILQ_FIRST(&dropped)) != NULL) {
		r->result = DNS_ERR_SHUTDOWN;
		if (tell)
			deliver(r);
		else
			free_request(r);
	}
}

/*
 * 1.4: what a callback asks for in here ends in here, too.  But there has to be
 * an end, for those that ask again whenever they fail.
 */
void
evi_resolve_drop(int tell)
{
	evi_resolve_hold();
	drop(&answered, tell);
	drop(&waiting, tell);
	if (evi_resolver.servers == NULL) {
		refusing = true;
		drop(&waiting, tell);
		refusing = false;
	}
}

static void
look_at_ended(void)
{
	struct evi_nameserver *ns;
	struct evi_ask *ask;

	while ((ask = evi_next_ended()) != NULL) {
		on_ended(ask);
		while ((ns = evi_next_given_up()) != NULL)
			ask_others(ns);
	}
}

/*
 * What a callback asks for, and is known at once, has to wait.  If a callback
 * runs the loop, the rest is delivered there.
 */
static void
deliver_all(void)
{
	struct request *r;

	delivering = true;
	while ((r = TAILQ_FIRST(&answered)) != NULL && r->pass != pass) {
		if (TAILQ_NEXT(r, link) != NULL)
			evi_resolver_work_soon();
		deliver(r);
	}
	delivering = false;
	if (TAILQ_EMPTY(&answered))
		evi_resolver_work_done();
}

void
evi_resolve_work(void)
{
	evi_resolver_check();
	do {
		look_at_ended();
		pump();
		evi_asks_go_on();
		evi_channels_flush();
	} while (evi_has_ended());
	pass++;
	deliver_all();
	work_left();
}

/* --- evdns_resolve_*() --- */

/* A request for a name, whose records are of this type; NULL: none. */
static struct request *
new_request(const char *name, int type, evdns_callback_type callback, void *arg)
{
	struct request *r;

	if (refusing)
		return NULL;
	r = calloc(1, sizeof(*r) + strlen(name) + 1);
	if (r == NULL)
		return NULL;
	TAILQ_INIT(&r->waiter.asks);
	r->type = type;
	r->callback = callback;
	r->arg = arg;
	strcpy(r->name, name);
	return r;
}

/* The request is complete: it is answered at once, or waits for its turn. */
static int
take(struct request *r)
{
	int result = -1;

	evi_resolver_check();
	evi_sources_look();
	/* 1.4: a new request goes out, and pulls those that were held. */
	if (evi_resolver.servers != NULL)
		evi_resolver.suspended = false;
	move(r, &waiting);
	if (may_be_in_hosts(r, EVI_HOSTS_FIRST))
		result = ask_hosts(r, -1);
	if (result != -1)
		end(r, result);
	evi_resolve_pump();
	return 0;
}

static int
resolve(const char *name, int type, int family, int flags,
    evdns_callback_type callback, void *arg)
{
	struct request *r;

	if (!evi_wire_name_ok(name))
		return -1;
	r = new_request(name, type, callback, arg);
	if (r == NULL)
		return -1;
	r->family = family;
	if (!(flags & DNS_QUERY_NO_SEARCH) && evi_resolver.search != NULL)
		r->search = evi_search_ref(evi_resolver.search);
	return take(r);
}

int
evdns_resolve_ipv4(
    const char *name, int flags, evdns_callback_type callback, void *ptr)
{
	return resolve(name, ns_t_a, AF_INET, flags, callback, ptr);
}

int
evdns_resolve_ipv6(
    const char *name, int flags, evdns_callback_type callback, void *ptr)
{
	return resolve(name, ns_t_aaaa, AF_INET6, flags, callback, ptr);
}

static int
resolve_reverse(const char *name, int family, const void *address, size_t size,
    evdns_callback_type callback, void *arg)
{
	struct request *r = new_request(name, ns_t_ptr, callback, arg);

	if (r == NULL)
		return -1;
	r->family = family;
	memcpy(r->address, address, size);
	return take(r);
}

int
evdns_resolve_reverse(const struct in_addr *in, int flags,
    evdns_callback_type callback, void *ptr)
{
	char name[sizeof("255.255.255.255.in-addr.arpa")];
	const uint8_t *byte = (const uint8_t *)in;

	(void)flags;
	snprintf(name, sizeof(name), "%d.%d.%d.%d.in-addr.arpa", byte[3],
	    byte[2], byte[1], byte[0]);
	return resolve_reverse(name, AF_INET, in, 4, callback, ptr);
}

int
evdns_resolve_reverse_ipv6(const struct in6_addr *in, int flags,
    evdns_callback_type callback, void *ptr)
{
	char name[64 + sizeof("ip6.arpa")];
	int i;

	(void)flags;
	for (i = 0; i < 16; i++)
		snprintf(name + 4 * i, 5, "%x.%x.", in->s6_addr[15 - i] & 0xf,
		    in->s6_addr[15 - i] >> 4);
	strcpy(name + 64, "ip6.arpa");
	return resolve_reverse(name, AF_INET6, in, 16, callback, ptr);
}
