/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All requests: those that wait until there is room among those in flight,
 * those that are asked, and those that wait to be delivered.
 *
 * What comes in is only noted, in ask.c; all that follows from it, and all
 * callbacks, run in evi_resolve_work(), outside of c-ares.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "public.h"
#include "request.h"
#include "resolve.h"
#include "resolver.h"

static struct evi_requests waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct evi_requests asking = TAILQ_HEAD_INITIALIZER(asking);
static struct evi_requests slow = TAILQ_HEAD_INITIALIZER(slow);
static struct evi_requests resting = TAILQ_HEAD_INITIALIZER(resting);
static struct evi_requests answered = TAILQ_HEAD_INITIALIZER(answered);
static struct evi_requests dropped = TAILQ_HEAD_INITIALIZER(dropped);
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

/* --- their life --- */

static void
move(struct evi_request *r, struct evi_requests *queue)
{
	if (r->queue != NULL)
		TAILQ_REMOVE(r->queue, r, link);
	in_flight += (queue == &asking) - (r->queue == &asking);
	r->queue = queue;
	if (queue != NULL)
		TAILQ_INSERT_TAIL(queue, r, link);
}

static void
free_request(struct evi_request *r)
{
	move(r, NULL);
	evi_request_free(r);
}

void
evi_request_is_answered(struct evi_request *r, int result)
{
	r->result = result;
	r->pass = pass;
	move(r, &answered);
}

static void
run_after(struct event *timer, int64_t us)
{
	struct timeval tv = {us / 1000000, us % 1000000};

	event_add(timer, &tv);
}

void
evi_request_rests(struct evi_request *r)
{
	int64_t us = (int64_t)evi_resolver.options.timeout * 1000000;

	r->rested = evi_dns_now() + us;
	move(r, &resting);
	if (TAILQ_FIRST(&resting) == r)
		run_after(&rest_event, us);
}

/* --- at large --- */

static void
submit(struct evi_request *r)
{
	move(r, &asking);
	r->began = evi_dns_now();
	evi_request_start(r);
}

/* Whether one more may be asked; if not now, looks again when that may be. */
static bool
has_room(void)
{
	struct evi_request *r;
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
	struct evi_request *r;

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
	struct evi_request *r;

	(void)fd;
	(void)what;
	(void)arg;
	evi_resolver_check();
	if (!evi_resolver_can_ask())
		return;
	while ((r = TAILQ_FIRST(&resting)) != NULL && r->rested <= now) {
		move(r, &slow);
		evi_request_start_round(r);
	}
	if (r != NULL)
		run_after(&rest_event, r->rested - now);
	evi_resolve_work();
}

void
evi_resolve_let_go(void)
{
	struct evi_request *r;

	TAILQ_FOREACH (r, &asking, link)
		evi_waiter_leave(&r->waiter);
	TAILQ_FOREACH (r, &slow, link)
		evi_waiter_leave(&r->waiter);
	evi_nameservers_use(NULL, NULL);
}

static void
ask_all_again(struct evi_requests *queue)
{
	struct evi_requests again = TAILQ_HEAD_INITIALIZER(again);
	struct evi_request *r;

	TAILQ_CONCAT(&again, queue, link);
	while ((r = TAILQ_FIRST(&again)) != NULL) {
		TAILQ_REMOVE(&again, r, link);
		TAILQ_INSERT_TAIL(queue, r, link);
		evi_request_start_round(r);
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
	struct evi_requests held = TAILQ_HEAD_INITIALIZER(held);
	struct evi_request *r;

	TAILQ_CONCAT(&held, &resting, link);
	TAILQ_CONCAT(&held, &slow, link);
	TAILQ_CONCAT(&held, &asking, link);
	TAILQ_CONCAT(&held, &waiting, link);
	while ((r = TAILQ_FIRST(&held)) != NULL) {
		TAILQ_REMOVE(&held, r, link);
		TAILQ_INSERT_TAIL(&waiting, r, link);
		r->queue = &waiting;
		evi_request_leave(r);
	}
	in_flight = 0;
	event_del(&rest_event);
	event_del(&slow_event);
}

static void
deliver(struct evi_request *r)
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

/* Ends all requests of a queue.  A callback may end more of them, and those that
 * are left here. */
static void
drop(struct evi_requests *queue, bool tell)
{
	struct evi_request *r;

	TAILQ_FOREACH (r, queue, link) {
		r->queue = &dropped;
		r->result = DNS_ERR_SHUTDOWN;
		r->silent = !tell;
	}
	TAILQ_CONCAT(&dropped, queue, link);
	while ((r = TAILQ_FIRST(&dropped)) != NULL) {
		if (r->silent)
			free_request(r);
		else
			deliver(r);
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
		evi_request_go_on(ask);
		while ((ns = evi_next_given_up()) != NULL)
			evi_requests_give_up(ns);
	}
}

/*
 * What a callback asks for, and is known at once, has to wait.  If a callback
 * runs the loop, the rest is delivered there.
 */
static void
deliver_all(void)
{
	struct evi_request *r;

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
	evi_dns_log_flush();
	work_left();
}

/* --- evdns_resolve_*() --- */

/* What is asked now is asked by what the files say now. */
static void
prepare(void)
{
	evi_resolver_check();
	evi_sources_look(&evi_resolver);
}

/* Takes a request over: it is answered soon, or waits for its turn. */
static int
take(struct evi_request *r)
{
	if (r == NULL)
		return -1;
	if (refusing) {
		evi_request_free(r);
		return -1;
	}
	/* 1.4: a new request goes out, and pulls those that were held. */
	if (evi_resolver.servers != NULL)
		evi_resolver.suspended = false;
	if (!evi_request_is_known(r))
		move(r, &waiting);
	evi_resolve_pump();
	return 0;
}

/* 1.4: the empty name is the root's, which is not searched for. */
static int
resolve(const char *name, int type, int family, int flags,
    evdns_callback_type callback, void *arg)
{
	bool is_root = strcmp(name, "") == 0 || strcmp(name, ".") == 0;
	struct evi_request *r;

	if (!is_root && !evi_wire_name_ok(name))
		return -1;
	prepare();
	r = evi_request_new(is_root ? "" : name, type, callback, arg);
	if (r == NULL)
		return -1;
	r->family = family;
	if (!is_root && !(flags & DNS_QUERY_NO_SEARCH) &&
	    evi_resolver.search != NULL)
		r->search = evi_search_ref(evi_resolver.search);
	return take(r);
}

int
evdns_resolve_ipv4(const char *name, int flags, evdns_callback_type callback,
    void *ptr)
{
	return resolve(name, ns_t_a, AF_INET, flags, callback, ptr);
}

int
evdns_resolve_ipv6(const char *name, int flags, evdns_callback_type callback,
    void *ptr)
{
	return resolve(name, ns_t_aaaa, AF_INET6, flags, callback, ptr);
}

static int
resolve_reverse(const char *name, int family, const void *address, size_t size,
    evdns_callback_type callback, void *arg)
{
	struct evi_request *r;

	prepare();
	r = evi_request_new(name, ns_t_ptr, callback, arg);
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
