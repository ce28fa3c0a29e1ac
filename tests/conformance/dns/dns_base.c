/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver and event bases: when there is none yet, when its own is freed,
 * when there are two, and loops inside its callbacks.
 */
#include "test.h"
#include "dns_many.h"

#define NO_BASE "crashes without a base"
#define FREED "it keeps the freed base"
#define FOLLOWS "answers are delivered by the base that is current"
#define ONE_BY_ONE "no answer is delivered inside another"

/* --- before there is a base --- */

TEST(options_and_search_list_are_set_before_event_init)
{
	many_start_server();
	assert_int_equal(evdns_set_option("attempts:", "2", DNS_OPTIONS_ALL),
	    0);
	evdns_search_add("many.test");
	evdns_search_ndots_set(3);
	evdns_set_log_fn(NULL);
	assert_int_equal(evdns_count_nameservers(), 0);
	many.base = event_init();
	many_add_server();
	many_ask_zone('a', 1, "", many_cb);
	many_finish();
	assert_asked(many.server, "A a0.many.test");
	many_tear_down();
}

TEST(calls_before_event_init_do_no_harm, DIFFERS(V21, "crashes"))
{
	evdns_search_clear();
	evdns_resume();
	assert_int_equal(evdns_clear_nameservers_and_suspend(), 0);
	assert_int_equal(evdns_resume(), 0);
	evdns_shutdown(0);
	evdns_shutdown(1);
	assert_int_equal(evdns_count_nameservers(), 0);
	many_set_up();
	many_ask('a', 2);
	many_finish();
	many_tear_down();
}

TEST(nameserver_before_event_init_is_an_error, DIFFERS(V14, NO_BASE))
{
	many_start_server();
	assert_in_range(evdns_nameserver_ip_add(responder_address(many.server)),
	    1, 100);
	assert_in_range(evdns_nameserver_add(htonl(INADDR_LOOPBACK)), 1, 100);
	assert_int_equal(evdns_count_nameservers(), 0);
	many.base = event_init();
	many_add_server();
	many_ask('a', 2);
	many_finish();
	many_tear_down();
}

TEST(resolv_conf_before_event_init_is_an_error, DIFFERS(V14, NO_BASE))
{
	assert_in_range(evdns_resolv_conf_parse(DNS_OPTIONS_ALL, "/dev/null"),
	    1, 100);
	assert_int_equal(evdns_count_nameservers(), 0);
	many_set_up();
	many_ask('a', 2);
	many_finish();
	many_tear_down();
}

TEST(query_before_event_init_waits_for_a_nameserver, DIFFERS(V14, NO_BASE),
    DIFFERS(V21, NO_BASE))
{
	many_start_server();
	many_ask('a', 10);
	many.base = event_init();
	many_add_server();
	assert_int_equal(evdns_resume(), 0);
	many_ask('b', 10);
	many_finish();
	many_tear_down();
}

/* --- the base is freed --- */

static void
change_base(void)
{
	event_base_free(many.base);
	many.base = event_init();
}

TEST(resolver_works_on_the_next_base, DIFFERS(V14, FREED), DIFFERS(V21, FREED))
{
	many_set_up();
	for (int i = 0; i < 5; i++) {
		many_ask('a', 10);
		many_finish();
		change_base();
	}
	many_ask('b', 10);
	many_finish();
	many_check_asked_at_most(60);
	many_tear_down();
}

TEST(next_base_may_be_the_first_that_is_asked, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	many_set_up();
	change_base();
	many_ask('a', 50);
	many_finish();
	many_tear_down();
}

TEST(queries_in_flight_continue_on_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	many_set_up();
	many_ask('a', 100);
	many_wait_asked(64);
	change_base();
	many_ask('b', 50);
	many_finish();
	many_tear_down();
}

/* Most of the answers are there, but not delivered. */
TEST(answers_that_have_come_are_delivered_by_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	many_set_up();
	many_ask_zone('a', 50, ".quick.test", many_cb);
	many_wait_asked(50);
	change_base();
	many_ask_zone('b', 50, ".quick.test", many_cb);
	many_finish();
	many_tear_down();
}

TEST(next_base_may_be_made_before_the_old_one_is_freed, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	struct event_base *old;

	many_set_up();
	many_ask('a', 50);
	many_wait_asked(50);
	old = many.base;
	many.base = event_init();
	event_base_free(old);
	many_ask('b', 50);
	many_finish();
	many_tear_down();
}

TEST(nameserver_can_be_added_to_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	struct responder *other =
	    responder_new("127.0.0.2", RESPONDER_CHILD, many_rule, NULL);

	many_set_up();
	many_ask('a', 50);
	many_wait_asked(50);
	change_base();
	evdns_nameserver_ip_add(responder_address(other));
	many_finish();
	responder_free(other);
	many_tear_down();
}

static int ended;

static void
ended_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)arg;
	assert_int_equal(result, DNS_ERR_SHUTDOWN);
	assert_int_equal(type, 0);
	assert_int_equal(count, 0);
	assert_int_equal(ttl, 0);
	assert_null(addresses);
	ended++;
}

TEST(shutdown_without_a_base_ends_the_queries, DIFFERS(V21, FREED))
{
	many_set_up();
	many_ask_zone('a', 50, ".many.test", ended_cb);
	event_base_free(many.base);
	evdns_shutdown(1);
	assert_int_equal(ended, 50);
	many_drop_all();
	many.base = event_init();
	many_add_server();
	many_ask('b', 50);
	many_finish();
	assert_int_equal(ended, 50);
	many_tear_down();
}

TEST(query_without_a_base_waits_for_the_next, DIFFERS(V14, NO_BASE),
    DIFFERS(V21, FREED))
{
	many_set_up();
	many_ask('a', 10);
	event_base_free(many.base);
	many_ask('b', 10);
	many.base = event_init();
	many_ask('c', 10);
	many_finish();
	many_tear_down();
}

static void
free_base_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	bool is_first = many.answered == 0;

	many_cb(result, type, count, ttl, addresses, arg);
	if (is_first)
		event_base_free(many.base);
}

TEST(base_may_be_freed_inside_an_answer, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	many_set_up();
	many_ask_zone('a', 25, ".quick.test", free_base_cb);
	many_ask_zone('b', 25, ".many.test", free_base_cb);
	many_wait_asked(50);
	event_base_dispatch(many.base);
	many.base = event_init();
	many_ask('c', 50);
	many_finish();
	many_tear_down();
}

static void
change_base_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	bool is_first = many.answered == 0;

	many_cb(result, type, count, ttl, addresses, arg);
	if (!is_first)
		return;
	change_base();
	many_ask('d', 10);
}

TEST(base_may_be_changed_inside_an_answer, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	many_set_up();
	many_ask_zone('a', 25, ".quick.test", change_base_cb);
	many_ask_zone('b', 25, ".many.test", change_base_cb);
	many_wait_asked(50);
	event_dispatch();
	many_ask('c', 50);
	many_finish();
	many_tear_down();
}

/* --- two bases --- */

TEST(resolver_stays_on_its_base_when_another_becomes_current,
    DIFFERS(V21, FOLLOWS))
{
	struct event_base *other;

	many_set_up();
	other = event_init();
	many_ask_zone('a', 10, ".quick.test", many_cb);
	many_wait_asked(10);
	for (int i = 0; i < 10; i++)
		event_base_loop(other, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(many.answered, 0);
	many_finish();
	event_base_free(other);
	many_tear_down();
}

TEST(resolver_is_on_the_base_that_is_current_when_it_is_set_up)
{
	struct event_base *first = event_init();

	many_set_up();
	many_ask('a', 10);
	many_finish();
	assert_int_equal(event_base_dispatch(first), 1);
	evdns_shutdown(0);
	assert_int_equal(event_base_dispatch(many.base), 1);
	event_base_free(first);
	event_base_free(many.base);
	responder_free(many.server);
}

TEST(resolver_that_was_shut_down_is_set_up_on_another_base)
{
	struct event_base *first;

	many_set_up();
	many_ask('a', 10);
	many_finish();
	evdns_shutdown(0);
	first = many.base;
	many.base = event_init();
	many_add_server();
	many_ask('b', 10);
	many_finish();
	assert_int_equal(event_base_dispatch(first), 1);
	event_base_free(first);
	many_tear_down();
}

/* The callback of an answer runs the loop of another base. */
static struct event_base *second;

static void
loop_second_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	int calls = 0;

	many_cb(result, type, count, ttl, addresses, arg);
	event_base_once(second, -1, EV_TIMEOUT, count_cb, &calls, MSEC(0));
	assert_int_equal(event_base_loop(second, EVLOOP_ONCE), 0);
	assert_int_equal(calls, 1);
}

TEST(answer_may_run_the_loop_of_another_base, DIFFERS(V21, FOLLOWS))
{
	struct event_base *first;

	many_set_up();
	first = many.base;
	second = event_init();
	many_ask_zone('a', 50, ".quick.test", loop_second_cb);
	many_finish();
	event_base_free(second);
	many.base = first;
	many_tear_down();
}

/* --- loops inside answers --- */

static int depth, deepest;

static void
nested_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	if (++depth > deepest)
		deepest = depth;
	if (many.answered < many.asked)
		many_finish();
	depth--;
}

TEST(loop_inside_an_answer_brings_the_other_answers, DIFFERS(V21, ONE_BY_ONE))
{
	many_set_up();
	many_ask_zone('a', 25, ".quick.test", nested_cb);
	many_ask_zone('b', 25, ".many.test", nested_cb);
	many_finish();
	assert_int_equal(depth, 0);
	assert_in_range(deepest, 2, 50);
	many_check_asked_at_most(50);
	many_tear_down();
}

static void
ask_and_finish_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	if (many.asked < 50)
		many_ask_zone('n', 1, ".quick.test", ask_and_finish_cb);
	many_finish();
}

TEST(answer_to_a_query_of_an_answer_comes_inside_it, DIFFERS(V21, ONE_BY_ONE))
{
	many_set_up();
	many_ask_zone('a', 1, ".quick.test", ask_and_finish_cb);
	many_finish();
	assert_int_equal(many.answered, 50);
	many_tear_down();
}

static void
break_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	event_loopbreak();
}

TEST(loopbreak_inside_answers_loses_none)
{
	many_set_up();
	many_ask_zone('a', 50, ".quick.test", break_cb);
	while (many.answered < 50) {
		int before = many.answered;

		assert_int_equal(event_dispatch(), 0);
		assert_in_range(many.answered, before + 1, 50);
	}
	many_tear_down();
}

static void
exit_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	event_loopexit(NULL);
}

TEST(loopexit_inside_answers_loses_none)
{
	many_set_up();
	many_ask_zone('a', 50, ".quick.test", exit_cb);
	while (many.answered < 50)
		assert_int_equal(event_dispatch(), 0);
	many_tear_down();
}

static void
nested_shutdown_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	if (depth++ < 5) {
		event_loop(EVLOOP_ONCE);
	} else if (depth == 6) {
		evdns_shutdown(0);
		many_drop_all();
	}
}

TEST(shutdown_may_be_called_in_a_loop_inside_answers,
    DIFFERS(V14, "the request is freed twice"),
    DIFFERS_BY_CHANCE(V21, "what has come is delivered all the same"))
{
	many_set_up();
	many_ask_zone('a', 50, ".quick.test", nested_shutdown_cb);
	many_finish();
	assert_int_equal(event_dispatch(), 1);
	many_tear_down();
}
