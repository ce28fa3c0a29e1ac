/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replies that are not to the question, or not from the server: they are
 * ignored, and the right one is awaited.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"

#include <time.h>

#define FORGED "192.0.2.66"

/* A reply with something wrong; the right one follows it. */
typedef void forger(const struct question *q, struct reply *reply);

static void
forged_rule(const struct question *q, struct reply *reply, void *arg)
{
	forger *const *forge = arg;

	(*forge)(q, reply);
	reply_again(reply);
	reply_a(reply, "192.0.2.1", 60);
}

static void
check_ignored(forger *forge)
{
	struct dns d;

	dns_set_up_with(&d, 0, forged_rule, &forge);
	set_long_timeout();
	look_up_soon("www.test");
	assert_log("www.test:192.0.2.1/60");
	assert_asked(d.server, "A www.test");
	dns_tear_down(&d);
}

static void
other_id(const struct question *q, struct reply *reply)
{
	reply->id = q->id ^ 0x0100;
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_with_another_id_is_ignored)
{
	check_ignored(other_id);
}

static void
all_other_ids(const struct question *q, struct reply *reply)
{
	for (int bit = 1; bit < 0x10000; bit <<= 1) {
		reply->id = q->id ^ bit;
		reply_a(reply, FORGED, 60);
		reply_again(reply);
	}
	reply->id = ~q->id;
	reply_a(reply, FORGED, 60);
}

TEST(dns_replies_whose_ids_differ_in_one_bit_are_ignored)
{
	check_ignored(all_other_ids);
}

static void
other_name(const struct question *q, struct reply *reply)
{
	reply_question(reply, "wwx.test", q->type);
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_about_another_name_is_ignored,
    DIFFERS(V21, "it ends the request"))
{
	check_ignored(other_name);
}

static void
longer_name(const struct question *q, struct reply *reply)
{
	reply_question(reply, "www.test.test", q->type);
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_about_a_longer_name_is_ignored,
    DIFFERS(V21, "it ends the request"))
{
	check_ignored(longer_name);
}

static void
shorter_name(const struct question *q, struct reply *reply)
{
	reply_question(reply, "www", q->type);
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_about_a_shorter_name_is_ignored,
    DIFFERS(V14, "the rest of the name is not compared"),
    DIFFERS(V21, "it ends the request"))
{
	check_ignored(shorter_name);
}

static void
root_name(const struct question *q, struct reply *reply)
{
	reply_question(reply, ".", q->type);
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_about_the_root_is_ignored,
    DIFFERS(V14, "the rest of the name is not compared"),
    DIFFERS(V21, "it ends the request"))
{
	check_ignored(root_name);
}

static void
other_type(const struct question *q, struct reply *reply)
{
	reply_question(reply, q->name, TYPE_AAAA);
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_about_another_type_is_ignored,
    DIFFERS(V14, "the type is not compared"),
    DIFFERS(V21, "the type is not compared"))
{
	check_ignored(other_type);
}

/* The bytes of a reply with one address, which can then be changed. */
static size_t
answer_bytes(const struct question *q, uint8_t *out)
{
	static const uint8_t record[] = {0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 60,
	    0, 4, 192, 0, 2, 66};
	size_t end = 12;

	while (q->msg[end] != 0)
		end += 1 + q->msg[end];
	end += 5;
	memcpy(out, q->msg, end);
	memcpy(out + 2, "\x81\x80\0\1\0\1\0\0\0\0", 10);
	memcpy(out + end, record, sizeof record);
	return end + sizeof record;
}

static void
other_class(const struct question *q, struct reply *reply)
{
	uint8_t msg[600];
	size_t len = answer_bytes(q, msg);

	msg[len - 17] = 3;
	reply_raw(reply, msg, len);
}

TEST(dns_reply_about_another_class_is_ignored,
    DIFFERS(V14, "the class is not compared"),
    DIFFERS(V21, "the class is not compared"))
{
	check_ignored(other_class);
}

/* --- the letters' case --- */

static void
other_case_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	reply_question(reply, "wWW.tESt", q->type);
	reply_a(reply, "192.0.2.1", 60);
}

/* RFC 4343. */
TEST(dns_reply_in_another_case_is_accepted,
    DIFFERS(V14, "names are compared with their case"),
    DIFFERS(V21, "names are compared with their case"))
{
	struct dns d;

	dns_set_up_with(&d, 0, other_case_rule, NULL);
	set_long_timeout();
	look_up_soon("Www.Test");
	assert_log("Www.Test:192.0.2.1/60");
	dns_tear_down(&d);
}

/* --- where it comes from --- */

static void
from_another_port(const struct question *q, struct reply *reply)
{
	(void)q;
	reply->other_port = true;
	reply_a(reply, FORGED, 60);
}

TEST(dns_reply_from_another_port_is_ignored, DIFFERS(V14, "it is taken"),
    DIFFERS(V21, "it is taken"))
{
	check_ignored(from_another_port);
}

static int other_host = -1;

static void
from_another_host(const struct question *q, struct reply *reply)
{
	uint8_t msg[600];
	size_t len = answer_bytes(q, msg);

	assert_int_equal(sendto(other_host, msg, len, 0,
			     (const struct sockaddr *)&q->client,
			     sizeof(struct sockaddr_in)),
	    len);
	/* The server's own reply gets a wrong id, so that it is ignored. */
	reply->id++;
}

/* From the same port. */
TEST(dns_reply_from_another_host_is_ignored)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	forger *forge = from_another_host;
	struct dns d;

	dns_set_up_with(&d, 0, forged_rule, &forge);
	set_long_timeout();
	inet_pton(AF_INET, "127.0.0.9", &sin.sin_addr);
	sin.sin_port = htons(responder_port(d.server));
	other_host = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(other_host, (struct sockaddr *)&sin, sizeof sin),
	    0);
	look_up_soon("www.test");
	assert_log("www.test:192.0.2.1/60");
	close(other_host);
	dns_tear_down(&d);
}

/* --- replies to nobody --- */

static void
twice_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		reply_a(reply, "192.0.2.1", 60);
		reply_again(reply);
	}
	reply_a(reply, "192.0.2.66", 60);
	reply->delay = q->serial % 3;
}

TEST(dns_reply_that_comes_several_times_is_taken_once)
{
	struct dns d;

	dns_set_up_with(&d, 0, twice_rule, NULL);
	for (int i = 0; i < 30; i++) {
		ask("a.test");
		ask("b.test");
		wait_all();
	}
	run_for(10);
	assert_null(strstr(noted(), FORGED));
	assert_int_equal(pending, 0);
	dns_tear_down(&d);
}

/* Answers other questions than the one that was asked. */
static struct question kept[2];
static uint8_t kept_msg[2][512];

static void
crosswise_rule(const struct question *q, struct reply *reply, void *arg)
{
	int i = q->serial;

	(void)arg;
	assert_in_range(q->len, 12, 512);
	kept[i] = *q;
	memcpy(kept_msg[i], q->msg, q->len);
	if (i == 0) {
		reply->drop = true;
		return;
	}
	/* The first question's id with the second's name, and the reverse. */
	reply->id = kept[0].id;
	reply_a(reply, FORGED, 60);
	reply_again(reply);
	reply_question(reply, "a.test", TYPE_A);
	reply_a(reply, FORGED, 60);
	reply_again(reply);
	reply_a(reply, "192.0.2.2", 60);
	reply_again(reply);
	reply->id = kept[0].id;
	reply_question(reply, "a.test", TYPE_A);
	reply_a(reply, "192.0.2.1", 60);
}

TEST(dns_reply_to_one_question_is_not_one_to_another,
    DIFFERS(V21, "it ends the request"))
{
	struct dns d;

	dns_set_up_with(&d, 0, crosswise_rule, NULL);
	set_long_timeout();
	ask("a.test");
	ask("b.test");
	wait_soon();
	assert_log("b.test:192.0.2.2/60 a.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/* --- what the questions look like --- */

#define QUESTIONS 10500

static struct {
	int n;
	int ids[QUESTIONS], ports[QUESTIONS];
} seen;

static void
seen_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	seen.ids[seen.n] = q->id;
	seen.ports[seen.n++] = q->client_port;
	reply_a(reply, "192.0.2.1", 60);
}

static int
distinct(const int *numbers, int n)
{
	int count = 0;

	for (int i = 0; i < n; i++) {
		int j = 0;

		while (numbers[j] != numbers[i])
			j++;
		count += j == i;
	}
	return count;
}

static ev_uint16_t
id_fn(void)
{
	static ev_uint16_t id = 4711;

	return id++;
}

TEST(dns_ids_cannot_be_predicted,
    DIFFERS(V14, "they are what the program's function says"))
{
	int steps[200];
	struct dns d;

	evdns_set_transaction_id_fn(id_fn);
	dns_set_up_with(&d, 0, seen_rule, NULL);
	for (int i = 0; i < 200; i++)
		look_up("www.test");
	for (int i = 0; i < 199; i++)
		steps[i] = (seen.ids[i + 1] - seen.ids[i]) & 0xffff;
	assert_true(distinct(seen.ids, 200) > 150);
	assert_true(distinct(steps, 199) > 150);
	dns_tear_down(&d);
}

TEST(dns_ids_do_not_follow_the_clock,
    DIFFERS(V14, "they are the low bits of the clock"))
{
	struct dns d;
	int near = 0;

	dns_set_up_with(&d, 0, seen_rule, NULL);
	for (int i = 0; i < 200; i++) {
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		look_up("www.test");
		near += ((seen.ids[i] - (int)now.tv_nsec) & 0xffff) < 0x4000;
	}
	/* One in four, if they have nothing to do with each other. */
	assert_in_range(near, 0, 120);
	dns_tear_down(&d);
}

TEST(dns_questions_come_from_ports_that_change,
    DIFFERS(V14, "all come from one port"),
    DIFFERS(V21, "all come from one port"))
{
	struct dns d;

	dns_set_up_with(&d, 0, seen_rule, NULL);
	for (int i = 0; i < QUESTIONS; i++)
		look_up("www.test");
	assert_true(distinct(seen.ports, QUESTIONS) >= 2);
	dns_tear_down(&d);
}

TEST(dns_questions_after_a_while_come_from_another_port,
    DIFFERS(V14, "all come from one port"),
    DIFFERS(V21, "all come from one port"))
{
	struct dns d;

	dns_set_up_with(&d, 0, seen_rule, NULL);
	look_up("www.test");
	run_for(1100);
	look_up("www.test");
	assert_int_not_equal(seen.ports[0], seen.ports[1]);
	dns_tear_down(&d);
}
