/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a base on a program's loop ends, and what libev's default loop does with
 * SIGCHLD.
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "on.h"

/* --- the end of the base, or of the loop --- */

static void
free_base(void *unused)
{
	(void)unused;
	note("free");
	event_base_free(base);
	host_after(host, 0., 0, note_word_cb, "host");
}

static void
free_base_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	free_base(arg);
}

/* Adds events of all kinds, and changes some after libev has got them. */
static void
fill_base(int fd[2], struct event ev[4])
{
	make_readable_pair(fd);
	event_set(&ev[0], fd[0], EV_READ | EV_PERSIST, idle_cb, NULL);
	event_set(&ev[1], fd[1], EV_READ, idle_cb, NULL);
	evtimer_set(&ev[2], idle_cb, NULL);
	signal_set(&ev[3], SIGUSR1, idle_cb, NULL);
	for (int i = 0; i < 4; i++)
		event_add(&ev[i], i == 3 ? NULL : MSEC(10000));
	host_pass(host);
	event_del(&ev[1]);
	event_active(&ev[2], EV_TIMEOUT, 1);
	event_base_once(base, -1, EV_TIMEOUT, idle_cb, NULL, MSEC(10000));
}

TEST(base_freed_leaves_the_loop_to_the_program)
{
	struct event ev[4];
	int fd[2];

	open_on(NULL);
	fill_base(fd, ev);
	event_base_free(base);
	for (int i = 0; i < 4; i++)
		assert_int_equal(event_pending(&ev[i],
				     EV_READ | EV_TIMEOUT | EV_SIGNAL, NULL),
		    0);
	host_after(host, 0., 0, note_word_cb, "host");
	assert_int_equal(host_run(host), 0);
	assert_log("host");
	close_pair(fd);
	host_free(host);
}

TEST(base_freed_in_an_event_leaves_the_loop_to_the_program)
{
	struct event timer, ev[4];
	int fd[2];

	open_on(NULL);
	fill_base(fd, ev);
	evtimer_set(&timer, free_base_cb, NULL);
	event_active(&timer, EV_TIMEOUT, 1);
	assert_int_equal(host_run(host), 0);
	assert_log("free host");
	close_pair(fd);
	host_free(host);
}

static void
base_freed_by(void (
		  *start)(struct ev_loop *, int, int, void (*)(void *), void *),
    int pri)
{
	struct event ev[4];
	int fd[2];

	open_on(NULL);
	fill_base(fd, ev);
	start(host, 1, pri, free_base, NULL);
	assert_int_equal(host_run(host), 0);
	assert_log("free host");
	close_pair(fd);
	host_free(host);
}

TEST(base_freed_in_a_watcher_leaves_the_loop_to_the_program)
{
	for (int pri = LOWEST; pri <= HIGHEST; pri++) {
		base_freed_by(host_prepare, pri);
		base_freed_by(host_check, pri);
	}
}

/* An application may tear its parts down in any order. */
TEST(loop_may_be_destroyed_before_its_base)
{
	struct event ev[4];
	int fd[2];

	open_on(NULL);
	fill_base(fd, ev);
	host_free(host);
	assert_int_equal(event_pending(&ev[0], EV_READ, NULL), 0);
	assert_int_equal(event_del(&ev[0]), 0);
	assert_int_equal(event_add(&ev[0], NULL), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(event_base_loop(base, 0), -1);
	assert_int_equal(event_reinit(base), -1);
	assert_int_equal(event_base_once(base, -1, EV_TIMEOUT, idle_cb, NULL,
			     NULL),
	    -1);
	event_active(&ev[2], EV_TIMEOUT, 1);
	assert_null(evcompat_base_loop(base));
	assert_null(evcompat_child_loop(base));
	assert_string_equal(event_base_get_method(base), "none");
	raise(SIGURG);
	event_base_free(base);
	close_pair(fd);
}

/* --- the default loop --- */

static int status;

static void
child_ended_cb(void *unused)
{
	(void)unused;
	note("child");
}

TEST(default_loop_waits_for_children_and_signal_events_for_them_are_refused)
{
	struct event sig, timer;
	pid_t pid;

	host = host_default();
	base = evcompat_base_on(host);
	signal_set(&sig, SIGCHLD, note_cb, "sig");
	assert_int_equal(signal_add(&sig, NULL), -1);
	assert_int_equal(errno, EBUSY);
	assert_ptr_equal(evcompat_child_loop(base), host);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(5));
	pid = fork();
	if (pid == 0)
		_exit(7);
	host_child(host, pid, child_ended_cb, NULL);
	assert_int_equal(host_run(host), 0);
	assert_non_null(strstr(noted(), "child"));
	assert_non_null(strstr(noted(), "timer:timeout"));
	note_clear();
	assert_int_equal(waitpid(pid, &status, 0), -1);
	close_on();
}

TEST(another_loop_leaves_sigchld_to_a_signal_event)
{
	struct event sig;
	pid_t pid;

	open_on(NULL);
	signal_set(&sig, SIGCHLD, note_cb, "sig");
	assert_int_equal(signal_add(&sig, NULL), 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	host_wait_once(host);
	assert_log("sig:signal");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close_on();
}
