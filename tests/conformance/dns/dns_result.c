/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a callback gets of a reply: result, type, addresses and ttl.
 */
#include "test.h"
#include "dns.h"

static void
check(responder_rule rule, void *arg, const char *outcome)
{
	struct dns d;

	dns_set_up_with(&d, 0, rule, arg);
	look_up("www.test");
	assert_asked(d.server, "A www.test");
	assert_log(outcome);
	dns_tear_down(&d);
}

static void
check6(responder_rule rule, const char *outcome)
{
	struct dns d;

	dns_set_up_with(&d, 0, rule, NULL);
	ask6("www.test");
	wait_all();
	assert_asked(d.server, "AAAA www.test");
	assert_log(outcome);
	dns_tear_down(&d);
}

static void
three_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_a(reply, "192.0.2.3", 30);
	reply_a(reply, "192.0.2.1", 10);
	reply_a(reply, "192.0.2.2", 20);
}

TEST(result_is_all_addresses_in_their_order_and_the_least_ttl)
{
	check(three_rule, NULL, "www.test:192.0.2.3,192.0.2.1,192.0.2.2/10");
}

static void
two_ipv6_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_aaaa(reply, "2001:db8::2", 7);
	reply_aaaa(reply, "::ffff:192.0.2.1", 8);
}

TEST(result_has_all_ipv6_addresses)
{
	check6(two_ipv6_rule, "www.test:2001:db8::2,::ffff:192.0.2.1/7");
}

static struct in_addr *kept;
static int kept_type;

static void
keep_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)ttl;
	(void)arg;
	pending--;
	assert_int_equal(result, DNS_ERR_NONE);
	kept_type = type;
	kept = malloc(count * sizeof *kept);
	assert_non_null(kept);
	memcpy(kept, addresses, count * sizeof *kept);
}

TEST(result_addresses_are_in_network_byte_order)
{
	struct dns d;

	dns_set_up_with(&d, 0, three_rule, NULL);
	ask_with("www.test", 0, keep_cb);
	wait_all();
	assert_int_equal(kept_type, DNS_IPv4_A);
	assert_int_equal(kept[0].s_addr, htonl(0xc0000203));
	assert_int_equal(kept[2].s_addr, htonl(0xc0000202));
	free(kept);
	dns_tear_down(&d);
}

/*
 * Aliases.
 */

static void
alias_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_cname(reply, "one.test", 60);
	reply_cname(reply, "two.test", 70);
	reply_a(reply, "192.0.2.1", 50);
	reply_a(reply, "192.0.2.2", 40);
}

TEST(result_follows_aliases)
{
	check(alias_rule, NULL, "www.test:192.0.2.1,192.0.2.2/40");
}

static void
short_alias_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_cname(reply, "one.test", 60);
	reply_cname(reply, "two.test", 5);
	reply_a(reply, "192.0.2.1", 50);
}

TEST(result_ttl_is_the_least_of_the_aliases_too,
    DIFFERS(V14, "the ttl of aliases does not count"),
    DIFFERS(V21, "the ttl of aliases does not count"))
{
	check(short_alias_rule, NULL, "www.test:192.0.2.1/5");
}

static void
alias_alone_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_cname(reply, "one.test", 60);
}

TEST(result_of_an_alias_alone_is_unknown,
    DIFFERS(V21, "no data has an error code of its own"))
{
	check(alias_alone_rule, NULL, "www.test:unknown");
}

/*
 * Records of other types, and in other places.
 */

static void
mixed_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_aaaa(reply, "2001:db8::1", 9);
	reply_record(reply, NULL, TYPE_TXT, 1, "\3abc", 4);
	reply_a(reply, "192.0.2.1", 60);
	reply_record(reply, NULL, 65280, 1, "", 0);
	reply_a(reply, "192.0.2.2", 70);
}

TEST(result_skips_records_of_other_types)
{
	check(mixed_rule, NULL, "www.test:192.0.2.1,192.0.2.2/60");
	check6(mixed_rule, "www.test:2001:db8::1/9");
}

static void
other_type_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_aaaa(reply, "2001:db8::1", 9);
	reply_record(reply, NULL, TYPE_TXT, 1, "\3abc", 4);
}

TEST(result_of_records_of_other_types_alone_is_unknown,
    DIFFERS(V21, "no data has an error code of its own"))
{
	check(other_type_rule, NULL, "www.test:unknown");
}

/* arg is the section. */
static void
section_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	reply->section = (int)(intptr_t)arg;
	reply_a(reply, "192.0.2.1", 60);
}

TEST(result_does_not_come_from_other_sections,
    DIFFERS(V21, "no data has an error code of its own"))
{
	check(section_rule, (void *)2, "www.test:unknown");
	check(section_rule, (void *)3, "www.test:unknown");
}

static void
crowded_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
	reply->section = 2;
	reply_record(reply, "test", TYPE_NS, 1, "\2ns\4test", 9);
	reply->section = 3;
	reply_record(reply, "ns.test", TYPE_A, 1, "\300\0\2\2", 4);
}

TEST(result_ignores_records_in_other_sections)
{
	check(crowded_rule, NULL, "www.test:192.0.2.1/60");
}

/*
 * Many.
 */

static void
many_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	for (int i = 0; i < 29; i++) {
		uint8_t address[4] = {192, 0, 2, i};

		reply_record(reply, NULL, TYPE_A, 60, address, 4);
	}
}

static int counted;

static void
count_addresses_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	const uint8_t *bytes = addresses;

	(void)ttl;
	(void)arg;
	pending--;
	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(type, DNS_IPv4_A);
	for (int i = 0; i < count; i++)
		assert_int_equal(bytes[4 * i + 3], i);
	counted = count;
}

TEST(result_may_have_as_many_addresses_as_512_bytes_hold)
{
	struct dns d;

	dns_set_up_with(&d, 0, many_rule, NULL);
	ask_with("www.test", 0, count_addresses_cb);
	wait_all();
	assert_int_equal(counted, 29);
	dns_tear_down(&d);
}

static void
too_many_rule(const struct question *q, struct reply *reply, void *arg)
{
	if (!q->tcp) {
		reply->flags |= FLAG_TRUNCATED;
		return;
	}
	many_rule(q, reply, arg);
	for (int i = 29; i < 250; i++) {
		uint8_t address[4] = {192, 0, 2, i};

		reply_record(reply, NULL, TYPE_A, 60, address, 4);
	}
}

TEST(result_may_have_250_addresses, DIFFERS(V14, "does not ask over TCP"),
    DIFFERS(V21, "does not ask over TCP"))
{
	struct dns d;

	dns_set_up_with(&d, 0, too_many_rule, NULL);
	ask_with("www.test", 0, count_addresses_cb);
	wait_all();
	assert_int_equal(counted, 250);
	dns_tear_down(&d);
}

/*
 * The ttl.
 */

/* arg is the ttl. */
static void
ttl_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	reply_a(reply, "192.0.2.1", (uintptr_t)arg);
}

TEST(result_ttl_may_be_0)
{
	check(ttl_rule, (void *)0, "www.test:192.0.2.1/0");
}

TEST(result_ttl_may_be_68_years)
{
	check(ttl_rule, (void *)0x7fffffff, "www.test:192.0.2.1/2147483647");
}

/* RFC 2181, section 8. */
TEST(result_ttl_with_its_top_bit_set_is_0, DIFFERS(V14, "is less than 0"),
    DIFFERS(V21, "is less than 0"))
{
	check(ttl_rule, (void *)0x80000000, "www.test:192.0.2.1/0");
	check(ttl_rule, (void *)0xffffffff, "www.test:192.0.2.1/0");
}

/*
 * Errors.  That they come with nothing else is what note_outcome_cb() checks.
 */

static void
check_error(const char *reply, const char *outcome)
{
	const struct zone zone[] = {{"*", reply}, {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, zone);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", "1", DNS_OPTIONS_ALL);
	look_up("www.test");
	assert_log(outcome);
	dns_tear_down(&d);
}

TEST(result_of_a_format_error_is_format)
{
	check_error(FORMERR, "www.test:format");
}

TEST(result_of_a_server_that_failed_is_serverfailed,
    DIFFERS(V21, "a server that fails is one that does not answer"))
{
	check_error(SERVFAIL, "www.test:serverfailed");
}

TEST(result_of_a_name_that_does_not_exist_is_notexist)
{
	check_error(NXDOMAIN, "www.test:notexist");
}

TEST(result_of_what_is_not_implemented_is_notimpl)
{
	check_error(NOTIMP, "www.test:notimpl");
}

TEST(result_of_a_refusal_is_refused)
{
	check_error(REFUSED, "www.test:refused");
}

TEST(result_of_a_response_code_without_a_name_is_unknown)
{
	for (int rcode = 6; rcode < 16; rcode++) {
		char reply[16];

		snprintf(reply, sizeof reply, "%d", rcode);
		check_error(reply, "www.test:unknown");
	}
}

TEST(result_of_no_data_is_unknown,
    DIFFERS(V21, "no data has an error code of its own"))
{
	check_error(NODATA, "www.test:unknown");
}

static void
nxdomain_with_data_rule(const struct question *q, struct reply *reply,
    void *arg)
{
	(void)q;
	(void)arg;
	reply_rcode(reply, 3);
	reply_a(reply, "192.0.2.1", 60);
}

TEST(result_of_an_error_code_with_data_is_the_error,
    DIFFERS(V21, "the error comes with a ttl"))
{
	check(nxdomain_with_data_rule, NULL, "www.test:notexist");
}
