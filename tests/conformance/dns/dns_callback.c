/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When callbacks run, how often, and what they may do.
 */
#include "test.h"
#include "dns.h"

static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};

static bool inside;

static void
not_inside_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	assert_false(inside);
	note_outcome_cb(result, type, count, ttl, addresses, name);
}

static void
ask_and_watch(const char *name)
{
	inside = true;
	ask_with(name, 0, not_inside_cb);
	inside = false;
}

TEST(callback_does_not_run_inside_the_request)
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask_and_watch("www.test");
	while (responder_count(d.server) == 0)
		usleep(1000);
	ask_and_watch("ftp.test");
	wait_all();
	assert_log("www.test:192.0.2.1/60 ftp.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(callback_of_what_is_known_does_not_run_inside_the_request)
{
	struct dns d;

	dns_set_up(&d, good);
	ask_and_watch("localhost");
	ask_and_watch("192.0.2.1");
	assert_int_equal(pending, 2);
	wait_all();
	dns_tear_down(&d);
}

TEST(callback_does_not_run_inside_other_calls)
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask_and_watch("www.test");
	ask_and_watch("ftp.test");
	inside = true;
	while (responder_count(d.server) < 2)
		usleep(1000);
	evdns_search_add("a.test");
	evdns_search_clear();
	evdns_set_option("timeout:", "2", DNS_OPTIONS_ALL);
	evdns_nameserver_ip_add("127.0.0.9");
	evdns_count_nameservers();
	evdns_resume();
	inside = false;
	wait_all();
	assert_int_equal(pending, 0);
	dns_tear_down(&d);
}

TEST(callbacks_come_in_the_order_of_the_replies)
{
	struct dns d;

	dns_set_up(&d, good);
	ask("a.test");
	ask("b.test");
	ask("c.test");
	wait_all();
	assert_log("a.test:192.0.2.1/60 b.test:192.0.2.1/60 "
		   "c.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/* The later the question, the earlier the reply. */
static void
backwards_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
	reply->delay = 200 - 100 * q->serial;
}

TEST(callback_of_a_later_request_may_come_first)
{
	struct dns d;

	dns_set_up_with(&d, 0, backwards_rule, NULL);
	ask("a.test");
	ask("b.test");
	ask("c.test");
	wait_all();
	assert_log("c.test:192.0.2.1/60 b.test:192.0.2.1/60 "
		   "a.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(each_request_for_one_name_has_a_callback)
{
	struct dns d;

	dns_set_up(&d, good);
	ask("www.test");
	ask("www.test");
	ask6("www.test");
	ask("www.test");
	wait_all();
	assert_asked(d.server,
	    "A www.test, A www.test, AAAA www.test, A www.test");
	dns_tear_down(&d);
}

static int calls[2000];

static void
once_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(++*(int *)arg, 1);
	pending--;
}

TEST(each_of_2000_requests_has_one_callback)
{
	const int n = sizeof calls / sizeof calls[0];
	char name[32];
	struct dns d;

	dns_set_up(&d, good);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof name, "n%d.test", i);
		pending++;
		evdns_resolve_ipv4(name, 0, once_cb, &calls[i]);
	}
	wait_all();
	for (int i = 0; i < n; i++)
		assert_int_equal(calls[i], 1);
	assert_int_equal(responder_count(d.server), n);
	dns_tear_down(&d);
}

static void
twice_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
	reply_again(reply);
	reply_a(reply, "192.0.2.2", 60);
}

TEST(callback_runs_once_for_two_replies)
{
	struct dns d;

	dns_set_up_with(&d, 0, twice_rule, NULL);
	ask("a.test");
	ask("b.test");
	wait_all();
	run_for(10);
	assert_log("a.test:192.0.2.1/60 b.test:192.0.2.1/60");
	dns_tear_down(&d);
}

static void
null_arg_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	assert_null(arg);
	note_outcome_cb(result, type, count, ttl, addresses, "NULL");
}

TEST(callback_gets_its_argument)
{
	struct dns d;

	dns_set_up(&d, good);
	pending++;
	evdns_resolve_ipv4("www.test", 0, null_arg_cb, NULL);
	wait_all();
	assert_log("NULL:192.0.2.1/60");
	dns_tear_down(&d);
}

/*
 * What they may do.
 */

static void
chain_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	int *left = arg;

	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	assert_int_equal(result, DNS_ERR_NONE);
	pending--;
	if (--*left == 0)
		return;
	pending++;
	assert_int_equal(evdns_resolve_ipv4("www.test", 0, chain_cb, arg), 0);
}

TEST(callback_may_make_another_request)
{
	int left = 200;
	struct dns d;

	dns_set_up(&d, good);
	pending++;
	evdns_resolve_ipv4("www.test", 0, chain_cb, &left);
	wait_all();
	assert_int_equal(left, 0);
	assert_int_equal(responder_count(d.server), 200);
	dns_tear_down(&d);
}

/* Makes another request for what is known at once, until a timer had its turn.
 */
static void
known_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)result;
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	pending--;
	if (!*(int *)arg) {
		pending++;
		evdns_resolve_ipv4("192.0.2.1", 0, known_cb, arg);
	}
}

TEST(callback_that_always_makes_another_request_leaves_others_their_turn)
{
	int timer = 0;
	struct event ev;
	struct dns d;

	dns_set_up(&d, good);
	evtimer_set(&ev, count_cb, &timer);
	evtimer_add(&ev, MSEC(5));
	pending++;
	evdns_resolve_ipv4("192.0.2.1", 0, known_cb, &timer);
	wait_all();
	assert_int_equal(timer, 1);
	dns_tear_down(&d);
}

static void
set_things_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	evdns_search_add("a.test");
	evdns_search_ndots_set(2);
	evdns_set_option("timeout:", "3", DNS_OPTIONS_ALL);
	evdns_set_option("max-inflight:", "1", DNS_OPTIONS_ALL);
	evdns_nameserver_ip_add("127.0.0.9");
	evdns_resolv_conf_parse(DNS_OPTION_SEARCH,
	    make_conf("search b.test\n"));
	assert_int_equal(evdns_count_nameservers(), 2);
}

TEST(callback_may_change_the_resolver)
{
	struct dns d;

	dns_set_up(&d, good);
	ask_with("a.test", 0, set_things_cb);
	ask("b.test");
	ask("c.test");
	wait_all();
	assert_log("a.test:192.0.2.1/60 b.test:192.0.2.1/60 "
		   "c.test:192.0.2.1/60");
	dns_tear_down(&d);
	remove_conf();
}

static void
free_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	note_outcome_cb(result, type, count, ttl, addresses, arg);
	free(arg);
}

TEST(callback_may_free_its_argument)
{
	struct dns d;

	dns_set_up(&d, good);
	pending++;
	evdns_resolve_ipv4("www.test", 0, free_cb, strdup("copy"));
	wait_all();
	assert_log("copy:192.0.2.1/60");
	dns_tear_down(&d);
}

static void
overwrite_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	memset(addresses, 0xff, 4);
}

TEST(callback_may_write_over_the_addresses)
{
	struct dns d;

	dns_set_up(&d, good);
	ask_with("www.test", 0, overwrite_cb);
	ask("ftp.test");
	wait_all();
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60 ftp.test:192.0.2.1/60 "
		   "www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

static void
break_cb(int result, char type, int count, int ttl, void *addresses, void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	event_loopbreak();
}

TEST(callback_may_break_the_loop)
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask_with("a.test", 0, break_cb);
	assert_int_equal(event_dispatch(), 0);
	assert_log("a.test:192.0.2.1/60");
	ask_with("b.test", 0, break_cb);
	assert_int_equal(event_dispatch(), 0);
	assert_log("b.test:192.0.2.1/60");
	dns_tear_down(&d);
}

static void
exit_cb(int result, char type, int count, int ttl, void *addresses, void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	event_loopexit(NULL);
}

TEST(callback_may_exit_the_loop)
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask_with("a.test", 0, exit_cb);
	assert_int_equal(event_dispatch(), 0);
	assert_log("a.test:192.0.2.1/60");
	dns_tear_down(&d);
}

static void
nested_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	double start = now_ms();

	note_outcome_cb(result, type, count, ttl, addresses, name);
	ask("inner.test");
	while (pending > 0 && now_ms() - start < 5000)
		event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(pending, 0);
	note("end");
}

TEST(callback_may_run_the_loop,
    DIFFERS(V21, "no other callback comes inside of one"))
{
	struct dns d;

	dns_set_up(&d, good);
	ask_with("outer.test", 0, nested_cb);
	wait_all();
	assert_log("outer.test:192.0.2.1/60 inner.test:192.0.2.1/60 end");
	dns_tear_down(&d);
}

TEST(callback_may_run_the_loop_for_the_others,
    DIFFERS(V21, "no other callback comes inside of one"))
{
	struct dns d;

	dns_set_up(&d, good);
	ask_with("outer.test", 0, nested_cb);
	ask("other.test");
	wait_all();
	assert_log("outer.test:192.0.2.1/60 other.test:192.0.2.1/60 "
		   "inner.test:192.0.2.1/60 end");
	dns_tear_down(&d);
}

TEST(callback_comes_in_passes_that_do_not_wait)
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask("www.test");
	while (pending > 0)
		event_loop(EVLOOP_NONBLOCK);
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/*
 * The base.
 */

TEST(resolver_is_on_the_base_of_the_last_init)
{
	struct event_base *first = event_init();
	struct dns d;

	dns_set_up_child(&d, good);
	ask("www.test");
	assert_int_equal(event_base_loop(first, 0), 1);
	assert_log("");
	wait_all();
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
	event_base_free(first);
}
