/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evdns_resolv_conf_parse(), and evdns_init().
 */
#include "test.h"
#include "dns.h"

#include <sys/stat.h>
#include <limits.h>

#define NS "nameserver 127.0.0.9\n"

static int
parse(const char *text, int flags)
{
	return evdns_resolv_conf_parse(flags, make_conf(text));
}

/* The file is read with this result, and makes this many nameservers. */
static void
check_servers(const char *text, int result, int count)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(parse(text, DNS_OPTIONS_ALL), result);
	assert_int_equal(evdns_count_nameservers(), count);
	dns_tear_down(&d);
	remove_conf();
}

/*
 * The names that are tried for "www" and for "www.x" after the file is read
 * by a resolver that has a server.
 */
static void
check_tried(const char *text, const char *asked)
{
	struct dns d;

	dns_set_up(&d, NULL);
	assert_int_equal(parse(text, DNS_OPTION_SEARCH), 0);
	look_up("www");
	look_up("www.x");
	assert_asked(d.server, asked);
	dns_tear_down(&d);
	remove_conf();
}

/*
 * Files that cannot be read, and odd ones.
 */

TEST(conf_that_is_missing_returns_1_and_adds_localhost)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTIONS_ALL,
			     "/nowhere/resolv.conf"),
	    1);
	assert_int_equal(evdns_count_nameservers(), 1);
	dns_tear_down(&d);
}

TEST(conf_that_is_missing_adds_no_nameserver_without_that_flag)
{
	const int flags = DNS_OPTION_SEARCH | DNS_OPTION_MISC;
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_resolv_conf_parse(flags, "/nowhere/resolv.conf"),
	    1);
	assert_int_equal(evdns_count_nameservers(), 0);
	dns_tear_down(&d);
}

TEST(conf_that_is_a_directory_is_an_error, DIFFERS(V21, "is 2"))
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTIONS_ALL, "/"), 5);
	assert_int_equal(evdns_count_nameservers(), 0);
	dns_tear_down(&d);
}

TEST(conf_that_is_empty_returns_6_and_adds_localhost)
{
	check_servers("", 6, 1);
}

TEST(conf_without_a_nameserver_returns_6_and_adds_localhost)
{
	check_servers("search a.test\n", 6, 1);
}

TEST(conf_without_a_nameserver_returns_0_without_that_flag)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(parse("search a.test\n",
			     DNS_OPTION_SEARCH | DNS_OPTION_MISC),
	    0);
	assert_int_equal(evdns_count_nameservers(), 0);
	dns_tear_down(&d);
	remove_conf();
}

/* A file of size bytes, with a nameserver at its start. */
static void
check_size(size_t size, int result, int count)
{
	static char text[70000];
	struct dns d;

	memset(text, '#', sizeof text);
	memcpy(text, NS, strlen(NS));
	dns_set_up_bare(&d);
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTIONS_ALL,
			     make_conf_of(text, size)),
	    result);
	assert_int_equal(evdns_count_nameservers(), count);
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_of_65535_bytes_is_read)
{
	check_size(65535, 0, 1);
}

TEST(conf_of_65536_bytes_is_refused, DIFFERS(V21, "a file may be of any size"))
{
	check_size(65536, 3, 0);
}

TEST(conf_line_is_read_whatever_bytes_follow_it)
{
	char text[4096];
	struct dns d;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i * 167 + i / 256 * 31;
	memcpy(text, NS, strlen(NS));
	dns_set_up_bare(&d);
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTIONS_ALL,
			     make_conf_of(text, sizeof text)),
	    0);
	assert_int_equal(evdns_count_nameservers(), 1);
	dns_tear_down(&d);
	remove_conf();
}

/*
 * nameserver.
 */

TEST(conf_nameserver_line_adds_a_nameserver)
{
	check_servers(NS, 0, 1);
}

TEST(conf_nameservers_may_be_many)
{
	check_servers("nameserver 127.0.0.1\nnameserver 127.0.0.2\n"
		      "nameserver 127.0.0.3\nnameserver 127.0.0.4\n",
	    0, 4);
}

TEST(conf_nameserver_that_is_named_twice_is_added_once)
{
	check_servers(NS NS, 0, 1);
}

TEST(conf_nameserver_needs_no_end_of_line)
{
	check_servers("nameserver 127.0.0.9", 0, 1);
}

TEST(conf_nameserver_may_follow_tabs)
{
	check_servers("nameserver\t \t127.0.0.9\t\n", 0, 1);
}

TEST(conf_words_after_a_nameserver_are_ignored)
{
	check_servers("nameserver 127.0.0.9 127.0.0.10\n", 0, 1);
	check_servers("nameserver 127.0.0.9 # the first\n", 0, 1);
	check_servers("nameserver 127.0.0.9\t; the first\n", 0, 1);
}

TEST(conf_lines_may_end_in_crlf,
    DIFFERS(V14, "the return is part of the domain"),
    DIFFERS(V21, "the return is part of the domain"))
{
	struct dns d;

	dns_set_up(&d, NULL);
	assert_int_equal(parse("nameserver 127.0.0.9\r\nsearch a.test\r\n",
			     DNS_OPTIONS_ALL),
	    0);
	evdns_clear_nameservers_and_suspend();
	use_server(d.server);
	evdns_resume();
	look_up("www");
	assert_asked(d.server, "A www.a.test, A www");
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_nameserver_that_is_not_an_address_is_ignored)
{
	check_servers("nameserver\nnameserver \nnameserver x\n"
		      "nameserver 127.0.0.256\n#" NS ";" NS "# " NS
		      "nameservers 127.0.0.1\nnameserver127.0.0.1\n",
	    6, 1);
}

TEST(conf_lines_that_are_not_known_are_ignored)
{
	check_servers("sortlist 192.0.2.0/24\n\n\nfamily inet4\nlookup file\n"
		      "x\n:\n" NS "y",
	    0, 1);
}

TEST(conf_nameserver_may_be_an_ipv6_address, DIFFERS(V14, "does not know IPv6"))
{
	check_servers("nameserver ::1\nnameserver 2001:db8::1\n"
		      "nameserver fe80::1%lo\n",
	    0, 3);
}

TEST(conf_nameserver_may_have_a_port,
    DIFFERS(V14, "does not know ports in a file"))
{
	check_servers("nameserver [::1]:5353\nnameserver 127.0.0.1:5353\n", 0,
	    2);
}

TEST(conf_nameserver_is_the_one_that_is_asked,
    DIFFERS(V14, "does not know ports in a file"))
{
	static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
	char text[128];
	struct dns d;

	dns_set_up_bare(&d);
	d.server = responder_new("::1", 0, zone_rule, (void *)good);
	snprintf(text, sizeof text, "nameserver %s\n",
	    responder_address(d.server));
	assert_int_equal(parse(text, DNS_OPTIONS_ALL), 0);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_nameservers_are_added_to_those_that_are_there)
{
	struct dns d;

	dns_set_up_bare(&d);
	evdns_nameserver_ip_add("127.0.0.1");
	assert_int_equal(parse(NS "nameserver 127.0.0.1\n", DNS_OPTIONS_ALL),
	    0);
	assert_int_equal(evdns_count_nameservers(), 2);
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_that_is_read_again_adds_no_nameserver_twice)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(parse(NS, DNS_OPTIONS_ALL), 0);
	assert_int_equal(parse(NS, DNS_OPTIONS_ALL), 0);
	assert_int_equal(evdns_count_nameservers(), 1);
	dns_tear_down(&d);
	remove_conf();
}

/*
 * search and domain.
 */

TEST(conf_search_sets_the_search_list)
{
	check_tried("search a.test b.test\n",
	    "A www.a.test, A www.b.test, A www, "
	    "A www.x, A www.x.a.test, A www.x.b.test");
}

TEST(conf_search_needs_no_end_of_line)
{
	check_tried("search a", "A www.a, A www, A www.x, A www.x.a");
}

TEST(conf_search_domains_may_be_separated_by_tabs_and_blanks)
{
	check_tried("search\ta \t b\t\n",
	    "A www.a, A www.b, A www, A www.x, A www.x.a, A www.x.b");
}

TEST(conf_search_may_have_ten_domains)
{
	check_tried("search a b c d e f g h i j\noptions ndots:0\n",
	    "A www, A www.a, A www.b, A www.c, A www.d, A www.e, A www.f, "
	    "A www.g, A www.h, A www.i, A www.j, A www.x, A www.x.a, "
	    "A www.x.b, A www.x.c, A www.x.d, A www.x.e, A www.x.f, "
	    "A www.x.g, A www.x.h, A www.x.i, A www.x.j");
}

TEST(conf_search_without_a_domain_is_ignored,
    DIFFERS(V14, "it empties the list"), DIFFERS(V21, "it empties the list"))
{
	check_tried("search a\nsearch\n", "A www.a, A www, A www.x, A www.x.a");
}

TEST(conf_search_ignores_dots_around_a_domain)
{
	check_tried("search .a b.\n",
	    "A www.a, A www.b, A www, A www.x, A www.x.a, A www.x.b");
}

TEST(conf_last_of_two_search_lines_counts)
{
	check_tried("search a\nsearch b\n",
	    "A www.b, A www, A www.x, A www.x.b");
}

TEST(conf_domain_is_a_search_list_of_one)
{
	check_tried("domain a.test\n",
	    "A www.a.test, A www, A www.x, A www.x.a.test");
}

TEST(conf_second_word_of_a_domain_line_is_ignored)
{
	check_tried("domain a b\n", "A www.a, A www, A www.x, A www.x.a");
}

TEST(conf_domain_after_search_replaces_it)
{
	check_tried("search a b\ndomain c\n",
	    "A www.c, A www, A www.x, A www.x.c");
}

TEST(conf_search_after_domain_replaces_it)
{
	check_tried("domain c\nsearch a b\n",
	    "A www.a, A www.b, A www, A www.x, A www.x.a, A www.x.b");
}

TEST(conf_comments_are_ignored)
{
	check_tried("#search a\n;search b\nsearch c\n# search d\n",
	    "A www.c, A www, A www.x, A www.x.c");
}

/* The host's own domain, where the file names none. */
TEST(conf_without_a_domain_searches_the_hosts_own)
{
	char host[HOST_NAME_MAX + 1] = "", asked[1024];
	const char *dot;
	struct dns d;

	gethostname(host, sizeof host - 1);
	dot = strchr(host, '.');
	if (dot != NULL && dot[1] != '\0')
		snprintf(asked, sizeof asked, "A www.%s, A www", dot + 1);
	else
		strcpy(asked, "A www");
	dns_set_up(&d, NULL);
	assert_int_equal(parse(NS, DNS_OPTION_SEARCH), 0);
	look_up("www");
	assert_asked(d.server, asked);
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_search_replaces_what_was_added)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("c.test");
	assert_int_equal(parse("search a\n", DNS_OPTION_SEARCH), 0);
	look_up("www");
	assert_asked(d.server, "A www.a, A www");
	evdns_search_add("c.test");
	look_up("www");
	assert_asked(d.server, "A www.c.test, A www.a, A www");
	dns_tear_down(&d);
	remove_conf();
}

/*
 * options.
 */

TEST(conf_options_set_ndots)
{
	check_tried("search a\noptions ndots:2\n",
	    "A www.a, A www, A www.x.a, A www.x");
}

TEST(conf_options_may_come_before_search,
    DIFFERS(V14, "the search line forgets ndots"),
    DIFFERS(V21, "the search line forgets ndots"))
{
	check_tried("options ndots:2\nsearch a\n",
	    "A www.a, A www, A www.x.a, A www.x");
}

TEST(conf_options_set_ndots_among_other_options)
{
	check_tried("search a\noptions rotate timeout:1 ndots:2 trust-ad\n",
	    "A www.a, A www, A www.x.a, A www.x");
	check_tried("search a\noptions\tinet6\tndots:2\tno-tld-query\n",
	    "A www.a, A www, A www.x.a, A www.x");
}

TEST(conf_options_may_be_in_several_lines)
{
	check_tried("options timeout:2\nsearch a\noptions ndots:2\n"
		    "options attempts:2\n",
	    "A www.a, A www, A www.x.a, A www.x");
}

TEST(conf_options_that_are_wrong_are_ignored,
    DIFFERS(V21, "does without the colon"))
{
	check_tried("search a\noptions ndots:x timeout: attempts :\n",
	    "A www.a, A www, A www.x, A www.x.a");
	check_tried("search a\noptions\noptions \noptions nosuch:2 ndots\n",
	    "A www.a, A www, A www.x, A www.x.a");
}

static void
check_waiting(const char *text, int flags, int in_flight)
{
	static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};
	struct dns d;
	double start;

	dns_set_up(&d, silent);
	start = now_ms();
	/* No question times out before the end of the test. */
	evdns_set_option("timeout:", "1000", DNS_OPTIONS_ALL);
	assert_int_equal(parse(text, flags), 0);
	for (int i = 0; i < 5; i++)
		ask("www.test");
	while (responder_different(d.server) < in_flight)
		event_loop(EVLOOP_ONCE);
	run_for(20);
	/* After half a second ours sends more. */
	if (now_ms() - start < 450)
		assert_int_equal(responder_different(d.server), in_flight);
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_options_may_be_libevents_own)
{
	check_waiting(NS "options max-inflight:2\n", DNS_OPTION_MISC, 2);
}

/*
 * Flags.
 */

TEST(conf_changes_nothing_without_a_flag)
{
	struct dns d;

	dns_set_up(&d, NULL);
	assert_int_equal(parse(NS "search a\noptions ndots:2 max-inflight:1\n",
			     0),
	    0);
	assert_int_equal(evdns_count_nameservers(), 1);
	look_up("www.x");
	look_up("www");
	assert_asked(d.server, "A www.x, A www");
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_sets_the_search_list_alone_with_its_flag)
{
	struct dns d;

	dns_set_up(&d, NULL);
	assert_int_equal(parse(NS "search a\noptions ndots:2\n",
			     DNS_OPTION_SEARCH),
	    0);
	assert_int_equal(evdns_count_nameservers(), 1);
	look_up("www.x");
	assert_asked(d.server, "A www.x.a, A www.x");
	dns_tear_down(&d);
	remove_conf();
	check_waiting("options max-inflight:2\n", DNS_OPTION_SEARCH, 5);
}

TEST(conf_adds_the_nameservers_alone_with_their_flag)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("b");
	assert_int_equal(parse(NS "search a\noptions ndots:2\n",
			     DNS_OPTION_NAMESERVERS),
	    0);
	assert_int_equal(evdns_count_nameservers(), 2);
	evdns_clear_nameservers_and_suspend();
	use_server(d.server);
	evdns_resume();
	look_up("www.x");
	assert_asked(d.server, "A www.x, A www.x.b");
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_sets_other_options_alone_with_their_flag)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("b");
	assert_int_equal(parse(NS "search a\noptions ndots:2\n",
			     DNS_OPTION_MISC),
	    0);
	assert_int_equal(evdns_count_nameservers(), 1);
	look_up("www.x");
	assert_asked(d.server, "A www.x, A www.x.b");
	dns_tear_down(&d);
	remove_conf();
}

/*
 * The environment, as resolv.conf(5) has it.
 */

TEST(conf_localdomain_overrides_the_file, DIFFERS(V14, "does not look at it"),
    DIFFERS(V21, "does not look at it"))
{
	setenv("LOCALDOMAIN", "e1 e2", 1);
	check_tried("search a\n",
	    "A www.e1, A www.e2, A www, A www.x, A www.x.e1, A www.x.e2");
	unsetenv("LOCALDOMAIN");
}

TEST(conf_res_options_override_the_file, DIFFERS(V14, "does not look at them"),
    DIFFERS(V21, "does not look at them"))
{
	setenv("RES_OPTIONS", "rotate ndots:2", 1);
	check_tried("search a\noptions ndots:1\n",
	    "A www.a, A www, A www.x.a, A www.x");
	unsetenv("RES_OPTIONS");
}

/*
 * Requests in flight, and what may change afterwards.
 */

TEST(conf_does_not_disturb_a_request_in_flight)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("b.test");
	evdns_search_add("a.test");
	ask("www");
	assert_int_equal(parse("search c\n", DNS_OPTION_SEARCH), 0);
	wait_all();
	assert_asked(d.server, "A www.a.test, A www.b.test, A www");
	assert_log("www:notexist");
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_name_is_copied)
{
	char name[64];
	struct dns d;

	dns_set_up_bare(&d);
	strcpy(name, make_conf(NS));
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTIONS_ALL, name), 0);
	memset(name, 'x', sizeof name - 1);
	run_for(5);
	assert_int_equal(evdns_count_nameservers(), 1);
	dns_tear_down(&d);
	remove_conf();
}

TEST(conf_file_may_be_removed_once_it_is_read)
{
	static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, good);
	assert_int_equal(parse("search a\n", DNS_OPTION_SEARCH), 0);
	remove_conf();
	run_for(5);
	look_up("www.x");
	assert_log("www.x:192.0.2.1/60");
	dns_tear_down(&d);
}

/* It reads the machine's file, whatever that says. */
TEST(init_has_a_nameserver_whatever_the_file)
{
	struct dns d;
	int result;

	dns_set_up_bare(&d);
	result = evdns_init();
	assert_in_range(result, 0, 6);
	assert_true(evdns_count_nameservers() >= 1);
	assert_loop_has_an_event();
	evdns_shutdown(0);
	assert_loop_ends();
	assert_int_equal(evdns_init(), result);
	dns_tear_down(&d);
}
