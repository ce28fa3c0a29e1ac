/* SPDX-License-Identifier: BSD-3-Clause */
/* A nameserver's address, from text and to text. */
#include <net/if.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "dns/conf/address.h"
#include "test.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

static void
assert_reads_as(const char *text, const char *expected)
{
	struct address address;
	char back[EVI_ADDRESS_TEXT];

	memset(&address, 0xff, sizeof(address));
	assert_int_equal(evi_address_read(&address, text), 0);
	evi_address_text(&address, back);
	assert_string_equal(back, expected);
}

static void
assert_refused(const char *text)
{
	struct address address, before;

	memset(&before, 0xa5, sizeof(before));
	address = before;
	if (evi_address_read(&address, text) != -1)
		fail_msg("'%s' was taken", text);
	assert_memory_equal(&address, &before, sizeof(address));
}

TEST(address_has_the_port_that_it_says_or_53)
{
	assert_reads_as("192.0.2.1", "192.0.2.1:53");
	assert_reads_as("192.0.2.1:5353", "192.0.2.1:5353");
	assert_reads_as("192.0.2.1:65535", "192.0.2.1:65535");
	assert_reads_as("2001:db8::1", "[2001:db8::1]:53");
	assert_reads_as("[2001:db8::1]", "[2001:db8::1]:53");
	assert_reads_as("[2001:db8::1]:5353", "[2001:db8::1]:5353");
	assert_reads_as("::", "[::]:53");
	assert_reads_as("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:53");
}

/* 1.4: neither is a port, and neither is refused. */
TEST(address_with_port_0_or_a_colon_alone_has_port_53)
{
	assert_reads_as("192.0.2.1:", "192.0.2.1:53");
	assert_reads_as("192.0.2.1:0", "192.0.2.1:53");
	assert_reads_as("[::1]:", "[::1]:53");
	assert_reads_as("[::1]:0", "[::1]:53");
}

/* As 1.4 and libc's resolv.conf do. */
TEST(address_with_fewer_than_three_dots_is_accepted)
{
	assert_reads_as("127.1", "127.0.0.1:53");
	assert_reads_as("127.1:54", "127.0.0.1:54");
	assert_reads_as("0x7f.1", "127.0.0.1:53");
	assert_reads_as("1", "0.0.0.1:53");
}

TEST(scope_is_an_interface_by_name_or_number)
{
	char expected[EVI_ADDRESS_TEXT];

	snprintf(expected, sizeof(expected), "[fe80::1%%%u]:53",
	    if_nametoindex("lo"));
	assert_reads_as("fe80::1%lo", expected);
	assert_reads_as("[fe80::1%lo]", expected);
	assert_reads_as("fe80::1%7", "[fe80::1%7]:53");
	assert_reads_as("[fe80::1%7]:5353", "[fe80::1%7]:5353");
	assert_reads_as("[fe80::1%4294967295]:65535",
	    "[fe80::1%4294967295]:65535");
	assert_reads_as("fe80::1%0", "[fe80::1]:53");
	assert_reads_as("fe80::1", "[fe80::1]:53");
}

TEST(longest_address_has_room_for_its_text)
{
	struct address address = {.len = sizeof(address.in6)};
	char text[EVI_ADDRESS_TEXT];

	address.in6.sin6_family = AF_INET6;
	address.in6.sin6_port = htons(65535);
	address.in6.sin6_scope_id = UINT32_MAX;
	memset(&address.in6.sin6_addr, 0xff, 16);
	evi_address_text(&address, text);
	assert_reads_as(text, text);
}

TEST(what_is_not_an_address_is_refused)
{
	static const char *const texts[] = {"", " ", " 192.0.2.1",
	    "192.0.2.256", "192.0.2.1x", "192.0.2.1.1", "name",
	    "name.example.com", ":", "::x", ":53", "192.0.2.1:x",
	    "192.0.2.1:53x", "192.0.2.1: 53", "192.0.2.1:-1", "192.0.2.1:+1",
	    "192.0.2.1:65536", "192.0.2.1:99999999999999999999", "192.0.2.1%lo",
	    "[192.0.2.1]", "[192.0.2.1]:53", "[", "]", "[]", "[]:53", "[::1",
	    "::1]", "[::1]53", "[::1]x", "[::1]:x", "[::1]:65536", "[[::1]]",
	    "[::1]]", "::1::", "1:2:3:4:5:6:7:8:9", "12345::", "fe80::1%",
	    "fe80::1%no such", "fe80::1%4294967296",
	    "fe80::1%99999999999999999999", "fe80::1%1x", "fe80::1%lo%lo",
	    "%lo", "[::1%]:53", "::1:53x", "\377", "::\377"};

	for (size_t i = 0; i < N(texts); i++)
		assert_refused(texts[i]);
}

TEST(address_that_is_too_long_is_refused)
{
	char text[5000];

	memset(text, '1', sizeof(text));
	for (size_t len = 1; len < sizeof(text); len += 11) {
		text[len] = '\0';
		if (len > 10)
			assert_refused(text);
		text[len] = '1';
	}
	memset(text, ':', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_refused(text);
}

TEST(addresses_that_differ_in_one_part_are_not_equal)
{
	static const char *const texts[] = {"192.0.2.1", "192.0.2.2",
	    "192.0.2.1:54", "::1", "::2", "[::1]:54", "::1%1", "::1%2",
	    "::ffff:192.0.2.1"};
	struct address a, b;

	for (size_t i = 0; i < N(texts); i++)
		for (size_t j = 0; j < N(texts); j++) {
			memset(&a, 0x00, sizeof(a));
			memset(&b, 0xff, sizeof(b));
			assert_int_equal(evi_address_read(&a, texts[i]), 0);
			assert_int_equal(evi_address_read(&b, texts[j]), 0);
			assert_int_equal(evi_address_equal(&a, &b), i == j);
		}
}

TEST(address_can_be_given_to_the_kernel)
{
	struct address address;

	assert_int_equal(evi_address_read(&address, "192.0.2.1:5353"), 0);
	assert_int_equal(address.len, sizeof(struct sockaddr_in));
	assert_int_equal(address.sa.sa_family, AF_INET);
	assert_int_equal(address.in.sin_port, htons(5353));
	assert_int_equal(address.in.sin_addr.s_addr, inet_addr("192.0.2.1"));
	assert_int_equal(evi_address_read(&address, "[::1%3]:5353"), 0);
	assert_int_equal(address.len, sizeof(struct sockaddr_in6));
	assert_int_equal(address.sa.sa_family, AF_INET6);
	assert_int_equal(address.in6.sin6_port, htons(5353));
	assert_int_equal(address.in6.sin6_scope_id, 3);
	assert_int_equal(address.in6.sin6_flowinfo, 0);
	assert_memory_equal(&address.in6.sin6_addr, &in6addr_loopback, 16);
}
