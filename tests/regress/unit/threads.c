/* SPDX-License-Identifier: BSD-3-Clause */
/* A base for each thread. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

#define ROUNDS 300

struct worker {
	pthread_t thread;
	int signo;
	int reads, timeouts, signals;
};

/* Many timers, so that libev's memory has to grow. */
static void
grow(struct event_base *base, int n)
{
	struct event *ev = calloc((size_t)n + 1, sizeof(*ev));

	for (int i = 0; i < n; i++) {
		evtimer_set(&ev[i], idle_cb, NULL);
		event_base_set(base, &ev[i]);
		event_add(&ev[i], MSEC(3600000));
	}
	for (int i = 0; i < n; i++)
		event_del(&ev[i]);
	free(ev);
}

/* Each thread's base has descriptors, timers and a signal of its own. */
static void *
work(void *arg)
{
	struct worker *w = arg;
	struct event io, timer, sig;
	int fd[2];

	for (int i = 0; i < ROUNDS; i++) {
		struct event_base *base = event_base_new();

		make_readable_pair(fd);
		event_set(&io, fd[0], EV_READ, count_cb, &w->reads);
		event_base_set(base, &io);
		evtimer_set(&timer, count_cb, &w->timeouts);
		event_base_set(base, &timer);
		event_set(&sig, w->signo, EV_SIGNAL, count_cb, &w->signals);
		event_base_set(base, &sig);
		event_add(&io, NULL);
		event_add(&timer, MSEC(0));
		event_add(&sig, NULL);
		raise(w->signo);
		while (event_base_loop(base, EVLOOP_ONCE) == 0)
			continue;
		grow(base, i % 50 == 0 ? 2000 : 0);
		event_base_free(base);
		close_pair(fd);
	}
	return NULL;
}

TEST(two_threads_may_have_a_base_each)
{
	struct worker w[2] = {{.signo = SIGUSR1}, {.signo = SIGUSR2}};

	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&w[i].thread, NULL, work,
				     &w[i]),
		    0);
	for (int i = 0; i < 2; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].reads, ROUNDS);
		assert_int_equal(w[i].timeouts, ROUNDS);
		assert_int_equal(w[i].signals, ROUNDS);
	}
}

static void *
set_events_up(void *arg)
{
	struct event_base *base = event_base_new();
	struct event ev;
	atomic_bool *ends = arg;

	while (!atomic_load(ends)) {
		evtimer_set(&ev, idle_cb, NULL);
		event_base_set(base, &ev);
		event_add(&ev, MSEC(0));
		event_base_loop(base, EVLOOP_ONCE);
	}
	event_base_free(base);
	return NULL;
}

/* Some programs call event_init() for one thread after the other. */
TEST(current_base_may_be_made_and_freed_while_others_set_events_up)
{
	atomic_bool ends = false;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, set_events_up, &ends),
	    0);
	for (int i = 0; i < ROUNDS; i++) {
		struct event_base *base = event_init();

		assert_int_equal(event_base_priority_init(base, 3), 0);
		event_base_free(base);
	}
	atomic_store(&ends, true);
	pthread_join(thread, NULL);
}
