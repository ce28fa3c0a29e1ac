/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a lookup costs: system calls, allocations, bytes.  The server runs on
 * the same loop, so that the counts are the same each time, or in a process of
 * its own where its allocations must not count.  On a busy machine a reply may
 * take longer than the time-out, and the question is sent again: that counts as
 * one more question.
 */
#include <evdns.h>
#include <stdio.h>
#include <stdlib.h>

#include "dns_client_calls.h"
#include "dns/conf/file.h"
#include "dns_folder.h"
#include "responder.h"
#include "test.h"
#include "wrap.h"

/* --- lookups --- */

static void
rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
}

static int pending, to_ask;

static void outcome_cb(int result, char type, int count, int ttl,
    void *addresses, void *arg);

static void
ask(void)
{
	pending++;
	to_ask--;
	assert_int_equal(evdns_resolve_ipv4("www.test", 0, outcome_cb, NULL),
	    0);
}

static void
outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	(void)arg;
	assert_int_equal(result, DNS_ERR_NONE);
	pending--;
	if (to_ask > 0)
		ask();
}

/* Looks n names up, of which at_once are in flight. */
static void
look_up(int n, int at_once)
{
	to_ask = n;
	while (pending < at_once)
		ask();
	while (pending > 0)
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
}

struct stage {
	struct event_base *base;
	struct responder *server;
};

/* The files of the resolver do not exist, and nobody can make them in /proc. */
static void
set_up(struct stage *s, int flags)
{
	s->base = event_init();
	evi_file_names =
	    (struct file_names){"/proc/none", "/proc/none", "/proc/none"};
	s->server = responder_new("127.0.0.1", flags, rule, NULL);
}

static void
set_up_used(struct stage *s, int flags)
{
	set_up(s, flags);
	assert_int_equal(evdns_nameserver_ip_add(responder_address(s->server)),
	    0);
}

static void
tear_down(struct stage *s)
{
	evdns_shutdown(0);
	responder_free(s->server);
	event_base_free(s->base);
}

/* How many questions were sent again in the last call of cost(). */
static long resent;

/* The cost of n lookups, after others that allocate what the resolver keeps. */
static struct counts
cost(int n, int at_once)
{
	struct counts before;

	dns_client_calls = (struct dns_client_calls){0};
	look_up(3 * at_once, at_once);
	resent = dns_client_calls.sent - 3 * at_once;
	before = counts;
	dns_client_calls = (struct dns_client_calls){0};
	look_up(n, at_once);
	resent += dns_client_calls.sent - n;
	return counts_since(&before);
}

/*
 * The same for a run in which no question was sent again and nothing was kept,
 * of 20 runs at most: on a busy machine a reply may take longer than the
 * time-out, and after a second without a question the resolver opens a new
 * socket.
 */
static struct counts
cost_without_resends(int n, int at_once)
{
	struct counts c;
	int runs = 0;

	do
		c = cost(n, at_once);
	while ((resent > 0 || c.frees != c.allocs) && ++runs < 20);
	return c;
}

/* --- system calls --- */

#define N 640

/*
 * The loop turns twice: once for the server, once for the resolver.  c-ares
 * takes 256 random bytes at a time, where the C library has no
 * arc4random_buf(3): 2 of them are for a question's ID; from 1.31 on 2 more are
 * for a skip list.
 */
static void
assert_least_calls(const struct counts *c)
{
	assert_int_equal(dns_client_calls.sendmmsg, N);
	assert_int_equal(dns_client_calls.recvmmsg, N);
	assert_in_range(dns_client_calls.getrandom, 0, N / 50);
	assert_in_range(c->epoll_wait, N, 2 * N);
	assert_int_equal(c->epoll_ctl, 0);
	assert_int_equal(c->reads, 0);
	assert_int_equal(c->writes, 0);
	assert_int_equal(c->others, 0);
	assert_int_equal(c->files, 0);
}

TEST(dns_lookup_costs_one_send_and_one_read)
{
	struct counts c;
	struct stage s;

	set_up_used(&s, 0);
	c = cost(N, 1);
	assert_least_calls(&c);
	tear_down(&s);
}

/*
 * The resolver reads a file again that was written less than two seconds ago,
 * as it may have changed in the same tick of the clock: the best of some runs
 * counts.
 */
TEST(dns_files_that_do_not_change_cost_no_call)
{
	char text[100];
	struct counts c;
	struct stage s;
	int runs = 0;

	set_up(&s, 0);
	snprintf(text, sizeof(text), "nameserver %s\nsearch a.test b.test\n",
	    responder_address(s.server));
	folder_open();
	use_folder();
	write_file("hosts", "127.0.0.1 localhost\n");
	write_file("resolv.conf", text);
	assert_int_equal(evdns_init(), 0);
	do
		c = cost(N, 1);
	while (c.reads > 0 && ++runs < 20);
	assert_least_calls(&c);
	tear_down(&s);
	folder_close();
}

/* Replies are read many at a time, and so are the next questions sent. */
TEST(dns_lookups_at_the_same_time_share_their_calls)
{
	struct counts c;
	struct stage s;
	long sent;

	set_up_used(&s, 0);
	c = cost(N, 64);
	sent = dns_client_calls.sent;
	assert_in_range(dns_client_calls.recvmmsg, N / 64, sent / 8);
	/* The first 64 questions are sent outside of the loop, one by one. */
	assert_in_range(dns_client_calls.sendmmsg, N / 64, 64 + sent / 4);
	assert_in_range(c.epoll_wait, N / 64, sent / 8);
	assert_int_equal(c.epoll_ctl, 0);
	assert_int_equal(c.others, 0);
	tear_down(&s);
}

static void
turn_for(int ms)
{
	event_loopexit(MSEC(ms));
	assert_int_equal(event_dispatch(), 0);
}

/* The timer of a lookup that was answered may still fire once. */
TEST(idle_dns_resolver_does_not_wake_up)
{
	struct counts before;
	struct stage s;

	set_up_used(&s, 0);
	look_up(10, 1);
	turn_for(600);
	before = counts;
	turn_for(400);
	assert_in_range(counts_since(&before).epoll_wait, 0, 2);
	tear_down(&s);
}

/* --- allocations --- */

/*
 * Three are ours: the request, the question, and the answer.  Six are those of
 * c-ares 1.18.
 */
#define ALLOCATIONS 9

static void
assert_allocations(const struct counts *c)
{
	assert_in_range(dns_client_calls.sent, N, 2 * N);
	assert_in_range(c->allocs, 3 * N, ALLOCATIONS * dns_client_calls.sent);
	/* A question that was sent again may not have been freed yet. */
	if (resent == 0) {
		assert_int_equal(c->frees, c->allocs);
		assert_int_equal(c->bytes, 0);
	}
}

TEST(dns_lookup_costs_few_allocations,
    DIFFERS_WITH_CARES(CARES_1_31, "c-ares needs more for a lookup"))
{
	struct counts c;
	struct stage s;

	set_up_used(&s, RESPONDER_CHILD);
	c = cost_without_resends(N, 1);
	assert_allocations(&c);
	tear_down(&s);
	set_up_used(&s, RESPONDER_CHILD);
	c = cost_without_resends(N, 64);
	assert_allocations(&c);
	tear_down(&s);
}

TEST(dns_resolver_that_is_shut_down_keeps_nothing)
{
	long bytes = 0;

	for (int i = 0; i < 5; i++) {
		struct stage s;

		set_up_used(&s, RESPONDER_CHILD);
		look_up(100, 10);
		tear_down(&s);
		if (i > 0)
			assert_int_equal(counts.bytes, bytes);
		bytes = counts.bytes;
	}
}

/* --- many --- */

static void
ask_many(int n)
{
	to_ask = n;
	while (to_ask > 0)
		ask();
}

/* The name counts as well. */
TEST(dns_request_that_waits_takes_at_most_256_bytes)
{
	struct counts before;
	struct stage s;
	long bytes;

	set_up_used(&s, RESPONDER_CHILD);
	look_up(10, 1);
	before = counts;
	ask_many(10000);
	bytes = counts_since(&before).bytes / 10000;
	assert_in_range(bytes, 100, 256);
	tear_down(&s);
}

/* What a lookup costs that is in flight with n others. */
static struct counts
cost_among(int n)
{
	struct counts before, c;
	struct stage s;

	set_up_used(&s, RESPONDER_CHILD);
	evdns_set_option("max-inflight:", "20000", DNS_OPTIONS_ALL);
	look_up(200, 10);
	before = counts;
	dns_client_calls = (struct dns_client_calls){0};
	ask_many(n);
	while (pending > 0)
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	c = counts_since(&before);
	tear_down(&s);
	return c;
}

TEST(dns_lookup_among_many_costs_no_more_than_alone,
    DIFFERS_WITH_CARES(CARES_1_31, "c-ares needs more for a lookup"))
{
	static const int many[] = {100, 1000, 10000};

	for (size_t i = 0; i < sizeof(many) / sizeof(*many); i++) {
		struct counts c = cost_among(many[i]);
		long n = many[i], sent = dns_client_calls.sent;
		long calls =
		    dns_client_calls.sendmmsg + dns_client_calls.recvmmsg;

		assert_in_range(sent, n, 3 * n);
		assert_in_range(c.allocs, 3 * n, 12 * sent + 50);
		assert_in_range(c.copied, 0, 300 * sent + 10000);
		assert_in_range(c.searched, 0, 50 * sent + 10000);
		assert_in_range(calls, n / 32, 2 * sent);
	}
}
