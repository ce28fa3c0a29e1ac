/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Servers that say nothing: dead ones, whose host refuses what is sent to them,
 * silent ones, and names that a server is silent about.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"

static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};

/* Looks n names up, one after the other, none of which has to wait. */
static void
look_up_many(int n)
{
	for (int i = 0; i < n; i++) {
		look_up_soon("www.test");
		assert_log("www.test:192.0.2.1/60");
	}
}

/* --- dead --- */

static void
check_dead_first(struct dns *d)
{
	look_up_many(20);
	assert_int_equal(responder_count(d->second), 20);
}

TEST(dns_server_that_refuses_leads_to_the_next_at_once,
    DIFFERS(V14, "a refusal is no more than silence"),
    DIFFERS(V21, "a refusal is no more than silence"))
{
	struct dns d;

	dns_set_up_two(&d, good, good);
	responder_refuse(d.server, true);
	check_dead_first(&d);
	dns_tear_down(&d);
}

TEST(dns_port_that_is_closed_leads_to_the_next_server_at_once,
    DIFFERS(V14, "a refusal is no more than silence"),
    DIFFERS(V21, "a refusal is no more than silence"))
{
	struct dns d;

	dns_set_up_two(&d, good, good);
	responder_free(d.server);
	d.server = NULL;
	check_dead_first(&d);
	dns_tear_down(&d);
}

TEST(dns_requests_in_flight_to_a_server_that_dies_go_to_the_next_at_once,
    DIFFERS(V14, "a refusal is no more than silence"),
    DIFFERS(V21, "a refusal is no more than silence"))
{
	struct dns d;

	dns_set_up_two(&d, silent, good);
	for (int i = 0; i < 20; i++)
		ask("a.test");
	while (responder_count(d.server) + responder_count(d.second) < 20)
		event_loop(EVLOOP_ONCE);
	responder_refuse(d.server, true);
	/* The refusal of one question ends all that are in flight to the
	 * server. */
	ask("b.test");
	wait_soon();
	assert_int_equal(responder_count(d.second), 21);
	dns_tear_down(&d);
}

TEST(dns_host_without_a_route_leads_to_the_next_server_at_once,
    DIFFERS(V14, "it is no more than silence"),
    DIFFERS(V21, "it is no more than silence"))
{
	struct dns d;

	dns_set_up_bare(&d);
	/* Not to be reached from a socket that is bound to nothing. */
	assert_int_equal(evdns_nameserver_ip_add("255.255.255.255"), 0);
	add_second(&d, good);
	set_long_timeout();
	check_dead_first(&d);
	dns_tear_down(&d);
}

TEST(dns_server_that_refused_is_retried)
{
	struct dns d;

	dns_set_up(&d, good);
	set_short_timeout("3");
	responder_refuse(d.server, true);
	ask("www.test");
	event_loop(EVLOOP_ONCE);
	run_for(100);
	responder_refuse(d.server, false);
	wait_all();
	assert_asked(d.server, "A www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_refusal_of_all_servers_ends_as_a_timeout)
{
	struct dns d;

	dns_set_up_two(&d, good, good);
	set_short_timeout("1");
	responder_refuse(d.server, true);
	responder_refuse(d.second, true);
	look_up("www.test");
	assert_log("www.test:timeout");
	/* Both answer again, and there are no others. */
	responder_refuse(d.server, false);
	responder_refuse(d.second, false);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/* --- silent --- */

TEST(dns_first_server_that_is_silent_costs_one_timeout,
    DIFFERS(V14, "every second request waits for all its tries"),
    DIFFERS(V21, "every second request waits for all its tries"))
{
	double start = now_ms();
	struct dns d;

	dns_set_up(&d, silent);
	add_second(&d, good);
	set_short_timeout("1");
	look_up("first.test");
	assert_elapsed(start, 1000);
	assert_log("first.test:192.0.2.1/60");
	assert_asked(d.server, "A first.test");
	assert_asked(d.second, "A first.test");
	/* The silent server is not asked any more. */
	look_up_many(50);
	assert_asked(d.server, "");
	assert_int_equal(responder_count(d.second), 51);
	dns_tear_down(&d);
}

TEST(dns_requests_to_a_server_that_is_silent_wait_together,
    DIFFERS(V14, "a request stays with its server"),
    DIFFERS(V21, "a request stays with its server"))
{
	struct dns d;

	dns_set_up(&d, silent);
	add_second(&d, good);
	set_short_timeout("1");
	for (int i = 0; i < 30; i++)
		ask("a.test");
	wait_all();
	assert_null(strstr(noted(), "timeout"));
	assert_int_equal(responder_count(d.server), 30);
	assert_int_equal(responder_count(d.second), 30);
	dns_tear_down(&d);
}

/* The requests beyond the limit do not each wait for a time-out. */
TEST(dns_requests_that_wait_for_their_turn_are_not_asked_of_a_silent_server,
    DIFFERS(V14, "a request stays with its server"),
    DIFFERS(V21, "a request stays with its server"))
{
	struct dns d;

	dns_set_up(&d, silent);
	add_second(&d, good);
	set_short_timeout("1");
	evdns_set_option("max-inflight:", "2", DNS_OPTIONS_ALL);
	for (int i = 0; i < 30; i++)
		ask("a.test");
	wait_all();
	assert_null(strstr(noted(), "timeout"));
	assert_in_range(responder_count(d.server), 2, 10);
	assert_int_equal(responder_count(d.second), 30);
	dns_tear_down(&d);
}

/* Drops the first question, whatever it is. */
static void
lossy_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	if (q->serial == 0)
		reply->drop = true;
	else
		reply_a(reply, "192.0.2.1", 60);
}

TEST(dns_question_that_is_lost_is_resent)
{
	double start = now_ms();
	struct dns d;

	dns_set_up_with(&d, 0, lossy_rule, NULL);
	set_short_timeout("2");
	look_up("www.test");
	assert_elapsed(start, 1000);
	assert_asked(d.server, "A www.test, A www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_question_is_sent_as_many_times_as_attempts_says)
{
	double start = now_ms();
	struct dns d;

	dns_set_up(&d, silent);
	set_short_timeout("2");
	look_up("www.test");
	assert_elapsed(start, 2000);
	assert_asked(d.server, "A www.test, A www.test");
	assert_log("www.test:timeout");
	dns_tear_down(&d);
}

/* Two servers, both of which are silent. */
TEST(dns_attempts_are_shared_by_the_servers,
    DIFFERS(V14, "a request stays with its server"))
{
	struct dns d;

	dns_set_up(&d, silent);
	add_second(&d, silent);
	set_short_timeout("2");
	look_up("www.test");
	assert_asked(d.server, "A www.test");
	assert_asked(d.second, "A www.test");
	assert_log("www.test:timeout");
	dns_tear_down(&d);
}

TEST(dns_one_attempt_is_one_question)
{
	struct dns d;

	dns_set_up(&d, silent);
	set_short_timeout("1");
	look_up("www.test");
	assert_asked(d.server, "A www.test");
	assert_log("www.test:timeout");
	dns_tear_down(&d);
}

static void
slow_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	if (q->serial == 0)
		reply->delay = 1200;
	reply_a(reply, q->serial == 0 ? "192.0.2.1" : "192.0.2.2", 60);
}

TEST(dns_reply_that_comes_after_the_outcome_is_ignored)
{
	struct dns d;

	dns_set_up_with(&d, 0, slow_rule, NULL);
	set_short_timeout("1");
	look_up("www.test");
	assert_log("www.test:timeout");
	run_for(500);
	look_up("www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

/* --- silent about a name --- */

static const struct zone one_dead[] = {{"dead.test", SILENCE},
    {"*", "192.0.2.1"}, {NULL, NULL}};

/* Other names are answered while many of one that is not are in flight. */
TEST(dns_dead_name_does_not_delay_other_names)
{
	struct dns d;

	dns_set_up(&d, one_dead);
	set_short_timeout("1");
	/* A busy machine may take more than a second for the 100. */
	evdns_set_option("timeout:", "5", DNS_OPTIONS_ALL);
	for (int i = 0; i < 20; i++)
		ask_with("dead.test", 0, note_outcome_cb);
	for (int i = 0; i < 100; i++) {
		ask("www.test");
		wait_soon_until(20);
		assert_log("www.test:192.0.2.1/60");
	}
	wait_all();
	assert_null(strstr(noted(), "192.0.2.1"));
	note_clear();
	look_up_many(10);
	dns_tear_down(&d);
}

static void
check_first_is_first(struct dns *d)
{
	look_up("a.test");
	look_up("b.test");
	assert_asked(d->server, "A a.test, A b.test");
	assert_asked(d->second, "");
}

/* The same with a second server: the first one is still the one to ask. */
TEST(dns_dead_name_does_not_mark_its_server_down,
    DIFFERS(V14, "servers take turns"), DIFFERS(V21, "servers take turns"))
{
	struct dns d;

	dns_set_up(&d, one_dead);
	add_second(&d, good);
	set_short_timeout("1");
	check_first_is_first(&d);
	for (int i = 0; i < 10; i++)
		ask("dead.test");
	while (pending > 0) {
		ask("www.test");
		event_loop(EVLOOP_ONCE);
		run_for(10);
	}
	responder_log_clear(d.server);
	responder_log_clear(d.second);
	check_first_is_first(&d);
	dns_tear_down(&d);
}

/* --- back again --- */

struct late {
	bool awake;
	int asked;
};

static void
late_rule(const struct question *q, struct reply *reply, void *arg)
{
	struct late *late = arg;

	(void)q;
	late->asked++;
	if (late->awake)
		reply_a(reply, "192.0.2.2", 60);
	else
		reply->drop = true;
}

TEST(dns_server_that_was_silent_about_many_names_is_retried)
{
	struct late late = {false, 0};
	struct dns d;

	dns_set_up_with(&d, 0, late_rule, &late);
	set_short_timeout("1");
	evdns_set_option("max-inflight:", "1000", DNS_OPTIONS_ALL);
	for (int i = 0; i < 64; i++)
		ask("a.test");
	wait_all();
	note_clear();
	late.awake = true;
	look_up_soon("www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

/* Looks names up for a while, about a hundred each second. */
static void
run_for_ms(int ms)
{
	double end = now_ms() + ms;

	while (now_ms() < end) {
		look_up("www.test");
		assert_log("www.test:192.0.2.1/60");
		run_for(10);
	}
}

/*
 * It is looked at again after ten seconds: once, by a question that is answered
 * by the other server meanwhile.
 */
TEST(dns_server_that_is_back_is_used_again,
    DIFFERS(V14, "a request stays with its server"),
    DIFFERS(V21, "a request stays with its server"))
{
	struct late late = {false, 0};
	struct dns d;

	dns_set_up_with(&d, 0, late_rule, &late);
	add_second(&d, good);
	set_short_timeout("1");
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	run_for_ms(9500);
	assert_int_equal(late.asked, 1);
	late.awake = true;
	while (late.asked == 1)
		run_for_ms(10);
	look_up("www.test");
	assert_log("www.test:192.0.2.2/60");
	assert_int_equal(late.asked, 3);
	dns_tear_down(&d);
}
