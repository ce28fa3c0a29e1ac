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
	start_many_server();
	assert_int_equal(evdns_set_option("attempts:", "2", DNS_OPTIONS_ALL),
	    0);
	evdns_search_add("many.test");
	evdns_search_ndots_set(3);
	evdns_set_log_fn(NULL);
	assert_int_equal(evdns_count_nameservers(), 0);
	many.base = event_init();
	add_many_server();
	ask_many('a', 1, "", many_cb);
	finish();
	assert_asked(many.server, "A a0.many.test");
	tear_down_many();
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
	set_up_many();
	ask('a', 2);
	finish();
	tear_down_many();
}

TEST(nameserver_before_event_init_is_an_error, DIFFERS(V14, NO_BASE))
{
	start_many_server();
	assert_in_range(evdns_nameserver_ip_add(responder_address(many.server)),
	    1, 100);
	assert_in_range(evdns_nameserver_add(htonl(INADDR_LOOPBACK)), 1, 100);
	assert_int_equal(evdns_count_nameservers(), 0);
	many.base = event_init();
	add_many_server();
	ask('a', 2);
	finish();
	tear_down_many();
}

TEST(resolv_conf_before_event_init_is_an_error, DIFFERS(V14, NO_BASE))
{
	assert_in_range(evdns_resolv_conf_parse(DNS_OPTIONS_ALL, "/dev/null"),
	    1, 100);
	assert_int_equal(evdns_count_nameservers(), 0);
	set_up_many();
	ask('a', 2);
	finish();
	tear_down_many();
}

TEST(query_before_event_init_waits_for_a_nameserver, DIFFERS(V14, NO_BASE),
    DIFFERS(V21, NO_BASE))
{
	start_many_server();
	ask('a', 10);
	many.base = event_init();
	add_many_server();
	assert_int_equal(evdns_resume(), 0);
	ask('b', 10);
	finish();
	tear_down_many();
}

/* --- the base is freed --- */

static void
change_base(void)
{
	event_base_free(many.base);
	many.base = event_init();
}

TEST(resolver_goes_on_with_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	set_up_many();
	for (int i = 0; i < 5; i++) {
		ask('a', 10);
		finish();
		change_base();
	}
	ask('b', 10);
	finish();
	check_asked_at_most(60);
	tear_down_many();
}

TEST(resolver_goes_on_when_nothing_was_asked, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	set_up_many();
	change_base();
	ask('a', 50);
	finish();
	tear_down_many();
}

TEST(queries_under_way_go_on_with_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	set_up_many();
	ask('a', 100);
	wait_until_asked(64);
	change_base();
	ask('b', 50);
	finish();
	tear_down_many();
}

/* Most of the answers are there, but not delivered. */
TEST(answers_that_have_come_are_delivered_by_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	set_up_many();
	ask_many('a', 50, ".quick.test", many_cb);
	wait_until_asked(50);
	change_base();
	ask_many('b', 50, ".quick.test", many_cb);
	finish();
	tear_down_many();
}

TEST(next_base_is_there_before_the_old_one_is_freed, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	struct event_base *old;

	set_up_many();
	ask('a', 50);
	wait_until_asked(50);
	old = many.base;
	many.base = event_init();
	event_base_free(old);
	ask('b', 50);
	finish();
	tear_down_many();
}

TEST(nameserver_can_be_added_to_the_next_base, DIFFERS(V14, FREED),
    DIFFERS(V21, FREED))
{
	struct responder *other =
	    responder_new("127.0.0.2", RESPONDER_CHILD, many_rule, NULL);

	set_up_many();
	ask('a', 50);
	wait_until_asked(50);
	change_base();
	evdns_nameserver_ip_add(responder_address(other));
	finish();
	responder_free(other);
	tear_down_many();
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
	set_up_many();
	ask_many('a', 50, ".many.test", ended_cb);
	event_base_free(many.base);
	evdns_shutdown(1);
	assert_int_equal(ended, 50);
	drop_all();
	many.base = event_init();
	add_many_server();
	ask('b', 50);
	finish();
	assert_int_equal(ended, 50);
	tear_down_many();
}

TEST(query_without_a_base_waits_for_the_next, DIFFERS(V14, NO_BASE),
    DIFFERS(V21, FREED))
{
	set_up_many();
	ask('a', 10);
	event_base_free(many.base);
	ask('b', 10);
	many.base = event_init();
	ask('c', 10);
	finish();
	tear_down_many();
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

TEST(base_is_freed_inside_an_answer, DIFFERS(V14, FREED), DIFFERS(V21, FREED))
{
	set_up_many();
	ask_many('a', 25, ".quick.test", free_base_cb);
	ask_many('b', 25, ".many.test", free_base_cb);
	wait_until_asked(50);
	event_base_dispatch(many.base);
	many.base = event_init();
	ask('c', 50);
	finish();
	tear_down_many();
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
	ask('d', 10);
}

TEST(base_is_changed_inside_an_answer, DIFFERS(V14, FREED), DIFFERS(V21, FREED))
{
	set_up_many();
	ask_many('a', 25, ".quick.test", change_base_cb);
	ask_many('b', 25, ".many.test", change_base_cb);
	wait_until_asked(50);
	event_dispatch();
	ask('c', 50);
	finish();
	tear_down_many();
}

/* --- two bases --- */

TEST(resolver_stays_on_its_base_when_another_becomes_current,
    DIFFERS(V21, FOLLOWS))
{
	struct event_base *other;

	set_up_many();
	other = event_init();
	ask_many('a', 10, ".quick.test", many_cb);
	wait_until_asked(10);
	for (int i = 0; i < 10; i++)
		event_base_loop(other, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(many.answered, 0);
	finish();
	event_base_free(other);
	tear_down_many();
}

TEST(resolver_is_on_the_base_that_is_current_when_it_is_set_up)
{
	struct event_base *first = event_init();

	set_up_many();
	ask('a', 10);
	finish();
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

	set_up_many();
	ask('a', 10);
	finish();
	evdns_shutdown(0);
	first = many.base;
	many.base = event_init();
	add_many_server();
	ask('b', 10);
	finish();
	assert_int_equal(event_base_dispatch(first), 1);
	event_base_free(first);
	tear_down_many();
}

/* A callback that asks has another base run, too. */
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

TEST(loop_of_another_base_inside_an_answer, DIFFERS(V21, FOLLOWS))
{
	struct event_base *first;

	set_up_many();
	first = many.base;
	second = event_init();
	ask_many('a', 50, ".quick.test", loop_second_cb);
	finish();
	event_base_free(second);
	many.base = first;
	tear_down_many();
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
		finish();
	depth--;
}

TEST(loop_inside_an_answer_brings_the_other_answers, DIFFERS(V21, ONE_BY_ONE))
{
	set_up_many();
	ask_many('a', 25, ".quick.test", nested_cb);
	ask_many('b', 25, ".many.test", nested_cb);
	finish();
	assert_int_equal(depth, 0);
	assert_in_range(deepest, 2, 50);
	check_asked_at_most(50);
	tear_down_many();
}

static void
ask_and_finish_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	if (many.asked < 50)
		ask_many('n', 1, ".quick.test", ask_and_finish_cb);
	finish();
}

TEST(answer_to_a_query_of_an_answer_comes_inside_it, DIFFERS(V21, ONE_BY_ONE))
{
	set_up_many();
	ask_many('a', 1, ".quick.test", ask_and_finish_cb);
	finish();
	assert_int_equal(many.answered, 50);
	tear_down_many();
}

static void
break_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	event_loopbreak();
}

TEST(loopbreak_inside_answers_loses_none)
{
	set_up_many();
	ask_many('a', 50, ".quick.test", break_cb);
	while (many.answered < 50) {
		int before = many.answered;

		assert_int_equal(event_dispatch(), 0);
		assert_in_range(many.answered, before + 1, 50);
	}
	tear_down_many();
}

static void
exit_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	event_loopexit(NULL);
}

TEST(loopexit_inside_answers_loses_none)
{
	set_up_many();
	ask_many('a', 50, ".quick.test", exit_cb);
	while (many.answered < 50)
		assert_int_equal(event_dispatch(), 0);
	tear_down_many();
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
		drop_all();
	}
}

TEST(shutdown_in_a_loop_inside_answers,
    DIFFERS(V14, "the request is freed twice"),
    DIFFERS(V21, "what has come is delivered all the same"))
{
	set_up_many();
	ask_many('a', 50, ".quick.test", nested_shutdown_cb);
	finish();
	assert_int_equal(event_dispatch(), 1);
	tear_down_many();
}
