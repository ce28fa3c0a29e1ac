/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A base on a program's loop: in a child of fork(), and when libev makes its
 * kernel state again.
 */
#include <signal.h>
#include <unistd.h>

#include "on.h"
#include "wrap.h"

static int pair[2];
static struct event forked_io, forked_sig, forked_alarm;

static void
open_forked(void)
{
	open_on("epoll");
	make_pair(pair);
	event_set(&forked_io, pair[0], EV_READ | EV_PERSIST, note_read_cb,
	    "io");
	signal_set(&forked_sig, SIGUSR1, note_cb, "sig");
	signal_set(&forked_alarm, SIGALRM, note_cb, "alarm");
	event_add(&forked_io, NULL);
	signal_add(&forked_sig, NULL);
	signal_add(&forked_alarm, NULL);
	host_pass(host);
}

/* Has a signal arrive, mostly while the loop sleeps. */
static void
await_alarm(void)
{
	ualarm(10000, 0);
	while (*noted() == '\0')
		host_wait_once(host);
	assert_log("alarm:signal");
}

static void
resume(void *how)
{
	long sets = counts.epoll_sets;

	if (how != NULL)
		((void (*)(void))how)();
	raise(SIGUSR1);
	while (*noted() == '\0')
		host_wait_once(host);
	assert_log("sig:signal");
	assert_int_equal(counts.epoll_sets, sets + 1);
	write_byte(pair[1]);
	host_wait_once(host);
	assert_log("io:read");
	await_alarm();
	assert_int_equal(counts.epoll_sets, sets + 1);
	event_del(&forked_io);
	signal_del(&forked_sig);
	signal_del(&forked_alarm);
	assert_int_equal(host_run(host), 0);
	close_on();
}

static void
close_forked(void)
{
	host_pass(host);
	assert_log("");
	write_byte(pair[1]);
	host_wait_once(host);
	assert_log("io:read");
	raise(SIGUSR1);
	host_wait_once(host);
	assert_log("sig:signal");
	await_alarm();
	close_pair(pair);
	close_on();
}

static void
fork_loop(void)
{
	host_fork(host);
}

static void
reinit(void)
{
	assert_int_equal(event_reinit(base), 0);
}

TEST(child_that_calls_ev_loop_fork_has_events_of_its_own)
{
	open_forked();
	assert_int_equal(in_child(resume, fork_loop), 0);
	close_forked();
}

TEST(child_that_calls_no_fork_function_has_events_of_its_own)
{
	open_forked();
	assert_int_equal(in_child(resume, NULL), 0);
	close_forked();
}

TEST(child_that_calls_event_reinit_has_events_of_its_own)
{
	open_forked();
	assert_int_equal(in_child(resume, reinit), 0);
	close_forked();
}

TEST(event_reinit_outside_of_a_child_keeps_events_on_a_program_s_loop)
{
	open_forked();
	reinit();
	close_forked();
}

/* libev would end the process if it were given the closed descriptor again. */
TEST(descriptor_that_was_closed_while_watched_does_not_stop_ev_loop_fork)
{
	struct event gone;
	int fd[2];

	open_forked();
	make_pair(fd);
	event_set(&gone, fd[0], EV_READ, note_cb, "gone");
	event_add(&gone, NULL);
	host_pass(host);
	close_pair(fd);
	host_fork(host);
	host_pass(host);
	event_del(&gone);
	close_forked();
}

TEST(descriptor_closed_and_open_again_is_watched_after_event_reinit)
{
	struct event again;
	int fd[2], other[2];

	open_forked();
	make_pair(fd);
	make_pair(other);
	event_set(&again, fd[0], EV_READ, note_cb, "again");
	event_add(&again, NULL);
	close(fd[0]);
	host_pass(host);
	assert_int_equal(dup2(other[0], fd[0]), fd[0]);
	reinit();
	host_pass(host);
	write_byte(other[1]);
	host_wait_once(host);
	assert_log("again:read");
	close_pair(fd);
	close_pair(other);
	close_forked();
}

TEST(descriptor_that_was_closed_while_watched_does_not_stop_poll)
{
	struct event gone, timer;
	int fd[2];

	open_on("poll");
	make_pair(fd);
	event_set(&gone, fd[0], EV_READ, note_cb, "gone");
	event_add(&gone, NULL);
	host_pass(host);
	close_pair(fd);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(1));
	host_wait_once(host);
	assert_log("timer:timeout");
	event_del(&gone);
	close_on();
}
