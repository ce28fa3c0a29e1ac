/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which names can be asked for, and how they are sent.
 */
#include "test.h"
#include "dns.h"

static const struct zone all[] = {{"*", "192.0.2.1"}, {NULL, NULL}};

/* len bytes of labels that are not too long, without a dot at the end. */
static const char *
long_name(int len)
{
	static char name[512];

	for (int i = 0; i < len; i++)
		name[i] = i % 50 == 49 && i < len - 1 ? '.' : 'x';
	name[len] = '\0';
	return name;
}

static const char *
long_label(int len)
{
	static char name[128];

	memset(name, 'x', len);
	strcpy(name + len, ".test");
	return name;
}

/* The name is asked for, as it is, and answered. */
static void
check_sent_as(const char *name, const char *sent)
{
	char asked[2048];
	struct dns d;

	snprintf(asked, sizeof asked, "A %s", sent);
	dns_set_up(&d, all);
	look_up(name);
	assert_asked(d.server, asked);
	assert_non_null(strstr(noted(), ":192.0.2.1/60"));
	dns_tear_down(&d);
}

static void
check_sent(const char *name)
{
	check_sent_as(name, name);
}

/* It is refused; what is asked for then is answered. */
static void
check_refused(const char *name)
{
	struct dns d;

	dns_set_up(&d, all);
	assert_refused(name);
	look_up("www.test");
	assert_asked(d.server, "A www.test");
	dns_tear_down(&d);
}

TEST(dns_name_is_sent_with_its_case)
{
	check_sent("Www.TEST");
}

TEST(dns_name_may_have_no_dot)
{
	check_sent("www");
}

TEST(dns_name_need_not_be_a_host_name,
    DIFFERS_WITH_CARES(CARES_1_28, "refuses names that are not host names"))
{
	check_sent("_srv.-a.*.a/b@c.test");
}

TEST(dns_name_may_have_blanks_and_bytes_above_127,
    DIFFERS_WITH_CARES(CARES_1_28, "refuses names that are not host names"))
{
	check_sent_as(" a\tb.\xff\xc3\xa4.test",
	    "\\032a\\009b.\\255\\195\\164.test");
}

TEST(dns_backslash_in_a_name_is_an_ordinary_byte,
    DIFFERS_WITH_CARES(CARES_1_28, "refuses names that are not host names"))
{
	check_sent_as("a\\.b\\046c\\\\.test",
	    "a\\092.b\\092046c\\092\\092.test");
}

TEST(dns_dot_at_the_end_of_a_name_is_dropped)
{
	check_sent_as("www.test.", "www.test");
}

TEST(dns_name_is_copied)
{
	char name[] = "www.test";
	struct dns d;

	dns_set_up(&d, all);
	pending++;
	assert_int_equal(evdns_resolve_ipv4(name, 0, note_outcome_cb, "A"), 0);
	memset(name, 'x', sizeof name - 1);
	wait_all();
	assert_asked(d.server, "A www.test");
	assert_log("A:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_label_of_63_bytes_is_sent)
{
	check_sent(long_label(63));
}

TEST(dns_label_of_64_bytes_is_refused)
{
	check_refused(long_label(64));
}

TEST(dns_name_of_253_bytes_is_sent)
{
	check_sent(long_name(253));
}

TEST(dns_name_of_253_bytes_and_a_dot_is_sent)
{
	char name[520];

	snprintf(name, sizeof name, "%s.", long_name(253));
	check_sent_as(name, long_name(253));
}

TEST(dns_name_of_254_bytes_is_refused,
    DIFFERS(V14, "sends a name longer than the DNS allows"),
    DIFFERS(V21, "sends a name longer than the DNS allows"))
{
	check_refused(long_name(254));
}

TEST(dns_name_of_256_bytes_is_refused)
{
	check_refused(long_name(256));
}

TEST(dns_name_of_many_bytes_is_refused)
{
	static char name[100000];

	for (size_t i = 0; i < sizeof name - 1; i++)
		name[i] = i % 2 ? '.' : 'x';
	check_refused(name);
}

TEST(dns_name_with_an_empty_label_is_refused,
    DIFFERS(V14, "sends a packet that is malformed"),
    DIFFERS(V21, "sends a packet that is malformed"))
{
	static const char *const names[] = {"..", "a..b.test", ".www.test",
	    "www.test..", "..www.test", "www.test...", NULL};

	for (int i = 0; names[i] != NULL; i++)
		check_refused(names[i]);
}

TEST(dns_name_that_is_an_address_is_its_own_answer,
    DIFFERS(V14, "asks for the address as a name"),
    DIFFERS(V21, "asks for the address as a name"))
{
	struct dns d;

	dns_set_up(&d, NULL);
	look_up("192.0.2.7");
	ask6("2001:db8::7");
	wait_all();
	assert_asked(d.server, "");
	assert_log("192.0.2.7:192.0.2.7/0 2001:db8::7:2001:db8::7/0");
	dns_tear_down(&d);
}

TEST(dns_name_that_is_an_address_of_the_other_kind_has_no_answer,
    DIFFERS(V21, "no data has an error code of its own"))
{
	static const struct zone none[] = {{"*", NODATA}, {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, none);
	ask6("192.0.2.7");
	ask("2001:db8::7");
	wait_all();
	assert_log("192.0.2.7:unknown 2001:db8::7:unknown");
	dns_tear_down(&d);
}

TEST(dns_name_under_onion_does_not_exist, DIFFERS(V14, "asks for it"),
    DIFFERS(V21, "asks for it"))
{
	struct dns d;

	dns_set_up(&d, all);
	look_up("www.Onion");
	look_up("www.onion.");
	look_up("onion");
	assert_asked(d.server, "A onion");
	assert_log("www.Onion:notexist www.onion.:notexist onion:192.0.2.1/60");
	dns_tear_down(&d);
}
