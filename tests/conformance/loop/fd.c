/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors that are not what they should be: closed, negative, closed
 * while an event waits for them, closed and opened again.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void
check_refused(int fd, short events)
{
	struct event ev;

	event_set(&ev, fd, events, note_cb, "A");
	errno = 0;
	assert_int_equal(event_add(&ev, MSEC(0)), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(event_pending(&ev, events | EV_TIMEOUT, NULL), 0);
	assert_int_equal(event_del(&ev), 0);
}

TEST(closed_fd_is_refused)
{
	struct event_base *base = event_init();
	int fd = closed_fd();

	check_refused(fd, EV_READ);
	check_refused(fd, EV_WRITE | EV_PERSIST);
	check_refused(fd, EV_READ | EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(negative_fd_is_refused, DIFFERS(V21, "accepted"))
{
	struct event_base *base = event_init();

	check_refused(-1, EV_READ);
	check_refused(-1, EV_WRITE | EV_PERSIST);
	check_refused(-2, EV_READ | EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

TEST(most_negative_fd_is_refused, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "accepted"))
{
	struct event_base *base = event_init();

	check_refused(INT_MIN, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(high_fd_that_is_not_open_is_refused)
{
	struct event_base *base = event_init();

	check_refused(60000, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(greatest_fd_is_refused, DIFFERS(V14, "hangs"),
    DIFFERS(V21, "refused, but not with EBADF"))
{
	struct event_base *base = event_init();

	alarm(2); /* ends the test if the call does not return */
	check_refused(INT_MAX, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(refused_event_can_be_added_with_a_good_fd)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, closed_fd(), EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), -1);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(refused_event_does_not_disturb_others)
{
	struct event_base *base = event_init();
	struct event ev, bad;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	event_set(&bad, closed_fd(), EV_READ, note_cb, "B");
	assert_int_equal(event_add(&bad, NULL), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(timer_with_a_bad_fd_works)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, closed_fd(), 0, note_cb, "A");
	assert_int_equal(event_add(&ev, MSEC(0)), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

/* Two events on pairs; the first's descriptor is closed while it is added. */
struct two {
	struct event ev[2];
	int fd[2][2];
};

static void
add_two_and_close_one(struct two *t, short events)
{
	make_readable_pair(t->fd[0]);
	make_pair(t->fd[1]);
	event_set(&t->ev[0], t->fd[0][0], events, note_cb, "A");
	event_set(&t->ev[1], t->fd[1][0], EV_READ, note_cb, "B");
	assert_int_equal(event_add(&t->ev[0], NULL), 0);
	assert_int_equal(event_add(&t->ev[1], NULL), 0);
	close_pair(t->fd[0]);
	write_byte(t->fd[1][1]);
}

TEST(fd_closed_while_added_never_fires)
{
	struct event_base *base = event_init();
	struct two t;

	add_two_and_close_one(&t, EV_READ);
	one_pass();
	assert_log("B:read");
	one_pass();
	assert_log("");
	event_del(&t.ev[0]);
	assert_int_equal(event_dispatch(), 1);
	close_pair(t.fd[1]);
	event_base_free(base);
}

TEST(fd_closed_after_it_was_polled_never_fires)
{
	struct event_base *base = event_init();
	struct event ev, timer;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	assert_log("A:read");
	close_pair(fd);
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(1));
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	one_pass();
	assert_log("B:timeout");
	event_del(&ev);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(timeout_of_a_closed_fd_fires)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, MSEC(1));
	close_pair(fd);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:timeout");
	event_base_free(base);
}

TEST(event_del_of_a_closed_fd_is_no_error, DIFFERS(V14, "is one"))
{
	struct event_base *base = event_init();
	struct two t;

	add_two_and_close_one(&t, EV_READ | EV_PERSIST);
	assert_int_equal(event_del(&t.ev[0]), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	close_pair(t.fd[1]);
	event_base_free(base);
}

TEST(event_add_again_of_a_closed_fd_is_refused)
{
	struct event_base *base = event_init();
	struct two t;

	add_two_and_close_one(&t, EV_READ | EV_PERSIST);
	event_del(&t.ev[0]);
	assert_int_equal(event_add(&t.ev[0], NULL), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	close_pair(t.fd[1]);
	event_base_free(base);
}

TEST(closed_fd_is_refused_even_if_another_event_waits_for_it,
    DIFFERS(V21, "accepted, the kernel is not asked"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2];

	make_pair(fd);
	event_set(&first, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	event_add(&first, NULL);
	one_pass();
	close_pair(fd);
	event_set(&second, fd[0], EV_READ, note_cb, "B");
	assert_int_equal(event_add(&second, NULL), -1);
	event_set(&second, fd[0], EV_WRITE, note_cb, "C");
	assert_int_equal(event_add(&second, NULL), -1);
	event_del(&first);
	assert_int_equal(event_add(&first, NULL), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

/* Opens a pair whose first end gets the number that fd had. */
static void
reopen(int fd, int pair[2])
{
	make_pair(pair);
	if (pair[0] == fd)
		return;
	if (pair[1] == fd) {
		pair[1] = pair[0];
	} else {
		assert_int_equal(dup2(pair[0], fd), fd);
		close(pair[0]);
	}
	pair[0] = fd;
}

TEST(fd_closed_and_opened_again_works_after_del_and_add)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], again[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_read_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	close_pair(fd);
	reopen(fd[0], again);
	event_del(&ev);
	assert_int_equal(event_add(&ev, NULL), 0);
	write_byte(again[1]);
	one_pass();
	assert_log("A:read");
	event_del(&ev);
	close_pair(again);
	event_base_free(base);
}

TEST(fd_closed_and_opened_again_works_for_another_event)
{
	struct event_base *base = event_init();
	struct event old, new;
	int fd[2], again[2];

	make_pair(fd);
	event_set(&old, fd[0], EV_READ | EV_PERSIST, note_read_cb, "old");
	event_add(&old, NULL);
	one_pass();
	close_pair(fd);
	event_del(&old);
	reopen(fd[0], again);
	event_set(&new, fd[0], EV_READ, note_read_cb, "new");
	assert_int_equal(event_add(&new, NULL), 0);
	write_byte(again[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("new:read");
	close_pair(again);
	event_base_free(base);
}

TEST(fd_may_be_closed_and_opened_again_between_two_passes)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], again[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_read_cb, "A");
	for (int i = 0; i < 5; i++) {
		event_add(&ev, NULL);
		write_byte(fd[1]);
		one_pass();
		assert_log("A:read");
		assert_int_equal(event_del(&ev), 0);
		close_pair(fd);
		reopen(fd[0], again);
		fd[1] = again[1];
	}
	close_pair(fd);
	event_base_free(base);
}

TEST(fd_replaced_by_dup2_works_after_del_and_add)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], other[2];

	make_pair(fd);
	make_pair(other);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_read_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	assert_int_equal(dup2(other[0], fd[0]), fd[0]);
	event_del(&ev);
	assert_int_equal(event_add(&ev, NULL), 0);
	write_byte(other[1]);
	one_pass();
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	close_pair(other);
	event_base_free(base);
}

TEST(fd_opened_again_may_be_waited_for_in_another_way)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], again[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	event_del(&ev);
	close_pair(fd);
	reopen(fd[0], again);
	event_set(&ev, fd[0], EV_WRITE, note_cb, "B");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:write");
	close_pair(again);
	event_base_free(base);
}

static int reopened[2];

static void
close_and_reopen_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(ev), 0);
	close(fd);
	reopen(fd, reopened);
	event_set(ev, fd, EV_READ, note_cb, "B");
	assert_int_equal(event_add(ev, NULL), 0);
	write_byte(reopened[1]);
}

TEST(fd_may_be_closed_and_opened_again_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, close_and_reopen_cb, &ev);
	event_add(&ev, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:read");
	close(fd[1]);
	close_pair(reopened);
	event_base_free(base);
}

TEST(fd_may_be_closed_and_opened_again_in_a_one_shot_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, close_and_reopen_cb, &ev);
	event_add(&ev, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:read");
	close(fd[1]);
	close_pair(reopened);
	event_base_free(base);
}

static void
close_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	event_del(other);
	close(EVENT_FD((struct event *)other));
}

TEST(ready_fd_deleted_and_closed_by_another_callback_does_not_fire)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_set(&first, fd[0][0], EV_READ, close_other_cb, &second);
	event_set(&second, fd[1][0], EV_READ | EV_PERSIST, note_cb, "B");
	event_add(&first, NULL);
	event_add(&second, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd[0]);
	close(fd[1][1]);
	event_base_free(base);
}

TEST(fd_closed_while_a_copy_is_open_does_not_disturb_others)
{
	struct event_base *base = event_init();
	struct two t;
	struct event timer;
	int fd[2], copy;

	make_pair(fd);
	event_set(&t.ev[0], fd[0], EV_READ | EV_PERSIST, idle_cb, NULL);
	event_add(&t.ev[0], NULL);
	one_pass();
	copy = dup(fd[0]);
	close(fd[0]);
	write_byte(fd[1]);
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(1));
	for (int i = 0; i < 3 || evtimer_pending(&timer, NULL); i++)
		one_pass();
	assert_log("B:timeout");
	event_del(&t.ev[0]);
	event_set(&t.ev[1], copy, EV_READ, note_cb, "C");
	assert_int_equal(event_add(&t.ev[1], NULL), 0);
	one_pass();
	assert_log("C:read");
	close(copy);
	close(fd[1]);
	event_base_free(base);
}

/* Closes all descriptors but the standard ones. */
static void
close_everything(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	int fds[64], n = 0;

	while ((entry = readdir(dir)) != NULL && n < 64)
		fds[n++] = atoi(entry->d_name);
	closedir(dir);
	while (n-- > 0)
		if (fds[n] > 2)
			close(fds[n]);
}

TEST(all_fds_closed_make_the_loop_fail)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	close_everything();
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(event_dispatch(), -1);
	assert_log("");
	event_del(&ev);
	event_base_free(base);
}

TEST(event_reinit_mends_a_base_whose_fds_were_closed)
{
	struct event_base *base = event_init();
	struct event ev, timer;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(0));
	close_everything();
	event_del(&ev);
	assert_int_equal(event_reinit(base), 0);
	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:timeout");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_base_free_after_all_fds_were_closed)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	close_everything();
	event_base_free(base);
	base = event_init();
	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

/* Whether all descriptors that were not open before are closed on exec. */
static bool
all_new_are_closed_on_exec(const bool *before)
{
	for (int fd = 0; fd < 64; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (!before[fd] && flags != -1 && !(flags & FD_CLOEXEC))
			return false;
	}
	return true;
}

TEST(descriptors_of_a_base_are_closed_on_exec)
{
	struct event_base *base;
	struct event ev;
	bool before[64];

	for (int fd = 0; fd < 64; fd++)
		before[fd] = fcntl(fd, F_GETFD) != -1;
	base = event_init();
	signal_set(&ev, SIGUSR1, note_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	assert_true(all_new_are_closed_on_exec(before));
	assert_int_equal(event_reinit(base), 0);
	assert_true(all_new_are_closed_on_exec(before));
	event_base_free(base);
}
