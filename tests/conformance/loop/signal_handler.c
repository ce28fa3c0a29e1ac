/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of the program's own signal handlers, its mask and errno.
 */
#include "test.h"
#include "own_handler.h"

#include <errno.h>

/* A persistent signal event. */
static void
add(struct event *ev, int sig, void *name)
{
	signal_set(ev, sig, note_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
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

TEST(handler_is_saved_each_time_again)
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

	signal_set(&ev, SIGUSR1, idle_cb, NULL);
	event_add(&ev, NULL);
	for (int i = 0; i < 1000; i++) {
		errno = 77;
		raise(SIGUSR1);
		assert_int_equal(errno, 77);
	}
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
