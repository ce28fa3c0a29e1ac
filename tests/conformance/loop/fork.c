/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork(): what parent and child see of each other, with event_reinit() in
 * the child and without.
 */
#include "test.h"
#include "process.h"

#include <sys/wait.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Calls event_reinit() in the child, if the test says so. */
static void
start(struct process *p)
{
	if (p->reinit)
		assert_int_equal(event_reinit(p->base), 0);
}

static void
child_loops(void *arg)
{
	struct process *p = arg;

	start(p);
	process_check_works(p);
}

static void
child_deletes(void *arg)
{
	struct process *p = arg;

	start(p);
	event_del(&p->reader);
	event_del(&p->sig);
	assert_int_equal(event_dispatch(), 1);
}

static void
child_deletes_and_exits(void *arg)
{
	struct process *p = arg;

	start(p);
	event_del(&p->reader);
	event_del(&p->sig);
}

static void
child_frees_the_base(void *arg)
{
	struct process *p = arg;

	start(p);
	event_base_free(p->base);
}

static void
child_closes_the_fd(void *arg)
{
	struct process *p = arg;

	start(p);
	close_pair(p->fd);
	event_del(&p->reader);
}

static void
child_starts_afresh(void *arg)
{
	struct event ev;
	int fd[2];

	(void)arg;
	event_init();
	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "B");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	close_pair(fd);
	event_base_free(NULL);
}

static void
child_adds(void *arg)
{
	struct process *p = arg;
	struct event ev, timer;
	int fd[2];

	start(p);
	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "B");
	assert_int_equal(event_add(&ev, NULL), 0);
	evtimer_set(&timer, note_cb, "C");
	event_add(&timer, MSEC(0));
	one_pass();
	assert_log("B:read C:timeout");
}

static void
run_child(void (*child)(void *), bool reinit)
{
	struct process p;

	process_set_up(&p, reinit);
	assert_int_equal(in_child(child, &p), 0);
	process_check_works(&p);
	process_tear_down(&p);
}

BOTH(child_and_parent_both_work, run_child(child_loops, with_reinit))

TEST(child_with_reinit_deletes_events_and_the_parent_works)
{
	run_child(child_deletes, true);
}

TEST(child_without_reinit_deletes_events_and_the_parent_works,
    DIFFERS(V14, "the parent loses its events, the kernel's set is shared"),
    DIFFERS(V21, "the parent loses its events, the kernel's set is shared"))
{
	run_child(child_deletes, false);
}

TEST(child_without_reinit_deletes_events_and_exits_and_the_parent_works,
    DIFFERS(V14, "the parent loses its events, the kernel's set is shared"),
    DIFFERS(V21, "the parent loses its events, the kernel's set is shared"))
{
	run_child(child_deletes_and_exits, false);
}

TEST(child_with_reinit_frees_the_base_and_the_parent_works)
{
	run_child(child_frees_the_base, true);
}

TEST(child_without_reinit_frees_the_base_and_the_parent_works,
    DIFFERS(V14, "the parent loses its events, the kernel's set is shared"),
    DIFFERS(V21, "the parent loses its events, the kernel's set is shared"))
{
	run_child(child_frees_the_base, false);
}

TEST(child_without_reinit_closes_the_fd_and_the_parent_works)
{
	run_child(child_closes_the_fd, false);
}

BOTH(child_adds_events_and_the_parent_works, run_child(child_adds, with_reinit))

TEST(child_makes_a_base_of_its_own_and_the_parent_works)
{
	run_child(child_starts_afresh, false);
}

static void
child_adds_and_waits(void *arg)
{
	struct process *p = arg;
	struct event ev;
	int fd[2];

	start(p);
	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, idle_cb, NULL);
	event_add(&ev, NULL);
	one_pass();
	/* The parent's loop learns that the event is added. */
	write_byte(p->fd[1]);
	for (;;)
		pause();
}

/* An event that the child added must not make the parent's loop wake. */
static void
run_child_that_adds_and_waits(bool reinit)
{
	struct process p;
	struct event timer;
	pid_t pid;

	process_set_up(&p, reinit);
	pid = fork();
	if (pid == 0)
		child_adds_and_waits(&p);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read");
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(20));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:timeout");
	process_check_works(&p);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	process_tear_down(&p);
}

BOTH(events_of_a_child_do_not_reach_the_parent,
    run_child_that_adds_and_waits(with_reinit))

static void
child_raises(void *arg)
{
	struct process *p = arg;

	start(p);
	raise(SIGUSR1);
	one_pass();
	assert_log("sig:signal");
}

static void
child_raises_and_goes(void *arg)
{
	start(arg);
	raise(SIGUSR1);
	_exit(0); /* without reading its wake-up descriptor */
}

/* A signal of the child must not make the parent's loop wake. */
static void
check_not_woken(struct process *p)
{
	struct event timer;

	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(20));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:timeout");
	process_check_works(p);
	process_tear_down(p);
}

static void
run_child_that_raises(void (*child)(void *), bool reinit)
{
	struct process p;

	process_set_up(&p, reinit);
	assert_int_equal(in_child(child, &p), 0);
	check_not_woken(&p);
}

BOTH(signal_of_a_child_does_not_reach_the_parent,
    run_child_that_raises(child_raises, with_reinit))

TEST(signal_of_a_child_with_reinit_does_not_wake_the_parent)
{
	run_child_that_raises(child_raises_and_goes, true);
}

TEST(signal_of_a_child_without_reinit_does_not_wake_the_parent,
    DIFFERS(V14, "the wake-up socket is shared"),
    DIFFERS(V21, "the wake-up socket is shared"))
{
	run_child_that_raises(child_raises_and_goes, false);
}

static void
child_gets_deliveries(void *arg)
{
	start(arg);
	one_pass();
	assert_log("sig:signal sig:signal");
}

static void
child_gets_no_delivery(void *arg)
{
	start(arg);
	one_pass();
	assert_log("");
}

static void
run_delivery_before_the_fork(void (*child)(void *), bool reinit)
{
	struct process p;

	process_set_up(&p, reinit);
	raise(SIGUSR1);
	raise(SIGUSR1);
	assert_int_equal(in_child(child, &p), 0);
	one_pass();
	assert_log("sig:signal sig:signal");
	process_check_works(&p);
	process_tear_down(&p);
}

TEST(delivery_before_the_fork_reaches_the_parent_and_no_child_with_reinit)
{
	run_delivery_before_the_fork(child_gets_no_delivery, true);
}

TEST(delivery_before_the_fork_reaches_the_parent_and_a_child_without_reinit,
    DIFFERS(V21, "the wake-up socket is shared"))
{
	run_delivery_before_the_fork(child_gets_deliveries, false);
}

static void
child_waits_for_a_timer(void *arg)
{
	struct process *p = arg;

	start(p);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:timeout");
}

static void
run_timer_in_child(bool reinit)
{
	struct process p;
	struct event timer;

	process_set_up(&p, reinit);
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(20));
	assert_int_equal(in_child(child_waits_for_a_timer, &p), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:timeout");
	process_tear_down(&p);
}

BOTH(timer_fires_in_the_parent_and_in_a_child, run_timer_in_child(with_reinit))

static void
grandchild(void *arg)
{
	struct process *p = arg;

	process_check_works(p);
	event_del(&p->reader);
	event_del(&p->sig);
}

static void
child_with_a_child(void *arg)
{
	struct process *p = arg;

	start(p);
	assert_int_equal(in_child(grandchild, p), 0);
	process_check_works(p);
}

TEST(grandchild_child_and_parent_work,
    DIFFERS(V14, "the parent loses its events, the kernel's set is shared"),
    DIFFERS(V21, "the parent loses its events, the kernel's set is shared"))
{
	run_child(child_with_a_child, false);
}

/* Waits until the parent has ended, and reports through the pipe that the
 * loop still works. */
static void
daemon_works(struct process *p, int parent_alive, int report)
{
	char c;

	assert_int_equal(read(parent_alive, &c, 1), 0);
	start(p);
	process_check_works(p);
	write_byte(report);
}

static void
run_daemon(bool reinit)
{
	struct process p;
	int alive[2], report[2], status;
	pid_t pid;

	assert_int_equal(pipe(alive), 0);
	assert_int_equal(pipe(report), 0);
	pid = fork();
	if (pid == 0) {
		process_set_up(&p, reinit);
		if (fork() == 0) {
			close(alive[1]);
			daemon_works(&p, alive[0], report[1]);
		}
		_exit(0);
	}
	close(alive[1]);
	close(report[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(read_byte(report[0]), 'x');
	close(alive[0]);
	close(report[0]);
}

BOTH(daemon_works_after_its_parent, run_daemon(with_reinit))

static int child_status;
static bool is_child;

/* The child stays in the loop; the parent waits for its end. */
static void
fork_cb(int fd, short what, void *arg)
{
	struct process *p = arg;
	pid_t pid = fork();

	(void)fd;
	(void)what;
	is_child = pid == 0;
	if (is_child) {
		start(p);
		write_byte(p->fd[1]);
	} else {
		waitpid(pid, &child_status, 0);
	}
	event_loopexit(MSEC(1));
}

static void
run_fork_inside_a_callback(bool reinit)
{
	struct process p;
	struct event ev;

	process_set_up(&p, reinit);
	evtimer_set(&ev, fork_cb, &p);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_dispatch(), 0);
	assert_log(is_child ? "A:read" : "");
	process_check_works(&p);
	if (is_child)
		exit(0);
	assert_int_equal(child_status, 0);
	process_tear_down(&p);
}

TEST(parent_and_child_work_after_fork_and_reinit_in_a_callback,
    DIFFERS(V14, "the loop uses what it freed"))
{
	run_fork_inside_a_callback(true);
}

TEST(parent_and_child_work_after_fork_in_a_callback)
{
	run_fork_inside_a_callback(false);
}
