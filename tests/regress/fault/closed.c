/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors that are closed without the loop's knowledge.  The packaged libev
 * has its assertions on: each of these descriptors would end the process if
 * libev were given it.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "wrap.h"

static void
close_cb(int fd, short what, void *arg)
{
	int *other = arg;

	(void)fd;
	(void)what;
	close(*other);
}

TEST(fd_closed_between_add_and_loop_does_not_fire)
{
	struct event_base *base = event_init();
	struct event ev, other;
	int fd[2], good[2], calls = 0, good_calls = 0;

	make_readable_pair(fd);
	make_readable_pair(good);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, count_cb, &calls);
	assert_int_equal(event_add(&ev, NULL), 0);
	event_set(&other, good[0], EV_READ, count_cb, &good_calls);
	assert_int_equal(event_add(&other, NULL), 0);
	close_pair(fd);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(good_calls, 1);
	assert_int_equal(event_pending(&ev, EV_READ, NULL), EV_READ);
	assert_int_equal(event_del(&ev), 0);
	close_pair(good);
	event_base_free(base);
}

/*
 * Fewer events for a closed descriptor are a change that must not reach libev,
 * either.
 */
TEST(one_of_two_events_of_a_closed_fd_is_deleted)
{
	struct event_base *base = event_init();
	struct event rd, wr;
	int fd[2], calls = 0;

	make_pair(fd);
	fill(fd[0]);
	event_set(&rd, fd[0], EV_READ, count_cb, &calls);
	event_set(&wr, fd[0], EV_WRITE, count_cb, &calls);
	event_add(&rd, NULL);
	event_add(&wr, NULL);
	event_loop(EVLOOP_NONBLOCK);
	close_pair(fd);
	assert_int_equal(event_del(&wr), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_int_equal(event_add(&wr, NULL), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(event_del(&rd), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_int_equal(calls, 0);
	event_base_free(base);
}

TEST(fd_of_one_event_is_closed_in_the_callback_of_another)
{
	struct event_base *base = event_init();
	struct event ev, closer;
	int fd[2], calls = 0;

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ, count_cb, &calls);
	evtimer_set(&closer, close_cb, &fd[0]);
	event_add(&ev, NULL);
	evtimer_add(&closer, MSEC(0));
	event_loop(EVLOOP_ONCE);
	event_loop(EVLOOP_NONBLOCK);
	event_del(&ev);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	close(fd[1]);
	event_base_free(base);
}

/*
 * A dup() of a closed descriptor keeps its file in the epoll set: libev gets an
 * event that no watcher is for, and then adds all descriptors to a new set;
 * those that are closed by then must not be among them.
 */
TEST(closed_fds_are_left_out_when_libev_adds_all_descriptors_again)
{
	struct event_base *base = event_init();
	struct event stale, dead, good;
	int a[2], b[2], c[2], copy, calls = 0, stale_calls = 0;

	make_pair(a);
	make_pair(b);
	make_pair(c);
	event_set(&stale, a[0], EV_READ | EV_PERSIST, count_cb, &stale_calls);
	event_set(&dead, b[0], EV_READ | EV_PERSIST, count_cb, &stale_calls);
	event_set(&good, c[0], EV_READ | EV_PERSIST, note_read_cb, "good");
	event_add(&stale, NULL);
	event_add(&dead, NULL);
	event_add(&good, NULL);
	event_loop(EVLOOP_NONBLOCK);
	copy = dup(a[0]);
	close(a[0]);
	close(b[0]);
	event_del(&stale);
	write_byte(a[1]);
	for (int i = 0; i < 5; i++)
		event_loop(EVLOOP_NONBLOCK);
	write_byte(c[1]);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("good:read");
	assert_int_equal(stale_calls + calls, 0);
	event_del(&dead);
	event_del(&good);
	close(copy);
	close(a[1]);
	close(b[1]);
	close_pair(c);
	event_base_free(base);
}

/*
 * The descriptor has the same number, but is another file, which nothing
 * reports to the library.
 */
TEST(fd_that_is_another_file_now_is_watched)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2], other[2], number, calls = 0;

	make_pair(fd);
	make_pair(other);
	event_set(&ev, fd[0], EV_READ, count_cb, &calls);
	event_add(&ev, NULL);
	event_loop(EVLOOP_NONBLOCK);
	event_del(&ev);
	number = fd[0];
	assert_int_equal(dup2(other[0], number), number);
	event_set(&ev, number, EV_READ, count_cb, &calls);
	assert_int_equal(event_add(&ev, NULL), 0);
	event_loop(EVLOOP_NONBLOCK);
	write_byte(other[1]);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_int_equal(calls, 1);
	close_pair(fd);
	close_pair(other);
	event_base_free(base);
}

TEST(fd_of_a_stale_event_fires_for_it_and_for_a_new_one)
{
	struct event_base *base = event_init();
	struct event old, ev;
	int fd[2], other[2], number;

	make_pair(fd);
	make_pair(other);
	event_set(&old, fd[0], EV_READ, note_cb, "old");
	event_add(&old, NULL);
	event_loop(EVLOOP_NONBLOCK);
	number = fd[0];
	assert_int_equal(dup2(other[0], number), number);
	event_set(&ev, number, EV_READ, note_cb, "new");
	assert_int_equal(event_add(&ev, NULL), 0);
	write_byte(other[1]);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("old:read new:read");
	close_pair(fd);
	close_pair(other);
	event_base_free(base);
}

/*
 * Makes a base, and returns in *epfd its epoll set, which gets the lowest
 * descriptor that is free.
 */
static struct event_base *
base_on(int *epfd)
{
	int next = closed_fd();
	struct event_base *base = event_init();

	assert_int_not_equal(fcntl(next, F_GETFD), -1);
	*epfd = next;
	return base;
}

TEST(descriptor_of_the_loop_itself_is_refused)
{
	int epfd;
	struct event_base *base = base_on(&epfd);
	struct event ev;

	event_set(&ev, epfd, EV_READ, idle_cb, NULL);
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(errno, EINVAL);
	event_base_free(base);
}

static int
pipe_end(int want)
{
	int p[2];

	assert_int_equal(pipe(p), 0);
	if (p[0] != want) {
		assert_int_equal(dup2(p[0], want), want);
		close(p[0]);
	}
	return p[1];
}

/* A program that closes everything, and does not call event_reinit(). */
TEST(loop_whose_epoll_set_is_another_file_now_is_an_error)
{
	int epfd;
	struct event_base *base = base_on(&epfd);
	struct event ev, armed;
	int fd[2], end, calls = 0;

	make_readable_pair(fd);
	event_set(&armed, fd[1], EV_READ, count_cb, &calls);
	event_add(&armed, NULL);
	event_loop(EVLOOP_NONBLOCK);
	close(epfd);
	end = pipe_end(epfd);
	event_set(&ev, fd[0], EV_READ, count_cb, &calls);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(event_reinit(base), -1);
	assert_int_not_equal(fcntl(epfd, F_GETFD), -1);
	close(epfd);
	close(end);
	assert_int_equal(event_reinit(base), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_int_equal(calls, 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(change_of_a_watched_fd_without_an_epoll_set_is_an_error)
{
	int epfd;
	struct event_base *base = base_on(&epfd);
	struct event rd, wr;
	int fd[2], calls = 0;

	make_pair(fd);
	event_set(&rd, fd[0], EV_READ, count_cb, &calls);
	event_set(&wr, fd[0], EV_WRITE, count_cb, &calls);
	event_add(&rd, NULL);
	event_loop(EVLOOP_NONBLOCK);
	close(epfd);
	assert_int_equal(event_add(&wr, NULL), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(event_reinit(base), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_int_equal(calls, 1);
	close_pair(fd);
	event_base_free(base);
}

static void
closed_fds_without_epoll(const char *method)
{
	struct event_base *base = event_init();
	struct event ev, good;
	int fd[2], other[2], calls = 0;

	assert_string_equal(event_get_method(), method);
	make_pair(fd);
	make_pair(other);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, count_cb, &calls);
	event_set(&good, other[0], EV_READ | EV_PERSIST, note_read_cb, "good");
	event_add(&ev, NULL);
	event_add(&good, NULL);
	event_loop(EVLOOP_NONBLOCK);
	close(fd[0]);
	event_loop(EVLOOP_NONBLOCK);
	write_byte(other[1]);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("good:read");
	assert_int_equal(dup2(other[0], fd[0]), fd[0]);
	event_del(&ev);
	assert_int_equal(event_add(&ev, NULL), 0);
	write_byte(other[1]);
	event_loop(EVLOOP_ONCE);
	assert_int_not_equal(calls, 0);
	event_del(&ev);
	event_del(&good);
	close_pair(fd);
	close_pair(other);
	event_base_free(base);
}

TEST(poll_copes_with_fds_that_are_closed_and_opened_again)
{
	setenv("EVENT_NOEPOLL", "1", 1);
	closed_fds_without_epoll("poll");
}

TEST(select_copes_with_fds_that_are_closed_and_opened_again)
{
	setenv("EVENT_NOEPOLL", "1", 1);
	setenv("EVENT_NOPOLL", "1", 1);
	closed_fds_without_epoll("select");
}

/* More than the library checks with one poll(2). */
#define MANY 200

TEST(many_fds_closed_at_once_do_not_fire)
{
	struct event_base *base = event_init();
	struct event ev[MANY];
	int fd[MANY][2], calls = 0;

	for (int i = 0; i < MANY; i++) {
		make_readable_pair(fd[i]);
		event_set(&ev[i], fd[i][0], EV_READ, count_cb, &calls);
		event_add(&ev[i], NULL);
	}
	for (int i = 0; i < MANY; i += 2)
		close_pair(fd[i]);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(calls, MANY / 2);
	assert_int_equal(event_reinit(base), -1);
	assert_int_equal(errno, EBADF);
	event_loop(EVLOOP_NONBLOCK);
	for (int i = 0; i < MANY; i += 2)
		event_del(&ev[i]);
	for (int i = 1; i < MANY; i += 2)
		close_pair(fd[i]);
	event_base_free(base);
}

TEST(regular_file_is_ready_at_once_and_again)
{
	struct event_base *base = event_init();
	char name[] = "/tmp/evcompat-XXXXXX";
	int fd = mkstemp(name);
	struct event ev;

	unlink(name);
	event_set(&ev, fd, EV_READ, note_cb, "file");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(event_add(&ev, NULL), 0);
		event_loop(EVLOOP_ONCE);
		assert_log("file:read");
	}
	close(fd);
	event_base_free(base);
}

/* An event struct that is overwritten while it is added is a program's fault;
 * others on the loop must not suffer. */
TEST(event_overwritten_while_added_does_not_fire)
{
	struct event_base *base = event_init();
	struct event ev, timer;
	int fd[2], calls = 0;

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, count_cb, &calls);
	event_add(&ev, NULL);
	evtimer_set(&timer, count_cb, &calls);
	evtimer_add(&timer, MSEC(1));
	memset(&ev, 0, sizeof(ev));
	memset(&timer, 0, sizeof(timer));
	usleep(2000);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(calls, 0);
	event_set(&ev, fd[0], EV_READ, count_cb, &calls);
	assert_int_equal(event_add(&ev, NULL), 0);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(calls, 1);
	close_pair(fd);
	event_base_free(base);
}

/* A descriptor of O_PATH is open, but cannot be watched. */
TEST(descriptor_of_O_PATH_is_refused)
{
	struct event_base *base = event_init();
	int fd = open("/", O_PATH), pair[2];
	struct event ev, armed;

	event_set(&ev, fd, EV_READ, idle_cb, NULL);
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(errno, EBADF);
	make_pair(pair);
	event_set(&armed, pair[0], EV_READ, note_cb, "A");
	event_add(&armed, NULL);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(dup2(fd, pair[0]), pair[0]);
	event_set(&ev, pair[0], EV_WRITE, idle_cb, NULL);
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(event_del(&armed), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	close(fd);
	close_pair(pair);
	event_base_free(base);
}

TEST(epoll_sets_nested_too_deeply_are_refused)
{
	struct event_base *base = event_init();
	struct epoll_event in = {.events = EPOLLIN};
	struct event ev;
	int fd[6];

	for (int i = 0; i < 6; i++) {
		fd[i] = epoll_create1(0);
		if (i > 0 && epoll_ctl(fd[i], EPOLL_CTL_ADD, fd[i - 1], &in))
			assert_int_equal(errno, ELOOP);
	}
	event_set(&ev, fd[4], EV_READ, idle_cb, NULL);
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(errno, ELOOP);
	event_set(&ev, fd[0], EV_READ, idle_cb, NULL);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	for (int i = 0; i < 6; i++)
		close(fd[i]);
	event_base_free(base);
}

/* The kernel reports ENOSPC when fs.epoll.max_user_watches is reached. */
TEST(kernel_without_room_for_a_watch_is_an_error_of_the_pass)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	fail_epoll_adds(3, ENOSPC);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(errno, ENOSPC);
	fail_epoll_adds(0, 0);
	assert_int_equal(event_pending(&ev, EV_READ, NULL), EV_READ);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

/* Calling event_set() for an added event is a program's fault as well. */
TEST(event_base_free_ends_with_events_that_were_set_again)
{
	struct event_base *base = event_init();
	struct event sig[2], active[2];

	for (int i = 0; i < 2; i++) {
		signal_set(&sig[i], SIGUSR1, idle_cb, NULL);
		signal_add(&sig[i], NULL);
		evtimer_set(&active[i], idle_cb, NULL);
		event_active(&active[i], EV_TIMEOUT, 1);
	}
	signal_set(&sig[0], SIGUSR1, idle_cb, NULL);
	event_base_free(base);

	base = event_init();
	event_base_set(base, &active[1]);
	event_active(&active[1], EV_TIMEOUT, 1);
	event_set(&active[1], -1, 0, idle_cb, NULL);
	event_base_free(base);
}
