/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's cases of evdns.c in c-ares' own interface, directly on epoll:
 * what looking names up costs with no other library above it.
 */
#define CARES_NO_DEPRECATED
#include <ares.h>

#include "bench.h"
#include "dns.h"

#include <sys/epoll.h>
#include <sys/time.h>

#include <arpa/nameser.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define AT_ONCE 64 /* evdns's default of max-inflight */

static ares_channel channel;
static int epoll_fd;
static int in_flight;
static long asked, last, done, answered;

static void
watch_cb(void *data, ares_socket_t fd, int readable, int writable)
{
	struct epoll_event ev = {.data.fd = fd};

	ev.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
	if (ev.events == 0)
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
		bench_need(epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &ev) == 0,
		    "epoll_ctl");
}

static void
start(int n, int drop)
{
	struct ares_options options = {
	    .sock_state_cb = watch_cb,
	    .lookups = (char[]){"b"},
	};
	const int mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
	char server[32];

	in_flight = n;
	snprintf(server, sizeof(server), "127.0.0.1:%d",
	    dns_start_server(drop, n));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	bench_need(epoll_fd >= 0, "epoll_create1");
	ares_library_init(ARES_LIB_INIT_ALL);
	bench_need(ares_init_options(&channel, &options, mask) == ARES_SUCCESS,
	    "ares_init_options");
	bench_need(ares_set_servers_ports_csv(channel, server) == ARES_SUCCESS,
	    "ares_set_servers_ports_csv");
}

/* One pass: waits for packets or the next timeout, and handles both. */
static void
pass(void)
{
	struct epoll_event ready[8];
	struct timeval tv, *next = ares_timeout(channel, NULL, &tv);
	int ms =
	    next ? (int)(next->tv_sec * 1000 + next->tv_usec / 1000 + 1) : -1;
	int n = epoll_wait(epoll_fd, ready, 8, ms);

	for (int i = 0; i < n; i++) {
		int fd = ready[i].data.fd;
		int is_in = ready[i].events & EPOLLIN;
		int is_out = ready[i].events & EPOLLOUT;

		ares_process_fd(channel, is_in ? fd : ARES_SOCKET_BAD,
		    is_out ? fd : ARES_SOCKET_BAD);
	}
	if (n == 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static int
is_right(int status, const unsigned char *p, int len, const void *arg)
{
	struct ares_addrttl addresses[2];
	int n = 2;

	if (status == ARES_SUCCESS)
		status = ares_parse_a_reply(p, len, NULL, addresses, &n);
	return status == ARES_SUCCESS && n == 1 &&
	       addresses[0].ipaddr.s_addr == dns_address((long)arg);
}

static void ask(void);

static void
answer_cb(void *arg, int status, int timeouts, unsigned char *p, int len)
{
	answered += is_right(status, p, len, arg);
	done++;
	if (asked < last)
		ask();
}

static void
ask(void)
{
	long i = asked++;

	ares_query(channel, dns_name(i), ns_c_in, ns_t_a, answer_cb, (void *)i);
}

/* Looks n names up, and returns how many were answered. */
static long
ask_for(long n)
{
	time_t end = time(NULL) + DNS_PATIENCE_SECONDS;

	done = answered = 0;
	last = asked + n;
	for (int i = 0; i < in_flight && asked < last; i++)
		ask();
	while (done < n && time(NULL) < end)
		pass();
	return answered;
}

/* resolve: n names are in flight; after each reply the next one starts. */

static int
resolve_setup(int n, int drop)
{
	start(n, drop);
	return n;
}

static long
resolve_run(long n)
{
	bench_need(ask_for(n) == n, "an answer");
	return n;
}

/* names: n of them, of which as many are in flight as with evdns. */

static int
names_setup(int n, int drop)
{
	start(AT_ONCE, drop);
	return n;
}

static long
names_run(long n)
{
	bench_lost(n - ask_for(n));
	return n;
}

void
bench_print_version(void)
{
	printf("%s, epoll\n", ares_version(NULL));
}

const size_t bench_event_size = 0;

const struct bench_case bench_cases[] = {
    {"resolve", resolve_setup, resolve_run},
    {"names", names_setup, names_run},
    {NULL, NULL, NULL},
};
