/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replies that are malformed, too short, too long, or say what is not so.  Each
 * leads to the right answer or to an error; where the reply is one to the
 * question but cannot be read, the next server is asked at once.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"

static const struct zone good[] = {{"*", "192.0.2.2"}, {NULL, NULL}};

/* --- replies that the test writes --- */

struct bytes {
	uint8_t data[65536];
	size_t len, answer; /* where the answer starts */
};

static void
put(struct bytes *b, const void *data, size_t len)
{
	assert_true(b->len + len <= sizeof b->data);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void
put16(struct bytes *b, unsigned int n)
{
	uint8_t two[2] = {n >> 8 & 0xff, n & 0xff};

	put(b, two, 2);
}

/* A record whose owner, type and length are as said, with a ttl of a minute. */
static void
put_record(struct bytes *b, unsigned int owner, int type, unsigned int rdlength)
{
	put16(b, 0xc000 | owner);
	put16(b, (unsigned int)type);
	put16(b, 1);
	put16(b, 0);
	put16(b, 60);
	put16(b, rdlength);
}

static void
put_address(struct bytes *b, const char *text)
{
	uint8_t ip[4];

	assert_int_equal(inet_pton(AF_INET, text, ip), 1);
	put_record(b, 12, TYPE_A, 4);
	put(b, ip, 4);
}

static void
set_count(struct bytes *b, int section, unsigned int n)
{
	b->data[4 + 2 * section] = n >> 8 & 0xff;
	b->data[5 + 2 * section] = n & 0xff;
}

/* Header and question; the header says that one record follows. */
static void
start(struct bytes *b, const struct question *q)
{
	size_t end = 12;

	while (q->msg[end] != 0)
		end += 1 + q->msg[end];
	end += 5;
	b->len = 0;
	put(b, q->msg, end);
	memcpy(b->data + 2, "\x81\x80\0\1\0\1\0\0\0\0", 10);
	b->answer = b->len;
}

typedef void bad_reply(struct bytes *b, const struct question *q);

static void
send_bytes(struct reply *reply, const struct bytes *b)
{
	reply_raw(reply, b->data, b->len);
}

/* A reply, and after it a good one. */
static void
both_rule(const struct question *q, struct reply *reply, void *arg)
{
	static struct bytes b;
	bad_reply *const *bad = arg;

	start(&b, q);
	(*bad)(&b, q);
	send_bytes(reply, &b);
	reply_again(reply);
	reply_a(reply, "192.0.2.1", 60);
}

static void
bad_rule(const struct question *q, struct reply *reply, void *arg)
{
	static struct bytes b;
	bad_reply *const *bad = arg;

	start(&b, q);
	(*bad)(&b, q);
	send_bytes(reply, &b);
}

/* Messages that do not reply to the question are ignored. */
static void
check_ignored(bad_reply *bad)
{
	struct dns d;

	dns_set_up_two_with(&d, 0, both_rule, &bad, good);
	look_up_soon("www.test");
	assert_log("www.test:192.0.2.1/60");
	assert_asked(d.second, "");
	dns_tear_down(&d);
}

/* What cannot be read is an error of the server, and the next one is asked. */
static void
check_next(bad_reply *bad)
{
	struct dns d;

	dns_set_up_two_with(&d, 0, bad_rule, &bad, good);
	look_up_soon("www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
	dns_set_up_with(&d, 0, bad_rule, &bad);
	set_long_timeout();
	look_up_soon("www.test");
	assert_log("www.test:serverfailed");
	dns_tear_down(&d);
}

/* The reply is accepted: the second server is not asked. */
static void
check_outcome(bad_reply *bad, const char *log)
{
	struct dns d;

	dns_set_up_two_with(&d, 0, bad_rule, &bad, good);
	look_up_soon("www.test");
	assert_log(log);
	assert_asked(d.second, "");
	dns_tear_down(&d);
}

#define IGNORED_TEST(name, ...)                                                \
	TEST(name, DIFFERS(V14, "it ends the request"),                        \
	    DIFFERS(V21, "it ends the request"), ##__VA_ARGS__)

#define NEXT_TEST(name, ...)                                                   \
	TEST(name, DIFFERS(V14, "the second server is not asked"),             \
	    DIFFERS(V21, "the second server is not asked"), ##__VA_ARGS__)

/* --- too short --- */

static void
empty(struct bytes *b, const struct question *q)
{
	(void)q;
	b->len = 0;
}

TEST(dns_reply_of_no_bytes_is_ignored)
{
	check_ignored(empty);
}

static size_t short_length;

static void
too_short(struct bytes *b, const struct question *q)
{
	(void)q;
	b->len = short_length;
}

IGNORED_TEST(dns_reply_that_ends_within_its_question_is_ignored)
{
	static const size_t lengths[] = {1, 2, 3, 11, 12, 13, 20, 24, 25};

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		short_length = lengths[i];
		check_ignored(too_short);
	}
}

NEXT_TEST(dns_reply_that_ends_after_its_question_leads_to_the_next_server)
{
	short_length = 12 + sizeof("\3www\4test") + 4;
	check_next(too_short);
}

static size_t cut_by;

static void
cut_off(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.1");
	b->len -= cut_by;
}

NEXT_TEST(dns_reply_that_ends_within_a_record_leads_to_the_next_server)
{
	for (cut_by = 1; cut_by < 16; cut_by++)
		check_next(cut_off);
}

/* --- counts --- */

static void
many_answers(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.1");
	set_count(b, 1, 65535);
}

NEXT_TEST(dns_reply_with_fewer_answers_than_it_says_leads_to_the_next_server)
{
	check_next(many_answers);
}

static void
many_others(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.1");
	set_count(b, 2, 65535);
	set_count(b, 3, 65535);
}

TEST(dns_reply_with_fewer_other_records_than_it_says_is_accepted)
{
	check_outcome(many_others, "www.test:192.0.2.1/60");
}

static void
many_questions(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.1");
	set_count(b, 0, 65535);
}

IGNORED_TEST(dns_reply_with_fewer_questions_than_it_says_is_ignored)
{
	check_ignored(many_questions);
}

static void
no_question(struct bytes *b, const struct question *q)
{
	(void)q;
	set_count(b, 0, 0);
	b->len = 12;
	put_record(b, 0, TYPE_A, 4);
	put(b, "\xc0\0\2\1", 4);
}

IGNORED_TEST(dns_reply_without_a_question_is_ignored)
{
	check_ignored(no_question);
}

static void
all_counts(struct bytes *b, const struct question *q)
{
	(void)q;
	memset(b->data + 4, 0xff, 8);
}

IGNORED_TEST(dns_reply_whose_counts_are_all_65535_is_ignored)
{
	check_ignored(all_counts);
}

static void
no_answer(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.1");
	set_count(b, 1, 0);
}

TEST(dns_answer_that_the_header_does_not_count_is_ignored,
    DIFFERS(V21, "no data has an error code of its own"))
{
	check_outcome(no_answer, "www.test:unknown");
}

/* --- lengths that lie --- */

static unsigned int said_length;

static void
lying(struct bytes *b, const struct question *q)
{
	(void)q;
	put_record(b, 12, TYPE_A, said_length);
	put(b, "\xc0\0\2\1", 4);
}

NEXT_TEST(dns_address_that_is_longer_than_the_reply_leads_to_the_next_server)
{
	static const unsigned int lengths[] = {5, 8, 255, 256, 32767, 32768,
	    65535};

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		said_length = lengths[i];
		check_next(lying);
	}
}

NEXT_TEST(dns_address_of_three_bytes_leads_to_the_next_server)
{
	said_length = 3;
	check_next(lying);
}

TEST(dns_address_of_no_bytes_is_no_data,
    DIFFERS(V14, "an answer of no addresses"),
    DIFFERS(V21, "an answer of no addresses"))
{
	said_length = 0;
	check_outcome(lying, "www.test:unknown");
}

static void
lying_other(struct bytes *b, const struct question *q)
{
	(void)q;
	put_record(b, 12, TYPE_TXT, 65535);
	put(b, "\3abc", 4);
	set_count(b, 1, 2);
}

NEXT_TEST(dns_record_that_is_longer_than_the_reply_leads_to_the_next_server)
{
	check_next(lying_other);
}

static void
address_after_others(struct bytes *b, const struct question *q)
{
	(void)q;
	for (int i = 0; i < 10; i++) {
		put_record(b, 12, TYPE_TXT + 100, 4);
		put(b, "\xc0\0\2\x42", 4);
	}
	put_address(b, "192.0.2.1");
	set_count(b, 1, 11);
}

TEST(dns_address_after_records_of_unknown_types_is_found)
{
	check_outcome(address_after_others, "www.test:192.0.2.1/60");
}

static void
other_class(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.66");
	b->data[b->answer + 5] = 3;
	put_address(b, "192.0.2.1");
	set_count(b, 1, 2);
}

TEST(dns_address_of_another_class_is_ignored)
{
	check_outcome(other_class, "www.test:192.0.2.1/60");
}

/* --- names --- */

static unsigned int owner;

static void
bad_owner(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.1");
	b->data[b->answer] = owner >> 8 & 0xff;
	b->data[b->answer + 1] = owner & 0xff;
}

/* The record is ignored, as its owner is not the name that was asked for. */
TEST(dns_record_whose_owner_refers_to_itself_is_ignored)
{
	owner = 0xc000 | (12 + 14);
	check_outcome(bad_owner, "www.test:unknown");
}

TEST(dns_record_whose_owner_refers_to_after_the_end_is_ignored)
{
	owner = 0xffff;
	check_outcome(bad_owner, "www.test:unknown");
}

NEXT_TEST(dns_owner_with_a_label_of_an_unknown_kind_leads_to_the_next_server)
{
	owner = 0x4000;
	check_next(bad_owner);
	owner = 0x8000;
	check_next(bad_owner);
}

static void
looping_question(struct bytes *b, const struct question *q)
{
	(void)q;
	b->data[12] = 0xc0;
	b->data[13] = 12;
}

IGNORED_TEST(dns_reply_whose_question_refers_to_itself_is_ignored)
{
	check_ignored(looping_question);
}

static void
question_into_the_header(struct bytes *b, const struct question *q)
{
	(void)q;
	b->data[12] = 0xc0;
	b->data[13] = 2; /* 0x81 is the length of no label */
}

IGNORED_TEST(dns_reply_whose_question_refers_to_the_header_is_ignored)
{
	check_ignored(question_into_the_header);
}

/* A name as the data of the answer to a question for one. */

static const uint8_t *target;
static size_t target_len;
static unsigned int target_said;

static void
bad_target(struct bytes *b, const struct question *q)
{
	(void)q;
	put_record(b, 12, TYPE_PTR, target_said);
	put(b, target, target_len);
}

static void
ask_reverse(void)
{
	struct in_addr in;

	inet_pton(AF_INET, "192.0.2.7", &in);
	pending++;
	assert_int_equal(evdns_resolve_reverse(&in, 0, note_outcome_cb, "R"),
	    0);
}

/* log NULL: the reply counts as a failure of the server, and the next one is
 * asked. */
static void
check_target(const void *bytes, size_t len, unsigned int said, const char *log)
{
	static const struct zone name[] = {{"*", "good.test"}, {NULL, NULL}};
	bad_reply *bad = bad_target;
	struct dns d;

	target = bytes;
	target_len = len;
	target_said = said;
	dns_set_up_two_with(&d, 0, bad_rule, &bad, name);
	ask_reverse();
	wait_soon();
	if (log == NULL)
		log = "R:good.test/60";
	assert_log(log);
	dns_tear_down(&d);
}

/* Where the data of the answer about 7.2.0.192.in-addr.arpa start. */
#define AT (12 + sizeof("\0017\0012\0010\003192\7in-addr\4arpa") + 4 + 12)

NEXT_TEST(dns_name_that_refers_to_itself_leads_to_the_next_server)
{
	const uint8_t loop[] = {0xc0, AT};
	const uint8_t label_and_loop[] = {1, 'x', 0xc0, AT};
	const uint8_t two[] = {0xc0, AT + 2, 0xc0, AT};

	check_target(loop, sizeof loop, sizeof loop, NULL);
	check_target(label_and_loop, sizeof label_and_loop,
	    sizeof label_and_loop, NULL);
	check_target(two, sizeof two, sizeof two, NULL);
}

NEXT_TEST(dns_name_that_refers_to_after_the_end_leads_to_the_next_server)
{
	const uint8_t after[] = {0xc0, AT + 2};
	const uint8_t far[] = {1, 'x', 0xff, 0xff};

	check_target(after, sizeof after, sizeof after, NULL);
	check_target(far, sizeof far, sizeof far, NULL);
}

NEXT_TEST(dns_name_without_an_end_leads_to_the_next_server)
{
	check_target("\1x", 2, 2, NULL);
	check_target("\5x", 2, 2, NULL);
	check_target("\1x\xc0", 3, 3, NULL);
	check_target("", 0, 0, NULL);
}

TEST(dns_name_that_is_longer_than_its_record_leads_to_the_next_server,
    DIFFERS(V14, "it is taken"), DIFFERS(V21, "it is taken"))
{
	check_target("\1x\1y", 5, 3, NULL);
}

NEXT_TEST(dns_name_with_a_label_of_an_unknown_kind_leads_to_the_next_server)
{
	uint8_t name[256] = {0};

	name[0] = 0x40;
	check_target(name, sizeof name, sizeof name, NULL);
	name[0] = 0x80;
	check_target(name, sizeof name, sizeof name, NULL);
}

NEXT_TEST(dns_name_of_more_than_255_bytes_leads_to_the_next_server)
{
	uint8_t name[5 * 64 + 1];

	memset(name, 'x', sizeof name);
	for (int i = 0; i < 5; i++)
		name[64 * i] = 63;
	name[sizeof name - 1] = 0;
	check_target(name, sizeof name, sizeof name, NULL);
}

TEST(dns_name_with_a_nul_leads_to_the_next_server,
    DIFFERS(V14, "it is cut there"), DIFFERS(V21, "it is cut there"))
{
	check_target("\3a\0b\4test", 10, 10, NULL);
}

TEST(dns_name_that_refers_to_another_one_is_read)
{
	const uint8_t name[] = {1, 'x', 0xc0, AT - 12 - 4 - 14};

	check_target(name, sizeof name, sizeof name, "R:x.in-addr.arpa/60");
}

/* --- other kinds of records --- */

static void
bad_alias(struct bytes *b, const struct question *q)
{
	(void)q;
	put_record(b, 12, TYPE_CNAME, 2);
	put16(b, 0xc000 | b->len);
	put_address(b, "192.0.2.1");
	set_count(b, 1, 2);
}

NEXT_TEST(dns_alias_that_refers_to_itself_leads_to_the_next_server)
{
	check_next(bad_alias);
}

static void
request(struct bytes *b, const struct question *q)
{
	(void)q;
	put_address(b, "192.0.2.66");
	b->data[2] &= 0x7f;
}

/* A packet that is a question is no answer, whatever comes of it. */
TEST(dns_message_that_is_not_a_reply_is_not_an_answer)
{
	bad_reply *bad = request;
	struct dns d;

	dns_set_up_two_with(&d, 0, both_rule, &bad, good);
	look_up_soon("www.test");
	assert_null(strstr(noted(), "192.0.2.66"));
	dns_tear_down(&d);
}

/* --- too long --- */

/* Addresses, and a last record that takes the rest of the message. */
static void
fill_up(struct bytes *b, size_t size)
{
	unsigned int n = 0;

	while (b->len + 16 + 12 <= size) {
		put_address(b, "192.0.2.1");
		n++;
	}
	set_count(b, 1, n);
	set_count(b, 3, 1);
	put_record(b, 12, TYPE_TXT + 100, (unsigned int)(size - b->len - 12));
	while (b->len < size)
		put(b, "", 1);
}

static void
largest_rule(const struct question *q, struct reply *reply, void *arg)
{
	static struct bytes b;

	(void)arg;
	start(&b, q);
	if (q->tcp) {
		fill_up(&b, 65535);
	} else {
		b.data[2] |= 2; /* truncated */
		set_count(&b, 1, 0);
	}
	send_bytes(reply, &b);
}

static void
count_addresses_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	const uint8_t *last = (const uint8_t *)addresses + 4 * (count - 1);

	(void)arg;
	pending--;
	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(type, DNS_IPv4_A);
	assert_int_equal(ttl, 60);
	assert_memory_equal(last, "\xc0\0\2\1", 4);
	note("%d", count);
}

TEST(dns_reply_of_65535_bytes_is_read_whole,
    DIFFERS(V14, "truncated is the outcome"),
    DIFFERS(V21, "truncated is the outcome"))
{
	struct dns d;

	dns_set_up_with(&d, 0, largest_rule, NULL);
	set_long_timeout();
	ask_with("www.test", 0, count_addresses_cb);
	wait_soon();
	assert_log("4093");
	dns_tear_down(&d);
}

static size_t big;

/* UDP as well as TCP. */
static void
big_rule(const struct question *q, struct reply *reply, void *arg)
{
	static struct bytes b;

	(void)arg;
	start(&b, q);
	fill_up(&b, big);
	send_bytes(reply, &b);
}

static void
check_big(size_t size, const char *log)
{
	struct dns d;

	big = size;
	dns_set_up_with(&d, 0, big_rule, NULL);
	set_long_timeout();
	ask_with("www.test", 0, count_addresses_cb);
	wait_soon();
	assert_log(log);
	dns_tear_down(&d);
}

TEST(dns_reply_of_more_than_32_addresses_is_read_whole,
    DIFFERS(V14, "no more than 32 addresses"),
    DIFFERS(V21, "no more than 32 addresses"))
{
	check_big(64 * 16, "61");
}

TEST(dns_datagram_of_more_than_4096_bytes_is_read_whole,
    DIFFERS(V14, "it is not read to its end"),
    DIFFERS(V21, "it is not read to its end"))
{
	check_big(5000, "310");
}

TEST(dns_largest_datagram_is_read_whole,
    DIFFERS(V14, "it is not read to its end"),
    DIFFERS(V21, "it is not read to its end"))
{
	check_big(65507, "4091");
}
