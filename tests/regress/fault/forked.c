/* SPDX-License-Identifier: BSD-3-Clause */
/* fork(): parent and child each have a loop of their own afterwards. */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"
#include "wrap.h"

struct both {
	struct event_base *base;
	struct event ev, sig;
	int fd[2];
	bool reinit;
};

static void
open_both(struct both *b, bool reinit)
{
	b->reinit = reinit;
	b->base = event_init();
	make_pair(b->fd);
	event_set(&b->ev, b->fd[0], EV_READ | EV_PERSIST, note_read_cb, "fd");
	event_add(&b->ev, NULL);
	signal_set(&b->sig, SIGUSR1, note_cb, "usr1");
	signal_add(&b->sig, NULL);
	event_loop(EVLOOP_NONBLOCK);
}

static void
close_both(struct both *b)
{
	event_del(&b->ev);
	signal_del(&b->sig);
	event_base_free(b->base);
	close_pair(b->fd);
}

static void
resume(struct both *b)
{
	write_byte(b->fd[1]);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("fd:read");
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("usr1:signal");
}

static void
child_continues(void *arg)
{
	struct both *b = arg;

	if (b->reinit)
		assert_int_equal(event_reinit(b->base), 0);
	resume(b);
	event_del(&b->ev);
	event_loop(EVLOOP_NONBLOCK);
	close_both(b);
}

static void
parent_and_child(bool reinit)
{
	struct both b;

	open_both(&b, reinit);
	assert_int_equal(in_child(child_continues, &b), 0);
	resume(&b);
	close_both(&b);
}

TEST(parent_and_child_work_with_event_reinit)
{
	parent_and_child(true);
}

TEST(parent_and_child_work_without_event_reinit)
{
	parent_and_child(false);
}

static void
signal_before_loop(void *arg)
{
	(void)arg;
	raise(SIGUSR1);
	raise(SIGUSR1);
	_exit(0);
}

/*
 * The child must not write to the parent's wake-up descriptor, or the parent's
 * loop would spin.
 */
TEST(signal_in_a_child_does_not_wake_the_parent)
{
	struct both b;
	struct event timer;

	open_both(&b, false);
	assert_int_equal(in_child(signal_before_loop, NULL), 0);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(50));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("timer:timeout");
	close_both(&b);
}

static void
signal_then_loop(void *arg)
{
	struct both *b = arg;

	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("usr1:signal");
	close_both(b);
}

TEST(signal_in_a_child_before_its_first_pass_is_seen)
{
	struct both b;

	open_both(&b, false);
	assert_int_equal(in_child(signal_then_loop, &b), 0);
	close_both(&b);
}

static void
close_all(void *arg)
{
	struct both *b = arg;
	int n = b->fd[1] + 10;

	for (int fd = 3; fd < n; fd++)
		if (fd != b->fd[0] && fd != b->fd[1])
			close(fd);
	assert_int_equal(event_reinit(b->base), 0);
	resume(b);
}

TEST(daemon_that_closes_all_and_calls_event_reinit_works)
{
	struct both b;

	open_both(&b, true);
	assert_int_equal(in_child(close_all, &b), 0);
	resume(&b);
	close_both(&b);
}

static void
fork_cb(int fd, short what, void *arg)
{
	struct both *b = arg;
	int status;
	pid_t pid;

	(void)fd;
	(void)what;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (b->reinit)
			assert_int_equal(event_reinit(b->base), 0);
		event_loopexit(MSEC(0));
		return;
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
fork_in_a_callback(bool reinit)
{
	struct event timer;
	struct both b;
	pid_t me = getpid();

	open_both(&b, reinit);
	evtimer_set(&timer, fork_cb, &b);
	evtimer_add(&timer, MSEC(0));
	event_loop(EVLOOP_ONCE);
	if (getpid() != me) {
		event_dispatch();
		resume(&b);
		exit(0);
	}
	resume(&b);
	close_both(&b);
}

TEST(fork_in_a_callback_with_event_reinit)
{
	fork_in_a_callback(true);
}

TEST(fork_in_a_callback_without_event_reinit)
{
	fork_in_a_callback(false);
}

static void
grandchild(void *arg)
{
	struct both *b = arg;

	assert_int_equal(in_child(child_continues, b), 0);
	resume(b);
}

TEST(grandchild_works)
{
	struct both b;

	open_both(&b, false);
	assert_int_equal(in_child(grandchild, &b), 0);
	resume(&b);
	close_both(&b);
}

TEST(event_reinit_without_a_base_is_an_error)
{
	assert_int_equal(event_reinit(NULL), -1);
	assert_int_equal(errno, EINVAL);
}

static void
loop_without_descriptors(void *arg)
{
	struct both *b = arg;

	fail_descriptors(20);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(event_reinit(b->base), -1);
	assert_int_equal(errno, EMFILE);
	fail_descriptors(0);
	resume(b);
	close_both(b);
}

TEST(child_without_a_descriptor_to_spare_can_try_again)
{
	struct both b;

	open_both(&b, false);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(in_child(loop_without_descriptors, &b), 0);
	close_both(&b);
}
