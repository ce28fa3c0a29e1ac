/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nameservers: what can be added, which is asked, and what becomes of requests
 * where there is none.
 */
#include "test.h"
#include "dns.h"

static const struct zone one[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static const struct zone two[] = {{"*", "192.0.2.2"}, {NULL, NULL}};

/* Each text is taken, and makes one nameserver more. */
static void
check_taken(const char *const texts[])
{
	struct dns d;

	dns_set_up_bare(&d);
	for (int i = 0; texts[i] != NULL; i++) {
		assert_int_equal(evdns_nameserver_ip_add(texts[i]), 0);
		assert_int_equal(evdns_count_nameservers(), i + 1);
	}
	dns_tear_down(&d);
}

static void
check_not_taken(const char *const texts[])
{
	struct dns d;

	dns_set_up_bare(&d);
	for (int i = 0; texts[i] != NULL; i++)
		if (evdns_nameserver_ip_add(texts[i]) != 4)
			fail_msg("\"%s\" is not refused", texts[i]);
	assert_int_equal(evdns_count_nameservers(), 0);
	dns_tear_down(&d);
}

TEST(nameserver_may_have_a_port)
{
	static const char *const texts[] = {"127.0.0.1", "127.0.0.2:53",
	    "127.0.0.3:5353", "127.0.0.4:65535", "127.0.0.5:1", NULL};

	check_taken(texts);
}

/* As inet_aton() reads them. */
TEST(nameserver_may_have_any_form_that_inet_aton_reads,
    DIFFERS(V21, "refuses them"))
{
	static const char *const texts[] = {"127.1", "0x7f000002", "2130706435",
	    "127.0.0.010", "127.0.0.4 ", "0.0.0.0", "255.255.255.255", NULL};

	check_taken(texts);
}

TEST(nameserver_may_have_port_0, DIFFERS(V21, "refuses it"))
{
	static const char *const texts[] = {"127.0.0.1:0", "127.0.0.2:", NULL};

	check_taken(texts);
}

TEST(nameserver_may_be_an_ipv6_address, DIFFERS(V14, "does not know IPv6"))
{
	static const char *const texts[] = {"::1", "[::2]",
	    "[2001:db8::1]:5353", "2001:DB8:0:0:0:0:0:2", "::ffff:127.0.0.1",
	    NULL};

	check_taken(texts);
}

TEST(nameserver_may_have_a_scope, DIFFERS(V14, "does not know IPv6"))
{
	static const char *const texts[] = {"fe80::1%lo", "[fe80::2%lo]:5353",
	    "fe80::3%1", NULL};

	check_taken(texts);
}

TEST(nameserver_that_is_not_an_address_is_refused)
{
	static const char *const texts[] = {"", " ", "x", "localhost", ":",
	    ":53", "127.0.0.256", "127.0.0.1.2", "1.2.3.4.5.6:53",
	    "12345678901234567890.0.0.1:53", NULL};

	check_not_taken(texts);
}

TEST(nameserver_with_an_invalid_port_is_refused,
    DIFFERS(V21, "takes the number at its start"))
{
	static const char *const texts[] = {"127.0.0.1:65536", "127.0.0.1:-1",
	    "127.0.0.1:x", "127.0.0.1:53x", "127.0.0.1:99999999999999999999",
	    "127.0.0.1:53:53", NULL};

	check_not_taken(texts);
}

TEST(nameserver_with_an_invalid_ipv6_address_is_refused,
    DIFFERS(V21, "takes what is in brackets"))
{
	static const char *const texts[] = {":::", "[::1", "::1]", "[]",
	    "[]:53", "[::1]:65536", "[::1]x", "1::2::3", "[127.0.0.1]:53:53",
	    NULL};

	check_not_taken(texts);
}

TEST(nameserver_that_is_there_is_not_added_again)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_nameserver_ip_add("127.0.0.1"), 0);
	assert_int_equal(evdns_nameserver_ip_add("127.0.0.1"), 3);
	assert_int_equal(evdns_nameserver_ip_add("127.0.0.1:53"), 3);
	assert_int_equal(evdns_nameserver_add(htonl(INADDR_LOOPBACK)), 3);
	assert_int_equal(evdns_count_nameservers(), 1);
	dns_tear_down(&d);
}

TEST(nameserver_on_another_port_is_another_one,
    DIFFERS(V14, "looks at the address alone"))
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_nameserver_ip_add("127.0.0.1:5353"), 0);
	assert_int_equal(evdns_nameserver_ip_add("127.0.0.1:5354"), 0);
	assert_int_equal(evdns_count_nameservers(), 2);
	dns_tear_down(&d);
}

TEST(nameserver_may_be_added_as_a_number)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_nameserver_add(htonl(0x7f000001)), 0);
	assert_int_equal(evdns_nameserver_add(htonl(0x7f000002)), 0);
	assert_int_equal(evdns_nameserver_add(htonl(0x7f000001)), 3);
	assert_int_equal(evdns_nameserver_ip_add("127.0.0.2"), 3);
	assert_int_equal(evdns_count_nameservers(), 2);
	dns_tear_down(&d);
}

TEST(nameservers_are_none_at_first)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_count_nameservers(), 0);
	dns_tear_down(&d);
}

TEST(nameserver_text_is_copied)
{
	char text[64];
	struct dns d;

	dns_set_up_bare(&d);
	d.server = responder_new("127.0.0.1", 0, zone_rule, (void *)one);
	strcpy(text, responder_address(d.server));
	assert_int_equal(evdns_nameserver_ip_add(text), 0);
	memset(text, 'x', sizeof text);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(nameserver_is_asked_over_ipv6, DIFFERS(V14, "does not know IPv6"))
{
	struct dns d;

	dns_set_up_bare(&d);
	d.server = responder_new("::1", 0, zone_rule, (void *)one);
	use_server(d.server);
	look_up("www.test");
	assert_asked(d.server, "A www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/*
 * The loop.
 */

TEST(nameserver_keeps_the_loop_running)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_loop_ends();
	d.server = responder_new("127.0.0.1", RESPONDER_CHILD, zone_rule, NULL);
	assert_loop_ends();
	use_server(d.server);
	assert_loop_has_an_event();
	look_up("www.test");
	assert_loop_has_an_event();
	dns_tear_down(&d);
}

TEST(request_without_a_nameserver_does_not_keep_the_loop_running)
{
	struct dns d;

	dns_set_up_bare(&d);
	ask("www.test");
	assert_loop_ends();
	assert_log("");
	d.server = responder_new("127.0.0.1", 0, zone_rule, (void *)one);
	use_server(d.server);
	evdns_resume();
	wait_all();
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/*
 * Requests that come first.
 */

TEST(request_without_a_nameserver_is_answered_by_one_added_later,
    DIFFERS(V14, "it waits for another request"),
    DIFFERS(V21, "it waits for another request"))
{
	struct dns d;

	dns_set_up_bare(&d);
	ask("www.test");
	d.server = responder_new("127.0.0.1", 0, zone_rule, (void *)one);
	use_server(d.server);
	wait_all();
	assert_asked(d.server, "A www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(request_without_a_nameserver_is_answered_with_the_next_one)
{
	struct dns d;

	dns_set_up_bare(&d);
	ask("www.test");
	assert_loop_ends();
	d.server = responder_new("127.0.0.1", 0, zone_rule, (void *)one);
	use_server(d.server);
	ask("ftp.test");
	wait_all();
	assert_int_equal(responder_count(d.server), 2);
	dns_tear_down(&d);
}

TEST(request_without_a_nameserver_is_answered_after_resume)
{
	struct dns d;

	dns_set_up_bare(&d);
	ask("www.test");
	d.server = responder_new("127.0.0.1", 0, zone_rule, (void *)one);
	use_server(d.server);
	assert_int_equal(evdns_resume(), 0);
	wait_all();
	assert_asked(d.server, "A www.test");
	dns_tear_down(&d);
}

/*
 * Several.
 */

TEST(nameserver_added_after_clear_is_asked_instead_of_the_first)
{
	struct dns d;

	dns_set_up(&d, one);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	evdns_clear_nameservers_and_suspend();
	add_second(&d, two);
	evdns_resume();
	look_up("www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

TEST(nameserver_may_be_added_while_a_request_is_in_flight)
{
	struct dns d;

	dns_set_up(&d, one);
	ask("www.test");
	add_second(&d, two);
	wait_all();
	assert_log("www.test:192.0.2.1/60");
	assert_int_equal(evdns_count_nameservers(), 2);
	dns_tear_down(&d);
}

TEST(nameservers_may_be_many)
{
	char text[32];
	struct dns d;

	dns_set_up(&d, one);
	for (int i = 2; i <= 40; i++) {
		snprintf(text, sizeof text, "127.0.0.%d:9", i);
		assert_int_equal(evdns_nameserver_ip_add(text), 0);
	}
	assert_int_equal(evdns_count_nameservers(), 40);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}
