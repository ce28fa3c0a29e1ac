/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * addresses.h, the resolver as another layer uses it: addresses of both
 * families, on a base that the layer chooses, independent of the program's
 * evdns.
 */
#include "dns/addresses.h"

#include <arpa/inet.h>
#include <evdns.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "dns_folder.h"
#include "responder.h"
#include "test.h"

static void
rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	if (strcmp(q->name, "silent.test") == 0)
		reply->drop = true;
	else if (strcmp(q->name, "none.test") == 0)
		reply_rcode(reply, 3);
	else if (q->type == TYPE_A)
		reply_a(reply, "192.0.2.1", 60);
	else
		reply_aaaa(reply, "2001:db8::1", 60);
}

struct stage {
	struct event_base *base;
	struct responder *server;
	struct addresses *resolver;
};

static void
set_up(struct stage *s)
{
	char text[100];

	s->base = event_base_new();
	s->server = responder_new("127.0.0.1", RESPONDER_CHILD, rule, NULL);
	folder_open();
	use_folder();
	snprintf(text, sizeof text, "nameserver %s\n",
	    responder_address(s->server));
	write_file("resolv.conf", text);
	write_file("hosts", "192.0.2.9 host.test\n");
	s->resolver = evi_addresses_new(s->base);
	assert_non_null(s->resolver);
}

static void
tear_down(struct stage *s)
{
	evi_addresses_free(s->resolver);
	/* The resolver has no event left on the base. */
	assert_int_equal(event_base_loop(s->base, 0), 1);
	folder_close();
	responder_free(s->server);
	event_base_free(s->base);
}

static void
note_addresses_cb(void *arg, int family, int error, const void *addresses,
    int n)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (n > 0)
		inet_ntop(family, addresses, text, sizeof text);
	note("%s:%d:%d:%s", (const char *)arg, family == AF_INET ? 4 : 6, error,
	    text);
}

static void
ask(struct stage *s, const char *name)
{
	assert_non_null(evi_addresses_ask(s->resolver, name, AF_UNSPEC,
	    note_addresses_cb, (void *)name));
}

static void
assert_either_order(const char *one, const char *other)
{
	if (strcmp(noted(), one) != 0)
		assert_string_equal(noted(), other);
	note_clear();
}

/* The loop ends by itself when both answers were delivered. */
TEST(dns_addresses_of_both_families_are_delivered)
{
	struct stage s;

	set_up(&s);
	ask(&s, "www.test");
	assert_log("");
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_either_order("www.test:4:0:192.0.2.1 www.test:6:0:2001:db8::1",
	    "www.test:6:0:2001:db8::1 www.test:4:0:192.0.2.1");
	ask(&s, "none.test");
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_either_order("none.test:4:3: none.test:6:3:",
	    "none.test:6:3: none.test:4:3:");
	tear_down(&s);
}

TEST(dns_addresses_of_one_family_alone_can_be_asked_for)
{
	struct stage s;

	set_up(&s);
	assert_non_null(evi_addresses_ask(s.resolver, "www.test", AF_INET,
	    note_addresses_cb, "w"));
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_log("w:4:0:192.0.2.1");
	assert_asked(s.server, "A www.test");
	tear_down(&s);
}

TEST(dns_addresses_in_the_hosts_file_need_no_packet)
{
	struct stage s;

	set_up(&s);
	ask(&s, "192.0.2.7");
	ask(&s, "2001:db8::7");
	ask(&s, "localhost");
	assert_log("");
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_non_null(strstr(noted(), "192.0.2.7:4:0:192.0.2.7"));
	assert_non_null(strstr(noted(), "2001:db8::7:6:0:2001:db8::7"));
	assert_non_null(strstr(noted(), "localhost:4:0:127.0.0.1"));
	assert_non_null(strstr(noted(), "localhost:6:0:::1"));
	note_clear();
	assert_non_null(evi_addresses_ask(s.resolver, "host.test", AF_INET,
	    note_addresses_cb, "h"));
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_log("h:4:0:192.0.2.9");
	assert_asked(s.server, "");
	tear_down(&s);
}

TEST(dns_addresses_do_not_use_the_resolver_of_evdns)
{
	struct stage s;

	set_up(&s);
	ask(&s, "www.test");
	assert_int_equal(evdns_count_nameservers(), 0);
	evdns_shutdown(1);
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_non_null(strstr(noted(), "192.0.2.1"));
	tear_down(&s);
}

TEST(dns_addresses_that_are_cancelled_are_not_delivered)
{
	struct resolution *r;
	struct stage s;

	set_up(&s);
	r = evi_addresses_ask(s.resolver, "silent.test", AF_UNSPEC,
	    note_addresses_cb, "s");
	assert_non_null(r);
	event_base_loop(s.base, EVLOOP_NONBLOCK);
	evi_addresses_cancel(r);
	assert_int_equal(event_base_dispatch(s.base), 1);
	r = evi_addresses_ask(s.resolver, "localhost", AF_UNSPEC,
	    note_addresses_cb, "l");
	evi_addresses_cancel(r);
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_log("");
	tear_down(&s);
}

static struct resolution *to_cancel;
static struct addresses *to_free;

static void
end_cb(void *arg, int family, int error, const void *addresses, int n)
{
	note_addresses_cb(arg, 0 * family + AF_INET, error, addresses,
	    n > 0 ? 0 : n);
	if (to_cancel != NULL)
		evi_addresses_cancel(to_cancel);
	evi_addresses_free(to_free);
	to_free = NULL;
}

TEST(dns_addresses_may_be_cancelled_in_their_callback)
{
	struct stage s;

	set_up(&s);
	to_cancel =
	    evi_addresses_ask(s.resolver, "www.test", AF_UNSPEC, end_cb, "w");
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_log("w:4:0:");
	tear_down(&s);
}

TEST(dns_resolver_may_be_freed_in_its_callback)
{
	struct stage s;

	set_up(&s);
	to_free = s.resolver;
	s.resolver = NULL;
	assert_non_null(
	    evi_addresses_ask(to_free, "www.test", AF_UNSPEC, end_cb, "w"));
	assert_non_null(
	    evi_addresses_ask(to_free, "localhost", AF_UNSPEC, end_cb, "l"));
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_log("l:4:0:");
	tear_down(&s);
}

TEST(dns_resolver_may_be_freed_while_lookups_are_pending)
{
	struct stage s;

	set_up(&s);
	ask(&s, "silent.test");
	ask(&s, "localhost");
	tear_down(&s);
	assert_log("");
}

static void
in_the_child(void *arg)
{
	struct stage *s = arg;

	assert_int_equal(event_reinit(s->base), 0);
	assert_int_equal(event_base_dispatch(s->base), 1);
	assert_non_null(strstr(noted(), "www.test:4:0:192.0.2.1"));
	assert_non_null(strstr(noted(), "www.test:6:0:2001:db8::1"));
	evi_addresses_free(s->resolver);
	event_base_free(s->base);
}

/* Parent and child get their answers, over sockets of their own. */
TEST(dns_addresses_are_delivered_in_a_child_too)
{
	struct stage s;

	set_up(&s);
	ask(&s, "www.test");
	assert_int_equal(in_child(in_the_child, &s), 0);
	assert_int_equal(event_base_dispatch(s.base), 1);
	assert_non_null(strstr(noted(), "www.test:4:0:192.0.2.1"));
	tear_down(&s);
}

/* --- in several threads, each with its own; check-tsan runs this --- */

#define THREADS 4
#define LOOKUPS 100

struct worker {
	pthread_t thread;
	struct addresses *resolver;
	int asked, good;
};

static void
count_good_cb(void *arg, int family, int error, const void *addresses, int n)
{
	struct worker *w = arg;

	(void)addresses;
	w->good += error == DNS_ERR_NONE && n == 1;
	if (family == AF_INET6 && w->asked++ < LOOKUPS)
		evi_addresses_ask(w->resolver,
		    w->asked % 2 ? "www.test" : "localhost", AF_UNSPEC,
		    count_good_cb, w);
}

static void *
run_worker(void *arg)
{
	struct event_base *base = event_base_new();
	struct worker *w = arg;

	w->resolver = evi_addresses_new(base);
	evi_addresses_ask(w->resolver, "www.test", AF_UNSPEC, count_good_cb, w);
	event_base_dispatch(base);
	evi_addresses_free(w->resolver);
	event_base_free(base);
	return NULL;
}

TEST(dns_resolvers_of_several_threads_share_nothing)
{
	struct worker workers[THREADS] = {0};
	struct stage s;

	set_up(&s);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
				     run_worker, &workers[i]),
		    0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].good, 2 * (LOOKUPS + 1));
	tear_down(&s);
}
