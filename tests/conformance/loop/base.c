/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bases: several of them, and freeing one with events in it or while it runs.
 */
#include "test.h"
#include "fields.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALL (EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL)

/*
 * event_base_free().
 */

TEST(event_base_free_removes_the_events_and_leaves_them_usable)
{
	struct event_base *base = event_init();
	struct event io, timer, sig, active;
	int fd[2];

	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ | EV_PERSIST, note_cb, "io");
	event_add(&io, MSEC(10000));
	evtimer_set(&timer, note_cb, "timer");
	event_add(&timer, MSEC(0));
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	event_add(&sig, NULL);
	event_set(&active, -1, 0, note_cb, "active");
	event_active(&active, EV_READ, 1);
	event_base_free(base);
	assert_log("");
	assert_int_equal(event_pending(&io, ALL, NULL), 0);
	assert_int_equal(event_pending(&timer, ALL, NULL), 0);
	assert_int_equal(event_pending(&sig, ALL, NULL), 0);
	assert_int_equal(event_pending(&active, ALL, NULL), 0);

	base = event_init();
	assert_int_equal(event_base_set(base, &io), 0);
	assert_int_equal(event_base_set(base, &timer), 0);
	assert_int_equal(event_base_set(base, &sig), 0);
	assert_int_equal(event_base_set(base, &active), 0);
	assert_int_equal(event_add(&io, MSEC(10000)), 0);
	assert_int_equal(event_add(&timer, MSEC(0)), 0);
	assert_int_equal(event_add(&sig, NULL), 0);
	base_pass(base);
	assert_log("io:read timer:timeout");
	close_pair(fd);
	event_base_free(base);
}

TEST(event_base_free_of_null_frees_the_current_base)
{
	struct event_base *base = event_init();
	struct event ev;

	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_ptr_equal(ev.ev_base, base);
	event_base_free(NULL);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_null(ev.ev_base);
}

TEST(event_base_free_of_the_current_base_leaves_none)
{
	struct event_base *base = event_init();
	struct event ev;

	event_base_free(base);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_null(ev.ev_base);
}

TEST(event_base_free_of_another_base_leaves_the_current_one)
{
	struct event_base *other = event_init();
	struct event_base *base = event_init();
	struct event ev;

	event_base_free(other);
	event_set(&ev, -1, 0, idle_cb, NULL);
	assert_ptr_equal(ev.ev_base, base);
	event_base_free(base);
}

TEST(event_base_free_leaves_no_descriptor_open)
{
	int before = open_fds();

	for (int i = 0; i < 50; i++) {
		struct event_base *base = event_init();
		struct event sig;

		signal_set(&sig, SIGUSR1, idle_cb, NULL);
		event_add(&sig, NULL);
		event_base_loop(base, EVLOOP_NONBLOCK);
		event_base_free(base);
	}
	assert_int_equal(open_fds(), before);
}

TEST(event_of_a_freed_base_moves_to_another)
{
	struct event_base *first = event_base_new();
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, note_cb, "A");
	event_base_set(first, &ev);
	event_add(&ev, NULL);
	event_base_free(first);
	assert_int_equal(event_base_set(base, &ev), 0);
	assert_int_equal(event_add(&ev, NULL), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

/* Fills the memory that was freed with zeros, so that its use is noticed. */
static void
reuse_freed_memory(void)
{
	static void *volatile blocks[1024];
	size_t n = 0;

	for (size_t size = 4096; size >= 16; size -= 16)
		for (int i = 0; i < 4; i++) {
			blocks[n] = malloc(size);
			explicit_bzero(blocks[n++], size);
		}
}

static void
free_base_cb(int fd, short what, void *base)
{
	note_cb(fd, what, "free");
	event_base_free(base);
	reuse_freed_memory();
}

TEST(event_base_free_in_a_callback_ends_the_loop,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event ev, next, io, timer;
	int fd[2];

	make_readable_pair(fd);
	event_set(&io, fd[0], EV_READ | EV_PERSIST, note_cb, "io");
	event_add(&io, NULL);
	evtimer_set(&timer, note_cb, "timer");
	event_add(&timer, MSEC(0));
	event_set(&ev, -1, 0, free_base_cb, base);
	event_set(&next, -1, 0, note_cb, "next");
	event_active(&ev, EV_READ, 1);
	event_active(&next, EV_READ, 1);
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:read");
	assert_int_equal(event_pending(&io, ALL, NULL), 0);
	assert_int_equal(event_pending(&timer, ALL, NULL), 0);
	assert_int_equal(event_pending(&next, ALL, NULL), 0);
	close_pair(fd);
}

TEST(event_base_free_in_a_persistent_events_callback_ends_the_loop,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, free_base_cb, base);
	event_add(&ev, MSEC(10000));
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:read");
	assert_int_equal(event_pending(&ev, ALL, NULL), 0);
	close_pair(fd);
}

TEST(event_base_free_in_a_timers_callback_ends_the_loop,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, free_base_cb, base);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:timeout");
}

TEST(event_base_free_in_a_signals_callback_ends_the_loop,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, free_base_cb, base);
	event_add(&ev, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:signal");
}

TEST(event_base_free_in_the_callback_of_event_once_ends_the_loop,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();

	event_once(-1, EV_TIMEOUT, free_base_cb, base, NULL);
	event_once(-1, EV_TIMEOUT, note_cb, "A", MSEC(10000));
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:timeout");
}

static void
free_base_and_self_cb(int fd, short what, void *arg)
{
	struct event *ev = arg;

	free_base_cb(fd, what, ev->ev_base);
	free(ev);
}

TEST(event_base_and_the_event_are_freed_in_its_callback,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event *ev = malloc(sizeof *ev);
	int fd[2];

	make_readable_pair(fd);
	event_set(ev, fd[0], EV_READ | EV_PERSIST, free_base_and_self_cb, ev);
	event_add(ev, NULL);
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:read");
	close_pair(fd);
}

static void
free_base_and_init_cb(int fd, short what, void *arg)
{
	struct event_base **base = arg;

	free_base_cb(fd, what, *base);
	*base = event_init();
	event_once(-1, EV_TIMEOUT, note_cb, "new", NULL);
}

TEST(base_made_in_the_callback_that_frees_the_base_works,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, free_base_and_init_cb, &base);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("free:timeout");
	assert_int_equal(event_dispatch(), 1);
	assert_log("new:timeout");
	event_base_free(base);
}

static void
loop_cb(int fd, short what, void *base)
{
	note_cb(fd, what, "in");
	note("%d", event_base_loop(base, 0));
}

TEST(event_base_free_in_a_nested_loop_ends_both,
    DIFFERS(V14, "the loop uses the freed base"),
    DIFFERS(V21, "the loop uses the freed base"))
{
	struct event_base *base = event_init();
	struct event outer, inner, last;

	event_set(&outer, -1, 0, loop_cb, base);
	event_set(&inner, -1, 0, free_base_cb, base);
	event_set(&last, -1, 0, note_cb, "last");
	event_active(&outer, EV_READ, 1);
	event_active(&inner, EV_READ, 1);
	event_active(&last, EV_READ, 1);
	assert_int_equal(event_base_dispatch(base), 0);
	assert_log("in:read free:read 0");
}

TEST(another_base_may_be_freed_in_a_callback)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev, its;

	evtimer_set(&its, note_cb, "its");
	event_base_set(other, &its);
	event_add(&its, MSEC(0));
	evtimer_set(&ev, free_base_cb, other);
	event_add(&ev, MSEC(0));
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("free:timeout");
	assert_int_equal(event_pending(&its, ALL, NULL), 0);
	event_base_free(base);
}

/*
 * Several bases.
 */

TEST(first_base_works_after_a_second_event_init)
{
	struct event_base *first = event_init();
	struct event ev;
	struct event_base *second;

	evtimer_set(&ev, note_cb, "A");
	event_add(&ev, MSEC(0));
	second = event_init();
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_int_equal(event_base_dispatch(first), 1);
	assert_log("A:timeout");
	event_base_free(second);
	event_base_free(first);
}

TEST(event_moves_between_bases_after_event_del)
{
	struct event_base *bases[] = {event_base_new(), event_base_new()};
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, note_cb, "A");
	for (int i = 0; i < 6; i++) {
		struct event_base *base = bases[i % 2];

		assert_int_equal(event_base_set(base, &ev), 0);
		assert_int_equal(event_add(&ev, MSEC(10000)), 0);
		base_pass(base);
		assert_log("A:read");
		base = bases[1 - i % 2];
		assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
		assert_int_equal(event_del(&ev), 0);
	}
	close_pair(fd);
	event_base_free(bases[0]);
	event_base_free(bases[1]);
}

static void
move_cb(int fd, short what, void *arg)
{
	struct event *ev = arg;

	note_cb(fd, what, "A");
	assert_int_equal(event_base_set(event_init(), ev), 0);
	assert_int_equal(event_add(ev, NULL), 0);
	ev->ev_callback = note_read_cb;
	ev->ev_arg = "B";
}

TEST(one_shot_event_moves_to_another_base_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, move_cb, &ev);
	event_add(&ev, NULL);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("A:read");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	close_pair(fd);
	event_base_free(NULL);
	event_base_free(base);
}

TEST(twenty_bases_run_their_own_events)
{
	struct event_base *bases[20];
	struct event io[20], sig;
	int fd[20][2], calls[20] = {0};

	for (int i = 0; i < 20; i++) {
		bases[i] = event_base_new();
		make_readable_pair(fd[i]);
		event_set(&io[i], fd[i][0], EV_READ, count_cb, &calls[i]);
		event_base_set(bases[i], &io[i]);
		assert_int_equal(event_add(&io[i], NULL), 0);
	}
	signal_set(&sig, SIGUSR1, note_cb, "sig");
	event_base_set(bases[7], &sig);
	event_add(&sig, NULL);
	raise(SIGUSR1);
	for (int i = 19; i >= 0; i--) {
		event_base_loop(bases[i], EVLOOP_NONBLOCK);
		assert_int_equal(calls[i], 1);
	}
	assert_log("sig:signal");
	for (int i = 0; i < 20; i++) {
		event_base_free(bases[i]);
		close_pair(fd[i]);
	}
}

static void *
run_a_base(void *arg)
{
	struct event_base *base = event_base_new();
	struct event io, timer;
	int fd[2], calls = 0;

	make_pair(fd);
	event_set(&io, fd[0], EV_READ, count_cb, &calls);
	event_base_set(base, &io);
	evtimer_set(&timer, count_cb, &calls);
	event_base_set(base, &timer);
	for (int i = 0; i < 200; i++) {
		event_add(&io, NULL);
		event_add(&timer, MSEC(0));
		write_byte(fd[1]);
		event_base_dispatch(base);
		read_byte(fd[0]);
	}
	close_pair(fd);
	event_base_free(base);
	*(int *)arg = calls;
	return NULL;
}

TEST(two_threads_may_have_a_base_each)
{
	pthread_t thread[2];
	int calls[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run_a_base, &calls[i]);
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(calls[i], 400);
	}
}

/* --- what 1.4's own suite reads --- */

/* The start of 1.4's private struct. */
struct private_base {
	const char *const *evsel;
	void *evbase;
	int event_count, event_count_active, event_gotterm, event_break;
	void *activequeues;
	int nactivequeues;
	struct event ev_signal;
	int ev_signal_pair[2];
	int ev_signal_added;
	volatile sig_atomic_t evsignal_caught;
};

TEST(event_base_begins_with_a_pointer_to_its_methods_name)
{
	struct event_base *base = event_base_new();
	const struct private_base *private = (const void *)base;

	assert_string_equal(*private->evsel, event_base_get_method(base));
	event_base_free(base);
}

TEST(signal_whose_event_was_deleted_is_not_caught_by_the_base,
    DIFFERS(V21, "the struct is another one"))
{
	struct event_base *base = event_init();
	const struct private_base *private = (const void *)base;
	struct event ev;
	int calls = 0;

	signal_set(&ev, SIGCONT, count_cb, &calls);
	assert_int_equal(signal_add(&ev, NULL), 0);
	assert_int_equal(signal_del(&ev), 0);
	raise(SIGCONT);
	assert_int_equal(private->evsignal_caught, 0);
	event_base_free(base);
}

TEST(signal_pipe_is_closed_with_its_base,
    DIFFERS(V21, "the struct is another one"))
{
	struct event_base *base = event_init();
	int pipe = ((const struct private_base *)(const void *)base)
		       ->ev_signal_pair[0];

	event_base_free(base);
	errno = 0;
	assert_int_equal(close(pipe), -1);
	assert_int_equal(errno, EBADF);
}
