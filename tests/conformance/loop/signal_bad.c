/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signal events with numbers that are not signals, or cannot be caught.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>

/* A persistent signal event. */
static void
add(struct event *ev, int sig, void *name)
{
	signal_set(ev, sig, note_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
}

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
