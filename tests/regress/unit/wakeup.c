/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evcompat_base_wakeup(): calls that threads and signal handlers ask the loop
 * to make.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include <evcompat.h>

#include "host_ev.h"
#include "test.h"
#include "wrap.h"

#define ROOM 1024

static struct event_base *base;

static void
say_cb(void *word)
{
	note("%s", (char *)word);
}

static void
do_nothing_cb(void *unused)
{
	(void)unused;
}

static void
count_call_cb(void *n)
{
	++*(int *)n;
}

TEST(wakeup_of_no_base_or_with_no_callback_is_refused)
{
	assert_int_equal(evcompat_base_wakeup(NULL, say_cb, "x"), -1);
	assert_int_equal(errno, EINVAL);
	base = event_init();
	errno = 0;
	assert_int_equal(evcompat_base_wakeup(base, NULL, "x"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(evcompat_base_wakeup(NULL, say_cb, "current"), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("current");
	event_base_free(base);
}

/* --- from threads and signal handlers --- */

struct thread {
	pthread_t id;
	bool elsewhere;
};

static void
compare_cb(void *arg)
{
	struct thread *t = arg;

	t->elsewhere = !pthread_equal(pthread_self(), t->id);
	event_loopexit(NULL);
}

static void *
wake_later(void *arg)
{
	usleep(2000); /* the loop mostly sleeps after that */
	assert_int_equal(evcompat_base_wakeup(base, compare_cb, arg), 0);
	return NULL;
}

TEST(wakeup_from_a_thread_is_called_in_the_thread_of_the_loop)
{
	struct thread t = {.elsewhere = false};
	struct event timer;

	base = event_init();
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	pthread_create(&t.id, NULL, wake_later, &t);
	assert_int_equal(event_dispatch(), 0);
	pthread_join(t.id, NULL);
	assert_true(t.elsewhere);
	event_base_free(base);
}

static void
handler(int sig)
{
	int saved = errno;

	errno = 12345;
	evcompat_base_wakeup(base, say_cb, sig == SIGUSR1 ? "usr1" : "alrm");
	assert_int_equal(errno, 12345);
	errno = saved;
}

TEST(wakeup_from_a_signal_handler_ends_the_sleep_of_the_loop)
{
	struct event timer;

	base = event_init();
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	signal(SIGALRM, handler);
	ualarm(5000, 0);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("alrm");
	event_base_free(base);
}

/* --- the limit, the order, the time --- */

static void
assert_room(int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(evcompat_base_wakeup(base, do_nothing_cb,
				     NULL),
		    0);
	assert_int_equal(evcompat_base_wakeup(base, do_nothing_cb, NULL), -1);
	assert_int_equal(errno, EAGAIN);
}

TEST(wakeups_that_wait_are_1024_at_most)
{
	base = event_init();
	for (int lap = 0; lap < 3; lap++) {
		assert_room(ROOM);
		assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	}
	for (int i = 0; i < 700; i++)
		evcompat_base_wakeup(base, do_nothing_cb, NULL);
	assert_room(ROOM - 700);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	event_base_free(base);
}

static int expected;

static void
in_turn_cb(void *n)
{
	assert_int_equal((long)n, expected);
	expected++;
}

TEST(wakeups_are_called_in_their_order)
{
	base = event_init();
	for (long i = 0; i < 3000; i++) {
		evcompat_base_wakeup(base, in_turn_cb, (void *)i);
		if (i % 1000 == 999)
			event_loop(EVLOOP_NONBLOCK);
	}
	assert_int_equal(expected, 3000);
	event_base_free(base);
}

static void
wake_again_cb(void *n)
{
	if (--*(int *)n > 0)
		evcompat_base_wakeup(base, wake_again_cb, n);
}

TEST(wakeup_in_a_wakeup_is_called_in_the_next_pass)
{
	struct event timer;
	int n = 3;

	base = event_init();
	evtimer_set(&timer, note_cb, "timer");
	evtimer_add(&timer, MSEC(15000));
	evcompat_base_wakeup(base, wake_again_cb, &n);
	for (int left = 2; left >= 0; left--) {
		event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
		assert_int_equal(n, left);
	}
	event_base_free(base);
}

TEST(wakeup_that_waits_is_called_before_the_loop_returns_for_lack_of_events)
{
	base = event_init();
	evcompat_base_wakeup(base, say_cb, "call");
	assert_int_equal(event_dispatch(), 1);
	assert_log("call");
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 1);
	evcompat_base_wakeup(base, say_cb, "call");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("call");
	evcompat_base_loop(base);
	evcompat_base_wakeup(base, say_cb, "call");
	assert_int_equal(event_dispatch(), 1);
	assert_log("call");
	event_base_free(base);
}

TEST(wakeup_comes_before_events_of_a_less_urgent_priority)
{
	struct event ev;

	base = event_init();
	event_base_priority_init(base, 2);
	event_set(&ev, -1, 0, note_cb, "event");
	event_priority_set(&ev, 1);
	event_active(&ev, EV_READ, 1);
	evcompat_base_wakeup(base, say_cb, "call");
	assert_int_equal(event_dispatch(), 1);
	assert_log("call event:read");
	event_base_free(base);
}

/* --- what a callback may do --- */

static void
loopbreak_cb(void *word)
{
	say_cb(word);
	event_loopbreak();
}

TEST(loopbreak_in_a_wakeup_leaves_the_others_for_later)
{
	base = event_init();
	evcompat_base_wakeup(base, loopbreak_cb, "break");
	evcompat_base_wakeup(base, say_cb, "second");
	assert_int_equal(event_dispatch(), 0);
	assert_log("break");
	assert_int_equal(event_dispatch(), 1);
	assert_log("second");
	event_base_free(base);
}

static void
free_base_cb(void *word)
{
	say_cb(word);
	event_base_free(base);
}

TEST(base_freed_in_a_wakeup_calls_no_other)
{
	base = event_init();
	evcompat_base_wakeup(base, free_base_cb, "free");
	evcompat_base_wakeup(base, say_cb, "second");
	assert_int_equal(event_dispatch(), 0);
	assert_log("free");
}

static void
nest_cb(void *word)
{
	say_cb(word);
	evcompat_base_wakeup(base, say_cb, "third");
	event_loop(EVLOOP_ONCE);
	note("out");
}

TEST(loop_in_a_wakeup_calls_the_others)
{
	base = event_init();
	evcompat_base_wakeup(base, nest_cb, "first");
	evcompat_base_wakeup(base, say_cb, "second");
	assert_int_equal(event_dispatch(), 1);
	assert_log("first second third out");
	event_base_free(base);
}

/* --- what it costs --- */

TEST(wakeups_cost_no_memory_and_one_write_and_one_read_for_many)
{
	struct counts before, c;
	int n = 0;

	base = event_init();
	evcompat_base_wakeup(base, do_nothing_cb, NULL);
	event_loop(EVLOOP_NONBLOCK);
	before = counts;
	for (int i = 0; i < ROOM; i++)
		evcompat_base_wakeup(base, count_call_cb, &n);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	c = counts_since(&before);
	assert_int_equal(n, ROOM);
	assert_int_equal(c.allocs, 0);
	assert_int_equal(c.writes, 1);
	assert_int_equal(c.reads, 1);
	assert_int_equal(c.epoll_ctl, 0);
	event_base_free(base);
}

/* --- fork --- */

static void
in_the_child(void *reinit)
{
	evcompat_base_wakeup(base, say_cb, "early");
	if (reinit != NULL)
		event_reinit(base);
	assert_int_equal(event_dispatch(), 1);
	assert_log("early");
	evcompat_base_wakeup(base, say_cb, "late");
	assert_int_equal(event_dispatch(), 1);
	assert_log("late");
	assert_room(ROOM);
}

TEST(wakeups_of_a_parent_are_not_its_child_s)
{
	base = event_init();
	event_loop(EVLOOP_NONBLOCK);
	evcompat_base_wakeup(base, say_cb, "parent");
	assert_int_equal(in_child(in_the_child, NULL), 0);
	assert_int_equal(in_child(in_the_child, base), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("parent");
	event_base_free(base);
}

TEST(event_reinit_keeps_wakeups)
{
	base = event_init();
	evcompat_base_wakeup(base, say_cb, "one");
	assert_int_equal(event_reinit(base), 0);
	evcompat_base_wakeup(base, say_cb, "two");
	assert_int_equal(event_dispatch(), 1);
	assert_log("one two");
	event_base_free(base);
}

/* --- on the program's own loop --- */

static void
raise_usr1_cb(void *unused)
{
	(void)unused;
	raise(SIGUSR1);
}

TEST(wakeup_is_called_on_a_program_s_loop)
{
	struct ev_loop *host = host_new(NULL);

	base = evcompat_base_on(host);
	evcompat_base_wakeup(base, say_cb, "call");
	assert_int_equal(host_run(host), 0);
	assert_log("call");
	signal(SIGUSR1, handler);
	evcompat_base_wakeup(base, raise_usr1_cb, NULL);
	assert_int_equal(host_run(host), 0);
	assert_log("usr1");
	event_base_free(base);
	host_free(host);
}

/* --- many threads, and a signal handler in each --- */

#define THREADS 4
#define CALLS 5000

static struct writer {
	pthread_t id;
	atomic_int handled; /* calls that its handler asked for */
	int refused;
	int seen, seen_handled; /* by the loop */
} writers[THREADS];

static _Thread_local struct writer *self;
static atomic_int running;

static void
seen_handled_cb(void *arg)
{
	((struct writer *)arg)->seen_handled++;
}

static void
in_writer(int sig)
{
	int saved = errno;

	(void)sig;
	if (self != NULL &&
	    evcompat_base_wakeup(base, seen_handled_cb, self) == 0)
		atomic_fetch_add(&self->handled, 1);
	errno = saved;
}

static void
seen_cb(void *arg)
{
	writers[(long)arg % THREADS].seen++;
	assert_int_equal((long)arg / THREADS,
	    writers[(long)arg % THREADS].seen - 1);
}

static void
over_cb(void *arg)
{
	(void)arg;
	if (--running == 0)
		event_loopexit(NULL);
}

static void
insist(void (*cb)(void *), void *arg)
{
	while (evcompat_base_wakeup(base, cb, arg) == -1) {
		self->refused++;
		sched_yield();
	}
}

static void *
write_calls(void *arg)
{
	self = arg;
	for (long i = 0; i < CALLS; i++) {
		insist(seen_cb, (void *)(i * THREADS + (self - writers)));
		if (i % 50 == 0)
			pthread_kill(pthread_self(), SIGUSR2);
	}
	insist(over_cb, NULL);
	return NULL;
}

/* Sends signals to the threads from the loop as well. */
static void
poke_cb(int fd, short what, void *timer)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < THREADS; i++)
		pthread_kill(writers[i].id, SIGUSR2);
	evtimer_add((struct event *)timer, MSEC(1));
}

TEST(no_wakeup_of_many_threads_and_handlers_is_lost_or_out_of_order)
{
	struct event timer;

	base = event_init();
	signal(SIGUSR2, in_writer);
	running = THREADS;
	evtimer_set(&timer, poke_cb, &timer);
	evtimer_add(&timer, MSEC(0));
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&writers[i].id, NULL,
				     write_calls, &writers[i]),
		    0);
	assert_int_equal(event_dispatch(), 0);
	event_del(&timer);
	for (int i = 0; i < THREADS; i++)
		pthread_join(writers[i].id, NULL);
	assert_int_equal(event_dispatch(), 1);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(writers[i].seen, CALLS);
		assert_int_equal(writers[i].seen_handled, writers[i].handled);
	}
	event_base_free(base);
}
