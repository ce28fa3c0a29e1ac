/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork() and event_reinit() inside callbacks, those of answers too, while
 * queries are in flight and other answers wait to be delivered.
 */
#include "test.h"
#include "dns_many.h"

#define SHARED "parent and child share the socket"

static bool reinit, is_child;
static pid_t pid;

static void
renew(void)
{
	assert_int_equal(event_reinit(many.base), 0);
}

static void
fork_only(void)
{
	pid = fork();
	assert_int_not_equal(pid, -1);
	is_child = pid == 0;
	if (is_child && reinit)
		renew();
}

/* Forks; both processes ask for more, and return to the loop. */
static void
fork_here(void)
{
	fork_only();
	many_ask(is_child ? 'c' : 'q', 50);
}

static void
finish_both(int asked)
{
	many_finish();
	if (is_child)
		exit(0);
	wait_for_child(pid);
	many_check_asked_at_most(asked);
	many_tear_down();
}

/* What the callback of the first answer calls. */
static void (*do_it)(void);

static void
do_it_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	void (*func)(void) = do_it;

	many_cb(result, type, count, ttl, addresses, arg);
	do_it = NULL;
	if (func != NULL)
		func();
}

/* Answers that come together, and some that come later. */
static void
set_up_inside(void (*func)(void))
{
	many_set_up();
	do_it = func;
	many_ask_zone('p', 25, ".quick.test", do_it_cb);
	many_ask_zone('s', 25, ".many.test", do_it_cb);
	many_wait_asked(50);
}

/* --- event_reinit() --- */

TEST(event_reinit_keeps_what_is_in_flight)
{
	many_set_up();
	many_ask('p', 100);
	many_wait_asked(64);
	renew();
	many_ask('q', 50);
	many_finish();
	many_tear_down();
}

TEST(answers_arrive_after_event_reinit_inside_an_answer)
{
	set_up_inside(renew);
	many_ask('q', 50);
	many_finish();
	many_tear_down();
}

static void
renew_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	renew();
}

TEST(answers_arrive_after_event_reinit_inside_each_answer)
{
	many_set_up();
	many_ask_zone('p', 25, ".quick.test", renew_cb);
	many_ask_zone('s', 25, ".many.test", renew_cb);
	many_finish();
	many_tear_down();
}

static void
renew_and_ask(void)
{
	renew();
	many_ask('q', 50);
	renew();
}

TEST(answers_arrive_after_event_reinit_and_queries_inside_an_answer)
{
	set_up_inside(renew_and_ask);
	many_finish();
	many_tear_down();
}

static void
timer_cb(int fd, short what, void *arg)
{
	void (*func)(void) = do_it;

	(void)fd;
	(void)what;
	(void)arg;
	func();
}

static void
set_up_timer(struct event *timer, void (*func)(void))
{
	many_set_up();
	many_ask('p', 100);
	many_wait_asked(64);
	do_it = func;
	evtimer_set(timer, timer_cb, NULL);
	evtimer_add(timer, MSEC(0));
}

TEST(answers_arrive_after_event_reinit_inside_a_timer)
{
	struct event timer;

	set_up_timer(&timer, renew_and_ask);
	many_finish();
	many_tear_down();
}

/* --- fork() --- */

static void
fork_in_timer(bool with_reinit)
{
	struct event timer;

	reinit = with_reinit;
	set_up_timer(&timer, fork_here);
	finish_both(100 + 100 + 2 * 50);
}

BOTH(all_get_answers_after_a_fork_inside_a_timer, fork_in_timer(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

static void
fork_in_answer(bool with_reinit)
{
	reinit = with_reinit;
	set_up_inside(fork_here);
	finish_both(50 + 50 + 2 * 50);
}

BOTH(all_get_answers_after_a_fork_inside_an_answer, fork_in_answer(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* A child whose loop is one inside the answer, and goes no further. */
static void
fork_and_finish_here(void)
{
	fork_here();
	if (!is_child)
		return;
	many_finish();
	exit(0);
}

static void
child_that_loops_inside(bool with_reinit)
{
	reinit = with_reinit;
	set_up_inside(fork_and_finish_here);
	finish_both(50 + 50 + 2 * 50);
}

BOTH(child_loops_inside_an_answer, child_that_loops_inside(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* Each of the first answers has a child ask for more. */
static pid_t pids[5];
static int npids;

static void
fork_and_exit_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	many_cb(result, type, count, ttl, addresses, arg);
	if (npids == 5 || is_child)
		return;
	fork_only();
	if (is_child)
		many_ask('c', 10);
	else
		pids[npids++] = pid;
}

static void
fork_in_each(bool with_reinit)
{
	reinit = with_reinit;
	many_set_up();
	many_ask_zone('p', 10, ".quick.test", fork_and_exit_cb);
	many_ask_zone('s', 10, ".many.test", fork_and_exit_cb);
	many_finish();
	if (is_child)
		exit(0);
	assert_int_equal(npids, 5);
	for (int i = 0; i < npids; i++)
		wait_for_child(pids[i]);
	many_check_asked_at_most(20 + 5 * 30);
	many_tear_down();
}

BOTH(all_get_answers_after_a_fork_inside_each_answer, fork_in_each(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* --- what the child does next --- */

static void
fork_and_shut_down(void)
{
	fork_only();
	if (!is_child) {
		many_ask('q', 50);
		return;
	}
	evdns_shutdown(0);
	many_drop_all();
}

static void
child_that_shuts_down(bool with_reinit)
{
	reinit = with_reinit;
	set_up_inside(fork_and_shut_down);
	many_finish();
	if (is_child)
		assert_int_equal(event_dispatch(), 1);
	finish_both(50 + 50);
}

TEST(child_with_reinit_may_shut_down_inside_an_answer,
    DIFFERS(V14, "the request is freed twice"),
    DIFFERS(V21, "what has come is delivered all the same"))
{
	child_that_shuts_down(true);
}

TEST(child_without_reinit_may_shut_down_inside_an_answer,
    DIFFERS(V14, "the request is freed twice"), DIFFERS_BY_CHANCE(V21, SHARED))
{
	child_that_shuts_down(false);
}

/* The child gives up what its parent has asked. */
static void
fork_and_start_over(void)
{
	fork_only();
	if (!is_child)
		return;
	evdns_shutdown(0);
	many_add_server();
	many_drop_all();
	many_ask('c', 50);
}

static void
child_that_starts_over(bool with_reinit)
{
	reinit = with_reinit;
	set_up_inside(fork_and_start_over);
	finish_both(50 + 50);
}

BOTH(child_starts_over_inside_an_answer, child_that_starts_over(with_reinit),
    DIFFERS(V14, "the request is freed twice"), DIFFERS_BY_CHANCE(V21, SHARED))
