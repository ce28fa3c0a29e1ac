/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of addresses.
 */
#include "test.h"
#include "dns.h"

#define NIBBLES "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

static void
ask_reverse(const char *address, int flags)
{
	struct in_addr in;

	assert_int_equal(inet_pton(AF_INET, address, &in), 1);
	pending++;
	assert_int_equal(evdns_resolve_reverse(&in, flags, note_outcome_cb,
			     (char *)address),
	    0);
	memset(&in, 0xff, sizeof in); /* it is copied */
}

static void
ask_reverse6(const char *address)
{
	struct in6_addr in;

	assert_int_equal(inet_pton(AF_INET6, address, &in), 1);
	pending++;
	assert_int_equal(evdns_resolve_reverse_ipv6(&in, 0, note_outcome_cb,
			     (char *)address),
	    0);
	memset(&in, 0xff, sizeof in);
}

TEST(reverse_of_ipv4_asks_in_addr_arpa)
{
	static const struct zone zone[] = {{"7.2.0.192.in-addr.arpa",
					       "Www.Test"},
	    {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, zone);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	assert_asked(d.server, "PTR 7.2.0.192.in-addr.arpa");
	assert_log("192.0.2.7:Www.Test/60");
	dns_tear_down(&d);
}

TEST(reverse_of_ipv4_writes_bytes_above_127_without_a_sign)
{
	struct dns d;

	dns_set_up(&d, NULL);
	ask_reverse("255.254.253.252", 0);
	wait_all();
	assert_asked(d.server, "PTR 252.253.254.255.in-addr.arpa");
	assert_log("255.254.253.252:notexist");
	dns_tear_down(&d);
}

TEST(reverse_of_ipv6_asks_ip6_arpa)
{
	static const struct zone zone[] = {{"*", "six.test"}, {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, zone);
	ask_reverse6("2001:db8::12af");
	wait_all();
	assert_asked(d.server,
	    "PTR f.a.2.1." NIBBLES ".8.b.d.0.1.0.0.2.ip6.arpa");
	assert_log("2001:db8::12af:six.test/60");
	dns_tear_down(&d);
}

TEST(reverse_leaves_the_search_list_alone_whatever_the_flags)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	evdns_search_ndots_set(50);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	ask_reverse("192.0.2.7", -1);
	wait_all();
	ask_reverse6("2001:db8::12af");
	wait_all();
	assert_int_equal(responder_count(d.server), 3);
	assert_log("192.0.2.7:notexist 192.0.2.7:notexist "
		   "2001:db8::12af:notexist");
	dns_tear_down(&d);
}

TEST(reverse_without_a_name_is_unknown,
    DIFFERS(V21, "no data has an error code of its own"))
{
	static const struct zone zone[] = {{"*", NODATA}, {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, zone);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	assert_log("192.0.2.7:unknown");
	dns_tear_down(&d);
}

static void
two_names_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_ptr(reply, "one.test", 60);
	reply_ptr(reply, "two.test", 60);
}

TEST(reverse_is_the_first_of_several_names)
{
	struct dns d;

	dns_set_up_with(&d, 0, two_names_rule, NULL);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	assert_log("192.0.2.7:one.test/60");
	dns_tear_down(&d);
}

/* As RFC 2317 has it. */
static void
alias_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_cname(reply, "7.0-63.2.0.192.in-addr.arpa", 60);
	reply_ptr(reply, "www.test", 50);
}

TEST(reverse_follows_an_alias)
{
	struct dns d;

	dns_set_up_with(&d, 0, alias_rule, NULL);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	assert_log("192.0.2.7:www.test/50");
	dns_tear_down(&d);
}

static void
address_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
}

TEST(reverse_that_gets_an_address_is_unknown,
    DIFFERS(V21, "no data has an error code of its own"))
{
	struct dns d;

	dns_set_up_with(&d, 0, address_rule, NULL);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	assert_log("192.0.2.7:unknown");
	dns_tear_down(&d);
}

static void
long_name_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	reply_ptr(reply, arg, 60);
}

TEST(reverse_may_return_a_name_of_253_bytes,
    DIFFERS(V14, "takes no name of 64 bytes or more"),
    DIFFERS(V21, "takes no name of 64 bytes or more"))
{
	char name[256], outcome[300];
	struct dns d;

	for (int i = 0; i < 253; i++)
		name[i] = i % 50 == 49 ? '.' : 'x';
	name[253] = '\0';
	snprintf(outcome, sizeof outcome, "192.0.2.7:%s/60", name);
	dns_set_up_with(&d, 0, long_name_rule, name);
	ask_reverse("192.0.2.7", 0);
	wait_all();
	assert_log(outcome);
	dns_tear_down(&d);
}
