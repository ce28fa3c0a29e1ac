/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side's replies, byte for byte.
 */
#include "test.h"
#include "dns_server_golden.h"

#include <stdlib.h>

static const struct golden *now;

static void
golden_cb(struct evdns_server_request *req, void *arg)
{
	const struct golden_record *r = now->records;

	(void)arg;
	for (; r < now->records + 8 && r->name != NULL; r++)
		assert_int_equal(evdns_server_request_add_reply(req, r->section,
				     r->name, r->type, r->class, r->ttl, r->len,
				     r->is_name, r->data),
		    0);
	if (now->flags != -1)
		req->flags = now->flags;
	assert_int_equal(evdns_server_request_respond(req, now->err), 0);
}

static void
check_golden(const struct golden *all, size_t n)
{
	struct server s;

	dns_server_open(&s, golden_cb);
	for (now = all; now < all + n; now++) {
		printf("%s\n", now->what);
		dns_server_ask(&s, now->request);
		assert_reply(s.client, now->reply);
		assert_no_reply(s.client);
	}
	dns_server_close(&s);
}

#define CHECK_GOLDEN(table)                                                    \
	check_golden(table, sizeof(table) / sizeof((table)[0]))

TEST(header_is_sent_as_recorded)
{
	CHECK_GOLDEN(golden_flags);
}

TEST(names_are_sent_as_recorded)
{
	CHECK_GOLDEN(golden_names);
}

TEST(data_are_sent_as_recorded)
{
	CHECK_GOLDEN(golden_data);
}

TEST(questions_are_sent_back_as_recorded)
{
	CHECK_GOLDEN(golden_questions);
}

TEST(empty_data_are_sent_as_recorded,
    DIFFERS(V21, "a record without data is refused"))
{
	CHECK_GOLDEN(golden_empty_data);
}

TEST(no_question_is_answered_as_recorded,
    DIFFERS(V21, "a request without a question is dropped"))
{
	CHECK_GOLDEN(golden_no_question);
}

static int next_err;

static void
err_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	assert_int_equal(evdns_server_request_respond(req, next_err), 0);
}

TEST(response_codes_are_the_last_bits_of_the_flags)
{
	struct server s;
	char expected[] = NOTHING_FOR_T;

	dns_server_open(&s, err_cb);
	for (next_err = 0; next_err <= 15; next_err++) {
		dns_server_ask(&s, ASK_T);
		expected[8] = "0123456789abcdef"[next_err];
		assert_reply(s.client, expected);
	}
	dns_server_close(&s);
}

/*
 * The functions for the usual records.
 */

static struct in_addr
address(const char *text)
{
	struct in_addr in;

	assert_int_equal(inet_pton(AF_INET, text, &in), 1);
	return in;
}

static void
usual_cb(struct evdns_server_request *req, void *arg)
{
	struct in_addr in = address("192.0.2.130");

	(void)arg;
	assert_int_equal(evdns_server_request_add_cname_reply(req, "t", "c.t",
			     5),
	    0);
	assert_int_equal(evdns_server_request_add_a_reply(req, "c.t", 1, &in,
			     6),
	    0);
	assert_int_equal(evdns_server_request_add_aaaa_reply(req, "c.t", 1,
			     "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 7),
	    0);
	assert_int_equal(evdns_server_request_add_ptr_reply(req, &in, NULL,
			     "c.t", 8),
	    0);
	assert_int_equal(evdns_server_request_add_ptr_reply(req, NULL,
			     "1.2.0.192.in-addr.arpa", "t", 9),
	    0);
	assert_int_equal(evdns_server_request_respond(req, 0), 0);
}

TEST(usual_records_are_sent_as_recorded)
{
	struct server s;

	dns_server_open(&s, usual_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client,
	    "1234 8100 0001 0005 0000 0000 0174 00 0001 0001"
	    "c00c 0005 0001 00000005 0004 0163c00c"
	    "c01f 0001 0001 00000006 0004 c0000282"
	    "c01f 001c 0001 00000007 0010 20010db8 00000000 00000000 00000001"
	    "03313330 0132 0130 03313932 07696e2d61646472 0461727061 00"
	    "000c 0001 00000008 0002 c01f"
	    "0131 c053 000c 0001 00000009 0002 c00c");
	dns_server_close(&s);
}

#define ONE "one record, of more bytes than an address has"

static void
several_cb(struct evdns_server_request *req, void *arg)
{
	unsigned char addresses[32];

	(void)arg;
	for (int i = 0; i < 32; i++)
		addresses[i] = (unsigned char)i;
	evdns_server_request_add_a_reply(req, "t", 2, addresses, 6);
	evdns_server_request_add_aaaa_reply(req, "t", 2, addresses, 7);
	evdns_server_request_respond(req, 0);
}

/* A record for each address is what every client reads, 1.4's too. */
TEST(several_addresses_at_once_are_as_many_records, DIFFERS(V14, ONE),
    DIFFERS(V21, ONE))
{
	struct server s;

	dns_server_open(&s, several_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, "1234 8100 0001 0004 0000 0000 0174 00 0001 0001"
			       "c00c 0001 0001 00000006 0004 00010203"
			       "c00c 0001 0001 00000006 0004 04050607"
			       "c00c 001c 0001 00000007 0010"
			       "000102030405060708090a0b0c0d0e0f"
			       "c00c 001c 0001 00000007 0010"
			       "101112131415161718191a1b1c1d1e1f");
	dns_server_close(&s);
}

static void
none_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	assert_int_equal(evdns_server_request_add_a_reply(req, "t", 0, "", 6),
	    0);
	evdns_server_request_respond(req, 0);
}

TEST(reply_of_no_addresses_adds_no_record, DIFFERS(V14, "a record of no bytes"),
    DIFFERS(V21, "a record of no bytes"))
{
	struct server s;

	dns_server_open(&s, none_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client,
	    "1234 8100 0001 0000 0000 0000 0174 00 0001 0001");
	dns_server_close(&s);
}

/* The resolver of each library reads what its server has sent. */
static void
note_count_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	assert_int_equal(result, DNS_ERR_NONE);
	note("%d:%d/%d", type, count, ttl);
	for (int i = 0; i < count * (type == DNS_IPv4_A ? 4 : 16); i++)
		assert_int_equal(((unsigned char *)addresses)[i], i);
	--*(int *)arg;
}

TEST(several_addresses_at_once_come_back_as_many)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	struct server s;
	char address[32];
	int left = 2;

	dns_server_open(&s, several_cb);
	assert_int_equal(getsockname(s.fd, (struct sockaddr *)&at, &len), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(evdns_nameserver_ip_add(address), 0);
	evdns_resolve_ipv4("t", DNS_QUERY_NO_SEARCH, note_count_cb, &left);
	while (left > 1)
		event_loop(EVLOOP_ONCE);
	evdns_resolve_ipv6("t", DNS_QUERY_NO_SEARCH, note_count_cb, &left);
	while (left > 0)
		event_loop(EVLOOP_ONCE);
	assert_log("1:2/6 3:2/7");
	evdns_shutdown(0);
	dns_server_close(&s);
}

/*
 * More than 512 bytes.
 */

static int how_many;

static void
many_cb(struct evdns_server_request *req, void *arg)
{
	unsigned char data[4] = {0};

	(void)arg;
	for (int i = 0; i < how_many; i++) {
		data[2] = (unsigned char)(i >> 8);
		data[3] = (unsigned char)i;
		assert_int_equal(evdns_server_request_add_a_reply(req, "t", 1,
				     data, 1),
		    0);
	}
	assert_int_equal(evdns_server_request_respond(req, 0), 0);
}

/* All that many_cb() answers, and the count in the header. */
static size_t
many_bytes(unsigned char *out)
{
	size_t len = unhex(NOTHING_FOR_T, out);

	out[6] = (unsigned char)(how_many >> 8);
	out[7] = (unsigned char)how_many;
	for (int i = 0; i < how_many; i++, len += 16) {
		unhex("c00c 0001 0001 00000001 0004 0000 0000", out + len);
		out[len + 14] = (unsigned char)(i >> 8);
		out[len + 15] = (unsigned char)i;
	}
	return len;
}

static void
assert_many(int client)
{
	static unsigned char expected[PACKET], got[PACKET];
	size_t len = many_bytes(expected);

	if (len > 512) {
		expected[2] |= 2;
		len = 512;
	}
	assert_int_equal(take_reply(client, got), len);
	assert_memory_equal(got, expected, len);
}

TEST(long_reply_is_cut_at_512_bytes_and_says_so)
{
	static const int counts[] = {29, 30, 31, 32, 64, 93, 256, 1000};
	struct server s;

	dns_server_open(&s, many_cb);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		how_many = counts[i];
		dns_server_ask(&s, ASK_T);
		assert_many(s.client);
	}
	dns_server_close(&s);
}

/* Answers with how_many bytes of data and some names. */
static void
long_cb(struct evdns_server_request *req, void *arg)
{
	static char data[2000];

	(void)arg;
	memset(data, 'd', sizeof(data));
	evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, "t",
	    EVDNS_TYPE_TXT, EVDNS_CLASS_INET, 1, how_many, 0, data);
	evdns_server_request_add_cname_reply(req, "u.t", "c.t", 0x01020304);
	assert_int_equal(evdns_server_request_respond(req, 0), 0);
}

/*
 * A cut in every place of a record: what is sent is the beginning of the whole.
 * The length of the data is right even where they are cut.
 */
TEST(reply_is_cut_at_512_bytes_even_inside_a_record)
{
	static unsigned char expected[PACKET], got[PACKET];
	struct server s;
	size_t len;

	dns_server_open(&s, long_cb);
	for (how_many = 440; how_many < 490; how_many++) {
		dns_server_ask(&s, ASK_T);
		unhex("1234 8100 0001 0002 0000 0000 0174 00 0001 0001"
		      "c00c 0010 0001 00000001 0000",
		    expected);
		expected[29] = (unsigned char)(how_many >> 8);
		expected[30] = (unsigned char)how_many;
		memset(expected + 31, 'd', how_many);
		len = 31 + how_many;
		len += unhex("0175 c00c 0005 0001 01020304 0004 0163 c00c",
		    expected + len);
		if (len > 512) {
			expected[2] |= 2;
			len = 512;
		}
		assert_int_equal(take_reply(s.client, got), len);
		assert_memory_equal(got, expected, len);
	}
	dns_server_close(&s);
}

/* A request with n questions, "a0" to "j9" and again. */
static size_t
many_questions(unsigned char *out, int n)
{
	size_t len = unhex("1234 0100 0000 0000 0000 0000", out);

	out[4] = (unsigned char)(n >> 8);
	out[5] = (unsigned char)n;
	for (int i = 0; i < n; i++, len += 8) {
		unhex("026130 00 0001 0001", out + len);
		out[len + 1] = (unsigned char)('a' + i / 10 % 10);
		out[len + 2] = (unsigned char)('0' + i % 10);
	}
	return len;
}

TEST(questions_are_cut_at_512_bytes_as_well)
{
	static unsigned char request[PACKET], got[PACKET];
	struct server s;
	size_t len;

	dns_server_open(&s, answer_empty_cb);
	len = many_questions(request, 100);
	send_bytes(s.client, request, len);
	dns_server_pass(&s);
	request[2] = 0x83;
	request[3] = 0;
	assert_int_equal(take_reply(s.client, got), 512);
	assert_memory_equal(got, request, 512);
	dns_server_close(&s);
}

/* A name of n labels, all but the last of them the same. */
static const char *
labels(int n, char same, char last)
{
	static char name[256];

	for (int i = 0; i < n; i++) {
		name[2 * i] = i == n - 1 ? last : same;
		name[2 * i + 1] = i == n - 1 ? '\0' : '.';
	}
	return name;
}

/* The bytes of that name, and the rest of add_any()'s record. */
static size_t
label_bytes(unsigned char *out, int n, char same, char last)
{
	size_t len = 2 * (size_t)n;

	for (size_t i = 0; i < len; i += 2) {
		out[i] = 1;
		out[i + 1] = (unsigned char)(i == len - 2 ? last : same);
	}
	return len + unhex("00 0001 0001 00000001 0004 01020304", out + len);
}

static void
ends_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	add_any(req, labels(100, 'a', 'b'));
	add_any(req, labels(27, 'c', 'd'));
	add_any(req, "d");
	add_any(req, "e");
	add_any(req, "e");
	add_any(req, "t");
	evdns_server_request_respond(req, 0);
}

TEST(first_128_ends_of_names_are_referred_to_and_no_others)
{
	static unsigned char expected[PACKET], got[PACKET];
	const char *rest = "0001 0001 00000001 0004 01020304";
	struct server s;
	size_t len, d;

	len =
	    unhex("1234 8100 0001 0006 0000 0000 0174 00 0001 0001", expected);
	len += label_bytes(expected + len, 100, 'a', 'b');
	d = len + 2 * 26;
	len += label_bytes(expected + len, 27, 'c', 'd');
	expected[len++] = (unsigned char)(0xc0 | d >> 8);
	expected[len++] = (unsigned char)d;
	len += unhex(rest, expected + len);
	len += label_bytes(expected + len, 1, 'e', 'e');
	len += label_bytes(expected + len, 1, 'e', 'e');
	len += unhex("c00c", expected + len);
	len += unhex(rest, expected + len);

	dns_server_open(&s, ends_cb);
	dns_server_ask(&s, ASK_T);
	assert_int_equal(take_reply(s.client, got), len);
	assert_memory_equal(got, expected, len);
	dns_server_close(&s);
}
