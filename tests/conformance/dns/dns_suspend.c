/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evdns_clear_nameservers_and_suspend() and evdns_resume().
 */
#include "test.h"
#include "dns.h"

static const struct zone good[] = {{"*", "192.0.2.2"}, {NULL, NULL}};
static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};

static void
suspend(void)
{
	assert_int_equal(evdns_clear_nameservers_and_suspend(), 0);
	assert_int_equal(evdns_count_nameservers(), 0);
}

TEST(suspend_removes_the_nameservers)
{
	struct dns d;

	dns_set_up(&d, good);
	add_second(&d, good);
	suspend();
	assert_int_equal(evdns_resume(), 0);
	assert_int_equal(evdns_count_nameservers(), 0);
	dns_tear_down(&d);
}

TEST(suspend_and_resume_may_be_called_twice)
{
	struct dns d;

	dns_set_up(&d, good);
	suspend();
	suspend();
	use_server(d.server);
	assert_int_equal(evdns_resume(), 0);
	assert_int_equal(evdns_resume(), 0);
	look_up("www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

TEST(suspend_before_any_nameserver_does_nothing)
{
	struct dns d;

	dns_set_up_bare(&d);
	suspend();
	assert_int_equal(evdns_resume(), 0);
	dns_tear_down(&d);
}

TEST(resume_without_suspend_does_nothing)
{
	struct dns d;

	dns_set_up(&d, good);
	assert_int_equal(evdns_resume(), 0);
	look_up("www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

TEST(suspended_resolver_does_not_keep_the_loop_running)
{
	struct dns d;

	dns_set_up_child(&d, silent);
	ask("www.test");
	assert_loop_has_an_event();
	suspend();
	ask("ftp.test");
	assert_loop_ends();
	assert_log("");
	add_second(&d, good);
	evdns_resume();
	wait_all();
	dns_tear_down(&d);
}

TEST(suspend_keeps_a_request_in_flight)
{
	struct dns d;

	dns_set_up(&d, silent);
	ask("www.test");
	wait_asked(d.server, 1);
	suspend();
	add_second(&d, good);
	evdns_resume();
	wait_all();
	assert_asked(d.server, "A www.test");
	assert_asked(d.second, "A www.test");
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

TEST(suspend_gives_a_request_all_its_attempts_again)
{
	struct dns d;

	dns_set_up(&d, silent);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", "1", DNS_OPTIONS_ALL);
	ask("www.test");
	for (int i = 1; i <= 3; i++) {
		wait_asked(d.server, i);
		suspend();
		use_server(d.server);
		evdns_resume();
	}
	wait_all();
	assert_int_equal(responder_count(d.server), 4);
	assert_log("www.test:timeout");
	dns_tear_down(&d);
}

TEST(suspend_parks_new_requests)
{
	struct dns d;

	dns_set_up(&d, good);
	suspend();
	ask("www.test");
	ask6("www.test");
	run_for(20);
	assert_log("");
	use_server(d.server);
	evdns_resume();
	wait_all();
	assert_asked(d.server, "A www.test, AAAA www.test");
	dns_tear_down(&d);
}

TEST(request_ends_the_suspension_once_there_is_a_nameserver)
{
	struct dns d;

	dns_set_up(&d, good);
	suspend();
	ask("www.test");
	use_server(d.server);
	ask("ftp.test");
	wait_all();
	assert_int_equal(responder_count(d.server), 2);
	dns_tear_down(&d);
}

TEST(resume_sends_requests_in_the_order_in_which_they_were_made,
    DIFFERS(V14, "those in flight are sent newest first"),
    DIFFERS(V21, "those in flight are sent in no order"))
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g",
	    "h", "i", "j", "k", "l"};
	struct dns d;

	dns_set_up(&d, silent);
	for (int i = 0; i < 10; i++)
		ask(names[i]);
	wait_asked(d.server, 10);
	suspend();
	ask(names[10]);
	ask(names[11]);
	add_second(&d, good);
	evdns_resume();
	wait_all();
	assert_asked(d.second, "A a, A b, A c, A d, A e, A f, A g, A h, A i, "
			       "A j, A k, A l");
	dns_tear_down(&d);
}

TEST(resume_sends_more_requests_than_can_be_in_flight_at_once)
{
	struct dns d;

	dns_set_up(&d, silent);
	for (int i = 0; i < 150; i++)
		ask("www.test");
	wait_asked(d.server, 64);
	suspend();
	for (int i = 0; i < 10; i++)
		ask("www.test");
	add_second(&d, good);
	evdns_resume();
	wait_all();
	assert_int_equal(responder_count(d.second), 160);
	dns_tear_down(&d);
}

TEST(resume_without_a_nameserver_keeps_waiting,
    DIFFERS(V14, "a null pointer is followed"))
{
	struct dns d;

	dns_set_up(&d, silent);
	ask("www.test");
	wait_asked(d.server, 1);
	suspend();
	ask("ftp.test");
	evdns_resume();
	run_for(10);
	assert_log("");
	add_second(&d, good);
	evdns_resume();
	wait_all();
	assert_asked(d.second, "A www.test, A ftp.test");
	dns_tear_down(&d);
}

static void
late_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)q;
	(void)arg;
	reply_a(reply, "192.0.2.1", 60);
	reply->delay = 10;
}

TEST(suspend_forgets_replies_that_are_on_their_way)
{
	struct dns d;

	dns_set_up_with(&d, 0, late_rule, NULL);
	ask("www.test");
	wait_asked(d.server, 1);
	suspend();
	run_for(30);
	assert_log("");
	add_second(&d, good);
	evdns_resume();
	wait_all();
	assert_log("www.test:192.0.2.2/60");
	dns_tear_down(&d);
}

TEST(suspend_keeps_search_list_and_options)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	evdns_search_ndots_set(2);
	suspend();
	use_server(d.server);
	evdns_resume();
	look_up("www.x");
	assert_asked(d.server, "A www.x.a.test, A www.x");
	dns_tear_down(&d);
}

TEST(suspend_keeps_the_place_in_the_search_list)
{
	static const struct zone zone[] = {{"www.b.test", SILENCE},
	    {NULL, NULL}};
	struct dns d;

	dns_set_up(&d, zone);
	evdns_search_add("b.test");
	evdns_search_add("a.test");
	ask("www");
	wait_asked(d.server, 2);
	suspend();
	add_second(&d, good);
	evdns_resume();
	wait_all();
	assert_asked(d.second, "A www.b.test");
	assert_log("www:192.0.2.2/60");
	dns_tear_down(&d);
}

static void
suspend_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	suspend();
}

TEST(suspend_may_be_called_in_a_callback,
    DIFFERS(V14, "a null pointer is followed"))
{
	struct dns d;

	dns_set_up(&d, good);
	ask_with("www.test", 0, suspend_cb);
	ask("ftp.test");
	while (pending > 1)
		event_loop(EVLOOP_ONCE);
	use_server(d.server);
	evdns_resume();
	wait_all();
	assert_log("www.test:192.0.2.2/60 ftp.test:192.0.2.2/60");
	dns_tear_down(&d);
}
