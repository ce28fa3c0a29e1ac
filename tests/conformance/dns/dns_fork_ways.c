/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork() while queries go other ways than once over UDP to the one nameserver:
 * over TCP, along the search list, and past a nameserver that is down.
 */
#include "test.h"
#include "dns_many.h"

#define SHARED "parent and child share the socket"
#define NO_TCP "knows no tcp"

static bool reinit;

/* Both continue, and ask for 50 more, in a zone that is known from the start.
 */
static void
fork_and_ask(const char *zone)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0 && reinit)
		assert_int_equal(event_reinit(many.base), 0);
	many_ask_zone(pid == 0 ? 'c' : 'q', 50, zone, many_cb);
	many_finish();
	if (pid == 0)
		exit(0);
	wait_for_child(pid);
}

/* --- TCP --- */

/* Each is asked over UDP and then over TCP, and again so by the child. */
static void
fork_after_cut_replies(bool with_reinit, int asked)
{
	reinit = with_reinit;
	many_set_up();
	many_ask_zone('p', 50, ".cut.test", many_cb);
	many_loop_until_asked(asked);
	fork_and_ask(".cut.test");
	many_check_asked_at_most(2 * 4 * 50);
	many_tear_down();
}

static void
fork_after_51_and_100_cut_replies(bool with_reinit)
{
	fork_after_cut_replies(with_reinit, 51);
	fork_after_cut_replies(with_reinit, 100);
}

BOTH(all_get_answers_after_a_fork_when_replies_were_truncated,
    fork_after_51_and_100_cut_replies(with_reinit), DIFFERS(V14, NO_TCP),
    DIFFERS(V21, NO_TCP))

static void
set_up_tcp(void)
{
	many_set_up();
	evdns_set_option("use-vc", "", DNS_OPTIONS_ALL);
	many_ask('p', 50);
}

static void
check_tcp(int asked)
{
	assert_non_null(strstr(responder_log(many.server), "tcp A p0."));
	assert_non_null(strstr(responder_log(many.server), "tcp A c0."));
	assert_non_null(strstr(responder_log(many.server), "tcp A q0."));
	many_check_asked_at_most(asked);
	many_tear_down();
}

static void
fork_with_connection(bool with_reinit)
{
	reinit = with_reinit;
	set_up_tcp();
	many_loop_until_asked(50);
	fork_and_ask(".many.test");
	check_tcp(4 * 50);
}

BOTH(all_get_answers_after_a_fork_with_a_connection,
    fork_with_connection(with_reinit), DIFFERS(V14, NO_TCP),
    DIFFERS(V21, NO_TCP))

/* No pass of the loop has seen that the connection is there. */
static void
all_get_answers_after_a_fork_while_connecting(bool with_reinit)
{
	reinit = with_reinit;
	set_up_tcp();
	fork_and_ask(".many.test");
	check_tcp(4 * 50);
}

BOTH(all_get_answers_after_a_fork_while_connecting,
    all_get_answers_after_a_fork_while_connecting(with_reinit),
    DIFFERS(V14, NO_TCP), DIFFERS(V21, NO_TCP))

/* The parent's connection is not the child's to close. */
static void
child_that_exits(bool with_reinit)
{
	pid_t pid;

	set_up_tcp();
	many_loop_until_asked(50);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (with_reinit)
			event_reinit(many.base);
		evdns_shutdown(0);
		event_base_free(many.base);
		exit(0);
	}
	wait_for_child(pid);
	many_ask('c', 50);
	many_ask('q', 50);
	many_finish();
	check_tcp(3 * 50);
}

BOTH(child_leaves_the_connection_to_the_parent, child_that_exits(with_reinit),
    DIFFERS(V14, NO_TCP), DIFFERS(V21, NO_TCP))

/* --- the search list --- */

/* The child does not begin the list again. */
static void
all_get_answers_after_a_fork_in_the_search_list(bool with_reinit)
{
	reinit = with_reinit;
	many_set_up();
	evdns_search_add("many.test");
	evdns_search_add("none.test");
	many_ask_zone('p', 50, "", many_cb);
	many_loop_until_asked(100);
	fork_and_ask("");
	many_check_asked_at_most(50 + 2 * 3 * 50);
	many_tear_down();
}

BOTH(all_get_answers_after_a_fork_in_the_search_list,
    all_get_answers_after_a_fork_in_the_search_list(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* --- a nameserver that is down --- */

/*
 * The first nameserver refuses until the resolver has marked it down.  Then it
 * is silent, so that each question to it would wait for a time-out.
 */
static void
fork_with_a_server_down(bool with_reinit)
{
	struct responder *first =
	    responder_new("127.0.0.2", RESPONDER_CHILD, NULL, NULL);

	reinit = with_reinit;
	many_start_server();
	many.base = event_init();
	responder_refuse(first, true);
	evdns_nameserver_ip_add(responder_address(first));
	many_add_server();
	many_ask('a', 1);
	many_finish();
	responder_refuse(first, false);
	many_ask('p', 50);
	many_wait_asked(51);
	fork_and_ask(".many.test");
	assert_int_equal(responder_count(first), 0);
	many_check_asked_at_most(1 + 4 * 50);
	many_tear_down();
	responder_free(first);
}

BOTH(child_knows_which_server_is_down, fork_with_a_server_down(with_reinit),
    DIFFERS(V14, "a refusal is like silence"),
    DIFFERS(V21, "a refusal is like silence"))

/* --- queries that are suspended, or in flight for long --- */

static void
all_get_answers_after_a_fork_when_queries_are_late(bool with_reinit)
{
	struct event timer;

	reinit = with_reinit;
	many_set_up();
	many_ask_zone('p', 100, ".late.test", many_cb);
	evtimer_set(&timer, idle_cb, NULL);
	evtimer_add(&timer, MSEC(LONG_MS - 100));
	while (evtimer_pending(&timer, NULL) && many.answered == 0)
		event_loop(EVLOOP_ONCE);
	evtimer_del(&timer);
	fork_and_ask(".many.test");
	many_tear_down();
}

BOTH(all_get_answers_after_a_fork_when_queries_are_late,
    all_get_answers_after_a_fork_when_queries_are_late(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* Suspended queries are suspended in both, and each sends its own in the end.
 */
static void
all_get_answers_after_a_fork_when_suspended(bool with_reinit)
{
	pid_t pid;

	many_set_up();
	many_ask('p', 50);
	many_wait_asked(50);
	evdns_clear_nameservers_and_suspend();
	many_add_server();
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0 && with_reinit)
		assert_int_equal(event_reinit(many.base), 0);
	assert_int_equal(evdns_resume(), 0);
	many_finish();
	if (pid == 0)
		exit(0);
	wait_for_child(pid);
	many_check_asked_at_most(3 * 50);
	many_tear_down();
}

BOTH(all_get_answers_after_a_fork_when_suspended,
    all_get_answers_after_a_fork_when_suspended(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))
