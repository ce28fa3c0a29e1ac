/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Daemons: a child that closes all descriptors it finds, and opens others under
 * the same numbers, which are none of the resolver's business then.
 */
#include "test.h"
#include "dns_many.h"
#include "dns_others.h"

#define CLOSED "it uses the closed sockets"
#define ANOTHERS "it closes what another file has become"

static void
become_daemon(enum numbers which)
{
	assert_int_not_equal(setsid(), -1);
	change_descriptors(which);
}

/* Runs it in a child, with queries in flight that it has to finish. */
static void
run_daemon(void (*daemon_main)(void), int child_asked)
{
	pid_t pid;

	many_set_up();
	many_ask('p', 50);
	many_wait_asked(50);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		daemon_main();
		check_others();
		exit(0);
	}
	many_ask('q', 50);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most(2 * 50 + child_asked);
	many_tear_down();
}

static void
resume(void)
{
	many_ask('c', 50);
	many_finish();
}

/* --- event_reinit() --- */

static void
close_and_reinit(void)
{
	become_daemon(NONE);
	assert_int_equal(event_reinit(many.base), 0);
	resume();
}

TEST(daemon_that_closes_all_and_calls_event_reinit_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(close_and_reinit, 50 + 50);
}

static void
open_and_reinit(void)
{
	become_daemon(ALL_BUT_THE_BASE);
	assert_int_equal(event_reinit(many.base), 0);
	resume();
}

TEST(daemon_that_opens_others_and_calls_event_reinit_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(open_and_reinit, 50 + 50);
}

static void
open_ask_and_reinit(void)
{
	become_daemon(ALL_BUT_THE_BASE);
	many_ask('d', 25);
	assert_int_equal(event_reinit(many.base), 0);
	many_ask('e', 25);
	many_finish();
}

TEST(daemon_that_opens_others_and_asks_before_reinit_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(open_ask_and_reinit, 50 + 50);
}

static void
open_without_reinit(void)
{
	become_daemon(ALL_BUT_THE_BASE);
	resume();
}

TEST(daemon_that_opens_others_and_calls_nothing_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(open_without_reinit, 50 + 50);
}

static void
reinit_and_close(void)
{
	assert_int_equal(event_reinit(many.base), 0);
	many_ask('d', 25);
	become_daemon(ALL_BUT_THE_BASE);
	assert_int_equal(event_reinit(many.base), 0);
	many_ask('e', 25);
	many_finish();
}

TEST(daemon_that_has_asked_and_opens_others_gets_answers, DIFFERS(V14, CLOSED),
    DIFFERS(V21, CLOSED))
{
	run_daemon(reinit_and_close, 75 + 100);
}

/* Numbers 0 to 2 are the first that are free for sockets then. */
static void
close_everything(void)
{
	setsid();
	close_from(0);
	assert_int_equal(event_reinit(many.base), 0);
	resume();
}

TEST(daemon_that_closes_input_and_output_gets_answers, DIFFERS(V14, CLOSED),
    DIFFERS(V21, CLOSED))
{
	run_daemon(close_everything, 50 + 50);
}

/* --- another base --- */

static void
open_and_init(void)
{
	become_daemon(ALL);
	many.base = event_init();
	resume();
}

TEST(daemon_that_opens_others_and_makes_a_base_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(open_and_init, 50 + 50);
}

static void
set_up_again(void)
{
	many.base = event_init();
	evdns_shutdown(0);
	many_drop_all();
	many_add_server();
}

static void
open_init_and_add(void)
{
	become_daemon(ALL);
	set_up_again();
	resume();
}

TEST(daemon_that_opens_others_and_adds_nameservers_gets_answers,
    DIFFERS(V14, ANOTHERS), DIFFERS(V21, ANOTHERS))
{
	run_daemon(open_init_and_add, 50);
}

static void
open_init_and_parse(void)
{
	char path[] = "/tmp/resolv.conf.XXXXXX";
	FILE *file;

	become_daemon(ALL);
	file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	fprintf(file, "nameserver %s\n", responder_address(many.server));
	fclose(file);
	many.base = event_init();
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTIONS_ALL, path), 0);
	unlink(path);
	resume();
}

TEST(daemon_that_opens_others_and_reads_resolv_conf_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(open_init_and_parse, 50 + 50);
}

/* --- without fork() --- */

static void
change_during_the_lookup(enum numbers which)
{
	become_daemon(which);
	if (which == ALL)
		set_up_again();
	else
		assert_int_equal(event_reinit(many.base), 0);
	resume();
	check_others();
}

/* The library has not been used before the fork, so that it sees none. */
static void
run_process(enum numbers which)
{
	pid_t pid;

	many_start_server();
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		many.base = event_init();
		many_add_server();
		many_ask('p', 100);
		many_wait_asked(64);
		change_during_the_lookup(which);
		exit(0);
	}
	wait_for_child(pid);
	responder_free(many.server);
}

TEST(process_that_closes_all_and_calls_event_reinit_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_process(NONE);
}

TEST(process_that_opens_others_and_calls_event_reinit_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_process(ALL_BUT_THE_BASE);
}

TEST(process_that_opens_others_and_adds_nameservers_gets_answers,
    DIFFERS(V14, ANOTHERS), DIFFERS(V21, ANOTHERS))
{
	run_process(ALL);
}

/* --- inside a callback --- */

static void
renew_inside_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	if (count_others() > 0)
		return;
	become_daemon(ALL_BUT_THE_BASE);
	assert_int_equal(event_reinit(many.base), 0);
	many_ask('d', 25);
}

static void
close_inside(void)
{
	many_ask_zone('e', 25, ".many.test", renew_inside_cb);
	many_finish();
	assert_in_range(count_others(), 1, MAX_OTHERS);
}

TEST(daemon_that_opens_others_inside_an_answer_gets_answers,
    DIFFERS(V14, CLOSED), DIFFERS(V21, CLOSED))
{
	run_daemon(close_inside, 75 + 100);
}
