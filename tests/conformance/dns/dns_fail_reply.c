/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Servers that say that they cannot or will not: the next one is asked at once,
 * and what the last one says is the outcome.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"

static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static const struct zone nowhere[] = {{NULL, NULL}};
static const struct zone no_data[] = {{"*", NODATA}, {NULL, NULL}};

/* A server that answers everything with this code. */
#define SAYS(code)                                                             \
	(const struct zone[])                                                  \
	{                                                                      \
		{"*", code},                                                   \
		{                                                              \
			NULL, NULL                                             \
		}                                                              \
	}

static void
check_alone(const char *code, const char *log)
{
	struct dns d;

	dns_set_up(&d, SAYS(code));
	set_long_timeout();
	look_up_soon("www.test");
	assert_asked(d.server, "A www.test");
	assert_log(log);
	dns_tear_down(&d);
}

TEST(dns_failure_of_the_only_server_is_reported,
    DIFFERS(V21, "sends three questions in all"))
{
	check_alone(SERVFAIL, "www.test:serverfailed");
}

TEST(dns_refusal_of_the_only_server_is_reported)
{
	check_alone(REFUSED, "www.test:refused");
}

TEST(dns_notimp_of_the_only_server_is_reported)
{
	check_alone(NOTIMP, "www.test:notimpl");
}

TEST(dns_formerr_of_the_only_server_is_reported)
{
	check_alone(FORMERR, "www.test:format");
}

/* The first server replies with this code, the second one knows the name. */
static void
check_next_is_asked(const char *code)
{
	struct dns d;

	dns_set_up_two(&d, SAYS(code), good);
	look_up_soon("www.test");
	assert_asked(d.server, "A www.test");
	assert_asked(d.second, "A www.test");
	assert_log("www.test:192.0.2.1/60");
	/* The first server did answer, so that it is still asked first. */
	look_up_soon("again.test");
	assert_asked(d.server, "A again.test");
	assert_log("again.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_next_server_is_asked_after_servfail,
    DIFFERS(V14, "the second server is not asked"))
{
	check_next_is_asked(SERVFAIL);
}

TEST(dns_next_server_is_asked_after_refused,
    DIFFERS(V14, "the second server is asked after a time-out"),
    DIFFERS(V21, "the second server is asked after a time-out"))
{
	check_next_is_asked(REFUSED);
}

TEST(dns_next_server_is_asked_after_notimp,
    DIFFERS(V14, "the second server is asked after a time-out"),
    DIFFERS(V21, "the second server is asked after a time-out"))
{
	check_next_is_asked(NOTIMP);
}

TEST(dns_next_server_is_asked_after_formerr,
    DIFFERS(V14, "the second server is not asked"),
    DIFFERS(V21, "the second server is not asked"))
{
	check_next_is_asked(FORMERR);
}

TEST(dns_all_kinds_of_requests_go_to_the_next_server,
    DIFFERS(V14, "the second server is not asked"))
{
	static const struct zone four[] = {{"a.test", "192.0.2.1"},
	    {"aaaa.test", "2001:db8::1"},
	    {"7.2.0.192.in-addr.arpa", "four.test"},
	    {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	     "ip6.arpa",
		"six.test"},
	    {NULL, NULL}};
	struct in6_addr in6;
	struct in_addr in;
	struct dns d;

	dns_set_up_two(&d, SAYS(SERVFAIL), four);
	look_up_soon("a.test");
	ask6("aaaa.test");
	wait_soon();
	inet_pton(AF_INET, "192.0.2.7", &in);
	inet_pton(AF_INET6, "2001:db8::1", &in6);
	pending += 2;
	evdns_resolve_reverse(&in, 0, note_outcome_cb, "R");
	wait_soon_until(1);
	evdns_resolve_reverse_ipv6(&in6, 0, note_outcome_cb, "R6");
	wait_soon();
	assert_log("a.test:192.0.2.1/60 aaaa.test:2001:db8::1/60 "
		   "R:four.test/60 R6:six.test/60");
	assert_int_equal(responder_count(d.server), 4);
	assert_int_equal(responder_count(d.second), 4);
	dns_tear_down(&d);
}

TEST(dns_last_failure_is_the_outcome,
    DIFFERS(V14, "the second server is not asked"),
    DIFFERS(V21, "after REFUSED comes a time-out"))
{
	struct dns d;

	dns_set_up_two(&d, SAYS(SERVFAIL), SAYS(REFUSED));
	look_up_soon("www.test");
	assert_asked(d.server, "A www.test");
	assert_asked(d.second, "A www.test");
	assert_log("www.test:refused");
	dns_tear_down(&d);
}

static void
check_is_final(const struct zone *zone, const char *log)
{
	struct dns d;

	dns_set_up_two(&d, zone, good);
	look_up_soon("www.test");
	assert_asked(d.server, "A www.test");
	assert_asked(d.second, "");
	assert_log(log);
	dns_tear_down(&d);
}

TEST(dns_name_that_does_not_exist_is_not_asked_of_the_next_server)
{
	check_is_final(nowhere, "www.test:notexist");
}

TEST(dns_name_without_an_address_is_not_asked_of_the_next_server,
    DIFFERS(V21, "no data has an error code of its own"))
{
	check_is_final(no_data, "www.test:unknown");
}

/* Each name of the search list is asked of each server. */
TEST(dns_search_continues_after_all_servers_failed,
    DIFFERS(V14, "the second server is not asked"),
    DIFFERS(V21, "asks a server again that failed"))
{
	static const struct zone both[] = {{"www.b.test", "192.0.2.2"},
	    {"*", SERVFAIL}, {NULL, NULL}};
	struct dns d;

	dns_set_up_two(&d, SAYS(SERVFAIL), both);
	evdns_search_add("b.test");
	evdns_search_add("a.test");
	look_up_soon("www");
	assert_asked(d.server, "A www.a.test, A www.b.test");
	assert_asked(d.second, "A www.a.test, A www.b.test");
	assert_log("www:192.0.2.2/60");
	dns_tear_down(&d);
}

/* --- EDNS --- */

/* A server that does not know EDNS. */
static void
plain_rule(const struct question *q, struct reply *reply, void *log)
{
	strcat(log, q->edns ? "edns " : "plain ");
	if (q->edns)
		reply_rcode(reply, 1);
	else
		reply_a(reply, "192.0.2.1", 60);
}

/* A server that knows EDNS, and replies FORMERR for another reason. */
static void
formerr_rule(const struct question *q, struct reply *reply, void *log)
{
	strcat(log, q->edns ? "edns " : "plain ");
	if (q->edns) {
		reply->section = 3;
		reply_record(reply, ".", TYPE_OPT, 0, NULL, 0);
	}
	reply_rcode(reply, 1);
}

TEST(dns_edns0_is_asked_for, DIFFERS(V14, "no EDNS"), DIFFERS(V21, "no EDNS"))
{
	char log[100] = "";
	struct dns d;

	dns_set_up_with(&d, 0, plain_rule, log);
	look_up("a.test");
	assert_string_equal(log, "plain ");
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	look_up("b.test");
	assert_string_equal(log, "plain edns plain ");
	dns_tear_down(&d);
}

TEST(dns_server_without_edns_is_asked_without_it, DIFFERS(V14, "no EDNS"),
    DIFFERS(V21, "no EDNS"))
{
	char log[100] = "";
	struct dns d;

	dns_set_up_two_with(&d, 0, plain_rule, log, nowhere);
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	look_up_soon("a.test");
	assert_string_equal(log, "edns plain ");
	assert_log("a.test:192.0.2.1/60");
	/* The resolver remembers that the server has no EDNS. */
	look_up_soon("b.test");
	assert_string_equal(log, "edns plain plain ");
	assert_log("b.test:192.0.2.1/60");
	assert_asked(d.second, "");
	dns_tear_down(&d);
}

TEST(dns_server_without_edns_is_asked_for_many_names_at_once,
    DIFFERS(V14, "no EDNS"), DIFFERS(V21, "no EDNS"))
{
	char log[1000] = "";
	struct dns d;

	dns_set_up_two_with(&d, 0, plain_rule, log, nowhere);
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	for (int i = 0; i < 20; i++)
		ask("a.test");
	wait_soon();
	assert_asked(d.second, "");
	assert_null(strstr(noted(), "notexist"));
	assert_int_equal(strncmp(log, "edns ", 5), 0);
	assert_int_equal(responder_count(d.server), 40);
	dns_tear_down(&d);
}

TEST(dns_formerr_that_is_not_about_edns_goes_to_the_next_server,
    DIFFERS(V14, "the second server is not asked"), DIFFERS(V21, "no EDNS"))
{
	char log[100] = "";
	struct dns d;

	dns_set_up_two_with(&d, 0, formerr_rule, log, good);
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	look_up_soon("a.test");
	assert_int_equal(strncmp(log, "edns ", 5), 0);
	assert_in_range(responder_count(d.server), 1, 2);
	assert_asked(d.second, "A a.test");
	assert_log("a.test:192.0.2.1/60");
	dns_tear_down(&d);
}
