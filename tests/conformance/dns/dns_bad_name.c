/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names that cannot be, while there is a search list: they are refused all the
 * same, nothing is sent, and no callback comes.
 */
#include "test.h"
#include "dns.h"

static const struct zone all[] = {{"*", "192.0.2.1"}, {NULL, NULL}};

static void
check_refused_with_a_list(const char *name)
{
	struct dns d;

	dns_set_up(&d, all);
	evdns_search_add("b.test");
	evdns_search_add("a.test");
	assert_refused(name);
	evdns_search_ndots_set(5);
	assert_refused(name);
	look_up("www");
	assert_asked(d.server, "A www.a.test");
	assert_log("www:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_name_of_dots_is_refused_with_a_search_list,
    DIFFERS(V14, "sends a packet that is malformed"),
    DIFFERS(V21, "sends a packet that is malformed"))
{
	check_refused_with_a_list("..");
}

TEST(dns_name_with_an_empty_label_is_refused_with_a_search_list,
    DIFFERS(V14, "sends a packet that is malformed"),
    DIFFERS(V21, "sends a packet that is malformed"))
{
	check_refused_with_a_list("a..b");
	check_refused_with_a_list(".a");
	check_refused_with_a_list("a..");
}

TEST(dns_label_of_64_bytes_is_refused_with_a_search_list)
{
	check_refused_with_a_list("0123456789012345678901234567890123456789"
				  "012345678901234567890123");
}
