/* SPDX-License-Identifier: BSD-3-Clause */
/* event_base_loop() on a base whose loop the program runs itself. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "on.h"
#include "wrap.h"

/* 1.4 exports these variables and declares them in no header. */
extern volatile int event_gotsig;
extern int (*event_sigcb)(void);

TEST(dispatch_on_a_program_s_loop_ends_without_events_and_watchers)
{
	struct event timer;

	open_on("epoll");
	assert_int_equal(event_dispatch(), 1);
	host_after(host, .005, 0, note_word_cb, "host");
	assert_int_equal(event_dispatch(), 1);
	assert_log("host");
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("timer:timeout");
	close_on();
}

TEST(nonblock_on_a_program_s_loop_does_not_wait)
{
	struct event timer;

	open_on("epoll");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK | EVLOOP_ONCE), 0);
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("timer:timeout");
	close_on();
}

TEST(once_on_a_program_s_loop_waits_for_an_event_of_the_base)
{
	struct event timer, later;

	open_on("epoll");
	evtimer_set(&timer, note_cb, "timer");
	evtimer_set(&later, note_cb, "later");
	evtimer_add(&timer, MSEC(10));
	evtimer_add(&later, MSEC(15000));
	host_after(host, .001, 0, note_word_cb, "host");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("host timer:timeout");
	event_del(&later);
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE), 1);
	assert_log("timer:timeout");
	close_on();
}

static void
loopexit_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, arg);
	event_loopexit(NULL);
}

static void
loopbreak_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, arg);
	event_loopbreak();
}

TEST(loopexit_ends_dispatch_on_a_program_s_loop)
{
	struct event timer;

	open_on("epoll");
	evtimer_set(&timer, loopexit_cb, "timer");
	evtimer_add(&timer, MSEC(0));
	host_after(host, 15., 0, note_word_cb, "late");
	assert_int_equal(event_dispatch(), 0);
	assert_log("timer:timeout");
	close_on();
}

TEST(loopbreak_ends_dispatch_on_a_program_s_loop)
{
	struct event ev[2];

	open_on("epoll");
	for (int i = 0; i < 2; i++) {
		event_set(&ev[i], -1, 0, i ? note_cb : loopbreak_cb,
		    i ? "second" : "first");
		event_active(&ev[i], EV_READ, 1);
	}
	assert_int_equal(event_dispatch(), 0);
	assert_log("first:read");
	assert_int_equal(event_dispatch(), 1);
	assert_log("second:read");
	event_loopbreak();
	assert_int_equal(event_dispatch(), 0);
	close_on();
}

static int result;

static void
dispatch_cb(void *unused)
{
	(void)unused;
	note("in");
	result = event_dispatch();
	note("out");
	host_after(host, 0., 0, note_word_cb, "after");
}

/*
 * A library may call event_dispatch() inside of a callback, as programs for 1.4
 * do.
 */
TEST(dispatch_inside_the_program_s_loop_leaves_that_running)
{
	struct event timer;

	open_on("epoll");
	evtimer_set(&timer, loopexit_cb, "timer");
	evtimer_add(&timer, MSEC(5));
	host_after(host, 0., 0, dispatch_cb, NULL);
	host_after(host, .003, 0, note_word_cb, "between");
	assert_int_equal(host_run(host), 0);
	assert_int_equal(result, 0);
	assert_log("in between timer:timeout out after");
	close_on();
}

static void
break_host_cb(void *unused)
{
	(void)unused;
	note("break");
	host_break(host);
}

/* A signal watcher may call ev_break(), for example. */
TEST(ev_break_ends_dispatch_and_the_run_around_it)
{
	struct event timer;

	open_on("epoll");
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	host_after(host, 0., 0, dispatch_cb, NULL);
	host_after(host, .005, 0, break_host_cb, NULL);
	assert_true(host_run(host) > 0);
	assert_int_equal(result, 0);
	assert_log("in break out");
	event_del(&timer);
	assert_int_equal(host_run(host), 0);
	assert_log("after");
	close_on();
}

static void
run_host_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	note("in");
	host_run(host);
	note("out");
}

static void
break_one_cb(void *unused)
{
	(void)unused;
	note("break");
	host_break_one(host);
}

static void
break_soon_cb(void *unused)
{
	(void)unused;
	host_after(host, 0., 0, break_one_cb, NULL);
}

/* ev_run() ends one pass after the one in which loopexit took effect. */
static void
loopexit_and_break_cb(int fd, short what, void *arg)
{
	loopexit_cb(fd, what, arg);
	host_after(host, 0., 0, break_soon_cb, NULL);
}

/*
 * The program calls ev_run() inside of event_dispatch(), and loopexit ends the
 * dispatch nevertheless.
 */
TEST(loopexit_in_ev_run_inside_of_dispatch_ends_dispatch)
{
	struct event outer, timer;

	open_on("epoll");
	event_set(&outer, -1, 0, run_host_cb, NULL);
	event_active(&outer, EV_READ, 1);
	evtimer_set(&timer, loopexit_and_break_cb, "timer");
	evtimer_add(&timer, MSEC(1));
	host_after(host, 15., 0, note_word_cb, "late");
	assert_int_equal(event_dispatch(), 0);
	assert_log("in timer:timeout break out");
	close_on();
}

static void
nested_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	note("in");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	note("out");
}

TEST(loop_may_run_in_an_event_of_a_loop)
{
	struct event outer, timer;

	open_on("epoll");
	event_set(&outer, -1, 0, nested_cb, NULL);
	event_active(&outer, EV_READ, 1);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("in timer:timeout out");
	close_on();
}

static void
free_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	note("free");
	event_base_free(base);
	host_after(host, 0., 0, note_word_cb, "host");
}

TEST(base_may_be_freed_in_its_dispatch_on_a_program_s_loop)
{
	struct event timer;

	open_on("epoll");
	evtimer_set(&timer, free_cb, NULL);
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_dispatch(), 0);
	assert_log("free");
	assert_int_equal(host_run(host), 0);
	assert_log("host");
	host_free(host);
}

static void
free_base_from_host_cb(void *unused)
{
	(void)unused;
	free_cb(-1, 0, NULL);
}

TEST(base_may_be_freed_by_a_watcher_in_its_dispatch)
{
	open_on("epoll");
	host_after(host, .001, 0, free_base_from_host_cb, NULL);
	assert_int_equal(event_dispatch(), 0);
	assert_log("free");
	assert_int_equal(host_run(host), 0);
	assert_log("host");
	host_free(host);
}

TEST(descriptor_that_the_kernel_refuses_is_an_error_of_dispatch)
{
	struct event io;
	int fd[2];

	open_on("epoll");
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	event_add(&io, NULL);
	fail_epoll_adds(1, ENOSPC);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(event_dispatch(), 1);
	assert_log("io:read");
	close_pair(fd);
	close_on();
}

static void
own_handler(int sig)
{
	(void)sig;
	event_gotsig = 1;
}

static int
sigcb(void)
{
	note("sigcb");
	return -1;
}

TEST(handler_of_the_program_ends_dispatch_and_not_the_loop)
{
	struct event timer;

	open_on("epoll");
	signal(SIGUSR1, own_handler);
	event_sigcb = sigcb;
	raise(SIGUSR1);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_dispatch(), -1);
	assert_int_equal(errno, EINTR);
	raise(SIGUSR1);
	assert_int_equal(host_run(host), 0);
	assert_log("sigcb sigcb timer:timeout");
	event_sigcb = NULL;
	close_on();
}
