/* SPDX-License-Identifier: BSD-3-Clause */
/* A base on a libev loop that the program runs itself: evcompat_base_on(). */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "on.h"
#include "wrap.h"

/* --- making a base --- */

TEST(base_on_no_loop_is_refused)
{
	assert_null(evcompat_base_on(NULL));
	assert_int_equal(errno, EINVAL);
}

TEST(base_on_a_loop_has_that_loop_and_is_current)
{
	open_on(NULL);
	assert_ptr_equal(evcompat_base_loop(base), host);
	assert_ptr_equal(evcompat_base_loop(NULL), host);
	assert_null(evcompat_child_loop(base));
	assert_int_equal(errno, ENOSYS);
	close_on();
	assert_null(evcompat_base_loop(NULL));
}

TEST(base_on_a_loop_leaves_the_current_base_alone)
{
	struct event_base *own = event_init();

	open_on(NULL);
	assert_ptr_equal(evcompat_base_loop(NULL), evcompat_base_loop(own));
	assert_ptr_not_equal(evcompat_base_loop(NULL), host);
	close_on();
	event_base_free(own);
}

TEST(base_on_a_loop_without_events_does_not_keep_it_alive)
{
	open_on(NULL);
	assert_int_equal(host_run(host), 0);
	close_on();
	assert_int_equal(host_iterations(host = host_new(NULL)), 0);
	host_free(host);
}

/* --- each kind of event --- */

static void
check_each_kind(const char *backend)
{
	struct event io, timer, sig;
	int fd[2];

	open_on(backend);
	assert_string_equal(event_base_get_method(base), backend);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_read_cb, "io");
	evtimer_set(&timer, note_cb, "timer");
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	event_add(&io, NULL);
	event_add(&timer, MSEC(20));
	assert_int_equal(host_run(host), 0);
	assert_log("io:read timer:timeout");
	signal_add(&sig, NULL);
	raise(SIGUSR1);
	host_wait_once(host);
	assert_log("sig:signal");
	signal_del(&sig);
	event_add(&io, MSEC(1));
	assert_int_equal(host_run(host), 0);
	assert_log("io:timeout");
	close_pair(fd);
	close_on();
}

TEST(each_kind_of_event_fires_on_a_loop_of_epoll)
{
	check_each_kind("epoll");
}

TEST(each_kind_of_event_fires_on_a_loop_of_poll)
{
	check_each_kind("poll");
}

TEST(each_kind_of_event_fires_on_a_loop_of_select)
{
	check_each_kind("select");
}

static void
check_each_kind_if_available(const char *backend)
{
	struct ev_loop *loop = host_new(backend);

	if (loop == NULL)
		return;
	host_free(loop);
	check_each_kind(backend);
}

TEST(each_kind_of_event_fires_on_a_loop_of_linuxaio)
{
	check_each_kind_if_available("linuxaio");
}

TEST(each_kind_of_event_fires_on_a_loop_of_io_uring)
{
	check_each_kind_if_available("io_uring");
}

static void
raise_usr1_cb(void *unused)
{
	(void)unused;
	note("raise");
	raise(SIGUSR1);
}

TEST(signal_event_alone_keeps_the_loop_alive_until_it_is_deleted)
{
	struct event sig;

	open_on(NULL);
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	sig.ev_events &= ~EV_PERSIST;
	signal_add(&sig, NULL);
	host_after(host, .01, 0, raise_usr1_cb, NULL);
	assert_int_equal(host_run(host), 0);
	assert_log("raise sig:signal");
	close_on();
}

TEST(signal_that_comes_five_times_is_five_calls)
{
	struct event sig;
	int calls = 0;

	open_on(NULL);
	signal_set(&sig, SIGUSR1, count_cb, &calls);
	signal_add(&sig, NULL);
	for (int i = 0; i < 5; i++)
		raise(SIGUSR1);
	host_wait_once(host);
	assert_int_equal(calls, 5);
	close_on();
}

/* --- order --- */

TEST(watchers_of_the_program_come_before_the_events_of_the_pass)
{
	struct event io;
	int fd[2];

	open_on(NULL);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "EVENT");
	event_add(&io, NULL);
	host_readable(host, fd[0], 0, note_word_cb, "io");
	host_after(host, 0., -1, note_word_cb, "timer");
	host_check(host, 1, -1, note_word_cb, "check");
	host_run(host);
	assert_log("io check timer EVENT:read");
	close_pair(fd);
	close_on();
}

static struct event urgent, low[2];

static void
low_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, arg);
	if (arg != low)
		event_active(&urgent, EV_WRITE, 1);
}

/* 1.4 calls the events of one priority, then polls again with epoll_wait(). */
TEST(priorities_are_those_of_libevent_and_the_loop_polls_between_them)
{
	unsigned int before;

	open_on(NULL);
	event_base_priority_init(base, 3);
	event_set(&urgent, -1, 0, note_cb, "urgent");
	event_priority_set(&urgent, 0);
	for (int i = 0; i < 2; i++) {
		event_set(&low[i], -1, 0, low_cb, i ? "second" : "first");
		event_priority_set(&low[i], 1 + i);
		event_active(&low[i], EV_READ, 1);
	}
	before = host_iterations(host);
	assert_int_equal(host_run(host), 0);
	assert_log("first:read urgent:write second:read urgent:write");
	assert_in_range(host_iterations(host) - before, 4, 5);
	close_on();
}

static int rounds;

static void
again_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	rounds++;
	evtimer_add((struct event *)arg, MSEC(0));
}

static void
stop_again_cb(void *arg)
{
	assert_true(rounds > 0);
	event_del(arg);
}

TEST(event_that_is_always_ready_does_not_starve_the_program)
{
	open_on(NULL);
	evtimer_set(&urgent, again_cb, &urgent);
	evtimer_add(&urgent, MSEC(0));
	host_after(host, .005, LOWEST, stop_again_cb, &urgent);
	assert_int_equal(host_run(host), 0);
	close_on();
}

static int host_left;

static void
host_again_cb(void *unused)
{
	(void)unused;
	if (--host_left > 0)
		host_after(host, 0., HIGHEST, host_again_cb, NULL);
}

TEST(program_that_is_always_busy_does_not_starve_less_urgent_events)
{
	open_on(NULL);
	event_base_priority_init(base, 2);
	for (int i = 0; i < 2; i++) {
		event_set(&low[i], -1, 0, note_cb, i ? "second" : "first");
		event_priority_set(&low[i], i);
		event_active(&low[i], EV_READ, 1);
	}
	host_left = 5;
	host_again_cb(NULL);
	for (int i = 0; i < 4; i++)
		host_pass(host);
	assert_log("first:read second:read");
	host_run(host);
	close_on();
}

TEST(loop_sleeps_while_events_wait)
{
	struct event timer, io;
	struct event_base *other;
	int fd[2];
	unsigned int before;

	open_on(NULL);
	other = evcompat_base_on(host);
	make_pair(fd);
	event_set(&io, fd[0], EV_READ, idle_cb, NULL);
	event_base_set(other, &io);
	event_add(&io, NULL);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(200));
	host_after(host, .1, LOWEST, note_word_cb, "host");
	before = host_iterations(host);
	event_del(&io);
	assert_int_equal(host_run(host), 0);
	assert_log("host timer:timeout");
	assert_in_range(host_iterations(host) - before, 1, 20);
	event_base_free(other);
	close_pair(fd);
	close_on();
}

/* --- events that are added and activated inside of others --- */

static void
activate_cb(void *ev)
{
	event_active(ev, EV_WRITE, 1);
}

TEST(event_activated_anywhere_is_called_without_waiting)
{
	open_on(NULL);
	event_set(&urgent, -1, 0, note_cb, "event");
	host_after(host, 15., 0, note_word_cb, "late");
	activate_cb(&urgent);
	host_wait_once(host);
	assert_log("event:write");
	host_prepare(host, 1, 0, activate_cb, &urgent);
	host_wait_once(host);
	assert_log("event:write");
	host_after(host, 0., HIGHEST, activate_cb, &urgent);
	host_wait_once(host);
	assert_log("event:write");
	host_after(host, 0., LOWEST, activate_cb, &urgent);
	host_pass(host);
	assert_log("");
	host_wait_once(host);
	assert_log("event:write");
	close_on();
}

static void
add_from_host_cb(void *ev)
{
	event_add(ev, NULL);
}

/*
 * When libev decides whether to continue, the library has not given it these
 * events yet.
 */
TEST(event_added_in_the_last_watcher_of_the_loop_keeps_it_alive)
{
	struct event io;
	int fd[2];

	open_on(NULL);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	for (int pri = LOWEST; pri <= HIGHEST; pri++) {
		host_after(host, 0., pri, add_from_host_cb, &io);
		assert_int_equal(host_run(host), 0);
		assert_log("io:read");
		host_after(host, 0., pri, activate_cb, &io);
		assert_int_equal(host_run(host), 0);
		assert_log("io:write");
	}
	close_pair(fd);
	close_on();
}

static void
add_cb(int fd, short what, void *ev)
{
	(void)fd;
	(void)what;
	event_add(ev, NULL);
}

TEST(event_added_in_the_last_event_of_the_loop_keeps_it_alive)
{
	struct event io, timer;
	int fd[2];

	open_on(NULL);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	evtimer_set(&timer, add_cb, &io);
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(host_run(host), 0);
	assert_log("io:read");
	close_pair(fd);
	close_on();
}

static void
del_cb(void *ev)
{
	event_del(ev);
}

TEST(event_deleted_by_a_watcher_of_its_pass_is_not_called)
{
	struct event io;
	int fd[2];

	open_on(NULL);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ | EV_PERSIST, note_cb, "io");
	event_add(&io, MSEC(0));
	host_readable(host, fd[0], LOWEST + 1, del_cb, &io);
	assert_int_equal(host_run(host), 0);
	assert_log("");
	close_pair(fd);
	close_on();
}

/* Program and base watch the same descriptor in the same epoll set. */
TEST(program_and_base_may_watch_one_descriptor)
{
	struct event io;
	int fd[2];

	open_on("epoll");
	make_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "EVENT");
	host_readable(host, fd[0], 0, note_word_cb, "host");
	host_pass(host);
	event_add(&io, NULL);
	host_pass(host);
	event_del(&io);
	host_pass(host);
	event_add(&io, NULL);
	event_del(&io);
	write_byte(fd[1]);
	host_wait_once(host);
	assert_log("host");
	event_add(&io, NULL);
	host_wait_once(host);
	assert_log("EVENT:read");
	close_pair(fd);
	close_on();
}

/* --- loopexit and loopbreak --- */

static void
loopexit_cb(int fd, short what, void *name)
{
	note_cb(fd, what, name);
	event_loopexit(NULL);
}

static void
loopbreak_cb(int fd, short what, void *name)
{
	note_cb(fd, what, name);
	event_loopbreak();
}

static void
activate_two(void (*cb)(int, short, void *))
{
	for (int i = 0; i < 2; i++) {
		event_set(&low[i], -1, 0, i ? note_cb : cb,
		    i ? "second" : "first");
		event_active(&low[i], EV_READ, 1);
	}
}

TEST(loopexit_leaves_the_program_s_loop_running)
{
	open_on(NULL);
	activate_two(loopexit_cb);
	host_after(host, 0., 0, note_word_cb, "host");
	assert_int_equal(host_run(host), 0);
	assert_log("host first:read second:read");
	evtimer_set(&urgent, note_cb, "timer");
	evtimer_add(&urgent, MSEC(1));
	assert_int_equal(host_run(host), 0);
	assert_log("timer:timeout");
	close_on();
}

TEST(loopbreak_leaves_active_events_to_the_next_pass)
{
	open_on(NULL);
	activate_two(loopbreak_cb);
	host_pass(host);
	assert_log("first:read");
	host_after(host, 0., 0, note_word_cb, "host");
	assert_int_equal(host_run(host), 0);
	assert_log("host second:read");
	close_on();
}

static void
loopbreak_from_host_cb(void *unused)
{
	(void)unused;
	note("break");
	event_loopbreak();
}

TEST(loopbreak_in_a_watcher_leaves_the_events_of_its_pass_to_the_next)
{
	open_on(NULL);
	activate_two(note_cb);
	host_after(host, 0., 0, loopbreak_from_host_cb, NULL);
	host_pass(host);
	assert_log("break");
	assert_int_equal(host_run(host), 0);
	assert_log("first:read second:read");
	close_on();
}

/* --- without memory or descriptors --- */

TEST(base_on_a_loop_without_memory_is_refused)
{
	host = host_new(NULL);
	for (long nth = 1; nth <= 3; nth++) {
		fail_alloc(nth);
		assert_null(evcompat_base_on(host));
		assert_int_equal(errno, ENOMEM);
		fail_alloc(0);
	}
	assert_int_equal(host_run(host), 0);
	host_free(host);
}

TEST(base_on_a_loop_without_descriptors_is_refused)
{
	host = host_new(NULL);
	fail_descriptors(1);
	assert_null(evcompat_base_on(host));
	assert_int_equal(errno, EMFILE);
	fail_descriptors(0);
	assert_int_equal(host_run(host), 0);
	host_free(host);
}

static void
logged_cb(int severity, const char *msg)
{
	(void)msg;
	note("log%d", severity);
}

TEST(descriptor_that_the_kernel_refuses_is_tried_again)
{
	struct event io;
	int fd[2];

	open_on("epoll");
	event_set_log_callback(logged_cb);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	host_pass(host);
	event_add(&io, NULL);
	fail_epoll_adds(4, ENOSPC);
	host_pass(host);
	host_pass(host);
	assert_log("log2");
	assert_int_equal(host_run(host), 0);
	assert_log("io:read");
	event_set_log_callback(NULL);
	close_pair(fd);
	close_on();
}

/* The library does not replace the program's own libev allocator. */
TEST(allocator_of_the_program_stays_in_place)
{
	struct event io, timers[300];
	int fd[2], before;

	host_set_allocator();
	open_on(NULL);
	before = host_allocations;
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	event_add(&io, NULL);
	for (int i = 0; i < 300; i++) {
		evtimer_set(&timers[i], idle_cb, NULL);
		evtimer_add(&timers[i], MSEC(0));
	}
	assert_int_equal(host_run(host), 0);
	assert_log("io:read");
	assert_true(host_allocations > before);
	close_pair(fd);
	close_on();
}
