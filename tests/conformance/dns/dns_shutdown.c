/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evdns_shutdown(), and what comes after it.
 */
#include "test.h"
#include "dns.h"

static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};

TEST(shutdown_removes_the_nameservers,
    DIFFERS(V21, "the count follows a null pointer"))
{
	struct dns d;

	dns_set_up_child(&d, good);
	add_second(&d, good);
	responder_free(d.second);
	d.second = NULL;
	assert_int_equal(evdns_count_nameservers(), 2);
	evdns_shutdown(0);
	assert_int_equal(evdns_count_nameservers(), 0);
	assert_loop_ends();
	dns_tear_down(&d);
}

TEST(shutdown_may_be_called_more_than_once)
{
	struct dns d;

	dns_set_up_child(&d, good);
	evdns_shutdown(0);
	evdns_shutdown(0);
	evdns_shutdown(1);
	evdns_shutdown(1);
	assert_loop_ends();
	dns_tear_down(&d);
}

TEST(shutdown_before_any_nameserver_does_nothing)
{
	struct event_base *base = event_init();

	evdns_shutdown(0);
	evdns_shutdown(1);
	assert_loop_ends();
	event_base_free(base);
}

/*
 * Requests.
 */

TEST(shutdown_0_drops_requests_without_a_callback)
{
	struct dns d;

	dns_set_up_child(&d, silent);
	for (int i = 0; i < 70; i++)
		ask_with("www.test", 0, no_outcome_cb);
	one_pass();
	evdns_shutdown(0);
	assert_loop_ends();
	dns_tear_down(&d);
}

TEST(shutdown_ends_requests_in_flight,
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	struct dns d;

	dns_set_up_child(&d, silent);
	ask("a.test");
	ask6("b.test");
	ask("c.test");
	one_pass();
	evdns_shutdown(1);
	assert_log("a.test:shutdown b.test:shutdown c.test:shutdown");
	assert_loop_ends();
	assert_log("");
	dns_tear_down(&d);
}

TEST(shutdown_ends_requests_that_wait,
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	struct dns d;

	dns_set_up_child(&d, silent);
	evdns_set_option("max-inflight:", "1", DNS_OPTIONS_ALL);
	ask("a.test");
	ask("b.test");
	ask("c.test");
	evdns_shutdown(1);
	assert_log("a.test:shutdown b.test:shutdown c.test:shutdown");
	dns_tear_down(&d);
}

TEST(shutdown_ends_requests_of_every_kind,
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	static const struct in6_addr in6 = IN6ADDR_LOOPBACK_INIT;
	static const struct in_addr in = {0x070200c0};
	struct dns d;

	dns_set_up_child(&d, silent);
	evdns_search_add("a.test");
	ask("www");
	evdns_resolve_reverse(&in, 0, note_outcome_cb, "PTR");
	evdns_resolve_reverse_ipv6(&in6, 0, note_outcome_cb, "PTR6");
	evdns_shutdown(1);
	assert_non_null(strstr(noted(), "www:shutdown PTR:shutdown"));
	dns_tear_down(&d);
}

TEST(shutdown_ends_requests_without_a_nameserver,
    DIFFERS(V14, "an assertion fails"), DIFFERS(V21, "an assertion fails"))
{
	struct dns d;

	dns_set_up_bare(&d);
	ask("www.test");
	ask("ftp.test");
	evdns_shutdown(1);
	assert_log("www.test:shutdown ftp.test:shutdown");
	dns_tear_down(&d);
}

TEST(shutdown_drops_requests_without_a_nameserver,
    DIFFERS(V14, "an assertion fails"))
{
	struct dns d;

	dns_set_up_bare(&d);
	ask_with("www.test", 0, no_outcome_cb);
	evdns_shutdown(0);
	assert_loop_ends();
	dns_tear_down(&d);
}

TEST(shutdown_ends_requests_that_are_suspended,
    DIFFERS(V14, "an assertion fails"), DIFFERS(V21, "an assertion fails"))
{
	struct dns d;

	dns_set_up_child(&d, silent);
	ask("www.test");
	evdns_clear_nameservers_and_suspend();
	ask("ftp.test");
	evdns_shutdown(1);
	assert_log("www.test:shutdown ftp.test:shutdown");
	dns_tear_down(&d);
}

TEST(shutdown_drops_a_reply_that_has_arrived,
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask("www.test");
	while (responder_count(d.server) == 0)
		usleep(1000);
	usleep(5000);
	evdns_shutdown(1);
	assert_log("www.test:shutdown");
	assert_loop_ends();
	dns_tear_down(&d);
}

TEST(shutdown_drops_a_request_that_has_no_reply)
{
	struct dns d;

	dns_set_up(&d, silent);
	ask_with("www.test", 0, no_outcome_cb);
	wait_asked(d.server, 1);
	evdns_shutdown(0);
	use_server(d.server);
	ask_with("ftp.test", 0, no_outcome_cb);
	wait_asked(d.server, 2);
	dns_tear_down(&d);
}

/*
 * After shutdown.
 */

TEST(resolver_works_again_after_shutdown)
{
	struct dns d;

	dns_set_up(&d, good);
	for (int i = 0; i < 3; i++) {
		look_up("www.test");
		assert_log("www.test:192.0.2.1/60");
		ask_with("ftp.test", 0, no_outcome_cb);
		evdns_shutdown(0);
		use_server(d.server);
		pending = 0;
	}
	dns_tear_down(&d);
}

TEST(shutdown_of_a_suspended_resolver_ends_the_suspension)
{
	struct dns d;

	dns_set_up(&d, good);
	evdns_clear_nameservers_and_suspend();
	evdns_shutdown(0);
	use_server(d.server);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(shutdown_forgets_the_search_list_and_ndots)
{
	struct dns d;

	dns_set_up(&d, NULL);
	evdns_search_add("a.test");
	evdns_search_ndots_set(2);
	evdns_shutdown(0);
	evdns_set_option("randomize-case:", "0", DNS_OPTIONS_ALL);
	use_server(d.server);
	look_up("www");
	assert_asked(d.server, "A www");
	evdns_search_add("b.test");
	look_up("www.x");
	assert_asked(d.server, "A www.x, A www.x.b.test");
	dns_tear_down(&d);
}

TEST(shutdown_keeps_the_other_options, DIFFERS(V21, "forgets them"))
{
	struct dns d;

	dns_set_up(&d, silent);
	evdns_set_option("max-inflight:", "1", DNS_OPTIONS_ALL);
	evdns_shutdown(0);
	use_server(d.server);
	for (int i = 0; i < 3; i++)
		ask("www.test");
	wait_asked(d.server, 1);
	run_for(20);
	assert_int_equal(responder_count(d.server), 1);
	dns_tear_down(&d);
}

TEST(shutdown_leaves_other_events_in_the_loop)
{
	struct event ev;
	struct dns d;

	dns_set_up_child(&d, good);
	evtimer_set(&ev, note_cb, "timer");
	evtimer_add(&ev, MSEC(10));
	evdns_shutdown(0);
	assert_loop_ends();
	assert_log("timer:timeout");
	dns_tear_down(&d);
}

TEST(resolver_works_on_another_base_after_shutdown)
{
	struct event_base *first;
	struct dns d;

	dns_set_up_child(&d, good);
	look_up("www.test");
	evdns_shutdown(0);
	first = d.base;
	d.base = event_init();
	event_base_free(first);
	use_server(d.server);
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60 www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/*
 * Inside callbacks.
 */

static void
shutdown_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	evdns_shutdown(0);
	note("down");
}

TEST(shutdown_may_be_called_in_a_callback,
    DIFFERS(V14, "memory is freed twice"))
{
	struct dns d;

	dns_set_up_child(&d, good);
	ask_with("www.test", 0, shutdown_cb);
	assert_loop_ends();
	assert_log("www.test:192.0.2.1/60 down");
	dns_tear_down(&d);
}

TEST(shutdown_in_a_callback_drops_the_others,
    DIFFERS(V14, "memory is freed twice"),
    DIFFERS(V21, "replies that were read are delivered"))
{
	struct dns d;

	dns_set_up(&d, good);
	ask_with("www.test", 0, shutdown_cb);
	for (int i = 0; i < 100; i++)
		ask_with("ftp.test", 0, no_outcome_cb);
	while (*noted() == '\0')
		event_loop(EVLOOP_ONCE);
	run_for(20);
	assert_log("www.test:192.0.2.1/60 down");
	dns_tear_down(&d);
}

TEST(shutdown_may_be_called_in_the_callback_of_an_error,
    DIFFERS(V14, "memory is freed twice"))
{
	struct dns d;

	dns_set_up_child(&d, NULL);
	evdns_search_add("a.test");
	ask_with("www", 0, shutdown_cb);
	assert_loop_ends();
	assert_log("www:notexist down");
	dns_tear_down(&d);
}

static void
shutdown_and_tell_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	evdns_shutdown(1);
	note("down");
}

static const struct zone first_alone[] = {{"www.test", "192.0.2.1"},
    {"*", SILENCE}, {NULL, NULL}};

TEST(shutdown_in_a_callback_ends_the_others,
    DIFFERS(V14, "the callback is called twice and memory freed twice"),
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	struct dns d;

	dns_set_up_child(&d, first_alone);
	ask_with("www.test", 0, shutdown_and_tell_cb);
	ask("ftp.test");
	ask("gopher.test");
	assert_loop_ends();
	assert_log("www.test:192.0.2.1/60 ftp.test:shutdown "
		   "gopher.test:shutdown down");
	dns_tear_down(&d);
}

static void
shutdown_again_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	evdns_shutdown(1);
}

TEST(shutdown_may_be_called_in_a_callback_of_shutdown,
    DIFFERS(V14, "a callback is called twice and memory freed twice"),
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	struct dns d;

	dns_set_up_child(&d, silent);
	ask_with("a.test", 0, shutdown_again_cb);
	ask("b.test");
	ask("c.test");
	evdns_shutdown(1);
	assert_log("a.test:shutdown b.test:shutdown c.test:shutdown");
	dns_tear_down(&d);
}

static void
start_over_cb(int result, char type, int count, int ttl, void *addresses,
    void *server)
{
	note_outcome_cb(result, type, count, ttl, addresses, "first");
	evdns_shutdown(0);
	use_server(server);
	ask("www.test");
}

TEST(resolver_may_be_shut_down_and_used_again_in_a_callback,
    DIFFERS(V14, "memory is freed twice"),
    DIFFERS(V21, "replies that were read are delivered"))
{
	struct dns d;

	dns_set_up(&d, good);
	pending++;
	evdns_resolve_ipv4("first.test", 0, start_over_cb, d.server);
	ask_with("ftp.test", 0, no_outcome_cb);
	pending--;
	wait_all();
	assert_log("first:192.0.2.1/60 www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

static void
retry_cb(int result, char type, int count, int ttl, void *addresses, void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	ask("again.test");
}

TEST(shutdown_ends_what_is_asked_for_in_its_callbacks,
    DIFFERS(V21, "the callbacks come later, from the loop"))
{
	struct dns d;

	dns_set_up_child(&d, silent);
	ask_with("a.test", 0, retry_cb);
	ask("b.test");
	evdns_shutdown(1);
	assert_log("a.test:shutdown b.test:shutdown again.test:shutdown");
	dns_tear_down(&d);
}
