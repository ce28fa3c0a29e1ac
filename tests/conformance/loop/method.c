/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The back-ends, the environment that chooses between them, and that a
 * program sees no difference.
 */
#include "test.h"

#include <sys/wait.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
forbid(const char *first, const char *second, const char *third)
{
	const char *names[] = {first, second, third};

	unsetenv("EVENT_NOEPOLL");
	unsetenv("EVENT_NOPOLL");
	unsetenv("EVENT_NOSELECT");
	for (int i = 0; i < 3; i++)
		if (names[i] != NULL)
			setenv(names[i], "1", 1);
}

static void
use_poll(void)
{
	forbid("EVENT_NOEPOLL", NULL, NULL);
}

static void
use_select(void)
{
	forbid("EVENT_NOEPOLL", "EVENT_NOPOLL", NULL);
}

static void
check_method(const char *expected)
{
	struct event_base *base = event_init();

	assert_string_equal(event_get_method(), expected);
	assert_string_equal(event_base_get_method(base), expected);
	event_base_free(base);
}

TEST(method_is_epoll)
{
	forbid(NULL, NULL, NULL);
	check_method("epoll");
}

TEST(method_is_poll_without_epoll)
{
	use_poll();
	check_method("poll");
}

TEST(method_is_select_without_epoll_and_poll)
{
	use_select();
	check_method("select");
}

TEST(method_is_epoll_whatever_else_is_forbidden)
{
	forbid("EVENT_NOPOLL", "EVENT_NOSELECT", NULL);
	check_method("epoll");
}

TEST(variable_that_is_empty_forbids_its_method)
{
	forbid(NULL, NULL, NULL);
	setenv("EVENT_NOEPOLL", "", 1);
	check_method("poll");
}

TEST(variables_of_libev_mean_nothing)
{
	char *flags[] = {"1", "2", "64", "128", "4194304", "-1"};

	forbid(NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		setenv("LIBEV_FLAGS", flags[i], 1);
		check_method("epoll");
	}
}

TEST(each_base_keeps_the_method_it_was_made_with)
{
	struct event_base *first, *second;

	forbid(NULL, NULL, NULL);
	first = event_init();
	use_poll();
	second = event_init();
	assert_string_equal(event_base_get_method(first), "epoll");
	assert_string_equal(event_base_get_method(second), "poll");
	assert_string_equal(event_get_method(), "poll");
	event_base_free(second);
	event_base_free(first);
}

TEST(event_reinit_keeps_the_method)
{
	struct event_base *base;

	use_poll();
	base = event_init();
	forbid(NULL, NULL, NULL);
	assert_int_equal(event_reinit(base), 0);
	assert_string_equal(event_base_get_method(base), "poll");
	event_base_free(base);
}

static void
init_only(void *arg)
{
	(void)arg;
	event_init();
}

TEST(event_init_ends_the_program_if_no_method_is_left)
{
	int status;

	forbid("EVENT_NOEPOLL", "EVENT_NOPOLL", "EVENT_NOSELECT");
	status = in_child(init_only, NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
log_cb(int severity, const char *msg)
{
	note("%d:%s", severity, msg);
}

TEST(show_method_logs_a_message)
{
	struct event_base *base;

	use_poll();
	event_set_log_callback(log_cb);
	setenv("EVENT_SHOW_METHOD", "1", 1);
	base = event_init();
	assert_int_equal(strncmp(noted(), "1:", 2), 0);
	assert_non_null(strstr(noted(), "poll"));
	event_base_free(base);
}

TEST(method_is_not_logged_unless_asked_for)
{
	struct event_base *base;

	forbid(NULL, NULL, NULL);
	event_set_log_callback(log_cb);
	unsetenv("EVENT_SHOW_METHOD");
	base = event_init();
	assert_log("");
	event_base_free(base);
}

/*
 * The same checks with poll, and with select.
 */

static void
check_io(void)
{
	struct event_base *base = event_init();
	struct event reader, writer, both;
	int fd[2];

	make_pair(fd);
	event_set(&reader, fd[0], EV_READ | EV_PERSIST, note_read_cb, "R");
	assert_int_equal(event_add(&reader, NULL), 0);
	one_pass();
	assert_log("");
	write_byte(fd[1]);
	one_pass();
	one_pass();
	assert_log("R:read");
	event_set(&writer, fd[0], EV_WRITE, note_cb, "W");
	assert_int_equal(event_add(&writer, NULL), 0);
	one_pass();
	assert_log("W:write");
	write_byte(fd[1]);
	one_pass();
	assert_log("R:read");
	event_del(&reader);
	write_byte(fd[1]);
	event_set(&both, fd[0], EV_READ | EV_WRITE, note_cb, "both");
	assert_int_equal(event_add(&both, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("both:read+write");
	close(fd[1]);
	event_add(&reader, NULL);
	one_pass();
	assert_log("R:read");
	event_del(&reader);
	assert_int_equal(event_dispatch(), 1);
	close(fd[0]);
	event_base_free(base);
}

static void
check_many(void)
{
	struct event_base *base = event_init();
	struct event ev[50];
	int fd[50][2], calls[50] = {0};

	for (int i = 0; i < 50; i++) {
		make_pair(fd[i]);
		event_set(&ev[i], fd[i][0], EV_READ, count_cb, &calls[i]);
		event_add(&ev[i], NULL);
	}
	for (int i = 0; i < 50; i += 2)
		event_del(&ev[i]);
	for (int i = 0; i < 50; i += 3)
		write_byte(fd[i][1]);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(calls[i], i % 3 == 0 && i % 2 == 1);
		event_del(&ev[i]);
		close_pair(fd[i]);
	}
	event_base_free(base);
}

static void
check_timers_and_signals(void)
{
	struct event_base *base = event_init();
	struct event timer, sig, io;
	double start = now_ms();
	int fd[2];

	make_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	event_add(&io, MSEC(10));
	evtimer_set(&timer, note_cb, "timer");
	event_add(&timer, MSEC(30));
	assert_int_equal(event_dispatch(), 1);
	assert_elapsed(start, 30);
	assert_log("io:timeout timer:timeout");
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	event_add(&sig, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("sig:signal sig:signal");
	event_del(&sig);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 10000}}, NULL);
	event_set(&sig, SIGALRM, EV_SIGNAL, note_cb, "alarm");
	event_add(&sig, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("alarm:signal");
	close_pair(fd);
	event_base_free(base);
}

static void
check_regular_file(void)
{
	struct event_base *base = event_init();
	int fd = open("/dev/null", O_RDWR);
	struct event ev;

	event_set(&ev, fd, EV_READ | EV_WRITE, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	close(fd);
	event_base_free(base);
}

static void
check_reinit(void)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_read_cb, "A");
	event_add(&ev, NULL);
	one_pass();
	assert_int_equal(event_reinit(base), 0);
	write_byte(fd[1]);
	one_pass();
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

static void
check_refused(void)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, closed_fd(), EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), -1);
	event_set(&ev, -1, EV_READ, note_cb, "A");
	assert_int_equal(event_add(&ev, NULL), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	event_base_free(base);
}

/* The descriptor may be reported or not; the others must still work. */
static void
check_closed_while_added(void)
{
	struct event_base *base = event_init();
	struct event ev, other;
	int fd[2][2];

	make_pair(fd[0]);
	make_pair(fd[1]);
	event_set(&ev, fd[0][0], EV_READ | EV_PERSIST, idle_cb, NULL);
	event_add(&ev, NULL);
	event_set(&other, fd[1][0], EV_READ, note_cb, "B");
	event_add(&other, NULL);
	one_pass();
	close_pair(fd[0]);
	write_byte(fd[1][1]);
	for (int i = 0; i < 3; i++)
		one_pass();
	assert_log("B:read");
	event_del(&ev);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd[1]);
	event_base_free(base);
}

/* Two tests, NAME_with_poll and NAME_with_select. */
#define WITH_POLL_AND_SELECT(name, check, ...)                                 \
	TEST(name##_with_poll, ##__VA_ARGS__)                                  \
	{                                                                      \
		use_poll();                                                    \
		check();                                                       \
	}                                                                      \
	TEST(name##_with_select, ##__VA_ARGS__)                                \
	{                                                                      \
		use_select();                                                  \
		check();                                                       \
	}

WITH_POLL_AND_SELECT(events_fire_for_their_fd, check_io)
WITH_POLL_AND_SELECT(ready_ones_of_many_fds_fire, check_many)
WITH_POLL_AND_SELECT(timers_and_signals_fire, check_timers_and_signals)
WITH_POLL_AND_SELECT(regular_file_is_ready, check_regular_file)
WITH_POLL_AND_SELECT(event_reinit_keeps_the_fds, check_reinit)
WITH_POLL_AND_SELECT(bad_fds_are_refused, check_refused,
    DIFFERS(V14, "accepted except with epoll"),
    DIFFERS(V21, "accepted except with epoll"))

TEST(fd_closed_while_added_does_not_disturb_others_with_poll)
{
	use_poll();
	check_closed_while_added();
}

TEST(fd_closed_while_added_does_not_disturb_others_with_select,
    DIFFERS(V14, "the loop fails"), DIFFERS(V21, "the loop fails"))
{
	use_select();
	check_closed_while_added();
}

#define READY 50

static int turns[READY];

static void
turn_cb(int fd, short what, void *arg)
{
	static int calls;

	(void)fd;
	(void)what;
	turns[(long)arg]++;
	if (++calls % 5 == 0)
		event_loopbreak();
}

/* The descriptors are all ready, and five of them are served a pass. */
static void
check_turns(void)
{
	struct event_base *base = event_init();
	struct event ev[READY];
	int fd[READY][2], served = 0;

	for (long i = 0; i < READY; i++) {
		make_readable_pair(fd[i]);
		event_set(&ev[i], fd[i][0], EV_READ | EV_PERSIST, turn_cb,
		    (void *)i);
		event_add(&ev[i], NULL);
	}
	for (int pass = 0; pass < 2000 && served < READY; pass++) {
		assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
		served = 0;
		for (int i = 0; i < READY; i++) {
			served += turns[i] > 0;
			event_del(&ev[i]);
			event_add(&ev[i], NULL);
		}
	}
	assert_int_equal(served, READY);
	for (int i = 0; i < READY; i++)
		close_pair(fd[i]);
	event_base_free(base);
}

TEST(each_ready_fd_gets_its_turn_with_poll_when_the_loop_is_broken)
{
	use_poll();
	check_turns();
}

TEST(each_ready_fd_gets_its_turn_with_select_when_the_loop_is_broken)
{
	use_select();
	check_turns();
}

/* A pass runs what was active already, then signals, descriptors, timers. */
static void
check_order(void)
{
	struct event_base *base = event_init();
	struct event active, sig, io[3], timer;
	int fd[3][2];

	evtimer_set(&active, note_cb, "active");
	event_active(&active, EV_TIMEOUT, 1);
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	signal_add(&sig, NULL);
	for (int i = 0; i < 3; i++) {
		make_readable_pair(fd[i]);
		event_set(&io[i], fd[i][0], EV_READ, note_cb, "io");
		event_add(&io[i], NULL);
	}
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(0));
	spin(2);
	raise(SIGUSR1);
	one_pass();
	assert_log("active:timeout sig:signal io:read io:read io:read "
		   "timer:timeout");
	signal_del(&sig);
	for (int i = 0; i < 3; i++)
		close_pair(fd[i]);
	event_base_free(base);
}

TEST(descriptors_run_between_signals_and_timers_with_poll,
    DIFFERS(V21, "signals come last, from a socket read in the pass"))
{
	use_poll();
	check_order();
}

TEST(descriptors_run_between_signals_and_timers_with_select,
    DIFFERS(V21, "signals come last, from a socket read in the pass"))
{
	use_select();
	check_order();
}
