/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Truncated replies, after which the query is sent again over TCP, and what can
 * go wrong there.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"
#include "dns_stream.h"

static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};

/* What a server does over TCP. */
struct tcp {
	void (*rule)(const struct question *q, struct reply *reply);
};

static void
cut_rule(const struct question *q, struct reply *reply, void *arg)
{
	const struct tcp *tcp = arg;

	if (q->tcp)
		tcp->rule(q, reply);
	else
		reply->flags |= FLAG_TRUNCATED;
}

static void
set_up_tcp(struct dns *d, struct tcp *tcp,
    void (*rule)(const struct question *q, struct reply *reply))
{
	tcp->rule = rule;
	dns_set_up_two_with(d, 0, cut_rule, tcp, good);
}

static void
forty(const struct question *q, struct reply *reply)
{
	(void)q;
	for (int i = 0; i < 40; i++)
		reply_a(reply, "192.0.2.40", 60);
}

static void
count_cb40(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	const uint8_t *last = (const uint8_t *)addresses + 4 * (count - 1);

	(void)arg;
	pending--;
	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(type, DNS_IPv4_A);
	assert_int_equal(ttl, 60);
	assert_memory_equal(last, "\xc0\0\2\x28", 4);
	note("%d", count);
}

TEST(dns_truncated_reply_is_asked_for_over_tcp,
    DIFFERS(V14, "truncated is the outcome"),
    DIFFERS(V21, "truncated is the outcome"))
{
	struct tcp tcp;
	struct dns d;

	set_up_tcp(&d, &tcp, forty);
	ask_with("www.test", 0, count_cb40);
	wait_soon();
	assert_log("40");
	assert_asked(d.server, "A www.test, tcp A www.test");
	assert_asked(d.second, "");
	dns_tear_down(&d);
}

TEST(dns_many_truncated_replies_are_asked_for_over_tcp,
    DIFFERS(V14, "truncated is the outcome"),
    DIFFERS(V21, "truncated is the outcome"))
{
	struct tcp tcp;
	struct dns d;

	set_up_tcp(&d, &tcp, forty);
	for (int i = 0; i < 300; i++)
		ask_with("www.test", 0, count_cb40);
	wait_soon();
	assert_int_equal(responder_count(d.server), 600);
	dns_tear_down(&d);
}

static void
no_such_name(const struct question *q, struct reply *reply)
{
	(void)q;
	reply_rcode(reply, 3);
}

TEST(dns_truncated_reply_may_be_notexist_over_tcp,
    DIFFERS(V14, "truncated is the outcome"),
    DIFFERS(V21, "truncated is the outcome"))
{
	struct tcp tcp;
	struct dns d;

	set_up_tcp(&d, &tcp, no_such_name);
	look_up_soon("www.test");
	assert_asked(d.server, "A www.test, tcp A www.test");
	assert_asked(d.second, "");
	assert_log("www.test:notexist");
	dns_tear_down(&d);
}

/* --- TCP fails --- */

/* The second server has the answer, and is asked at once. */
static void
check_next_knows(struct dns *d)
{
	look_up_soon("www.test");
	assert_asked(d->second, "A www.test");
	assert_log("www.test:192.0.2.1/60");
	/* The first is still the first. */
	look_up_soon("again.test");
	assert_string_equal(responder_log(d->server) +
				strlen(responder_log(d->server)) -
				strlen("again.test"),
	    "again.test");
	note_clear();
	dns_tear_down(d);
}

static void
check_next_after(void (*rule)(const struct question *q, struct reply *reply))
{
	struct tcp tcp;
	struct dns d;

	set_up_tcp(&d, &tcp, rule);
	check_next_knows(&d);
}

static void
hang_up_at_once(const struct question *q, struct reply *reply)
{
	(void)q;
	reply->drop = reply->hang_up = true;
}

static void
cut_too(const struct question *q, struct reply *reply)
{
	(void)q;
	reply->flags |= FLAG_TRUNCATED;
}

static void
fails(const struct question *q, struct reply *reply)
{
	(void)q;
	reply_rcode(reply, 2);
}

#define TCP_TEST(name, ...)                                                    \
	TEST(name, DIFFERS(V14, "truncated is the outcome"),                   \
	    DIFFERS(V21, "truncated is the outcome"), ##__VA_ARGS__)

TCP_TEST(dns_tcp_that_the_server_closes_leads_to_the_next_server)
{
	check_next_after(hang_up_at_once);
}

TCP_TEST(dns_tcp_reply_that_is_truncated_too_leads_to_the_next_server)
{
	check_next_after(cut_too);
}

TCP_TEST(dns_tcp_reply_that_is_a_failure_leads_to_the_next_server)
{
	check_next_after(fails);
}

TCP_TEST(dns_tcp_that_is_refused_leads_to_the_next_server)
{
	struct tcp tcp = {fails};
	struct dns d;

	dns_set_up_two_with(&d, RESPONDER_NO_TCP, cut_rule, &tcp, good);
	check_next_knows(&d);
}

TCP_TEST(dns_tcp_that_is_silent_leads_to_the_next_server)
{
	static const struct tcp tcp = {NULL};
	struct stream *s = calloc(1, sizeof *s);
	struct dns d;

	/* Connections stay in the queue of one that does not accept. */
	dns_set_up_with(&d, RESPONDER_NO_TCP, cut_rule, (void *)&tcp);
	add_second(&d, good);
	set_short_timeout("1");
	stream_open(s, d.server, NULL);
	event_del(&s->accept_ev);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	assert_asked(d.server, "A www.test");
	stream_close(s);
	free(s);
	dns_tear_down(&d);
}

static void
half_an_answer(struct stream *s, const uint8_t *msg, size_t len)
{
	(void)len;
	stream_put_answer(s, msg, "192.0.2.7");
	s->len /= 2;
	s->hang_up = true;
	stream_send(s, s->len);
}

TCP_TEST(dns_tcp_that_is_closed_inside_a_message_leads_to_the_next_server)
{
	static const struct tcp tcp = {NULL};
	struct stream *s = calloc(1, sizeof *s);
	struct dns d;

	dns_set_up_with(&d, RESPONDER_NO_TCP, cut_rule, (void *)&tcp);
	add_second(&d, good);
	set_long_timeout();
	stream_open(s, d.server, half_an_answer);
	look_up_soon("www.test");
	assert_asked(d.second, "A www.test");
	assert_log("www.test:192.0.2.1/60");
	assert_int_equal(s->questions, 1);
	stream_close(s);
	free(s);
	dns_tear_down(&d);
}

static void
check_alone_after(void (*rule)(const struct question *q, struct reply *reply),
    const char *log)
{
	struct tcp tcp = {rule};
	struct dns d;

	dns_set_up_with(&d, 0, cut_rule, &tcp);
	set_long_timeout();
	look_up_soon("www.test");
	assert_log(log);
	dns_tear_down(&d);
}

TEST(dns_only_server_that_closes_tcp_ends_in_truncated)
{
	check_alone_after(hang_up_at_once, "www.test:truncated");
}

TEST(dns_only_server_that_truncates_over_tcp_too_ends_in_truncated)
{
	check_alone_after(cut_too, "www.test:truncated");
}

TEST(dns_only_server_that_fails_over_tcp_ends_in_serverfailed,
    DIFFERS(V14, "truncated is the outcome"),
    DIFFERS(V21, "truncated is the outcome"))
{
	check_alone_after(fails, "www.test:serverfailed");
}

TEST(dns_only_server_without_tcp_ends_in_truncated)
{
	struct dns d;

	dns_set_up_with(&d, RESPONDER_NO_TCP, cut_rule, NULL);
	set_long_timeout();
	look_up_soon("www.test");
	assert_log("www.test:truncated");
	dns_tear_down(&d);
}

/* Hangs up after each third reply. */
static void
fickle(const struct question *q, struct reply *reply)
{
	static int n;

	(void)q;
	reply_a(reply, "192.0.2.1", 60);
	reply->hang_up = n++ % 3 == 2;
}

TCP_TEST(dns_tcp_that_is_closed_between_replies_is_opened_again)
{
	struct tcp tcp = {fickle};
	struct dns d;

	dns_set_up_with(&d, 0, cut_rule, &tcp);
	set_long_timeout();
	for (int i = 0; i < 12; i++)
		ask("www.test");
	wait_soon();
	assert_null(strstr(noted(), "truncated"));
	dns_tear_down(&d);
}

/* --- the stream --- */

/* Asks for n names whose replies are truncated, and then come over the
 * stream. */
static void
check_stream(int n, stream_cb *cb)
{
	struct stream *s = calloc(1, sizeof *s);
	struct dns d;

	dns_set_up_with(&d, RESPONDER_NO_TCP, cut_rule, NULL);
	stream_open(s, d.server, cb);
	set_long_timeout();
	for (int i = 0; i < n; i++)
		ask("www.test");
	wait_soon();
	assert_non_null(strstr(noted(), "www.test:192.0.2.1/60"));
	while (n-- > 1)
		assert_non_null(strstr(noted(), " www.test:192.0.2.1/60"));
	assert_null(strstr(noted(), "truncated"));
	note_clear();
	assert_int_equal(s->connections, 1);
	stream_close(s);
	free(s);
	dns_tear_down(&d);
}

static void
answer_in_bytes(struct stream *s, const uint8_t *msg, size_t len)
{
	(void)len;
	stream_put_answer(s, msg, "192.0.2.1");
	stream_send(s, 1);
}

TCP_TEST(dns_tcp_reply_may_come_byte_by_byte)
{
	check_stream(1, answer_in_bytes);
}

#define TOGETHER 10

/* In one piece, the last question's answer first. */
static void
answer_all_at_once(struct stream *s, const uint8_t *msg, size_t len)
{
	static uint8_t questions[TOGETHER][512];

	assert_in_range(len, 12, 512);
	memcpy(questions[s->questions - 1], msg, len);
	if (s->questions < TOGETHER)
		return;
	for (int i = TOGETHER - 1; i >= 0; i--)
		stream_put_answer(s, questions[i], "192.0.2.1");
	stream_send(s, sizeof s->out);
}

TCP_TEST(dns_tcp_replies_may_come_in_one_piece)
{
	check_stream(TOGETHER, answer_all_at_once);
}

static void
answer_in_threes(struct stream *s, const uint8_t *msg, size_t len)
{
	static uint8_t questions[TOGETHER][512];

	assert_in_range(len, 12, 512);
	memcpy(questions[s->questions - 1], msg, len);
	if (s->questions < TOGETHER)
		return;
	for (int i = 0; i < TOGETHER; i++)
		stream_put_answer(s, questions[i], "192.0.2.1");
	stream_send(s, 3);
}

TCP_TEST(dns_tcp_replies_may_come_in_pieces_of_three_bytes)
{
	check_stream(TOGETHER, answer_in_threes);
}

/* Replies that are not to the question come first: too short, with another
 * id, about another name. */
static void
answer_after_others(struct stream *s, const uint8_t *msg, size_t len)
{
	uint8_t other[512];

	assert_in_range(len, 12, sizeof other);
	for (size_t n = 1; n < 14; n++) {
		stream_put16(s, n);
		stream_put(s, msg, n);
	}
	memcpy(other, msg, len);
	other[1] ^= 1;
	stream_put_answer(s, other, "192.0.2.66");
	other[1] ^= 1;
	other[13] ^= 1;
	stream_put_answer(s, other, "192.0.2.66");
	stream_put_answer(s, msg, "192.0.2.1");
	stream_send(s, 7);
}

TCP_TEST(dns_tcp_replies_that_are_not_to_the_question_are_ignored)
{
	check_stream(1, answer_after_others);
}

static void
answer_and_hang_up(struct stream *s, const uint8_t *msg, size_t len)
{
	(void)len;
	stream_put_answer(s, msg, "192.0.2.1");
	s->hang_up = true;
	stream_send(s, sizeof s->out);
}

TCP_TEST(dns_tcp_may_be_closed_after_the_reply)
{
	check_stream(1, answer_and_hang_up);
}

/* --- use-vc --- */

static void
set_up_vc(struct dns *d, responder_rule rule, void *arg)
{
	dns_set_up_with(d, 0, rule, arg);
	set_long_timeout();
	evdns_set_option("use-vc", "", DNS_OPTIONS_ALL);
}

#define VC_TEST(name)                                                          \
	TEST(name, DIFFERS(V14, "no such option"),                             \
	    DIFFERS(V21, "no such option"))

VC_TEST(dns_use_vc_asks_over_tcp)
{
	struct dns d;

	set_up_vc(&d, zone_rule, (void *)good);
	look_up_soon("www.test");
	ask6("www.test");
	wait_soon();
	assert_asked(d.server, "tcp A www.test, tcp AAAA www.test");
	dns_tear_down(&d);
}

VC_TEST(dns_use_vc_asks_many_over_one_connection)
{
	struct dns d;

	set_up_vc(&d, zone_rule, (void *)good);
	evdns_set_option("max-inflight:", "1000", DNS_OPTIONS_ALL);
	for (int i = 0; i < 500; i++)
		ask("www.test");
	wait_soon();
	assert_int_equal(responder_count(d.server), 500);
	assert_int_equal(strncmp(responder_log(d.server), "tcp ", 4), 0);
	dns_tear_down(&d);
}

/* Hangs up after each third reply. */
static void
fickle_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
	reply->hang_up = q->serial % 3 == 2;
}

VC_TEST(dns_use_vc_connects_again_where_the_server_closes)
{
	struct dns d;

	set_up_vc(&d, fickle_rule, NULL);
	for (int i = 0; i < 12; i++)
		ask("www.test");
	wait_soon();
	assert_int_equal(strncmp(responder_log(d.server), "tcp ", 4), 0);
	assert_null(strstr(noted(), "timeout"));
	dns_tear_down(&d);
}

VC_TEST(dns_use_vc_skips_a_server_without_tcp_at_once)
{
	struct dns d;

	dns_set_up_with(&d, RESPONDER_NO_TCP, zone_rule, (void *)good);
	add_second(&d, good);
	set_long_timeout();
	evdns_set_option("use-vc", "", DNS_OPTIONS_ALL);
	for (int i = 0; i < 10; i++)
		look_up_soon("www.test");
	assert_asked(d.server, "");
	assert_int_equal(responder_count(d.second), 10);
	dns_tear_down(&d);
}
