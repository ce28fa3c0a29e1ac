/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The search list: which names are tried for the one that is asked for, and
 * what is made of their outcomes.  evdns_search_add() puts a domain first.
 */
#include "test.h"
#include "dns.h"

/* A server, and a search list of a.test and b.test, in that order. */
static void
set_up_list(struct dns *d, const struct zone *zone)
{
	dns_set_up(d, zone);
	evdns_search_add("b.test");
	evdns_search_add("a.test");
}

static void
check_tried(int ndots, const char *name, const char *asked)
{
	struct dns d;

	set_up_list(&d, NULL);
	if (ndots >= 0)
		evdns_search_ndots_set(ndots);
	look_up(name);
	assert_asked(d.server, asked);
	dns_tear_down(&d);
}

TEST(search_list_is_empty_at_first)
{
	struct dns d;

	dns_set_up(&d, NULL);
	look_up("www");
	assert_asked(d.server, "A www");
	assert_log("www:notexist");
	dns_tear_down(&d);
}

TEST(search_comes_before_a_name_without_dots)
{
	check_tried(-1, "www", "A www.a.test, A www.b.test, A www");
}

TEST(search_comes_after_a_name_with_a_dot)
{
	check_tried(-1, "www.x", "A www.x, A www.x.a.test, A www.x.b.test");
}

TEST(search_with_ndots_0_comes_after_any_name)
{
	check_tried(0, "www", "A www, A www.a.test, A www.b.test");
}

TEST(search_with_ndots_2_comes_before_a_name_with_one_dot)
{
	check_tried(2, "www.x", "A www.x.a.test, A www.x.b.test, A www.x");
}

TEST(search_with_ndots_2_comes_after_a_name_with_two)
{
	check_tried(2, "www.x.y",
	    "A www.x.y, A www.x.y.a.test, A www.x.y.b.test");
}

TEST(search_with_ndots_100_comes_before_any_name)
{
	check_tried(100, "www.x.y",
	    "A www.x.y.a.test, A www.x.y.b.test, A www.x.y");
}

TEST(search_leaves_a_name_with_a_dot_at_its_end_alone,
    DIFFERS(V14, "the dot at the end is one like all others"),
    DIFFERS(V21, "the dot at the end is one like all others"))
{
	struct dns d;

	set_up_list(&d, NULL);
	look_up("www.");
	assert_asked(d.server, "A www");
	look_up("www.x.");
	assert_asked(d.server, "A www.x");
	dns_tear_down(&d);
}

TEST(search_is_left_out_on_request)
{
	struct dns d;

	set_up_list(&d, NULL);
	ask_as_it_is("www");
	wait_all();
	assert_asked(d.server, "A www");
	assert_log("www:notexist");
	dns_tear_down(&d);
}

TEST(search_flag_of_one_lookup_does_not_affect_others)
{
	struct dns d;

	set_up_list(&d, NULL);
	ask_with("www", ~DNS_QUERY_NO_SEARCH, note_outcome_cb);
	wait_all();
	assert_asked(d.server, "A www.a.test, A www.b.test, A www");
	ask_with("www", -1, note_outcome_cb);
	wait_all();
	assert_asked(d.server, "A www");
	dns_tear_down(&d);
}

TEST(search_is_for_ipv6_too)
{
	static const struct zone zone[] = {{"www.b.test", "2001:db8::1"},
	    {NULL, NULL}};
	struct dns d;

	set_up_list(&d, zone);
	ask6("www");
	wait_all();
	assert_asked(d.server, "AAAA www.a.test, AAAA www.b.test");
	assert_log("www:2001:db8::1/60");
	dns_tear_down(&d);
}

/*
 * What is made of the outcomes.
 */

static void
check_found(const struct zone *zone, const char *name, const char *asked,
    const char *outcome)
{
	struct dns d;

	set_up_list(&d, zone);
	look_up(name);
	assert_asked(d.server, asked);
	assert_log(outcome);
	dns_tear_down(&d);
}

TEST(search_ends_with_the_first_answer)
{
	static const struct zone zone[] = {{"www.b.test", "192.0.2.2"},
	    {"www", "192.0.2.3"}, {NULL, NULL}};

	check_found(zone, "www", "A www.a.test, A www.b.test",
	    "www:192.0.2.2/60");
}

TEST(search_ends_with_an_answer_to_the_bare_name)
{
	static const struct zone zone[] = {{"www.x", "192.0.2.2"},
	    {"www.x.a.test", "192.0.2.3"}, {NULL, NULL}};

	check_found(zone, "www.x", "A www.x", "www.x:192.0.2.2/60");
}

/* The first name has this outcome, the second one an answer. */
static void
check_continues(const char *reply)
{
	const struct zone zone[] = {{"www.a.test", reply},
	    {"www.b.test", "192.0.2.2"}, {NULL, NULL}};

	check_found(zone, "www", "A www.a.test, A www.b.test",
	    "www:192.0.2.2/60");
}

TEST(search_continues_after_a_name_that_does_not_exist)
{
	check_continues(NXDOMAIN);
}

TEST(search_continues_after_a_name_without_such_data)
{
	check_continues(NODATA);
}

TEST(search_continues_after_an_error_code_without_a_name)
{
	check_continues("9");
}

/* The same, for what may be asked for more than once. */
static void
check_works_in_the_end(const char *reply)
{
	const struct zone zone[] = {{"www.a.test", reply},
	    {"www.b.test", "192.0.2.2"}, {NULL, NULL}};
	struct dns d;

	set_up_list(&d, zone);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", "1", DNS_OPTIONS_ALL);
	look_up("www");
	assert_log("www:192.0.2.2/60");
	dns_tear_down(&d);
}

TEST(search_continues_after_a_server_that_failed,
    DIFFERS(V21, "a server that fails is one that does not answer"))
{
	check_works_in_the_end(SERVFAIL);
}

TEST(search_continues_after_a_server_that_refused)
{
	check_works_in_the_end(REFUSED);
}

TEST(search_continues_after_not_implemented)
{
	check_works_in_the_end(NOTIMP);
}

TEST(search_continues_after_a_format_error)
{
	check_works_in_the_end(FORMERR);
}

TEST(search_ends_with_a_timeout)
{
	static const struct zone zone[] = {{"www.a.test", SILENCE},
	    {"*", "192.0.2.2"}, {NULL, NULL}};
	struct dns d;
	double start;

	set_up_list(&d, zone);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", "1", DNS_OPTIONS_ALL);
	start = now_ms();
	look_up("www");
	assert_elapsed(start, 1000);
	assert_asked(d.server, "A www.a.test");
	assert_log("www:timeout");
	dns_tear_down(&d);
}

TEST(search_reports_the_last_error)
{
	static const struct zone zone[] = {{"www.b.test", NODATA},
	    {NULL, NULL}};

	check_found(zone, "www", "A www.a.test, A www.b.test, A www",
	    "www:notexist");
	check_found(zone, "www.b.test",
	    "A www.b.test, A www.b.test.a.test, A www.b.test.b.test",
	    "www.b.test:notexist");
}

TEST(search_reports_no_data_where_that_is_last,
    DIFFERS(V21, "no data has an error code of its own"))
{
	static const struct zone zone[] = {{"www", NODATA}, {NULL, NULL}};

	check_found(zone, "www", "A www.a.test, A www.b.test, A www",
	    "www:unknown");
}

/*
 * Domains.
 */

static void
check_domain(const char *domain, const char *asked)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add(domain);
	look_up("www");
	assert_asked(d.server, asked);
	dns_tear_down(&d);
}

TEST(search_domain_loses_its_leading_dots)
{
	check_domain(".x", "A www.x, A www");
	check_domain("..x", "A www.x, A www");
}

TEST(search_domain_loses_the_dot_at_its_end)
{
	check_domain("x.test.", "A www.x.test, A www");
}

TEST(search_domain_keeps_its_case)
{
	check_domain("X.Test", "A www.X.Test, A www");
}

TEST(search_domain_is_copied)
{
	char domain[] = "x.test";
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add(domain);
	memset(domain, 'y', sizeof domain - 1);
	look_up("www");
	assert_asked(d.server, "A www.x.test, A www");
	dns_tear_down(&d);
}

TEST(search_domain_with_an_empty_label_is_skipped,
    DIFFERS(V14, "sends a packet that is malformed"),
    DIFFERS(V21, "sends a packet that is malformed"))
{
	check_domain("x..y", "A www");
}

TEST(search_domain_that_makes_the_name_too_long_is_skipped,
    DIFFERS(V14, "the request is refused"),
    DIFFERS(V21, "the request is refused"))
{
	char domain[256], asked[300];
	struct dns d;

	for (int i = 0; i < 252; i++)
		domain[i] = i % 50 == 49 ? '.' : 'x';
	domain[252] = '\0';
	snprintf(asked, sizeof asked, "A www.y, A www");
	dns_set_up(&d, NULL);
	evdns_search_add("y");
	evdns_search_add(domain);
	look_up("www");
	assert_asked(d.server, asked);
	dns_tear_down(&d);
}

TEST(search_domains_may_be_many)
{
	char domain[32], asked[4096] = "";
	struct dns d;

	dns_set_up(&d, NULL);
	for (int i = 99; i >= 0; i--) {
		snprintf(domain, sizeof domain, "d%d.test", i);
		evdns_search_add(domain);
	}
	for (int i = 0; i < 100; i++) {
		size_t used = strlen(asked);

		snprintf(asked + used, sizeof asked - used, "A www.d%d.test, ",
		    i);
	}
	strcat(asked, "A www");
	look_up("www");
	assert_asked(d.server, asked);
	dns_tear_down(&d);
}

/*
 * Changes.
 */

TEST(search_clear_empties_the_list)
{
	struct dns d;

	set_up_list(&d, NULL);
	evdns_search_clear();
	look_up("www");
	assert_asked(d.server, "A www");
	evdns_search_add("c.test");
	look_up("www");
	assert_asked(d.server, "A www.c.test, A www");
	dns_tear_down(&d);
}

TEST(search_clear_of_an_empty_list_does_nothing)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_clear();
	evdns_search_clear();
	look_up("www");
	assert_asked(d.server, "A www");
	dns_tear_down(&d);
}

TEST(search_list_may_be_set_before_there_is_a_nameserver)
{
	struct dns d;

	dns_set_up_bare(&d);
	evdns_search_add("a.test");
	evdns_search_ndots_set(2);
	d.server = responder_new("127.0.0.1", 0, zone_rule, NULL);
	use_server(d.server);
	look_up("www.x");
	assert_asked(d.server, "A www.x.a.test, A www.x");
	dns_tear_down(&d);
}

TEST(search_in_progress_outlives_its_list)
{
	struct dns d;

	set_up_list(&d, NULL);
	ask("www");
	evdns_search_clear();
	wait_all();
	assert_asked(d.server, "A www.a.test, A www.b.test, A www");
	dns_tear_down(&d);
}

TEST(search_in_progress_ignores_changes,
    DIFFERS(V14, "it continues in the new list, at the old place"),
    DIFFERS(V21, "it continues in the new list, at the old place"))
{
	struct dns d;

	set_up_list(&d, NULL);
	ask("www");
	evdns_search_add("c.test");
	evdns_search_ndots_set(0);
	wait_all();
	assert_asked(d.server, "A www.a.test, A www.b.test, A www");
	dns_tear_down(&d);
}

static void
change_list_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	evdns_search_clear();
	evdns_search_add("c.test");
	ask("www");
}

TEST(search_list_may_be_changed_in_a_callback)
{
	struct dns d;

	set_up_list(&d, NULL);
	ask_with("first", 0, change_list_cb);
	wait_all();
	assert_asked(d.server, "A first.a.test, A first.b.test, A first, "
			       "A www.c.test, A www");
	assert_log("first:notexist www:notexist");
	dns_tear_down(&d);
}

TEST(searches_at_once_get_their_own_answers)
{
	static const struct zone zone[] = {{"one.b.test", "192.0.2.1"},
	    {"two.a.test", "192.0.2.2"}, {"three", "192.0.2.3"}, {NULL, NULL}};
	struct dns d;

	set_up_list(&d, zone);
	ask("one");
	ask("two");
	ask("three");
	wait_all();
	assert_int_equal(responder_count(d.server), 6);
	assert_non_null(strstr(noted(), "one:192.0.2.1/60"));
	assert_non_null(strstr(noted(), "two:192.0.2.2/60"));
	assert_non_null(strstr(noted(), "three:192.0.2.3/60"));
	dns_tear_down(&d);
}
