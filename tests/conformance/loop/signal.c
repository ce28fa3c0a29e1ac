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
#include <unistd.h>

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

TEST(several_signals_call_their_own_events)
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

TEST(real_time_signals_are_delivered)
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

TEST(signals_continue_in_later_passes)
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

TEST(delivery_to_an_active_event_adds_its_result_and_no_calls,
    DIFFERS(V21, "signals come last, from a socket read in the pass"))
{
	struct event_base *base = event_init();
	struct event ev;

	add(&ev, SIGUSR1, "A");
	event_active(&ev, EV_WRITE, 2);
	raise_times(SIGUSR1, 5);
	one_pass();
	assert_log("A:write+signal A:write+signal");
	event_del(&ev);
	event_base_free(base);
}

TEST(delivery_to_an_active_one_shot_event_replaces_result_and_calls,
    DIFFERS(V21, "signals come last, from a socket read in the pass"))
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, SIGUSR1, EV_SIGNAL, note_cb, "A");
	event_add(&ev, NULL);
	event_active(&ev, EV_WRITE, 2);
	raise_times(SIGUSR1, 3);
	one_pass();
	assert_log("A:signal A:signal A:signal");
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
