/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork() with queries in flight: each process gets the answer to each of its
 * queries, once, and without waiting for a time-out.  A child continues with
 * what its parent has asked, as it does with its parent's timers, but asks by
 * itself.
 */
#include "test.h"
#include "dns_many.h"

#define SHARED "parent and child share the socket"

static bool reinit;

/* Calls event_reinit() in the child, if the test says so. */
static void
start(void)
{
	if (reinit)
		assert_int_equal(event_reinit(many.base), 0);
}

/* A child that calls func and exits. */
static pid_t
child(void (*func)(void))
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid != 0)
		return pid;
	start();
	func();
	exit(0);
}

/* Queries the server has got, but not answered. */
static void
set_up_in_flight(int n)
{
	many_set_up();
	many_ask('p', n);
	many_wait_asked(n < 64 ? n : 64);
}

static void
child_asks(void)
{
	many_ask('c', 50);
	many_finish();
}

static void
both_ask(bool with_reinit)
{
	pid_t pid;

	reinit = with_reinit;
	set_up_in_flight(50);
	pid = child(child_asks);
	many_ask('q', 50);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most(4 * 50);
	many_tear_down();
}

BOTH(parent_and_child_get_all_answers, both_ask(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* There are more than max-inflight: the rest waits in both. */
static void
both_have_many_waiting(bool with_reinit)
{
	pid_t pid;

	reinit = with_reinit;
	set_up_in_flight(200);
	pid = child(many_finish);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most(2 * 200);
	many_tear_down();
}

BOTH(parent_and_child_get_all_answers_when_many_wait,
    both_have_many_waiting(with_reinit), DIFFERS_BY_CHANCE(V14, SHARED),
    DIFFERS_BY_CHANCE(V21, SHARED))

/* --- one before the other --- */

static void
child_that_was_first(bool with_reinit)
{
	reinit = with_reinit;
	set_up_in_flight(50);
	wait_for_child(child(child_asks));
	many_ask('q', 50);
	many_finish();
	many_check_asked_at_most(4 * 50);
	many_tear_down();
}

BOTH(child_leaves_the_answers_to_the_parent, child_that_was_first(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* The replies wait in the parent's socket when the child reads it. */
static void
answers_before_the_fork(bool with_reinit)
{
	reinit = with_reinit;
	many_set_up();
	many_ask_zone('p', 50, ".quick.test", many_cb);
	many_wait_asked(50);
	usleep(20000);
	wait_for_child(child(many_finish));
	many_finish();
	many_check_asked_at_most(2 * 50);
	many_tear_down();
}

BOTH(answers_that_came_before_a_fork_are_the_parents,
    answers_before_the_fork(with_reinit), DIFFERS_BY_CHANCE(V14, SHARED),
    DIFFERS_BY_CHANCE(V21, SHARED))

static int parent_done[2];

static void
child_waits_and_asks(void)
{
	char c;

	close(parent_done[1]);
	assert_int_equal(read(parent_done[0], &c, 1), 0);
	child_asks();
}

static void
child_that_was_last(bool with_reinit)
{
	pid_t pid;

	reinit = with_reinit;
	set_up_in_flight(50);
	assert_int_equal(pipe(parent_done), 0);
	pid = child(child_waits_and_asks);
	close(parent_done[0]);
	many_ask('q', 50);
	many_finish();
	close(parent_done[1]);
	wait_for_child(pid);
	many_check_asked_at_most(4 * 50);
	many_tear_down();
}

BOTH(child_does_not_need_the_parents_answers, child_that_was_last(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* --- a child that does not ask --- */

static void
run_child(void (*func)(void), bool with_reinit, int child_asked)
{
	pid_t pid;

	reinit = with_reinit;
	set_up_in_flight(50);
	pid = child(func);
	many_ask('q', 50);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most(2 * 50 + child_asked);
	many_tear_down();
}

/* The child gets the answers to what its parent has asked, and leaves the
 * parent its own. */
BOTH(child_that_only_loops_steals_nothing,
    run_child(many_finish, with_reinit, 50), DIFFERS_BY_CHANCE(V14, SHARED),
    DIFFERS_BY_CHANCE(V21, SHARED))

static void
do_nothing(void)
{
}

BOTH(child_that_exits_at_once_does_no_harm,
    run_child(do_nothing, with_reinit, 0))

static void
shut_down(void)
{
	evdns_shutdown(0);
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(many.answered, 0);
}

BOTH(child_that_shuts_down_does_no_harm, run_child(shut_down, with_reinit, 0))

static void
free_base(void)
{
	event_base_free(many.base);
}

TEST(child_with_reinit_that_frees_the_base_does_no_harm)
{
	run_child(free_base, true, 0);
}

TEST(child_without_reinit_that_frees_the_base_does_no_harm,
    DIFFERS(V14, "the parent loses its events, the kernel's set is shared"),
    DIFFERS(V21, "the parent loses its events, the kernel's set is shared"))
{
	run_child(free_base, false, 0);
}

static void
make_another_base(void)
{
	many.base = event_init();
	child_asks();
}

static void
child_with_another_base(bool with_reinit)
{
	pid_t pid;

	reinit = with_reinit;
	set_up_in_flight(50);
	pid = child(make_another_base);
	many_ask('q', 50);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most(4 * 50);
	many_tear_down();
}

BOTH(child_may_use_another_base, child_with_another_base(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* --- many of them --- */

static void
several_children(bool with_reinit)
{
	pid_t pids[4];

	reinit = with_reinit;
	set_up_in_flight(50);
	for (int i = 0; i < 4; i++)
		pids[i] = child(child_asks);
	many_ask('q', 50);
	many_finish();
	for (int i = 0; i < 4; i++)
		wait_for_child(pids[i]);
	many_check_asked_at_most((2 + 4 * 2) * 50);
	many_tear_down();
}

BOTH(several_children_get_all_answers, several_children(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

static void
child_with_a_child(void)
{
	pid_t pid;

	many_ask('c', 50);
	event_base_loop(many.base, EVLOOP_NONBLOCK);
	pid = child(child_asks);
	many_finish();
	wait_for_child(pid);
}

static void
grandchild(bool with_reinit)
{
	pid_t pid;

	reinit = with_reinit;
	set_up_in_flight(50);
	pid = child(child_with_a_child);
	many_ask('q', 50);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most((2 + 2 + 3) * 50);
	many_tear_down();
}

BOTH(child_of_a_child_gets_all_answers, grandchild(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

static void
line_of_children(bool with_reinit)
{
	pid_t first = getpid();

	reinit = with_reinit;
	set_up_in_flight(10);
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			start();
			many_ask((char)('a' + i), 10);
			continue;
		}
		many_finish();
		wait_for_child(pid);
		break;
	}
	if (getpid() == first) {
		many_check_asked_at_most((1 + 2 + 3 + 4 + 5 + 6) * 10);
		many_tear_down();
	} else {
		many_finish();
		exit(0);
	}
}

BOTH(line_of_children_get_all_answers, line_of_children(with_reinit),
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))

/* --- before there is a query --- */

/* If parent and child shared a socket, the child would be the only one to
 * read it. */
static void
fork_before_queries(bool with_reinit)
{
	pid_t pid;

	reinit = with_reinit;
	many_set_up();
	pid = child(child_asks);
	many_ask('q', 50);
	wait_for_child(pid);
	many_finish();
	many_check_asked_at_most(2 * 50);
	many_tear_down();
}

BOTH(all_get_answers_after_a_fork_before_the_first_query,
    fork_before_queries(with_reinit), DIFFERS_BY_CHANCE(V14, SHARED),
    DIFFERS_BY_CHANCE(V21, SHARED))

static void
child_adds_and_asks(void)
{
	many_add_server();
	child_asks();
}

TEST(all_get_answers_after_a_fork_before_the_first_nameserver)
{
	pid_t pid;

	many_start_server();
	many.base = event_init();
	reinit = true;
	pid = child(child_adds_and_asks);
	child_adds_and_asks();
	wait_for_child(pid);
	many_check_asked_at_most(2 * 50);
	many_tear_down();
}

/* The parent's queries are all answered when it forks. */
TEST(all_get_answers_after_a_fork_between_queries,
    DIFFERS_BY_CHANCE(V14, SHARED), DIFFERS_BY_CHANCE(V21, SHARED))
{
	pid_t pid;

	many_set_up();
	many_ask('p', 50);
	many_finish();
	pid = child(child_asks);
	many_ask('q', 50);
	wait_for_child(pid);
	many_finish();
	many_check_asked_at_most(3 * 50);
	many_tear_down();
}

/* --- without the parent --- */

/* The daemon's queries are asked, and its parent is gone. */
static void
continue_alone(int alive, int report)
{
	char c;

	assert_int_equal(read(alive, &c, 1), 0);
	start();
	child_asks();
	write_byte(report);
}

static void
daemon_without_parent(bool with_reinit)
{
	int alive[2], report[2];
	pid_t pid;

	reinit = with_reinit;
	many_set_up();
	assert_int_equal(pipe(alive), 0);
	assert_int_equal(pipe(report), 0);
	pid = fork();
	if (pid == 0) {
		many_ask('p', 50);
		many_loop_until_asked(50);
		if (fork() == 0) {
			close(alive[1]);
			continue_alone(alive[0], report[1]);
		}
		_exit(0);
	}
	close(alive[1]);
	close(report[1]);
	wait_for_child(pid);
	assert_int_equal(read_byte(report[0]), 'x');
	many_check_asked_at_most(3 * 50);
	close(alive[0]);
	close(report[0]);
	many_tear_down();
}

BOTH(daemon_gets_the_answers_when_the_parent_is_gone,
    daemon_without_parent(with_reinit))
