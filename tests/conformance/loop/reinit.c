/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_reinit() in a process that did not fork.
 */
#include "test.h"
#include "process.h"

#include <unistd.h>

TEST(event_reinit_of_an_empty_base_returns_0)
{
	struct event_base *base = event_init();

	assert_int_equal(event_reinit(base), 0);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(event_reinit_keeps_events_of_all_kinds)
{
	struct process p;
	struct event timer, active;

	process_set_up(&p, false);
	evtimer_set(&timer, note_cb, "timer");
	event_add(&timer, MSEC(0));
	event_set(&active, -1, 0, note_cb, "active");
	event_active(&active, EV_WRITE, 1);
	assert_int_equal(event_reinit(p.base), 0);
	write_byte(p.fd[1]);
	one_pass();
	assert_log("active:write A:read timer:timeout");
	process_check_works(&p);
	process_tear_down(&p);
}

TEST(event_reinit_drops_deliveries)
{
	struct process p;

	process_set_up(&p, false);
	raise(SIGUSR1);
	assert_int_equal(event_reinit(p.base), 0);
	one_pass();
	assert_log("");
	process_check_works(&p);
	process_tear_down(&p);
}

TEST(event_reinit_may_be_repeated)
{
	struct process p;

	process_set_up(&p, false);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(event_reinit(p.base), 0);
		process_check_works(&p);
	}
	process_tear_down(&p);
}

TEST(event_reinit_with_a_closed_fd_is_an_error_and_keeps_the_rest,
    DIFFERS(V21, "signals are no longer caught"))
{
	struct process p;
	struct event closed;
	int fd[2];

	process_set_up(&p, false);
	make_pair(fd);
	event_set(&closed, fd[0], EV_READ, note_cb, "closed");
	event_add(&closed, NULL);
	one_pass();
	close_pair(fd);
	assert_int_equal(event_reinit(p.base), -1);
	process_check_works(&p);
	event_del(&closed);
	process_tear_down(&p);
}

/* The descriptor was closed before any pass has seen the event. */
TEST(event_reinit_with_an_fd_closed_after_event_add_is_an_error,
    DIFFERS(V21, "signals are no longer caught"))
{
	struct process p;
	struct event closed;
	int fd[2];

	process_set_up(&p, false);
	make_pair(fd);
	event_set(&closed, fd[0], EV_READ, note_cb, "closed");
	event_add(&closed, NULL);
	close_pair(fd);
	assert_int_equal(event_reinit(p.base), -1);
	event_del(&closed);
	process_check_works(&p);
	process_tear_down(&p);
}

/* A pass has met the closed descriptor, which is another file now. */
TEST(event_reinit_watches_an_fd_that_was_closed_and_is_open_again)
{
	struct process p;
	struct event ev;
	int fd[2], other[2];

	process_set_up(&p, false);
	make_pair(fd);
	make_pair(other);
	event_set(&ev, fd[0], EV_READ, note_cb, "again");
	event_add(&ev, NULL);
	close(fd[0]);
	one_pass();
	assert_int_equal(dup2(other[0], fd[0]), fd[0]);
	assert_int_equal(event_reinit(p.base), 0);
	write_byte(other[1]);
	one_pass();
	assert_log("again:read");
	process_check_works(&p);
	close_pair(fd);
	close_pair(other);
	process_tear_down(&p);
}

/* What event_reinit() itself may see is not reported to an active event. */
TEST(event_reinit_reports_no_readiness_to_an_active_event)
{
	struct process p;
	struct event ev;
	int fd[2];

	process_set_up(&p, false);
	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "active");
	event_add(&ev, NULL);
	one_pass();
	write_byte(fd[1]);
	event_active(&ev, EV_WRITE, 1);
	assert_int_equal(event_reinit(p.base), 0);
	read_byte(fd[0]);
	one_pass();
	assert_log("active:write");
	process_check_works(&p);
	close_pair(fd);
	process_tear_down(&p);
}

static void
reinit_cb(int fd, short what, void *arg)
{
	struct process *p = arg;

	note_cb(fd, what, "reinit");
	assert_int_equal(event_reinit(p->base), 0);
	write_byte(p->fd[1]);
}

TEST(event_reinit_may_be_called_in_a_callback,
    DIFFERS(V14, "the loop uses what it freed"))
{
	struct process p;
	struct event first, second;
	int fd[2];

	process_set_up(&p, false);
	make_readable_pair(fd);
	event_set(&first, fd[0], EV_READ, reinit_cb, &p);
	event_add(&first, NULL);
	event_set(&second, fd[1], EV_WRITE, note_cb, "B");
	event_add(&second, NULL);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("reinit:read B:write A:read");
	process_check_works(&p);
	close_pair(fd);
	process_tear_down(&p);
}

TEST(event_reinit_may_be_called_in_a_signal_callback,
    DIFFERS(V14, "the loop uses what it freed"))
{
	struct process p;

	process_set_up(&p, false);
	event_del(&p.sig);
	signal_set(&p.sig, SIGUSR1, reinit_cb, &p);
	event_add(&p.sig, NULL);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("reinit:signal A:read");
	event_del(&p.sig);
	signal_set(&p.sig, SIGUSR1, note_cb, "sig");
	event_add(&p.sig, NULL);
	process_check_works(&p);
	process_tear_down(&p);
}
