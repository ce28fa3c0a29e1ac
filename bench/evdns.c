/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cases of evdns, in libevent 1.4's interface: it looks names up, and
 * replies to queries.  A case's N is how many names are in flight, or how many
 * there are in all; its TOKENS how many of a thousand exchanges fail.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <netinet/in.h>

#include <event.h>
#include <evdns.h>

#include "dns.h"
#include "tally.h"

#include <stdio.h>
#include <string.h>

static struct event_base *base;
static long asked, answered;
static struct tally tally;

static void
start(void)
{
	base = event_init();
	bench_need(base != NULL, "event_init");
}

static void
one_done(void)
{
	if (tally_one(&tally))
		event_base_loopbreak(base);
}

static void
run_loop(void)
{
	event_base_dispatch(base);
}

static long
dispatch(long n)
{
	return tally_run(&tally, n, run_loop);
}

/* The client.  There is one nameserver, and no search list. */

static void
start_client(int n, int drop, const char *limit)
{
	char server[32];

	start();
	snprintf(server, sizeof(server), "127.0.0.1:%d",
	    dns_start_server(drop, n));
	bench_need(evdns_nameserver_ip_add(server) == 0, server);
	bench_need(evdns_set_option("max-inflight:", limit, DNS_OPTIONS_ALL) ==
		       0,
	    "evdns_set_option");
}

static int
ask(evdns_callback_type cb)
{
	long i = asked++;

	return evdns_resolve_ipv4(dns_name(i), DNS_QUERY_NO_SEARCH, cb,
	    (void *)i);
}

static int
is_right(int result, int type, int n, const void *addresses, const void *arg)
{
	uint32_t address = dns_address((long)arg);

	return result == DNS_ERR_NONE && type == DNS_IPv4_A && n == 1 &&
	       memcmp(addresses, &address, sizeof(address)) == 0;
}

/* resolve: n names are in flight; after each reply the next one starts. */

static int in_flight;
static long last; /* the number of the last name of this run */

static void
resolve_cb(int result, char type, int n, int ttl, void *addresses, void *arg)
{
	bench_need(is_right(result, type, n, addresses, arg), "an answer");
	if (asked < last)
		bench_need(ask(resolve_cb) == 0, "evdns_resolve_ipv4");
	one_done();
}

static int
resolve_setup(int n, int drop)
{
	start_client(n, drop, "64");
	in_flight = n;
	return n;
}

/*
 * Nothing is in flight at the end of a run.  In a run under a counting tool,
 * replies arrive faster than the library sends queries; without a last one the
 * pass that handles the replies would never end.
 */
static long
resolve_run(long n)
{
	last = asked + n;
	for (int i = 0; i < in_flight && asked < last; i++)
		bench_need(ask(resolve_cb) == 0, "evdns_resolve_ipv4");
	return dispatch(n);
}

/* names: n of them, looked up at once; max-inflight limits what is sent. */

static void
names_cb(int result, char type, int n, int ttl, void *addresses, void *arg)
{
	answered += is_right(result, type, n, addresses, arg);
	one_done();
}

static int
names_setup(int n, int drop)
{
	start_client(n, drop, "64");
	return n;
}

static int
names_unlimited_setup(int n, int drop)
{
	start_client(n, drop, "10000");
	return n;
}

static long
names_run(long n)
{
	const struct timeval patience = {DNS_PATIENCE_SECONDS, 0};

	answered = 0;
	tally = (struct tally){.goal = n};
	for (long i = 0; i < n; i++)
		if (ask(names_cb) != 0)
			tally.goal--;
	event_base_loopexit(base, &patience);
	if (tally.goal > 0)
		event_base_dispatch(base);
	bench_lost(n - answered);
	return n;
}

/*
 * The server: n queries are in flight, and it replies to each at once.  Queries
 * keep arriving, so a run ends when the library stops reading.
 */

static void
serve_cb(struct evdns_server_request *req, void *arg)
{
	const char *name = req->questions[0]->name;
	uint32_t address = dns_address(dns_index(name));

	bench_need(evdns_server_request_add_a_reply(req, name, 1, &address,
		       60) == 0,
	    "evdns_server_request_add_a_reply");
	bench_need(evdns_server_request_respond(req, DNS_ERR_NONE) == 0,
	    "evdns_server_request_respond");
	one_done();
}

static int
serve_setup(int n, int drop)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	start();
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bench_need(bind(fd, (struct sockaddr *)&sin, len) == 0, "bind");
	getsockname(fd, (struct sockaddr *)&sin, &len);
	bench_need(evdns_add_server_port(fd, 0, serve_cb, NULL) != NULL,
	    "evdns_add_server_port");
	dns_start_asking(ntohs(sin.sin_port), n);
	return n;
}

const struct bench_case bench_evdns_cases[] = {
    {"resolve", resolve_setup, resolve_run},
    {"names", names_setup, names_run},
    {"names_unlimited", names_unlimited_setup, names_run},
    {"serve", serve_setup, dispatch},
    {NULL, NULL, NULL},
};
