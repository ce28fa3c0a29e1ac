/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The variables that libevent 1.4 exports: current_base, evsignal_base, and
 * event_gotsig and event_sigcb, by which a program's own signal handler gets
 * its work done between two callbacks.
 */
#include "test.h"
#include "symbol.h"

#include <errno.h>
#include <signal.h>

typedef int (*sigcb)(void);

/* Looked up once, so that a signal handler may use it. */
static volatile sig_atomic_t *
gotsig(void)
{
	static volatile sig_atomic_t *address;

	if (address == NULL)
		address = symbol("event_gotsig");
	return address;
}

static void
set_sigcb(sigcb cb)
{
	*(sigcb *)symbol("event_sigcb") = cb;
}

TEST(current_base_is_the_last_event_init, DIFFERS(V21, "no such variable"))
{
	struct event_base **current = symbol("current_base");
	struct event_base *first, *second;

	assert_null(*current);
	first = event_init();
	assert_ptr_equal(*current, first);
	second = event_init();
	assert_ptr_equal(*current, second);
	event_base_free(first);
	assert_ptr_equal(*current, second);
	event_base_free(second);
	assert_null(*current);
}

TEST(program_may_set_current_base, DIFFERS(V21, "no such variable"))
{
	struct event_base **current = symbol("current_base");
	struct event_base *first = event_init();
	struct event_base *second = event_init();
	struct event ev;

	*current = first;
	evtimer_set(&ev, note_cb, "A");
	assert_ptr_equal(ev.ev_base, first);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_base_dispatch(second), 1);
	assert_log("");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(second);
	event_base_free(first);
}

TEST(evsignal_base_is_the_base_that_gets_signals,
    DIFFERS(V21, "no such variable"))
{
	struct event_base **its = symbol("evsignal_base");
	struct event_base *first = event_base_new(), *second = event_base_new();
	struct event one, two;

	assert_null(*its);
	signal_set(&one, SIGUSR1, idle_cb, NULL);
	event_base_set(first, &one);
	event_add(&one, NULL);
	assert_ptr_equal(*its, first);
	signal_set(&two, SIGUSR1, idle_cb, NULL);
	event_base_set(second, &two);
	event_add(&two, NULL);
	assert_ptr_equal(*its, second);
	event_base_loop(first, EVLOOP_NONBLOCK);
	assert_ptr_equal(*its, first);
	event_base_free(second);
	event_base_free(first);
}

TEST(evsignal_base_is_null_when_its_base_was_freed,
    DIFFERS(V14, "it is left pointing there"), DIFFERS(V21, "no such variable"))
{
	struct event_base **its = symbol("evsignal_base");
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, idle_cb, NULL);
	event_add(&ev, NULL);
	assert_ptr_equal(*its, base);
	event_base_free(base);
	assert_null(*its);
}

static int
note_sigcb(void)
{
	note("sigcb");
	return 0;
}

static int
failing_sigcb(void)
{
	note("sigcb");
	return -1;
}

TEST(sigcb_is_called_before_polling, DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();
	struct event ev;

	set_sigcb(note_sigcb);
	*gotsig() = 1;
	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("sigcb A:read");
	assert_int_equal(*gotsig(), 0);
	event_base_free(base);
}

TEST(sigcb_is_not_called_unless_a_signal_was_noted,
    DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();

	set_sigcb(note_sigcb);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(sigcb_that_fails_ends_the_loop, DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();
	struct event ev;

	set_sigcb(failing_sigcb);
	*gotsig() = 1;
	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	errno = 0;
	assert_int_equal(event_dispatch(), -1);
	assert_int_equal(errno, EINTR);
	assert_log("sigcb");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	event_base_free(base);
}

TEST(gotsig_without_sigcb_does_nothing, DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();
	struct event ev;

	set_sigcb(NULL);
	*gotsig() = 1;
	event_set(&ev, -1, 0, note_cb, "A");
	event_active(&ev, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	assert_int_equal(*gotsig(), 0);
	event_base_free(base);
}

static int
again_once_sigcb(void)
{
	static int calls;

	note("sigcb");
	if (++calls == 1)
		*gotsig() = 1;
	return 0;
}

TEST(sigcb_is_called_again_if_a_signal_came_meanwhile,
    DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();

	set_sigcb(again_once_sigcb);
	*gotsig() = 1;
	assert_int_equal(event_dispatch(), 1);
	assert_log("sigcb sigcb");
	event_base_free(base);
}

static void
gotsig_cb(int fd, short what, void *arg)
{
	(void)arg;
	note_cb(fd, what, "got");
	*gotsig() = 1;
}

TEST(signal_noted_in_a_callback_comes_before_the_next_callback,
    DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();
	struct event first, second;

	set_sigcb(note_sigcb);
	event_set(&first, -1, 0, gotsig_cb, NULL);
	event_set(&second, -1, 0, note_cb, "B");
	event_active(&first, EV_READ, 1);
	event_active(&second, EV_READ, 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("got:read sigcb B:read");
	event_base_free(base);
}

static void
set_gotsig(int sig)
{
	(void)sig;
	*gotsig() = 1;
}

TEST(own_handler_interrupts_the_wait, DIFFERS(V21, "no such variable"))
{
	struct event_base *base = event_init();
	struct sigaction sa = {.sa_handler = set_gotsig};
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	set_sigcb(failing_sigcb);
	*gotsig() = 0;
	sigaction(SIGALRM, &sa, NULL);
	/* The alarm repeats, as the first may come just before the wait. */
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 20000}, {0, 20000}},
	    NULL);
	assert_int_equal(event_dispatch(), -1);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
	assert_log("sigcb");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(gotsig_counts_for_every_base, DIFFERS(V21, "no such variable"))
{
	struct event_base *first = event_base_new(), *second = event_base_new();
	struct event one, two;

	set_sigcb(failing_sigcb);
	evtimer_set(&one, note_cb, "A");
	event_base_set(first, &one);
	event_add(&one, MSEC(0));
	evtimer_set(&two, note_cb, "B");
	event_base_set(second, &two);
	event_add(&two, MSEC(0));
	*gotsig() = 1;
	assert_int_equal(event_base_dispatch(first), -1);
	assert_log("sigcb");
	assert_int_equal(event_base_dispatch(second), 1);
	assert_log("B:timeout");
	*gotsig() = 1;
	assert_int_equal(event_base_dispatch(second), -1);
	assert_log("sigcb");
	event_base_free(first);
	event_base_free(second);
}
