/* SPDX-License-Identifier: BSD-3-Clause */
/* The program's own libev watchers beside libevent events: <evcompat.h>. */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <evcompat.h>

#include "native_ev.h"
#include "test.h"
#include "wrap.h"

static void
note_name_hook(const char *name)
{
	note("%s", name);
}

static struct event_base *base;
static struct ev_loop *loop;

static void
open_native(void (*hook)(const char *))
{
	base = event_init();
	loop = evcompat_base_loop(NULL);
	assert_ptr_equal(loop, evcompat_base_loop(base));
	native_hook = hook;
}

TEST(evcompat_version_is_that_of_the_header)
{
	assert_string_equal(evcompat_version(), EVCOMPAT_VERSION);
}

#if EVCOMPAT_VERSION_NUMBER < 0x00020000
#error "EVCOMPAT_VERSION_NUMBER is for #if"
#endif

TEST(evcompat_version_number_says_the_same_as_the_string)
{
	unsigned number = EVCOMPAT_VERSION_NUMBER;
	char text[32];

	(void)snprintf(text, sizeof(text), "%u.%u.%u", number >> 24,
	    number >> 16 & 0xff, number >> 8 & 0xff);
	assert_string_equal(text, EVCOMPAT_VERSION);
	assert_int_equal(number & 0xff, 0);
}

TEST(without_a_base_there_is_no_native_loop)
{
	assert_null(evcompat_base_loop(NULL));
	assert_null(evcompat_child_loop(NULL));
	assert_int_equal(errno, EINVAL);
}

TEST(native_timer_alone_keeps_event_dispatch_running_until_it_fires)
{
	double start = now_ms();

	open_native(note_name_hook);
	native_timer(loop, .02);
	assert_int_equal(event_dispatch(), 1);
	assert_log("timer");
	assert_elapsed(start, 20);
	assert_int_equal(event_dispatch(), 1);
	event_base_free(base);
}

TEST(native_watchers_run_before_the_events_of_their_pass)
{
	struct event io, timer;
	int fd[2], native_fd[2];

	open_native(note_name_hook);
	make_readable_pair(fd);
	make_readable_pair(native_fd);
	event_set(&io, fd[0], EV_READ, note_cb, "EVENT");
	event_add(&io, NULL);
	evtimer_set(&timer, note_cb, "TIMER");
	evtimer_add(&timer, MSEC(0));
	native_io(loop, native_fd[0]);
	native_check(loop);
	native_prepare(loop);
	event_loop(EVLOOP_ONCE);
	assert_log("prepare check io EVENT:read TIMER:timeout");
	native_io_stop(loop);
	native_check_stop(loop);
	native_prepare_stop(loop);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd);
	close_pair(native_fd);
	event_base_free(base);
}

static struct event late;
static int pair[2];

static void
add_hook(const char *name)
{
	note("%s", name);
	event_add(&late, NULL);
	native_prepare_stop(loop);
}

/* An event that a prepare watcher adds is watched in the same pass. */
TEST(event_added_by_a_native_prepare_watcher_is_in_time)
{
	open_native(add_hook);
	make_readable_pair(pair);
	event_set(&late, pair[0], EV_READ, note_cb, "late");
	native_prepare(loop);
	assert_int_equal(event_dispatch(), 1);
	assert_log("prepare late:read");
	close_pair(pair);
	event_base_free(base);
}

static void
del_hook(const char *name)
{
	note("%s", name);
	event_del(&late);
	native_io_stop(loop);
}

TEST(event_deleted_by_a_native_watcher_of_its_pass_does_not_run)
{
	struct event other;
	int fd[2];

	open_native(del_hook);
	make_readable_pair(pair);
	make_readable_pair(fd);
	event_set(&late, pair[0], EV_READ | EV_PERSIST, note_cb, "late");
	event_add(&late, MSEC(0));
	event_set(&other, fd[0], EV_READ, note_cb, "other");
	event_add(&other, NULL);
	native_io(loop, fd[0]);
	event_loop(EVLOOP_ONCE);
	assert_log("io other:read");
	assert_int_equal(event_dispatch(), 1);
	close_pair(pair);
	close_pair(fd);
	event_base_free(base);
}

static void
break_hook(const char *name)
{
	note("%s", name);
	event_loopbreak();
}

TEST(loopbreak_in_a_native_watcher_leaves_active_events_for_later)
{
	struct event io;
	int fd[2];

	open_native(break_hook);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "event");
	event_add(&io, NULL);
	native_io(loop, fd[0]);
	assert_int_equal(event_dispatch(), 0);
	native_io_stop(loop);
	assert_int_equal(event_dispatch(), 1);
	assert_log("io event:read");
	close_pair(fd);
	event_base_free(base);
}

static int idles;

static void
idle_hook(const char *name)
{
	(void)name;
	if (++idles == 3)
		native_idle_stop(loop);
}

TEST(native_idle_watcher_keeps_the_loop_busy_until_it_stops)
{
	open_native(idle_hook);
	native_idle(loop);
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(idles, 3);
	event_base_free(base);
}

static void
stop_async_hook(const char *name)
{
	note("%s", name);
	native_async_stop(loop);
}

static void
send_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	note("send");
	native_async_send(loop);
}

TEST(native_async_watcher_is_woken_from_a_signal_event)
{
	struct event sig;

	open_native(stop_async_hook);
	native_async(loop);
	event_set(&sig, SIGUSR1, EV_SIGNAL, send_cb, NULL);
	event_add(&sig, NULL);
	raise(SIGUSR1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("send async");
	event_base_free(base);
}

static void
free_base_hook(const char *name)
{
	note("%s", name);
	event_base_free(base);
}

TEST(base_may_be_freed_by_a_native_watcher)
{
	struct event io;
	int fd[2];

	open_native(free_base_hook);
	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ, note_cb, "event");
	event_add(&io, NULL);
	native_timer(loop, 0.);
	assert_int_equal(event_dispatch(), 0);
	assert_log("timer");
	close_pair(fd);
}

static void
fork_hook(const char *name)
{
	note("%s", name);
}

static void
in_child_loop(void *arg)
{
	int *fd = arg;

	write_byte(fd[1]);
	event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_log("io");
}

TEST(native_watchers_work_in_a_child)
{
	int fd[2];

	open_native(fork_hook);
	make_pair(fd);
	native_io(loop, fd[0]);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(in_child(in_child_loop, fd), 0);
	native_io_stop(loop);
	close_pair(fd);
	event_base_free(base);
}

static void
child_hook(const char *name)
{
	note("%s", name);
}

TEST(child_watcher_gets_the_status_while_event_dispatch_runs)
{
	struct ev_loop *children;
	struct event timer;
	pid_t pid;
	int calls = 0;

	open_native(child_hook);
	children = evcompat_child_loop(base);
	assert_non_null(children);
	assert_ptr_not_equal(children, loop);
	assert_ptr_equal(children, evcompat_child_loop(base));
	evtimer_set(&timer, count_cb, &calls);
	evtimer_add(&timer, MSEC(1));
	pid = fork();
	if (pid == 0)
		_exit(7);
	native_child(children, pid);
	assert_int_equal(event_dispatch(), 1);
	assert_log("child");
	assert_int_equal(WEXITSTATUS(native_status), 7);
	assert_int_equal(calls, 1);
	event_base_free(base);
	native_end_default_loop();
}

static void
watch_grandchild(void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(9);
	native_child(arg, pid);
	assert_int_equal(event_dispatch(), 1);
	assert_log("child");
	assert_int_equal(WEXITSTATUS(native_status), 9);
}

TEST(child_watcher_works_in_a_child)
{
	struct ev_loop *children;

	open_native(child_hook);
	children = evcompat_child_loop(base);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	assert_int_equal(in_child(watch_grandchild, children), 0);
	event_base_free(base);
	native_end_default_loop();
}

TEST(child_loop_belongs_to_one_base)
{
	struct event_base *other;

	open_native(child_hook);
	other = event_base_new();
	assert_non_null(evcompat_child_loop(base));
	assert_null(evcompat_child_loop(other));
	assert_int_equal(errno, EBUSY);
	event_base_free(base);
	assert_non_null(evcompat_child_loop(other));
	event_base_free(other);
	native_end_default_loop();
}

static void
activate_hook(const char *name)
{
	note("%s", name);
	event_active(&late, EV_WRITE, 1);
	native_prepare_stop(loop);
}

TEST(event_activated_by_a_prepare_watcher_keeps_the_pass_from_waiting)
{
	struct event timer;

	open_native(activate_hook);
	evtimer_set(&late, note_cb, "late");
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	native_prepare(loop);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("prepare late:write");
	event_base_free(base);
}

TEST(loopbreak_in_a_prepare_watcher_keeps_the_pass_from_waiting)
{
	struct event timer;

	open_native(break_hook);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	native_prepare(loop);
	assert_int_equal(event_dispatch(), 0);
	assert_log("prepare");
	native_prepare_stop(loop);
	event_base_free(base);
}

TEST(event_activated_by_a_child_watcher_keeps_the_pass_from_waiting)
{
	struct ev_loop *children;
	struct event timer;
	siginfo_t info;
	pid_t pid;

	open_native(activate_hook);
	children = evcompat_child_loop(base);
	evtimer_set(&late, note_cb, "late");
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	native_prepare(loop);
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	native_prepare_stop(loop);
	native_child(children, pid);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("child late:write");
	event_base_free(base);
	native_end_default_loop();
}

static struct event *heap_event;

static void
free_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	note("freed");
	free(heap_event);
	raise(SIGUSR1);
}

static void
nest_hook(const char *name)
{
	native_check_stop(loop);
	note("%s", name);
	event_active(heap_event, EV_TIMEOUT, 1);
	event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

/*
 * The nested loop runs and frees the event at which the outer pass was to
 * resume.
 */
TEST(signal_event_survives_a_nested_loop_in_a_native_watcher)
{
	struct event sig, first;

	open_native(nest_hook);
	heap_event = calloc(1, sizeof(*heap_event));
	evtimer_set(heap_event, free_cb, NULL);
	signal_set(&sig, SIGUSR1, note_cb, "usr1");
	signal_add(&sig, NULL);
	evtimer_set(&first, note_cb, "first");
	event_active(&first, EV_TIMEOUT, 1);
	native_check(loop);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	assert_log("check first:timeout freed usr1:signal");
	signal_del(&sig);
	event_base_free(base);
}

static void
free_both_hook(const char *name)
{
	native_io_stop(loop);
	note("%s", name);
	event_base_free(base);
	free(heap_event);
}

/*
 * libev has removed the expired timer from its heap, but not yet called the
 * library.
 */
TEST(base_may_be_freed_by_a_native_watcher_while_a_timer_is_about_to_fire)
{
	int fd[2];

	open_native(free_both_hook);
	make_readable_pair(fd);
	heap_event = calloc(1, sizeof(*heap_event));
	evtimer_set(heap_event, note_cb, "timer");
	evtimer_add(heap_event, MSEC(0));
	native_io_first(loop, fd[0]);
	assert_int_equal(event_dispatch(), 0);
	assert_log("io");
	close_pair(fd);
}

TEST(base_may_be_freed_by_a_native_watcher_that_event_reinit_runs)
{
	int fd[2];

	open_native(free_both_hook);
	make_readable_pair(fd);
	heap_event = NULL;
	native_io(loop, fd[0]);
	assert_int_equal(event_reinit(base), -1);
	assert_log("io");
	close_pair(fd);
}

static void
nest_in_reinit_hook(const char *name)
{
	native_io_stop(loop);
	note("%s", name);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
}

TEST(loop_may_run_in_a_native_watcher_that_event_reinit_runs)
{
	struct event timer;
	int fd[2];

	open_native(nest_in_reinit_hook);
	make_readable_pair(fd);
	native_io(loop, fd[0]);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_reinit(base), 0);
	assert_log("io timer:timeout");
	close_pair(fd);
	event_base_free(base);
}

static void
close_watched_hook(const char *name)
{
	native_prepare_stop(loop);
	note("%s", name);
	close(pair[0]);
}

TEST(native_watcher_may_close_a_descriptor_that_poll_watches)
{
	struct event timer;

	setenv("EVENT_NOEPOLL", "1", 1);
	open_native(close_watched_hook);
	make_pair(pair);
	event_set(&late, pair[0], EV_READ, note_cb, "late");
	event_add(&late, NULL);
	event_loop(EVLOOP_NONBLOCK);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(1));
	native_prepare(loop);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("prepare timer:timeout");
	event_base_free(base);
	close(pair[1]);
}

TEST(child_loop_without_descriptors_is_an_error)
{
	open_native(child_hook);
	fail_descriptors(1);
	assert_null(evcompat_child_loop(base));
	assert_int_equal(errno, EMFILE);
	fail_descriptors(0);
	assert_non_null(evcompat_child_loop(base));
	event_base_free(base);
	native_end_default_loop();
}

static void
close_all_and_continue(void *arg)
{
	struct event timer;

	(void)arg;
	evcompat_child_loop(base);
	event_loop(EVLOOP_NONBLOCK);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(event_reinit(base), 0);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("timer:timeout");
}

TEST(event_reinit_replaces_a_child_loop_whose_descriptors_were_closed)
{
	open_native(child_hook);
	assert_int_equal(in_child(close_all_and_continue, NULL), 0);
	event_base_free(base);
}
