/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evdns_set_option(), and what each option does.
 */
#include "test.h"
#include "dns.h"

static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};
static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static const struct zone other[] = {{"*", "192.0.2.2"}, {NULL, NULL}};

static const char *const numbered[] = {"ndots:", "timeout:", "attempts:",
    "max-timeouts:", "max-inflight:", NULL};

static void
set(const char *option, const char *val)
{
	assert_int_equal(evdns_set_option(option, val, DNS_OPTIONS_ALL), 0);
}

TEST(option_takes_numbers, DIFFERS(V21, "refuses a timeout of 0"))
{
	static const char *const numbers[] = {"0", "1", "16", "255", "65536",
	    "2147483647", NULL};
	struct dns d;

	dns_set_up_bare(&d);
	for (int i = 0; numbered[i] != NULL; i++)
		for (int n = 0; numbers[n] != NULL; n++)
			set(numbered[i], numbers[n]);
	dns_tear_down(&d);
}

TEST(option_does_not_take_what_is_not_a_number,
    DIFFERS(V21, "takes a fraction of a second"))
{
	static const char *const words[] = {"-1", "x", "5x", "5 ", "0x10",
	    "1.5", "99999999999999999999", NULL};
	struct dns d;

	dns_set_up_bare(&d);
	for (int i = 0; numbered[i] != NULL; i++)
		for (int n = 0; words[n] != NULL; n++)
			assert_int_equal(evdns_set_option(numbered[i], words[n],
					     DNS_OPTIONS_ALL),
			    -1);
	dns_tear_down(&d);
}

TEST(option_does_not_take_less_than_0, DIFFERS(V14, "takes all but -1"),
    DIFFERS(V21, "takes all but -1"))
{
	struct dns d;

	dns_set_up_bare(&d);
	for (int i = 0; numbered[i] != NULL; i++)
		assert_int_equal(evdns_set_option(numbered[i], "-2",
				     DNS_OPTIONS_ALL),
		    -1);
	dns_tear_down(&d);
}

TEST(option_that_is_not_known_is_ignored)
{
	static const char *const names[] = {"nosuch:", "nosuch", "",
	    "Timeout:", "time", "n", ":", NULL};
	struct dns d;

	dns_set_up(&d, NULL);
	for (int i = 0; names[i] != NULL; i++) {
		set(names[i], "x");
		set(names[i], "");
	}
	look_up("www.test");
	assert_log("www.test:notexist");
	dns_tear_down(&d);
}

TEST(option_without_its_colon_is_ignored,
    DIFFERS(V21, "does without the colon"))
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	set("ndots", "2");
	look_up("www.x");
	assert_asked(d.server, "A www.x, A www.x.a.test");
	dns_tear_down(&d);
}

TEST(option_value_is_copied)
{
	char option[] = "ndots:", val[] = "2";
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	set(option, val);
	memset(option, 'x', sizeof option - 1);
	val[0] = '0';
	look_up("www.x");
	assert_asked(d.server, "A www.x.a.test, A www.x");
	dns_tear_down(&d);
}

/*
 * The flags, which say which kinds of options may be set.
 */

TEST(option_ndots_is_set_with_the_search_flag)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	assert_int_equal(evdns_set_option("ndots:", "2", DNS_OPTION_SEARCH), 0);
	look_up("www.x");
	assert_asked(d.server, "A www.x.a.test, A www.x");
	dns_tear_down(&d);
}

TEST(option_ndots_is_ignored_without_the_search_flag,
    DIFFERS(V21, "the flags mean nothing"))
{
	const int flags = DNS_OPTION_MISC | DNS_OPTION_NAMESERVERS;
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	assert_int_equal(evdns_set_option("ndots:", "2", flags), 0);
	assert_int_equal(evdns_set_option("ndots:", "2", 0), 0);
	look_up("www.x");
	assert_asked(d.server, "A www.x, A www.x.a.test");
	dns_tear_down(&d);
}

/*
 * After half a second without an answer ours does not count a request as in
 * flight.  A machine that is so slow cannot show how many are.
 */
static bool
is_early(double start)
{
	return now_ms() - start < 450;
}

/*
 * Waits until the server got this many questions of those that were asked at
 * start; no more follow.
 */
static void
wait_different(struct responder *server, int count, double start)
{
	while (responder_different(server) < count)
		event_loop(EVLOOP_ONCE);
	run_for(20);
	if (is_early(start))
		assert_int_equal(responder_different(server), count);
}

/* Three requests to a silent server, which gets some of them. */
static void
check_in_flight(struct dns *d, int count)
{
	double start = now_ms();

	/* No question times out before the end of the test. */
	set("timeout:", "1000");
	for (int i = 0; i < 3; i++)
		ask("www.test");
	wait_different(d->server, count, start);
}

TEST(option_max_inflight_is_set_with_the_misc_flag)
{
	struct dns d;

	dns_set_up(&d, silent);
	assert_int_equal(evdns_set_option("max-inflight:", "2",
			     DNS_OPTION_MISC),
	    0);
	check_in_flight(&d, 2);
	dns_tear_down(&d);
}

TEST(option_max_inflight_is_ignored_without_the_misc_flag,
    DIFFERS(V21, "the flags mean nothing"))
{
	const int flags = DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS;
	struct dns d;

	dns_set_up(&d, silent);
	assert_int_equal(evdns_set_option("max-inflight:", "2", flags), 0);
	assert_int_equal(evdns_set_option("max-inflight:", "2", 0), 0);
	check_in_flight(&d, 3);
	dns_tear_down(&d);
}

TEST(option_without_a_number_is_an_error_whatever_the_flags)
{
	struct dns d;

	dns_set_up_bare(&d);
	assert_int_equal(evdns_set_option("ndots:", "x", DNS_OPTION_MISC), -1);
	assert_int_equal(evdns_set_option("timeout:", "x", DNS_OPTION_SEARCH),
	    -1);
	assert_int_equal(evdns_set_option("attempts:", "x", 0), -1);
	dns_tear_down(&d);
}

/*
 * timeout: and attempts:.
 */

static void
check_attempts(const char *attempts, const char *asked, double ms)
{
	struct dns d;
	double start;

	dns_set_up(&d, silent);
	set("timeout:", "1");
	set("attempts:", attempts);
	start = now_ms();
	look_up("www.test");
	assert_elapsed(start, ms);
	assert_asked(d.server, asked);
	assert_log("www.test:timeout");
	dns_tear_down(&d);
}

TEST(option_attempts_1_asks_once)
{
	check_attempts("1", "A www.test", 1000);
}

TEST(option_attempts_2_asks_twice)
{
	check_attempts("2", "A www.test, A www.test", 2000);
}

TEST(option_attempts_0_is_1)
{
	check_attempts("0", "A www.test", 1000);
}

static int first_alone;

static void
second_time_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	if (q->serial == 0)
		reply->drop = true;
	else
		reply_a(reply, "192.0.2.1", 60);
	first_alone = q->serial == 0;
}

TEST(option_timeout_is_in_seconds)
{
	struct dns d;
	double start;

	dns_set_up_with(&d, 0, second_time_rule, NULL);
	set("timeout:", "1");
	start = now_ms();
	ask("www.test");
	wait_asked(d.server, 1);
	run_for(500);
	if (now_ms() - start < 1000)
		assert_true(first_alone);
	wait_all();
	assert_elapsed(start, 1000);
	assert_asked(d.server, "A www.test, A www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/*
 * max-inflight:.
 */

TEST(option_max_inflight_is_64_at_first)
{
	struct dns d;
	double start;

	dns_set_up(&d, silent);
	start = now_ms();
	for (int i = 0; i < 200; i++)
		ask("www.test");
	wait_different(d.server, 64, start);
	dns_tear_down(&d);
}

TEST(option_max_inflight_1_sends_one_at_a_time)
{
	struct dns d;

	dns_set_up(&d, silent);
	set("max-inflight:", "1");
	check_in_flight(&d, 1);
	dns_tear_down(&d);
}

TEST(option_max_inflight_0_is_1)
{
	struct dns d;

	dns_set_up(&d, silent);
	set("max-inflight:", "0");
	check_in_flight(&d, 1);
	dns_tear_down(&d);
}

static int outcomes;

static void
count_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	(void)arg;
	assert_int_equal(result, DNS_ERR_NONE);
	outcomes++;
	pending--;
}

TEST(option_max_inflight_may_be_thousands)
{
	struct dns d;

	dns_set_up(&d, silent);
	set("max-inflight:", "5000");
	for (int i = 0; i < 3000; i++)
		ask_with("www.test", 0, count_outcome_cb);
	wait_asked(d.server, 3000);
	assert_int_equal(outcomes, 0);
	dns_tear_down(&d);
}

struct limited {
	struct responder *server;
	double start;
};

/* There are never more than three that were not answered. */
static void
slow_rule(const struct question *q, struct reply *reply, void *arg)
{
	const struct limited *limited = arg;

	if (is_early(limited->start))
		assert_true(
		    responder_different(limited->server) - outcomes <= 3);
	reply_a(reply, "192.0.2.1", 60);
	reply->delay = q->serial % 3;
}

TEST(option_max_inflight_is_never_exceeded,
    DIFFERS_BY_CHANCE(V21, "the next is sent before the callback of the last"))
{
	static char name[100][16];
	struct limited limited;
	struct dns d;

	dns_set_up_with(&d, 0, slow_rule, &limited);
	limited = (struct limited){d.server, now_ms()};
	set("max-inflight:", "3");
	for (int i = 0; i < 100; i++) {
		snprintf(name[i], sizeof name[i], "w%d.test", i);
		ask_with(name[i], 0, count_outcome_cb);
	}
	wait_all();
	assert_int_equal(outcomes, 100);
	assert_int_equal(responder_different(d.server), 100);
	dns_tear_down(&d);
}

TEST(requests_beyond_max_inflight_wait_in_order)
{
	struct dns d;

	dns_set_up(&d, good);
	set("max-inflight:", "1");
	ask("one.test");
	ask("two.test");
	ask6("three.test");
	ask("four.test");
	wait_all();
	assert_asked(d.server,
	    "A one.test, A two.test, AAAA three.test, A four.test");
	dns_tear_down(&d);
}

TEST(option_max_inflight_that_is_raised_sends_more_at_once,
    DIFFERS(V14, "they wait for an answer to another"),
    DIFFERS(V21, "they wait for an answer to another"))
{
	struct dns d;

	dns_set_up(&d, silent);
	set("max-inflight:", "1");
	ask("a.test");
	ask("b.test");
	ask("c.test");
	wait_asked(d.server, 1);
	set("max-inflight:", "3");
	wait_asked(d.server, 3);
	assert_asked(d.server, "A a.test, A b.test, A c.test");
	dns_tear_down(&d);
}

/*
 * Which server, and how.
 */

TEST(option_rotate_asks_the_servers_in_turn)
{
	struct dns d;

	dns_set_up(&d, good);
	add_second(&d, other);
	set("rotate", "");
	for (int i = 0; i < 4; i++)
		look_up("www.test");
	assert_asked(d.server, "A www.test, A www.test");
	assert_asked(d.second, "A www.test, A www.test");
	dns_tear_down(&d);
}

TEST(first_server_is_asked_first_without_option_rotate,
    DIFFERS(V14, "asks the servers in turn"),
    DIFFERS(V21, "asks the servers in turn"))
{
	struct dns d;

	dns_set_up(&d, good);
	add_second(&d, other);
	for (int i = 0; i < 4; i++)
		look_up("www.test");
	assert_int_equal(responder_count(d.server), 4);
	assert_int_equal(responder_count(d.second), 0);
	dns_tear_down(&d);
}

TEST(option_use_vc_asks_over_tcp, DIFFERS(V14, "does not know it"),
    DIFFERS(V21, "does not know it"))
{
	struct dns d;

	dns_set_up(&d, good);
	set("use-vc", "");
	look_up("www.test");
	look_up("ftp.test");
	assert_asked(d.server, "tcp A www.test, tcp A ftp.test");
	dns_tear_down(&d);
}

/* arg is whether the question is to have an OPT record. */
static void
edns_rule(const struct question *q, struct reply *reply, void *arg)
{
	assert_int_equal(q->edns, arg != NULL);
	assert_false(q->tcp);
	reply_a(reply, "192.0.2.1", 60);
}

TEST(option_edns0_is_off_at_first)
{
	struct dns d;

	dns_set_up_with(&d, 0, edns_rule, NULL);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(option_edns0_adds_an_opt_record, DIFFERS(V14, "does not know it"),
    DIFFERS(V21, "does not know it"))
{
	struct dns d;

	dns_set_up_with(&d, 0, edns_rule, "yes");
	set("edns0", "");
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}
