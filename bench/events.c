/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cases of the loop, in libevent 1.4's interface.  This one file is
 * compiled against every library that has it: ours, libevent 1.4, libevent 2.1
 * and libev's own emulation.  native.c has the same cases in libev's interface;
 * what one does in a callback the other does too, in the same order.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <event.h>

#include "churn.h"
#include "tally.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* libev's emulation has no such call, but its event.h brings libev's own. */
#ifdef EV_VERSION_MAJOR
#define event_base_loopbreak(b) ev_break((struct ev_loop *)(b), EVBREAK_ONE)
#endif

#define ONE_PASS (EVLOOP_ONCE | EVLOOP_NONBLOCK)

static struct event_base *base;
static struct event *events;
static int count;
static struct tally tally;

static void
start(int n)
{
	base = event_init();
	bench_need(base != NULL, "event_init");
	events = bench_alloc((size_t)n, sizeof(*events));
	count = n;
}

static void
one_done(void)
{
	if (tally_one(&tally))
		event_base_loopbreak(base);
}

static void
run_loop(void)
{
	event_base_dispatch(base);
}

/* Stays in the loop, as a program does, for n events. */
static long
dispatch(long n)
{
	return tally_run(&tally, n, run_loop);
}

static void *
index_arg(int i)
{
	return (void *)(intptr_t)i;
}

/* Registration: all descriptors change, then the kernel is asked once. */

static int *sockets;

static void
silent_cb(int fd, short what, void *arg)
{
}

static int
register_setup(int n, int tokens)
{
	n = bench_fit(n, 1);
	start(n);
	sockets = bench_sockets(n);
	for (int i = 0; i < n; i++) {
		event_set(&events[i], sockets[i], EV_READ | EV_PERSIST,
		    silent_cb, NULL);
		event_add(&events[i], NULL);
	}
	event_base_loop(base, ONE_PASS);
	return n;
}

static long
register_run(long n)
{
	long total;

	for (total = 0; total < n; total += count) {
		for (int i = 0; i < count; i++) {
			event_del(&events[i]);
			event_set(&events[i], sockets[i], EV_READ | EV_PERSIST,
			    silent_cb, NULL);
			event_add(&events[i], NULL);
		}
		event_base_loop(base, ONE_PASS);
	}
	return total;
}

/* The rings. */

static struct ring ring;
static struct timeval minute = {60, 0};

static void
persist_cb(int fd, short what, void *arg)
{
	ring_pass(&ring, (int)(intptr_t)arg);
	one_done();
}

static void
persist_timeout_cb(int fd, short what, void *arg)
{
	int i = (int)(intptr_t)arg;

	ring_pass(&ring, i);
	event_add(&events[i], &minute);
	one_done();
}

static void
oneshot_cb(int fd, short what, void *arg)
{
	int i = (int)(intptr_t)arg;

	ring_pass(&ring, i);
	event_add(&events[i], NULL);
	one_done();
}

static int
ring_setup(int n, int tokens, short what, struct timeval *tv,
    void (*cb)(int, short, void *))
{
	ring_open(&ring, n, tokens);
	start(ring.n);
	for (int i = 0; i < ring.n; i++) {
		event_set(&events[i], ring.in[i], what, cb, index_arg(i));
		event_add(&events[i], tv);
	}
	return ring.n;
}

static int
persist_setup(int n, int tokens)
{
	return ring_setup(n, tokens, EV_READ | EV_PERSIST, NULL, persist_cb);
}

static int
persist_timeout_setup(int n, int tokens)
{
	return ring_setup(n, tokens, EV_READ | EV_PERSIST, &minute,
	    persist_timeout_cb);
}

static int
oneshot_setup(int n, int tokens)
{
	return ring_setup(n, tokens, EV_READ, NULL, oneshot_cb);
}

static int
oneshot_timeout_setup(int n, int tokens)
{
	/* The same steps: the callback re-arms the timeout with the event. */
	return ring_setup(n, tokens, EV_READ, &minute, persist_timeout_cb);
}

/*
 * A crowd: n descriptors are watched, but only those of a small ring are ever
 * ready.
 */

static int
crowd_setup(int n, int tokens, short what, void (*cb)(int, short, void *))
{
	int silent = bench_fit(n, 1) - 2 * tokens;

	sockets = bench_sockets(silent);
	ring_setup(tokens, tokens, what, NULL, cb);
	for (int i = 0; i < silent; i++) {
		struct event *ev = bench_alloc(1, sizeof(*ev));

		event_set(ev, sockets[i], EV_READ | EV_PERSIST, silent_cb,
		    NULL);
		event_add(ev, NULL);
	}
	return silent + 2 * tokens;
}

static int
crowd_persist_setup(int n, int tokens)
{
	return crowd_setup(n, tokens, EV_READ | EV_PERSIST, persist_cb);
}

static int
crowd_oneshot_setup(int n, int tokens)
{
	return crowd_setup(n, tokens, EV_READ, oneshot_cb);
}

/* Timers: every one added, moved and deleted. */

static struct event trigger;

static void
move_timers(void)
{
	struct timeval tv = {0, 0};

	for (int i = 0; i < count; i++) {
		tv.tv_sec = bench_seconds(i);
		event_add(&events[i], &tv);
	}
	for (int i = 0; i < count; i++) {
		tv.tv_sec = bench_seconds(i + count);
		event_add(&events[i], &tv);
	}
	for (int i = 0; i < count; i++)
		event_del(&events[i]);
}

static void
move_timers_cb(int fd, short what, void *arg)
{
	move_timers();
}

static int
timers_setup(int n, int tokens)
{
	start(n);
	evtimer_set(&trigger, move_timers_cb, NULL);
	for (int i = 0; i < n; i++)
		evtimer_set(&events[i], silent_cb, NULL);
	return n;
}

/* From a callback, where the loop's cached time applies. */
static long
timers_inside_run(long n)
{
	long total;

	for (total = 0; total < n; total += 3L * count) {
		event_active(&trigger, EV_TIMEOUT, 1);
		event_base_loop(base, ONE_PASS);
	}
	return total;
}

/* From outside the loop, where each timeout counts from the real time. */
static long
timers_outside_run(long n)
{
	long total;

	for (total = 0; total < n; total += 3L * count)
		move_timers();
	return total;
}

/* Events made active by the program itself. */

static void
active_cb(int fd, short what, void *arg)
{
	tally.done++;
}

static int
active_setup(int n, int tokens)
{
	start(n);
	for (int i = 0; i < n; i++)
		evtimer_set(&events[i], active_cb, NULL);
	return n;
}

static long
active_run(long n)
{
	tally.done = 0;
	while (tally.done < n) {
		for (int i = 0; i < count; i++)
			event_active(&events[i], EV_TIMEOUT, 1);
		event_base_loop(base, ONE_PASS);
	}
	return tally.done;
}

/* A signal raised, and waited for. */

static int
signal_setup(int n, int tokens)
{
	start(1);
	signal_set(&events[0], SIGUSR1, active_cb, NULL);
	signal_add(&events[0], NULL);
	return n;
}

static void
run_pass(void)
{
	event_base_loop(base, EVLOOP_ONCE);
}

static long
signal_run(long n)
{
	return tally_signals(&tally, n, run_pass);
}

/*
 * Clients that connect, ask, get a reply and leave.  The server learns of the
 * end by an end of file, deletes the event and closes.
 */

static struct event acceptor;
static void (*greet)(int, int);

static void
finish(int fd, int i)
{
	event_del(&events[i]);
	churn_close(fd, i);
	one_done();
}

/* With one persistent event for a whole connection. */
static void
talk_cb(int fd, short what, void *arg)
{
	if (churn_read(fd))
		churn_reply(fd);
	else
		finish(fd, (int)(intptr_t)arg);
}

static void
greet_persist(int fd, int i)
{
	event_set(&events[i], fd, EV_READ | EV_PERSIST, talk_cb, index_arg(i));
	event_add(&events[i], &minute);
}

/* With one-shot events for reading and writing, as a bufferevent has them. */
static void listen_to(int fd, int i);

static void
write_cb(int fd, short what, void *arg)
{
	churn_reply(fd);
	listen_to(fd, (int)(intptr_t)arg);
}

static void
read_cb(int fd, short what, void *arg)
{
	int i = (int)(intptr_t)arg;

	if (!churn_read(fd)) {
		finish(fd, i);
		return;
	}
	event_set(&events[i], fd, EV_WRITE, write_cb, arg);
	event_add(&events[i], &minute);
}

static void
listen_to(int fd, int i)
{
	event_set(&events[i], fd, EV_READ, read_cb, index_arg(i));
	event_add(&events[i], &minute);
}

static void
accept_cb(int fd, short what, void *arg)
{
	int place;
	int client = churn_accept(&place);

	greet(client, place);
}

static int
churn_setup(int n, void (*greeting)(int, int))
{
	n = bench_fit(n, 2);
	start(n);
	greet = greeting;
	event_set(&acceptor, churn_open(n), EV_READ | EV_PERSIST, accept_cb,
	    NULL);
	event_add(&acceptor, NULL);
	return n;
}

static int
churn_persist_setup(int n, int tokens)
{
	return churn_setup(n, greet_persist);
}

static int
churn_oneshot_setup(int n, int tokens)
{
	return churn_setup(n, listen_to);
}

static long
clients_run(long n)
{
	return churn_run(n, dispatch);
}

/* For the memory: n events, set or added, of each kind. */

static int
set_setup(int n, int tokens)
{
	n = bench_fit(n, 1);
	start(n);
	sockets = bench_sockets(n);
	return n;
}

static long
set_run(long n)
{
	for (int i = 0; i < n; i++)
		event_set(&events[i], sockets[i], EV_READ, silent_cb, NULL);
	return n;
}

static long
add_run(long n, int reads, struct timeval *tv)
{
	for (int i = 0; i < n; i++) {
		event_set(&events[i], reads ? sockets[i] : -1,
		    reads ? EV_READ : 0, silent_cb, NULL);
		event_add(&events[i], tv);
	}
	event_base_loop(base, ONE_PASS);
	return n;
}

static long
add_read_run(long n)
{
	return add_run(n, 1, NULL);
}

static long
add_read_timeout_run(long n)
{
	return add_run(n, 1, &minute);
}

static long
add_timer_run(long n)
{
	return add_run(n, 0, &minute);
}

static long
add_del_run(long n)
{
	add_run(n, 1, &minute);
	for (int i = 0; i < n; i++)
		event_del(&events[i]);
	event_base_loop(base, ONE_PASS);
	return n;
}

void
bench_print_version(void)
{
	start(1);
	printf("%s, %s\n", event_get_version(), event_get_method());
}

const size_t bench_event_size = sizeof(struct event);

const struct bench_case bench_cases[] = {
    {"register", register_setup, register_run},
    {"persist", persist_setup, dispatch},
    {"persist_timeout", persist_timeout_setup, dispatch},
    {"oneshot", oneshot_setup, dispatch},
    {"oneshot_timeout", oneshot_timeout_setup, dispatch},
    {"crowd_persist", crowd_persist_setup, dispatch},
    {"crowd_oneshot", crowd_oneshot_setup, dispatch},
    {"timers_inside", timers_setup, timers_inside_run},
    {"timers_outside", timers_setup, timers_outside_run},
    {"active", active_setup, active_run},
    {"signal", signal_setup, signal_run},
    {"churn_persist", churn_persist_setup, clients_run},
    {"churn_oneshot", churn_oneshot_setup, clients_run},
    {"only_set", set_setup, set_run},
    {"add_read", set_setup, add_read_run},
    {"add_read_timeout", set_setup, add_read_timeout_run},
    {"add_timer", set_setup, add_timer_run},
    {"add_del", set_setup, add_del_run},
    {NULL, NULL, NULL},
};
