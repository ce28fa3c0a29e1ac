/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of the DNS, read: replies for the client, requests for the server.
 * Each message ends at a page without access, and is read cut off at every
 * length.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <evdns.h>

#include "dns/wire.h"
#include "edge.h"
#include "test.h"
#include "wrap.h"

#define MAX 65536

/* Bytes from hexadecimal text with blanks. */
static size_t
unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned int byte;

	while (*(text += strspn(text, " ")) != '\0') {
		assert_int_equal(sscanf(text, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
		text += 2;
	}
	return n;
}

static int
answer_at_edge(const uint8_t *bytes, size_t len, int type,
    struct wire_answer *out)
{
	return evi_wire_answer(at_edge(bytes, len), len, type, out);
}

/* Reads a reply's records of a type. */
static int
answer(const char *reply, int type, struct wire_answer *out)
{
	static uint8_t bytes[MAX];

	return answer_at_edge(bytes, unhex(reply, bytes), type, out);
}

/*
 * Names.
 */

/* A name of n bytes, in labels of this size. */
static const char *
name_of(size_t len, size_t label)
{
	static char name[MAX];

	for (size_t i = 0; i < len; i++)
		name[i] = i % (label + 1) == label ? '.' : 'a';
	name[len] = '\0';
	return name;
}

TEST(dns_name_has_1_to_63_bytes_in_each_label_and_255_in_all)
{
	static const char *good[] = {"a", "a.", "a.b", "a.b.", "A-1_*.x",
	    "\\.a", " ", "\1\377"};
	static const char *bad[] = {"", ".", "..", ".a", "a..", "a..b", ".a."};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(evi_wire_name_ok(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(evi_wire_name_ok(bad[i]));
	assert_true(evi_wire_name_ok(name_of(63, 100)));
	assert_false(evi_wire_name_ok(name_of(64, 100)));
	assert_false(evi_wire_name_ok(name_of(MAX - 1, MAX)));
	assert_true(evi_wire_name_ok(name_of(253, 1)));
	assert_true(evi_wire_name_ok(name_of(254, 1))); /* ends in a dot */
	assert_false(evi_wire_name_ok(name_of(255, 1)));
	assert_false(evi_wire_name_ok(name_of(256, 1)));
	assert_false(evi_wire_name_ok(name_of(MAX - 1, 1)));
	assert_true(evi_wire_name_ok(name_of(253, 62)));
	assert_false(evi_wire_name_ok(name_of(254, 61)));
}

TEST(dns_owner_may_be_the_root_as_well)
{
	assert_true(evi_wire_owner_ok(""));
	assert_true(evi_wire_owner_ok("."));
	assert_true(evi_wire_owner_ok("a."));
	assert_false(evi_wire_owner_ok(".."));
	assert_false(evi_wire_owner_ok(".a"));
}

/*
 * Replies.
 */

#define REPLY(counts) "1234 8180 " counts " 0174 00 0001 0001"
#define ONE REPLY("0001 0001 0000 0000")
#define TWO REPLY("0001 0002 0000 0000")
#define THREE REPLY("0001 0003 0000 0000")
#define ADDRESS(ttl, data) "c00c 0001 0001 " ttl " 0004 " data
/* The first record: another name, and what refers to that. */
#define ALIAS(ttl) "c00c 0005 0001 " ttl " 0004 0163 c00c"
#define ALIASED(ttl, data) "c01f 0001 0001 " ttl " 0004 " data

static void
assert_answer(const char *reply, int type, int count, int ttl,
    const char *addresses)
{
	struct wire_answer a;
	uint8_t expected[100];
	size_t len = unhex(addresses, expected);

	assert_int_equal(answer(reply, type, &a), DNS_ERR_NONE);
	assert_int_equal(a.count, count);
	assert_int_equal(a.ttl, ttl);
	assert_memory_equal(a.addresses, expected, len);
	free(a.addresses);
}

static void
assert_no_answer(const char *reply, int type, int err)
{
	struct wire_answer a;

	printf("%s\n", reply);
	assert_int_equal(answer(reply, type, &a), err);
}

TEST(dns_answer_has_the_addresses)
{
	assert_answer(ONE ADDRESS("00000007", "01020304"), 1, 1, 7, "01020304");
	assert_answer(TWO ADDRESS("00000007", "01020304")
			  ADDRESS("00000006", "05060708"),
	    1, 2, 6, "01020304 05060708");
	assert_answer(ONE "c00c 001c 0001 00000009 0010"
			  "20010db8 00000000 00000000 00000001",
	    28, 1, 9, "20010db8 00000000 00000000 00000001");
}

TEST(dns_answer_has_the_lowest_ttl_of_its_records)
{
	assert_answer(TWO ALIAS("00000005") ALIASED("00000007", "01020304"), 1,
	    1, 5, "01020304");
	assert_answer(TWO ALIAS("00000007") ALIASED("00000005", "01020304"), 1,
	    1, 5, "01020304");
	/* A record of another name does not count. */
	assert_answer(TWO
	    "c00c 0010 0001 00000001 0001 00" ADDRESS("00000005", "01020304"),
	    1, 1, 5, "01020304");
}

/* 1.4: the number has 32 bits, and becomes negative. */
TEST(dns_ttl_of_more_than_31_bits_is_0)
{
	assert_answer(ONE ADDRESS("7fffffff", "01020304"), 1, 1, 0x7fffffff,
	    "01020304");
	assert_answer(ONE ADDRESS("80000000", "01020304"), 1, 1, 0, "01020304");
	assert_answer(TWO ADDRESS("ffffffff", "01020304")
			  ADDRESS("00000005", "01020304"),
	    1, 2, 0, "01020304");
}

/* The owner of such a record is neither the name nor one of its aliases. */
TEST(dns_records_about_other_names_are_ignored)
{
	assert_no_answer(ONE "0175 00 0001 0001 00000007 0004 01020304", 1,
	    DNS_ERR_UNKNOWN);
	assert_answer(TWO
	    "0175 00 0001 0001 00000001 0004 05060708" ADDRESS("00000007",
		"01020304"),
	    1, 1, 7, "01020304");
	assert_no_answer(
	    TWO ALIAS("00000005") "0175 00 0001 0001 00000007 0004 01020304", 1,
	    DNS_ERR_UNKNOWN);
	assert_no_answer(ONE "0175 00 000c 0001 00000007 0003 0177 00", 12,
	    DNS_ERR_UNKNOWN);
	/* The question is for "t", and the reply has no records of "t". */
	assert_answer(ONE "0154 00 0001 0001 00000007 0004 01020304", 1, 1, 7,
	    "01020304");
}

TEST(dns_aliases_may_come_in_any_order)
{
	/* "d.t" has the address; "c.t" is "d.t"; "t" is "c.t". */
	assert_answer(THREE "0164 c00c 0001 0001 00000007 0004 01020304"
			    "0163 c00c 0005 0001 00000006 0002 c013"
			    "c00c 0005 0001 00000005 0002 c025",
	    1, 1, 5, "01020304");
}

TEST(dns_aliases_in_a_circle_are_followed_a_limited_number_of_times)
{
	assert_no_answer(TWO ALIAS(
			     "00000005") "c01f 0005 0001 00000006 0002 c00c",
	    1, DNS_ERR_UNKNOWN);
}

/*
 * A lame server: no answer, no AA (it has no authority), no RA (it does not
 * recurse).
 */
TEST(dns_reply_of_a_lame_server_differs_from_no_data)
{
	assert_no_answer("1234 8100 0001 0000 0001 0000 0174 00 0001 0001", 1,
	    EVI_WIRE_LAME);
	assert_no_answer("1234 8500 0001 0000 0001 0000 0174 00 0001 0001", 1,
	    DNS_ERR_UNKNOWN);
	assert_no_answer("1234 8180 0001 0000 0001 0000 0174 00 0001 0001", 1,
	    DNS_ERR_UNKNOWN);
}

TEST(dns_answer_may_have_several_addresses_in_a_record)
{
	assert_answer(THREE "c00c 0001 0001 00000007 0008 0102030405060708"
			    "c00c 0001 0001 00000007 0000"
			    "c00c 0001 0001 00000007 0004 090a0b0c",
	    1, 3, 7, "01020304 05060708 090a0b0c");
}

/* 1.4: 32 at the most. */
TEST(dns_answer_has_all_addresses_of_the_largest_message)
{
	static uint8_t bytes[MAX];
	struct wire_answer a;
	size_t n = 0, len = unhex(REPLY("0001 0000 0000 0000"), bytes);

	for (; len + 16 < MAX; len += 16, n++) {
		unhex(ADDRESS("00000001", "00000000"), bytes + len);
		bytes[len + 14] = (uint8_t)(n >> 8);
		bytes[len + 15] = (uint8_t)n;
	}
	bytes[6] = (uint8_t)(n >> 8);
	bytes[7] = (uint8_t)n;
	assert_int_equal(answer_at_edge(bytes, len, 1, &a), DNS_ERR_NONE);
	assert_int_equal(a.count, n);
	while (n-- > 0) {
		assert_int_equal(((uint8_t *)a.addresses)[4 * n + 2], n >> 8);
		assert_int_equal(((uint8_t *)a.addresses)[4 * n + 3], n & 255);
	}
	free(a.addresses);
}

static void
assert_name(const char *reply, int ttl, const char *name)
{
	struct wire_answer a;

	assert_int_equal(answer(reply, EVDNS_TYPE_PTR, &a), DNS_ERR_NONE);
	assert_int_equal(a.count, 1);
	assert_int_equal(a.ttl, ttl);
	assert_string_equal(*(char **)a.addresses, name);
	free(a.addresses);
}

TEST(dns_name_with_control_bytes_is_an_error)
{
	assert_no_answer(ONE "c00c 000c 0001 00000007 0005 03771b77 00", 12,
	    DNS_ERR_UNKNOWN);
	assert_no_answer(ONE "c00c 000c 0001 00000007 0005 03777f77 00", 12,
	    DNS_ERR_UNKNOWN);
	assert_name(ONE "c00c 000c 0001 00000007 0005 0377ff77 00", 7,
	    "w\377w");
}

TEST(dns_answer_has_the_name)
{
	assert_name(ONE "c00c 000c 0001 00000007 0005 03777777 00", 7, "www");
	assert_name(ONE "c00c 000c 0001 00000007 0006 03777777 c00c", 7,
	    "www.t");
	assert_name(TWO ALIAS("00000005") "c01f 000c 0001 00000007 0002 c00c",
	    5, "t");
	assert_name(ONE "c00c 000c 0001 00000007 0001 00", 7, "");
	/* The first PTR record counts. */
	assert_name(TWO "c00c 000c 0001 00000007 0003 0175 00"
			"c00c 000c 0001 00000005 0003 0176 00",
	    7, "u");
	/* Bytes as they are. */
	assert_name(ONE "c00c 000c 0001 00000007 0006 042e5c20ff 00", 7,
	    ".\\ \377");
}

TEST(dns_answer_without_what_was_asked_is_unknown)
{
	assert_no_answer(REPLY("0001 0000 0000 0000"), 1, DNS_ERR_UNKNOWN);
	assert_no_answer("1234 8180 0000 0000 0000 0000", 1, DNS_ERR_UNKNOWN);
	assert_no_answer(ONE ALIAS("00000005"), 1, DNS_ERR_UNKNOWN);
	assert_no_answer(ONE ADDRESS("00000005", "01020304"), 28,
	    DNS_ERR_UNKNOWN);
	assert_no_answer(ONE ADDRESS("00000005", "01020304"), 12,
	    DNS_ERR_UNKNOWN);
	/* In another class, or another section. */
	assert_no_answer(ONE "c00c 0001 0003 00000001 0004 01020304", 1,
	    DNS_ERR_UNKNOWN);
	assert_no_answer(REPLY("0001 0000 0001 0000")
			     ADDRESS("00000005", "01020304"),
	    1, DNS_ERR_UNKNOWN);
	/* A record without an address is none. */
	assert_no_answer(ONE "c00c 0001 0001 00000007 0000", 1,
	    DNS_ERR_UNKNOWN);
}

TEST(dns_answer_is_an_error_where_the_reply_says_so)
{
	char reply[] = ONE ADDRESS("00000005", "01020304");

	for (int i = 1; i < 16; i++) {
		reply[8] = "0123456789abcdef"[i];
		assert_no_answer(reply, 1, i <= 5 ? i : DNS_ERR_UNKNOWN);
	}
	reply[6] = '2'; /* TC */
	assert_no_answer(reply, 1, DNS_ERR_TRUNCATED);
	reply[8] = '0';
	assert_no_answer(reply, 1, DNS_ERR_TRUNCATED);
	/* A header alone is enough for an error. */
	assert_no_answer("1234 8183 0001 0000 0000 0000", 1, 3);
	assert_no_answer("1234 8383 ffff ffff ffff ffff", 1, DNS_ERR_TRUNCATED);
}

TEST(dns_malformed_answers_are_refused)
{
	static const char *replies[] = {
	    /* a request */
	    "1234 0180 0001 0001 0000 0000 0174 00 0001 0001" ADDRESS(
		"00000005", "01020304"),
	    /* fewer questions, fewer records than there should be */
	    "1234 8180 ffff 0000 0000 0000",
	    "1234 8180 ffff 0000 0000 0000 0174 00 0001 0001",
	    ONE,
	    REPLY("0001 ffff 0000 0000") ADDRESS("00000005", "01020304"),
	    /* data that end beyond the end, and half an address */
	    ONE "c00c 0001 0001 00000007 0005 01020304",
	    ONE "c00c 0001 0001 00000007 ffff 01020304",
	    ONE "c00c 0001 0001 00000007 0003 010203",
	    ONE "c00c 001c 0001 00000007 0004 01020304",
	    /* a name with labels that are none */
	    ONE "4161 0001 0001 00000007 0004 01020304",
	    ONE "8161 0001 0001 00000007 0004 01020304",
	};
	static const char *names[] = {
	    /* after the data, itself, nowhere, in a circle */
	    ONE "c00c 000c 0001 00000007 0002 0175 00",
	    ONE "c00c 000c 0001 00000007 0002 c01f",
	    ONE "c00c 000c 0001 00000007 0002 ffff",
	    ONE "c00c 000c 0001 00000007 0004 0175 c01f",
	    ONE "c00c 000c 0001 00000007 0004 c021 c01f",
	    ONE "c00c 000c 0001 00000007 0000",
	    /* a NUL within */
	    ONE "c00c 000c 0001 00000007 0005 03610062 00",
	};

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		assert_no_answer(replies[i],
		    strstr(replies[i], " 001c ") != NULL ? 28 : 1, -1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_no_answer(names[i], 12, -1);
}

/* Each byte of the message is needed, and none after it is read. */
TEST(dns_answer_that_is_cut_off_is_malformed)
{
	static const char *replies[] = {
	    TWO ALIAS("00000005") ALIASED("00000007", "01020304"),
	    TWO ALIAS("00000005") "c01f 000c 0001 00000007 0006 03777777 c00c",
	    ONE "c00c 001c 0001 00000009 0010"
		"20010db8 00000000 00000000 00000001",
	};
	static const int types[] = {1, 12, 28};
	uint8_t bytes[200];
	struct wire_answer a;

	for (size_t i = 0; i < 3; i++) {
		size_t len = unhex(replies[i], bytes);

		assert_int_equal(answer_at_edge(bytes, len, types[i], &a), 0);
		free(a.addresses);
		while (len-- > 0)
			assert_int_equal(answer_at_edge(bytes, len, types[i],
					     &a),
			    -1);
	}
}

/*
 * A name of 255 bytes that takes as many references as labels, and one byte
 * more.
 */
static size_t
long_name_reply(uint8_t *bytes, bool too_long)
{
	size_t len = unhex("1234 8180 0001 0001 0000 0000", bytes), start;

	for (int i = 0; i < 126; i++)
		len += unhex("0161", bytes + len);
	len += unhex("00 0001 0001", bytes + len);
	start = len;
	len += unhex("c00c 000c 0001 00000007 0004", bytes + len);
	len += unhex(too_long ? "026262 c00c" : "0162 c00c", bytes + len);
	bytes[start + 11] = (uint8_t)(len - start - 12);
	return len;
}

TEST(dns_name_may_have_255_bytes)
{
	uint8_t bytes[400];
	struct wire_answer a;
	size_t len = long_name_reply(bytes, false);

	assert_int_equal(answer_at_edge(bytes, len, 12, &a), 0);
	assert_int_equal(strlen(*(char **)a.addresses), 253);
	free(a.addresses);
	len = long_name_reply(bytes, true);
	assert_int_equal(answer_at_edge(bytes, len, 12, &a), -1);
}

/* References to references: 128 of them, and more. */
TEST(dns_name_may_have_a_limited_number_of_pointers)
{
	uint8_t bytes[700];
	struct wire_answer a;

	for (size_t n = 120; n < 300; n++) {
		size_t len = unhex("1234 8180 0001 0001 0000 0000"
				   "00 000c 0001"
				   "00 000c 0001 00000007 0000",
		    bytes);
		size_t start = len;

		for (size_t i = 0; i < n; i++, len += 2) {
			bytes[len] = (uint8_t)(0xc0 | (len + 2) >> 8);
			bytes[len + 1] = (uint8_t)(len + 2);
		}
		bytes[len++] = 0;
		/* of which the record's data are the first */
		bytes[start - 1] = 2;
		assert_int_equal(answer_at_edge(bytes, len, 12, &a),
		    n <= 128 ? 0 : -1);
		if (n <= 128)
			free(a.addresses);
	}
}

TEST(dns_answer_without_memory_is_reported)
{
	struct wire_answer a;

	fail_alloc(1);
	assert_int_equal(answer(ONE ADDRESS("00000005", "01020304"), 1, &a),
	    -2);
	fail_alloc(1);
	assert_int_equal(answer(ONE "c00c 000c 0001 00000007 0002 c00c", 12,
			     &a),
	    -2);
	fail_alloc(0);
}

/* The records before the fault are freed. */
TEST(dns_answer_that_is_malformed_keeps_no_memory)
{
	long bytes = counts.bytes;

	assert_no_answer(TWO ADDRESS("00000005", "01020304") "c00c 0001 0001",
	    1, -1);
	assert_no_answer(TWO ADDRESS("00000005",
			     "01020304") "c00c 0001 0001 00000001 0003 010203",
	    1, -1);
	assert_int_equal(counts.bytes, bytes);
}

/*
 * Requests.
 */

/* Reads a request to its end.  Returns how many questions were valid. */
static int
read_request(const uint8_t *bytes, size_t len)
{
	struct wire_request request;
	struct wire_question q;
	int n = 0;

	if (evi_wire_request(&request, at_edge(bytes, len), len) == -1)
		return -1;
	while (n < request.nquestions && evi_wire_question(&request, &q) != -1)
		n++;
	return n;
}

TEST(dns_request_that_is_cut_off_has_fewer_questions)
{
	uint8_t bytes[100];
	size_t len = unhex("1234 0100 0002 0000 0000 0000"
			   "03777777 0174 00 0001 0001 0175 c010 001c 0001",
	    bytes);

	assert_int_equal(read_request(bytes, len), 2);
	while (--len >= 12 + 11)
		assert_int_equal(read_request(bytes, len), 1);
	for (; len >= 12; len--)
		assert_int_equal(read_request(bytes, len), 0);
	for (; len > 0; len--)
		assert_int_equal(read_request(bytes, len), -1);
	assert_int_equal(read_request(bytes, 0), -1);
}

TEST(dns_request_is_read_into_its_fields)
{
	struct wire_request request;
	struct wire_question q;
	uint8_t bytes[100];
	size_t len = unhex("abcd 7fff 0001 0000 0000 0000"
			   "0377577700 fffe 8001",
	    bytes);

	assert_int_equal(evi_wire_request(&request, bytes, len), 0);
	assert_int_equal(request.id, 0xabcd);
	assert_int_equal(request.flags, 0x0110);
	assert_int_equal(request.nquestions, 1);
	assert_int_equal(evi_wire_question(&request, &q), 3);
	assert_string_equal(q.name, "wWw");
	assert_int_equal(q.type, 0xfffe);
	assert_int_equal(q.class, 0x8001);
	assert_int_equal(evi_wire_question(&request, &q), -1);
}
