/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signal events: deliveries are counted, the handler that was there before
 * comes back, and nothing else about signals in the process changes.
 */
#include "test.h"

#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
one_pass(void)
{
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
}

/* A persistent signal event. */
static void
add(struct event *ev, int sig, void *name)
{
	signal_set(ev, sig, note_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
}

static void
raise_times(int sig, int n)
{
	while (n-- > 0)
		raise(sig);
}

/*
 * Deliveries.
 */

TEST(each_delivery_is_a_call)
{
	struct event_base *base = event_init();
	struct event ev;

	add(&ev, SIGUSR1, "A");
	raise_times(SIGUSR1, 5);
	one_pass();
	assert_log("A:signal A:signal A:signal A:signal A:signal");
	one_pass();
	assert_log("");
	event_del(&ev);
	event_base_free(base);
}

TEST(each_of_a_thousand_deliveries_is_a_call)
{
	struct event_base *base = event_init();
	struct event ev;
	int n = 0;

	signal_set(&ev, SIGUSR1, count_cb, &n);
	event_add(&ev, NULL);
	raise_times(SIGUSR1, 1000);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_int_equal(n, 1000);
	event_del(&ev);
	event_base_free(base);
}

static void
keep_fd_cb(int fd, short what, void *arg)
{
	(void)what;
	*(int *)arg = fd;
}

TEST(callback_gets_the_number_of_the_signal)
{
	struct event_base *base = event_init();
	struct event ev;
	int got = 0;

	event_set(&ev, SIGUSR2, EV_SIGNAL, keep_fd_cb, &got);
	event_add(&ev, NULL);
	raise(SIGUSR2);
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(got, SIGUSR2);
	event_base_free(base);
}

TEST(one_shot_signal_event_gets_all_deliveries_of_its_pass)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, SIGUSR1, EV_SIGNAL, note_cb, "A");
	event_add(&ev, NULL);
	raise_times(SIGUSR1, 3);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal A:signal A:signal");
	event_base_free(base);
}

TEST(signal_event_keeps_the_loop_alive)
{
	struct event_base *base = event_init();
	struct event ev;

	add(&ev, SIGUSR1, "A");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	event_del(&ev);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(signal_wakes_a_waiting_loop)
{
	struct event_base *base = event_init();
	struct event ev;
	double start = now_ms();

	event_set(&ev, SIGALRM, EV_SIGNAL, note_cb, "A");
	event_add(&ev, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 20000}}, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 20);
	assert_log("A:signal");
	event_base_free(base);
}

TEST(signal_of_another_process_wakes_a_waiting_loop)
{
	struct event_base *base = event_init();
	struct event ev;
	pid_t pid;

	event_set(&ev, SIGUSR1, EV_SIGNAL, note_cb, "A");
	event_add(&ev, NULL);
	pid = fork();
	if (pid == 0) {
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal");
	waitpid(pid, NULL, 0);
	event_base_free(base);
}

TEST(several_events_on_one_signal_all_fire_in_the_order_of_adding,
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event first, second, third;

	add(&second, SIGUSR1, "B");
	add(&first, SIGUSR1, "A");
	add(&third, SIGUSR1, "C");
	raise_times(SIGUSR1, 2);
	one_pass();
	assert_log("B:signal B:signal A:signal A:signal C:signal C:signal");
	event_del(&first);
	raise(SIGUSR1);
	one_pass();
	assert_log("B:signal C:signal");
	event_del(&second);
	event_del(&third);
	event_base_free(base);
}

TEST(several_signals)
{
	struct event_base *base = event_init();
	struct event usr1, usr2, hup;

	add(&usr1, SIGUSR1, "USR1");
	add(&usr2, SIGUSR2, "USR2");
	add(&hup, SIGHUP, "HUP");
	raise(SIGUSR2);
	one_pass();
	assert_log("USR2:signal");
	raise(SIGUSR1);
	raise(SIGHUP);
	one_pass();
	assert_log("HUP:signal USR1:signal");
	event_del(&usr1);
	event_del(&usr2);
	event_del(&hup);
	event_base_free(base);
}

TEST(real_time_signals)
{
	struct event_base *base = event_init();
	struct event low, high;

	add(&low, SIGRTMIN, "low");
	add(&high, SIGRTMIN + 20, "high");
	raise_times(SIGRTMIN, 2);
	raise(SIGRTMIN + 20);
	one_pass();
	assert_log("low:signal low:signal high:signal");
	event_del(&low);
	event_del(&high);
	event_base_free(base);
}

TEST(signals_go_on_in_later_passes)
{
	struct event_base *base = event_init();
	struct event ev;

	add(&ev, SIGUSR1, "A");
	for (int i = 0; i < 3; i++) {
		raise(SIGUSR1);
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
		assert_log("A:signal");
	}
	event_del(&ev);
	event_base_free(base);
}

TEST(event_deleted_before_the_loop_gets_no_delivery)
{
	struct event_base *base = event_init();
	struct event ev, other;

	add(&other, SIGUSR1, "B");
	add(&ev, SIGUSR1, "A");
	raise(SIGUSR1);
	event_del(&ev);
	one_pass();
	assert_log("B:signal");
	event_del(&other);
	event_base_free(base);
}

TEST(delivery_from_before_del_and_add_is_kept)
{
	struct event_base *base = event_init();
	struct event ev;

	add(&ev, SIGUSR1, "A");
	raise(SIGUSR1);
	event_del(&ev);
	event_add(&ev, NULL);
	one_pass();
	assert_log("A:signal");
	event_del(&ev);
	event_base_free(base);
}

TEST(event_added_after_the_delivery_gets_it_too,
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event first, second;

	add(&first, SIGUSR1, "A");
	raise(SIGUSR1);
	add(&second, SIGUSR1, "B");
	one_pass();
	assert_log("A:signal B:signal");
	event_del(&first);
	event_del(&second);
	event_base_free(base);
}

static int calls;

static void
raise_once_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (++calls == 2)
		event_del(ev);
	else
		raise(fd);
}

TEST(signal_raised_in_its_callback_comes_in_the_next_pass)
{
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, raise_once_cb, &ev);
	event_add(&ev, NULL);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal A:signal");
	event_base_free(base);
}

static void
del_self_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	event_del(ev);
}

TEST(event_del_in_the_callback_stops_the_remaining_calls)
{
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, del_self_cb, &ev);
	event_add(&ev, NULL);
	raise_times(SIGUSR1, 5);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal");
	event_base_free(base);
}

static void
del_and_free_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	event_del(ev);
	free(ev);
}

TEST(signal_event_may_be_freed_in_the_first_of_its_calls)
{
	struct event_base *base = event_init();
	struct event *ev = malloc(sizeof *ev);

	signal_set(ev, SIGUSR1, del_and_free_cb, ev);
	event_add(ev, NULL);
	raise_times(SIGUSR1, 5);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal");
	event_base_free(base);
}

static void
del_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	event_del(other);
}

TEST(event_deleted_by_another_of_the_same_signal_does_not_fire,
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event first, second;

	event_set(&first, SIGUSR1, EV_SIGNAL, del_other_cb, &second);
	event_add(&first, NULL);
	add(&second, SIGUSR1, "B");
	raise(SIGUSR1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal");
	event_base_free(base);
}

static void
add_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	event_add(other, NULL);
}

TEST(event_added_in_the_callback_waits_for_the_next_delivery)
{
	struct event_base *base = event_init();
	struct event first, second;

	event_set(&second, SIGUSR1, EV_SIGNAL, note_cb, "B");
	signal_set(&first, SIGUSR1, add_other_cb, &second);
	event_add(&first, NULL);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("A:signal");
	event_del(&first);
	raise(SIGUSR1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:signal");
	event_base_free(base);
}

TEST(one_shot_signal_event_may_be_added_again_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, SIGUSR1, EV_SIGNAL, add_other_cb, &ev);
	event_add(&ev, NULL);
	for (int i = 0; i < 3; i++) {
		raise_times(SIGUSR1, 2);
		assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
		assert_log("A:signal A:signal");
	}
	event_del(&ev);
	event_base_free(base);
}

/*
 * Timeouts.
 */

TEST(signal_event_with_a_timeout_times_out)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, SIGUSR1, EV_SIGNAL, note_cb, "A");
	event_add(&ev, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(signal_before_the_timeout_ends_both)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, SIGUSR1, EV_SIGNAL, note_cb, "A");
	event_add(&ev, MSEC(10000));
	raise(SIGUSR1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal");
	event_base_free(base);
}

static void
note_handler_cb(int fd, short what, void *sig)
{
	struct sigaction sa;

	note_cb(fd, what, "A");
	sigaction(*(int *)sig, NULL, &sa);
	note(sa.sa_handler == SIG_IGN ? "ignored" : "other");
}

TEST(timeout_of_a_signal_event_restores_the_handler)
{
	struct event_base *base = event_init();
	int sig = SIGUSR1;
	struct event ev;

	signal(sig, SIG_IGN);
	event_set(&ev, sig, EV_SIGNAL, note_handler_cb, &sig);
	event_add(&ev, MSEC(1));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout ignored");
	event_base_free(base);
}

TEST(persistent_signal_event_is_gone_after_a_timeout)
{
	struct event_base *base = event_init();
	struct event ev;

	signal(SIGUSR1, SIG_IGN);
	add(&ev, SIGUSR1, "A");
	event_add(&ev, MSEC(1));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

/*
 * What becomes of the program's own handlers, its mask and errno.
 */

static volatile sig_atomic_t own_calls;

static void
own_handler(int sig)
{
	(void)sig;
	own_calls++;
}

static void
set_own_handler(int sig)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = own_handler;
	sa.sa_flags = SA_NODEFER | SA_NOCLDSTOP;
	sigaddset(&sa.sa_mask, SIGUSR2);
	sigaddset(&sa.sa_mask, SIGHUP);
	assert_int_equal(sigaction(sig, &sa, NULL), 0);
}

/* The kernel's own flag, which glibc shows but does not name. */
#define RESTORER 0x04000000

static void
check_own_handler(int sig)
{
	struct sigaction sa;

	assert_int_equal(sigaction(sig, NULL, &sa), 0);
	assert_true(sa.sa_handler == own_handler);
	assert_int_equal(sa.sa_flags & ~RESTORER, SA_NODEFER | SA_NOCLDSTOP);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&sa.sa_mask, i) == 1,
		    i == SIGUSR2 || i == SIGHUP);
	own_calls = 0;
	raise(sig);
	assert_int_equal(own_calls, 1);
}

TEST(event_del_restores_handler_flags_and_mask)
{
	struct event_base *base = event_init();
	struct event ev;

	set_own_handler(SIGUSR1);
	add(&ev, SIGUSR1, "A");
	raise(SIGUSR1);
	assert_int_equal(own_calls, 0);
	event_del(&ev);
	check_own_handler(SIGUSR1);
	event_base_free(base);
}

TEST(handler_is_restored_when_the_last_event_is_deleted)
{
	struct event_base *base = event_init();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add(&first, SIGUSR1, "A");
	add(&second, SIGUSR1, "B");
	event_del(&first);
	raise(SIGUSR1);
	one_pass();
	assert_log("B:signal");
	assert_int_equal(own_calls, 0);
	event_del(&second);
	check_own_handler(SIGUSR1);
	event_base_free(base);
}

TEST(one_shot_event_restores_the_handler_before_its_callback)
{
	struct event_base *base = event_init();
	int sig = SIGUSR1;
	struct event ev;

	signal(sig, SIG_IGN);
	event_set(&ev, sig, EV_SIGNAL, note_handler_cb, &sig);
	event_add(&ev, NULL);
	raise(sig);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal ignored");
	event_base_free(base);
}

TEST(event_base_free_restores_the_handler)
{
	struct event_base *base = event_init();
	struct event ev;

	set_own_handler(SIGUSR1);
	add(&ev, SIGUSR1, "A");
	event_base_free(base);
	check_own_handler(SIGUSR1);
}

TEST(default_and_ignore_are_restored)
{
	struct event_base *base = event_init();
	struct event ev, other;
	struct sigaction sa;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_DFL);
	add(&ev, SIGUSR1, "A");
	add(&other, SIGUSR2, "B");
	event_del(&ev);
	event_del(&other);
	sigaction(SIGUSR1, NULL, &sa);
	assert_true(sa.sa_handler == SIG_IGN);
	sigaction(SIGUSR2, NULL, &sa);
	assert_true(sa.sa_handler == SIG_DFL);
	event_base_free(base);
}

TEST(handler_set_between_add_and_del_is_overwritten)
{
	struct event_base *base = event_init();
	struct event ev;

	set_own_handler(SIGUSR1);
	add(&ev, SIGUSR1, "A");
	signal(SIGUSR1, SIG_IGN);
	event_del(&ev);
	check_own_handler(SIGUSR1);
	event_base_free(base);
}

TEST(handler_is_saved_anew_each_time)
{
	struct event_base *base = event_init();
	struct event ev;

	signal(SIGUSR1, SIG_IGN);
	add(&ev, SIGUSR1, "A");
	event_del(&ev);
	set_own_handler(SIGUSR1);
	add(&ev, SIGUSR1, "A");
	event_del(&ev);
	check_own_handler(SIGUSR1);
	event_base_free(base);
}

TEST(handler_restarts_system_calls_and_blocks_all_signals)
{
	struct event_base *base = event_init();
	struct sigaction sa;
	struct event ev;

	add(&ev, SIGUSR1, "A");
	sigaction(SIGUSR1, NULL, &sa);
	assert_true(sa.sa_flags & SA_RESTART);
	for (int i = 1; i < 32; i++)
		assert_int_equal(sigismember(&sa.sa_mask, i) == 1,
		    i != SIGKILL && i != SIGSTOP);
	event_del(&ev);
	event_base_free(base);
}

TEST(mask_of_the_process_is_left_alone)
{
	struct event_base *base = event_init();
	struct event ev, other;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	add(&ev, SIGUSR1, "A");
	add(&other, SIGUSR2, "B");
	raise(SIGUSR1);
	one_pass();
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&mask, i) == 1, i == SIGUSR2);
	event_del(&ev);
	event_del(&other);
	event_base_free(base);
}

TEST(blocked_signal_comes_when_it_is_unblocked)
{
	struct event_base *base = event_init();
	struct event ev;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	add(&ev, SIGUSR1, "A");
	raise(SIGUSR1);
	one_pass();
	assert_log("");
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	one_pass();
	assert_log("A:signal");
	event_del(&ev);
	event_base_free(base);
}

TEST(handler_leaves_errno_alone)
{
	struct event_base *base = event_init();
	struct event ev;

	add(&ev, SIGUSR1, "A");
	errno = 77;
	raise(SIGUSR1);
	assert_int_equal(errno, 77);
	one_pass();
	event_del(&ev);
	event_base_free(base);
}

TEST(other_signals_are_left_alone)
{
	struct event_base *base;
	struct sigaction before[NSIG], after;
	struct event ev;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &before[i]);
	base = event_init();
	add(&ev, SIGUSR1, "A");
	raise(SIGUSR1);
	one_pass();
	for (int i = 1; i < NSIG; i++) {
		if (i == SIGUSR1 || sigaction(i, NULL, &after) < 0)
			continue;
		assert_true(after.sa_handler == before[i].sa_handler);
	}
	event_del(&ev);
	event_base_free(base);
}

/*
 * Children.
 */

TEST(sigchld_leaves_the_child_for_waitpid)
{
	struct event_base *base = event_init();
	struct event ev;
	int status;
	pid_t pid;

	event_set(&ev, SIGCHLD, EV_SIGNAL, note_cb, "A");
	event_add(&ev, NULL);
	pid = fork();
	if (pid == 0)
		_exit(7);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:signal");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	event_base_free(base);
}

TEST(sigchld_without_an_event_leaves_the_child_for_waitpid)
{
	struct event_base *base = event_init();
	struct event timer, ev;
	int status;
	pid_t pid;

	add(&ev, SIGUSR1, "A");
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(20));
	pid = fork();
	if (pid == 0)
		_exit(7);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("B:timeout");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	event_del(&ev);
	event_base_free(base);
}

/*
 * Several bases.
 */

static void
add_to(struct event_base *base, struct event *ev, int sig, void *name)
{
	signal_set(ev, sig, note_cb, name);
	assert_int_equal(event_base_set(base, ev), 0);
	assert_int_equal(event_add(ev, NULL), 0);
}

static void
loop_nonblock(struct event_base *base)
{
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
}

TEST(different_signals_in_two_bases,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR2, "B");
	raise(SIGUSR1);
	raise(SIGUSR2);
	loop_nonblock(one);
	loop_nonblock(two);
	assert_log("A:signal B:signal");
	event_base_free(one);
	event_base_free(two);
}

TEST(base_that_added_a_signal_last_gets_it)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("B:signal");
	loop_nonblock(one);
	assert_log("");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_looped_last_gets_the_signal)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	loop_nonblock(one);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	loop_nonblock(two);
	assert_log("");
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("B:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_looped_last_without_signals_leaves_them_to_the_other)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event ev;

	add_to(one, &ev, SIGUSR1, "A");
	event_base_once(two, -1, EV_TIMEOUT, idle_cb, NULL, NULL);
	assert_int_equal(event_base_dispatch(two), 1);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_without_an_event_for_the_signal_leaves_it_to_the_other,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR2, "B");
	loop_nonblock(one);
	loop_nonblock(two);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_deleted_its_event_leaves_the_signal_to_the_other,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	loop_nonblock(two);
	event_del(&second);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(two);
	event_base_free(one);
}

TEST(base_that_is_freed_leaves_the_signal_to_the_other,
    DIFFERS(V14, "one base alone hears of signals"),
    DIFFERS(V21, "one base alone hears of signals"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	loop_nonblock(two);
	event_base_free(two);
	raise(SIGUSR1);
	loop_nonblock(one);
	assert_log("A:signal");
	event_base_free(one);
}

TEST(handler_comes_back_when_two_bases_delete_last_first)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	event_del(&second);
	event_del(&first);
	check_own_handler(SIGUSR1);
	event_base_free(two);
	event_base_free(one);
}

TEST(handler_comes_back_when_two_bases_delete_first_first,
    DIFFERS(V14, "the library's own handler is left behind"),
    DIFFERS(V21, "the library's own handler is left behind"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	event_del(&first);
	event_del(&second);
	check_own_handler(SIGUSR1);
	event_base_free(two);
	event_base_free(one);
}

TEST(signal_event_of_one_base_survives_deletion_in_another,
    DIFFERS(V14, "it takes the handler away from the other base"),
    DIFFERS(V21, "it takes the handler away from the other base"))
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event first, second;

	set_own_handler(SIGUSR1);
	add_to(one, &first, SIGUSR1, "A");
	add_to(two, &second, SIGUSR1, "B");
	event_del(&first);
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("B:signal");
	assert_int_equal(own_calls, 0);
	event_base_free(two);
	event_base_free(one);
}

TEST(signal_event_moves_to_another_base)
{
	struct event_base *one = event_base_new(), *two = event_base_new();
	struct event ev;

	add_to(one, &ev, SIGUSR1, "A");
	loop_nonblock(one);
	event_del(&ev);
	assert_int_equal(event_base_set(two, &ev), 0);
	assert_int_equal(event_add(&ev, NULL), 0);
	raise(SIGUSR1);
	loop_nonblock(two);
	assert_log("A:signal");
	assert_int_equal(event_base_loop(one, EVLOOP_NONBLOCK), 1);
	event_base_free(two);
	event_base_free(one);
}

/*
 * Numbers that are not signals, or that cannot be caught.
 */

static void
check_refused(int sig)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, sig, EV_SIGNAL, note_cb, "A");
	errno = 0;
	assert_int_equal(event_add(&ev, MSEC(0)), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(event_pending(&ev, EV_SIGNAL | EV_TIMEOUT, NULL), 0);
	event_del(&ev);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(signal_0_is_refused)
{
	check_refused(0);
}

TEST(sigkill_is_refused)
{
	check_refused(SIGKILL);
}

TEST(sigstop_is_refused)
{
	check_refused(SIGSTOP);
}

TEST(signal_reserved_by_the_c_library_is_refused)
{
	check_refused(32);
}

TEST(signal_65_is_refused, DIFFERS(V14, "aborts"),
    DIFFERS(V21, "refused, but not with EINVAL"))
{
	check_refused(65);
}

TEST(negative_signal_is_refused, DIFFERS(V14, "aborts"),
    DIFFERS(V21, "refused, but not with EINVAL"))
{
	check_refused(-1);
}

TEST(huge_signal_is_refused, DIFFERS(V14, "aborts"),
    DIFFERS(V21, "refused, but not with EINVAL"))
{
	check_refused(1000000);
}

TEST(refused_signal_does_not_disturb_others)
{
	struct event_base *base = event_init();
	struct event ev, bad;

	add(&ev, SIGUSR1, "A");
	event_set(&bad, SIGKILL, EV_SIGNAL, note_cb, "B");
	assert_int_equal(event_add(&bad, NULL), -1);
	raise(SIGUSR1);
	one_pass();
	assert_log("A:signal");
	event_del(&ev);
	event_base_free(base);
}

TEST(signal_and_descriptor_in_one_event_are_refused,
    DIFFERS(V14, "ends the program"), DIFFERS(V21, "aborts"))
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_SIGNAL | EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(errno, EINVAL);
	event_set(&ev, fd[0], EV_SIGNAL | EV_WRITE, note_cb, "A");
	assert_int_equal(event_add(&ev, MSEC(0)), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close_pair(fd);
	event_base_free(base);
}
