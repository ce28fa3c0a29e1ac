/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What wakes a loop when a signal comes: a descriptor of the base's own, which
 * is there from the start and counts as an event of the pass that meets it.
 */
#include "test.h"

#include <sys/resource.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* A signal event, and a timer that is far away. */
struct waiting {
	struct event_base *base;
	struct event sig, timer;
	int timers;
};

static void
set_up(struct waiting *w, void (*cb)(int, short, void *), void *arg)
{
	w->timers = 0;
	w->base = event_init();
	signal_set(&w->sig, SIGUSR1, cb, arg);
	assert_int_equal(signal_add(&w->sig, NULL), 0);
	evtimer_set(&w->timer, count_cb, &w->timers);
	assert_int_equal(evtimer_add(&w->timer, MSEC(15000)), 0);
}

static void
tear_down(struct waiting *w)
{
	assert_int_equal(w->timers, 0);
	event_del(&w->timer);
	event_base_free(w->base);
}

TEST(loop_once_returns_though_its_event_was_deleted_after_a_signal,
    DIFFERS(V21, "the wake-up is no event of its pass"))
{
	struct waiting w;

	set_up(&w, note_cb, "sig");
	raise(SIGUSR1);
	signal_del(&w.sig);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("");
	tear_down(&w);
}

static void
once_cb(int fd, short what, void *arg)
{
	note_cb(fd, what, arg);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
}

TEST(loop_once_inside_a_signal_callback_returns_at_once,
    DIFFERS(V21, "the wake-up is no event of its pass"))
{
	struct waiting w;

	set_up(&w, once_cb, "sig");
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("sig:signal");
	signal_del(&w.sig);
	tear_down(&w);
}

/* The base's own wake-up descriptor does not count as an event. */
TEST(signal_without_an_event_does_not_keep_the_loop_alive)
{
	struct waiting w;

	set_up(&w, note_cb, "sig");
	raise(SIGUSR1);
	signal_del(&w.sig);
	event_del(&w.timer);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	tear_down(&w);
}

TEST(base_with_an_event_for_a_signal_only_does_not_end)
{
	struct waiting w;

	set_up(&w, note_cb, "sig");
	event_del(&w.timer);
	event_loopexit(MSEC(10));
	assert_int_equal(event_dispatch(), 0);
	signal_del(&w.sig);
	assert_int_equal(event_dispatch(), 1);
	tear_down(&w);
}

/* --- no descriptor left --- */

static struct rlimit before;

static void
forbid_descriptors(rlim_t n)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(open("/", O_RDONLY), -1);
}

/* A sanitizer needs descriptors at the end of the process. */
static void
allow_descriptors(void)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void
use_up(void)
{
	forbid_descriptors((rlim_t)closed_fd());
}

static void
give_up(void)
{
	forbid_descriptors(0);
}

/* All kinds of events, which need no further descriptor. */
static void
use_all_kinds(void (*forbid)(void), const char *method)
{
	struct event_base *base = event_init();
	struct event io, sig, timer;
	int fd[2];

	assert_string_equal(event_get_method(), method);
	make_readable_pair(fd);
	forbid();
	event_set(&io, fd[0], EV_READ, note_cb, "io");
	assert_int_equal(event_add(&io, NULL), 0);
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	assert_int_equal(signal_add(&sig, NULL), 0);
	evtimer_set(&timer, note_cb, "timer");
	assert_int_equal(evtimer_add(&timer, MSEC(0)), 0);
	raise(SIGUSR1);
	while (evtimer_pending(&timer, NULL))
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("sig:signal io:read timer:timeout");
	signal_del(&sig);
	event_base_free(base);
	close_pair(fd);
	allow_descriptors();
}

static void
all_used(void *arg)
{
	(void)arg;
	use_all_kinds(use_up, "epoll");
}

TEST(events_of_all_kinds_work_with_all_descriptors_used,
    DIFFERS(V21, "signals come last"))
{
	assert_int_equal(in_child(all_used, NULL), 0);
}

static void
all_forbidden(void *arg)
{
	(void)arg;
	use_all_kinds(give_up, "epoll");
}

TEST(events_of_all_kinds_work_when_no_more_descriptor_is_allowed,
    DIFFERS(V21, "signals come last"))
{
	assert_int_equal(in_child(all_forbidden, NULL), 0);
}

static void
all_used_with_select(void *arg)
{
	(void)arg;
	setenv("EVENT_NOEPOLL", "1", 1);
	setenv("EVENT_NOPOLL", "1", 1);
	use_all_kinds(use_up, "select");
}

TEST(events_of_all_kinds_work_with_select_and_all_descriptors_used,
    DIFFERS(V21, "signals come last"))
{
	assert_int_equal(in_child(all_used_with_select, NULL), 0);
}

static void
renew(void *arg)
{
	struct waiting w;

	(void)arg;
	set_up(&w, note_cb, "sig");
	one_pass();
	use_up();
	assert_int_equal(event_reinit(w.base), 0);
	raise(SIGUSR1);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("sig:signal");
	signal_del(&w.sig);
	tear_down(&w);
	allow_descriptors();
}

TEST(event_reinit_works_with_all_descriptors_used)
{
	assert_int_equal(in_child(renew, NULL), 0);
}
