/* SPDX-License-Identifier: BSD-3-Clause */
/* Many questions of several processes; see the header. */
#include "dns_many.h"

struct many many;

static void
many_address(char text[INET6_ADDRSTRLEN], char who, int n)
{
	if (n % 2 == 0)
		snprintf(text, INET6_ADDRSTRLEN, "10.%d.%d.%d", who, n >> 8,
		    n & 255);
	else
		snprintf(text, INET6_ADDRSTRLEN, "fd00::%x:%x", who, n);
}

void
many_rule(const struct question *q, struct reply *reply, void *arg)
{
	char zone[16], who, address[INET6_ADDRSTRLEN];
	int n;

	(void)arg;
	assert_int_equal(sscanf(q->name, "%c%d.%15[a-z].test", &who, &n, zone),
	    3);
	many_address(address, who, n);
	if (strcmp(zone, "cut") == 0 && !q->tcp) {
		reply->flags |= FLAG_TRUNCATED;
		return;
	}
	if (strcmp(zone, "late") == 0)
		reply->delay = LONG_MS;
	else if (strcmp(zone, "quick") != 0)
		reply->delay = SOME_MS;
	if (strcmp(zone, "none") == 0)
		reply_rcode(reply, 3);
	else if (n % 2 == 0)
		reply_a(reply, address, 60);
	else
		reply_aaaa(reply, address, 60);
}

void
many_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	struct query *query = arg;
	char expected[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN];
	bool is_v4 = query->n % 2 == 0;

	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(type, is_v4 ? DNS_IPv4_A : DNS_IPv6_AAAA);
	assert_int_equal(count, 1);
	assert_int_equal(ttl, 60);
	many_address(expected, query->who, query->n);
	inet_ntop(is_v4 ? AF_INET : AF_INET6, addresses, text, sizeof text);
	assert_string_equal(text, expected);
	assert_int_equal(++query->calls, 1);
	many.answered++;
}

void
many_ask_zone(char who, int n, const char *zone, evdns_callback_type cb)
{
	char name[64];

	for (int i = 0; i < n; i++) {
		struct query *query = &many.queries[many.asked++];
		int r;

		query->who = who;
		query->n = i;
		snprintf(name, sizeof name, "%c%d%s", who, i, zone);
		if (i % 2 == 0)
			r = evdns_resolve_ipv4(name, 0, cb, query);
		else
			r = evdns_resolve_ipv6(name, 0, cb, query);
		assert_int_equal(r, 0);
	}
}

void
many_ask(char who, int n)
{
	many_ask_zone(who, n, ".many.test", many_cb);
}

static bool
all_answered(void)
{
	return many.answered + many.dropped == many.asked;
}

void
many_finish(void)
{
	double end = now_ms() + LATE_MS;
	bool continues = true;
	struct event limit;

	evtimer_set(&limit, idle_cb, NULL);
	event_base_set(many.base, &limit);
	while (!all_answered() && continues && now_ms() < end) {
		int before = many.answered;

		evtimer_add(&limit, MSEC(QUIET_MS));
		continues =
		    event_base_loop(many.base, EVLOOP_ONCE) == 0 &&
		    (many.answered > before || evtimer_pending(&limit, NULL));
	}
	evtimer_del(&limit);
	event_base_loop(many.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	if (!all_answered())
		fail_msg("%d of %d answers in time", many.answered,
		    many.asked - many.dropped);
}

void
many_drop_all(void)
{
	many.dropped = many.asked - many.answered;
}

void
many_wait_asked(int n)
{
	double end = now_ms() + LATE_MS;

	while (responder_count(many.server) < n && now_ms() < end)
		usleep(1000);
	assert_in_range(responder_count(many.server), n, 100000);
}

void
many_loop_until_asked(int n)
{
	double end = now_ms() + LATE_MS;

	while (responder_count(many.server) < n && now_ms() < end)
		event_base_loop(many.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_in_range(responder_count(many.server), n, 100000);
}

void
many_check_asked_at_most(int n)
{
	assert_in_range(responder_count(many.server), 0, n);
}

void
many_start_server(void)
{
	many.server =
	    responder_new("127.0.0.1", RESPONDER_CHILD, many_rule, NULL);
}

void
many_add_server(void)
{
	const char *address = responder_address(many.server);

	evdns_set_option("randomize-case:", "0", DNS_OPTIONS_ALL);
	assert_int_equal(evdns_nameserver_ip_add(address), 0);
}

void
many_set_up(void)
{
	many_start_server();
	many.base = event_init();
	many_add_server();
}

void
many_tear_down(void)
{
	evdns_shutdown(0);
	event_base_free(many.base);
	responder_free(many.server);
}

void
wait_for_child(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}
