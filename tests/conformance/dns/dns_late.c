/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a question is sent again, from which port, and until when a reply
 * counts.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"

#define ONE_PORT "all come from one port"

/* --- replies that come late --- */

/* Each reply comes after this many milliseconds. */
static void
slow_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	reply->delay = *(int *)arg;
	reply_a(reply, "192.0.2.1", 60);
}

/* When the reply arrives, the question has been sent again. */
TEST(dns_reply_to_the_first_try_after_the_second_is_taken)
{
	double start = now_ms();
	int delay = 1500;
	struct dns d;

	dns_set_up_with(&d, 0, slow_rule, &delay);
	set_short_timeout("3");
	look_up("www.test");
	assert_elapsed(start, 1500);
	assert_log("www.test:192.0.2.1/60");
	assert_asked(d.server, "A www.test, A www.test");
	dns_tear_down(&d);
}

/* Two servers: the second one is asked meanwhile. */
TEST(dns_reply_of_the_first_server_is_taken_while_the_second_is_asked,
    DIFFERS(V14, "the second server is not asked"))
{
	static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};
	int delay = 1500;
	struct dns d;

	dns_set_up_with(&d, 0, slow_rule, &delay);
	add_second(&d, silent);
	set_short_timeout("3");
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	assert_asked(d.server, "A www.test");
	assert_asked(d.second, "A www.test");
	dns_tear_down(&d);
}

/* The first server was silent, and the second one says that it fails. */
TEST(dns_error_of_the_second_server_does_not_end_the_first_ones_question)
{
	static const struct zone fails[] = {{"*", SERVFAIL}, {NULL, NULL}};
	int delay = 1500;
	struct dns d;

	dns_set_up_with(&d, 0, slow_rule, &delay);
	add_second(&d, fails);
	set_short_timeout("3");
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

static struct late {
	int quick; /* how many questions are answered at once */
	int delay; /* milliseconds after which later ones are answered */
} late;

static void
late_rule(const struct question *q, struct reply *reply, void *arg)
{
	const struct late *l = arg;

	if (q->serial >= l->quick)
		reply->delay = l->delay;
	reply_a(reply, "192.0.2.1", 60);
}

/* A server that was quick may take long once: its time-out does not get
 * shorter. */
TEST(dns_server_that_gets_slower_is_asked_once)
{
	struct dns d;

	late = (struct late){.quick = 20, .delay = 900};
	dns_set_up_with(&d, 0, late_rule, &late);
	set_long_timeout();
	for (int i = 0; i < 20; i++)
		look_up("quick.test");
	responder_log_clear(d.server);
	note_clear();
	look_up("slow.test");
	assert_log("slow.test:192.0.2.1/60");
	assert_asked(d.server, "A slow.test");
	dns_tear_down(&d);
}

/* A program that is busy finds the replies in its sockets. */
TEST(dns_replies_that_have_come_are_read_before_the_time_is_looked_at,
    DIFFERS_BY_CHANCE(V14, "it depends on what the loop looks at first"),
    DIFFERS_BY_CHANCE(V21, "it depends on what the loop looks at first"))
{
	static const struct zone all[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
	struct dns d;

	dns_set_up_child(&d, all);
	set_short_timeout("1");
	for (int i = 0; i < 60; i++)
		ask("www.test");
	while (responder_count(d.server) < 60)
		event_loop(EVLOOP_NONBLOCK);
	usleep(1200000);
	wait_all();
	assert_null(strstr(noted(), "timeout"));
	assert_int_equal(responder_count(d.server), 60);
	dns_tear_down(&d);
}

/* --- ports --- */

/* Forgets the first port it sees, after this many questions. */
static struct router {
	int port, left;
} router;

static void
router_rule(const struct question *q, struct reply *reply, void *arg)
{
	struct router *r = arg;

	if (r->port == 0)
		r->port = q->client_port;
	reply_a(reply, "192.0.2.1", 60);
	if (q->client_port == r->port && r->left-- <= 0)
		reply->drop = true;
}

TEST(dns_port_that_is_dead_is_replaced_after_a_timeout, DIFFERS(V14, ONE_PORT),
    DIFFERS(V21, ONE_PORT))
{
	struct dns d;

	router = (struct router){.left = 1};
	dns_set_up_with(&d, 0, router_rule, &router);
	set_short_timeout("2");
	look_up("first.test");
	/* The resolver is never idle. */
	for (int i = 0; i < 8; i++) {
		ask("www.test");
		run_for(300);
	}
	wait_all();
	assert_null(strstr(noted(), "timeout"));
	dns_tear_down(&d);
}

/* --- backoff, and deadlines --- */

/*
 * What was asked with a long time-out backs off for long; what was asked later,
 * with a short one, does not wait for it.
 */
TEST(dns_backoff_is_as_long_as_the_request_says)
{
	double start;
	struct dns d;

	dns_set_up(&d, NULL);
	responder_refuse(d.server, true);
	set_long_timeout();
	ask_with("first.test", 0, note_outcome_cb);
	run_for(100);
	set_short_timeout("3");
	start = now_ms();
	ask("second.test");
	while (pending > 1)
		event_loop(EVLOOP_ONCE);
	assert_elapsed(start, 2900);
	assert_log("second.test:timeout");
	dns_tear_down(&d);
}

/* One server that is refused and one that is silent: three time-outs. */
TEST(dns_request_ends_at_its_deadline)
{
	double start = now_ms();
	struct dns d;

	dns_set_up(&d, NULL);
	responder_refuse(d.server, true);
	d.second = responder_new("127.0.0.2", 0, NULL, NULL);
	use_server(d.second);
	set_short_timeout("3");
	look_up("www.test");
	assert_elapsed(start, 2900);
	/* Less than twice three time-outs, on a busy machine as well. */
	assert_in_range((int)(now_ms() - start), 2900, 5500);
	assert_log("www.test:timeout");
	dns_tear_down(&d);
}

/* --- EDNS --- */

/* A server that has cookies of its own, which nobody has asked for. */
static void
cookie_rule(const struct question *q, struct reply *reply, void *arg)
{
	static const uint8_t cookie[20] = {0, 10, 0, 16, 'A', 'B', 'C'};

	(void)arg;
	/* An OPT record comes last, and has nothing in it. */
	note("%d",
	    q->edns && q->msg[q->len - 1] == 0 && q->msg[q->len - 2] == 0);
	reply_a(reply, "192.0.2.1", 60);
	reply->section = 3;
	reply_record(reply, "", TYPE_OPT, 0, cookie, sizeof cookie);
}

TEST(dns_questions_with_edns_have_no_cookies, DIFFERS(V14, "no EDNS"),
    DIFFERS(V21, "no EDNS"))
{
	struct dns d;

	dns_set_up_with(&d, 0, cookie_rule, NULL);
	set_long_timeout();
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	for (int i = 0; i < 3; i++)
		look_up_soon("www.test");
	assert_log("1 www.test:192.0.2.1/60 1 www.test:192.0.2.1/60 "
		   "1 www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/* RFC 6891, section 7: FORMERR, and nothing but a header. */
static void
header_rule(const struct question *q, struct reply *reply, void *arg)
{
	static const uint8_t formerr[12] = {0, 0, 0x81, 0x81};

	(void)arg;
	if (q->edns)
		reply_raw(reply, formerr, sizeof formerr);
	else
		reply_a(reply, "192.0.2.1", 60);
}

TEST(dns_server_without_edns_may_reply_with_a_header, DIFFERS(V14, "no EDNS"),
    DIFFERS(V21, "no EDNS"))
{
	struct dns d;

	dns_set_up_with(&d, 0, header_rule, NULL);
	set_long_timeout();
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	look_up_soon("a.test");
	look_up_soon("b.test");
	assert_log("a.test:192.0.2.1/60 b.test:192.0.2.1/60");
	assert_asked(d.server, "A a.test, A a.test, A b.test");
	dns_tear_down(&d);
}

/* --- servers that know nothing --- */

/* A referral: no error, no answer, and it does not ask others itself. */
static void
lame_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply->flags = FLAG_RESPONSE;
	reply->section = 2;
	reply_record(reply, NULL, TYPE_NS, 60, "\1n\4test", 8);
}

TEST(dns_lame_server_leads_to_the_next, DIFFERS(V14, "no data is the outcome"),
    DIFFERS(V21, "no data is the outcome"))
{
	static const struct zone all[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
	struct dns d;

	dns_set_up_two_with(&d, 0, lame_rule, NULL, all);
	look_up_soon("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_lame_server_alone_is_no_data,
    DIFFERS(V21, "no data has an error code of its own"))
{
	struct dns d;

	dns_set_up_with(&d, 0, lame_rule, NULL);
	set_long_timeout();
	look_up_soon("www.test");
	assert_log("www.test:unknown");
	dns_tear_down(&d);
}
