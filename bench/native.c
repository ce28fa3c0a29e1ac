/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cases of events.c in libev's own interface: what the loop costs with no
 * other library above it.  A one-shot event is an ev_io that its callback
 * stops and starts again, a timeout an ev_timer beside it.
 */
#include <ev.h>

#include "churn.h"
#include "tally.h"

#include <sys/socket.h>

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* What a program keeps for one event. */
struct watcher {
	ev_io io;
	ev_timer timer;
};

static struct ev_loop *loop;
static struct watcher *watchers;
static int count;
static struct tally tally;

static void
start(int n)
{
	loop = ev_default_loop(EVBACKEND_EPOLL | EVFLAG_NOENV);
	bench_need(loop != NULL, "ev_default_loop");
	watchers = bench_alloc((size_t)n, sizeof(*watchers));
	count = n;
}

static void
one_done(void)
{
	if (tally_one(&tally))
		ev_break(loop, EVBREAK_ONE);
}

static void
run_loop(void)
{
	ev_run(loop, 0);
}

static long
dispatch(long n)
{
	return tally_run(&tally, n, run_loop);
}

static struct watcher *
of_io(ev_io *io)
{
	return (struct watcher *)((char *)io - offsetof(struct watcher, io));
}

static int
index_of(ev_io *io)
{
	return (int)(of_io(io) - watchers);
}

/* Registration. */

static int *sockets;

static void
silent_io_cb(struct ev_loop *l, ev_io *w, int what)
{
}

static void
silent_timer_cb(struct ev_loop *l, ev_timer *w, int what)
{
}

static int
register_setup(int n, int tokens)
{
	n = bench_fit(n, 1);
	start(n);
	sockets = bench_sockets(n);
	for (int i = 0; i < n; i++) {
		ev_io_init(&watchers[i].io, silent_io_cb, sockets[i], EV_READ);
		ev_io_start(loop, &watchers[i].io);
	}
	ev_run(loop, EVRUN_NOWAIT);
	return n;
}

static long
register_run(long n)
{
	long total;

	for (total = 0; total < n; total += count) {
		for (int i = 0; i < count; i++) {
			ev_io *w = &watchers[i].io;

			ev_io_stop(loop, w);
			ev_io_init(w, silent_io_cb, sockets[i], EV_READ);
			ev_io_start(loop, w);
		}
		ev_run(loop, EVRUN_NOWAIT);
	}
	return total;
}

/* The rings. */

static struct ring ring;

static void
persist_cb(struct ev_loop *l, ev_io *w, int what)
{
	ring_pass(&ring, index_of(w));
	one_done();
}

static void
persist_timeout_cb(struct ev_loop *l, ev_io *w, int what)
{
	ring_pass(&ring, index_of(w));
	ev_timer_again(l, &of_io(w)->timer);
	one_done();
}

static void
oneshot_cb(struct ev_loop *l, ev_io *w, int what)
{
	ev_io_stop(l, w);
	ring_pass(&ring, index_of(w));
	ev_io_start(l, w);
	one_done();
}

static void
oneshot_timeout_cb(struct ev_loop *l, ev_io *w, int what)
{
	struct watcher *both = of_io(w);

	ev_io_stop(l, w);
	ev_timer_stop(l, &both->timer);
	ring_pass(&ring, index_of(w));
	ev_io_start(l, w);
	ev_timer_again(l, &both->timer);
	one_done();
}

static int
ring_setup(int n, int tokens, int timeout,
    void (*cb)(struct ev_loop *, ev_io *, int))
{
	ring_open(&ring, n, tokens);
	start(ring.n);
	for (int i = 0; i < ring.n; i++) {
		ev_io_init(&watchers[i].io, cb, ring.in[i], EV_READ);
		ev_io_start(loop, &watchers[i].io);
		ev_timer_init(&watchers[i].timer, silent_timer_cb, 0., 60.);
		if (timeout)
			ev_timer_again(loop, &watchers[i].timer);
	}
	return ring.n;
}

static int
persist_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 0, persist_cb);
}

static int
persist_timeout_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 1, persist_timeout_cb);
}

static int
oneshot_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 0, oneshot_cb);
}

static int
oneshot_timeout_setup(int n, int tokens)
{
	return ring_setup(n, tokens, 1, oneshot_timeout_cb);
}

/* A crowd around a small ring. */

static int
crowd_setup(int n, int tokens, void (*cb)(struct ev_loop *, ev_io *, int))
{
	int silent = bench_fit(n, 1) - 2 * tokens;

	sockets = bench_sockets(silent);
	ring_setup(tokens, tokens, 0, cb);
	for (int i = 0; i < silent; i++) {
		struct watcher *w = bench_alloc(1, sizeof(*w));

		ev_io_init(&w->io, silent_io_cb, sockets[i], EV_READ);
		ev_io_start(loop, &w->io);
	}
	return silent + 2 * tokens;
}

static int
crowd_persist_setup(int n, int tokens)
{
	return crowd_setup(n, tokens, persist_cb);
}

static int
crowd_oneshot_setup(int n, int tokens)
{
	return crowd_setup(n, tokens, oneshot_cb);
}

/* Timers. */

static ev_prepare trigger;

static void
move_timers(void)
{
	for (int i = 0; i < count; i++) {
		ev_timer_set(&watchers[i].timer, bench_seconds(i), 0.);
		ev_timer_start(loop, &watchers[i].timer);
	}
	for (int i = 0; i < count; i++) {
		watchers[i].timer.repeat = bench_seconds(i + count);
		ev_timer_again(loop, &watchers[i].timer);
	}
	for (int i = 0; i < count; i++)
		ev_timer_stop(loop, &watchers[i].timer);
}

static void
move_timers_cb(struct ev_loop *l, ev_prepare *w, int what)
{
	move_timers();
}

static int
timers_setup(int n, int tokens)
{
	start(n);
	ev_prepare_init(&trigger, move_timers_cb);
	for (int i = 0; i < n; i++)
		ev_timer_init(&watchers[i].timer, silent_timer_cb, 0., 0.);
	return n;
}

static long
timers_inside_run(long n)
{
	long total;

	for (total = 0; total < n; total += 3L * count) {
		ev_feed_event(loop, &trigger, EV_CUSTOM);
		ev_run(loop, EVRUN_NOWAIT);
	}
	return total;
}

static long
timers_outside_run(long n)
{
	long total;

	for (total = 0; total < n; total += 3L * count) {
		ev_now_update(loop);
		move_timers();
	}
	return total;
}

/* Events made active by the program itself. */

static void
active_cb(struct ev_loop *l, ev_timer *w, int what)
{
	tally.done++;
}

static int
active_setup(int n, int tokens)
{
	start(n);
	for (int i = 0; i < n; i++)
		ev_timer_init(&watchers[i].timer, active_cb, 0., 0.);
	return n;
}

static long
active_run(long n)
{
	tally.done = 0;
	while (tally.done < n) {
		for (int i = 0; i < count; i++)
			ev_feed_event(loop, &watchers[i].timer, EV_CUSTOM);
		ev_run(loop, EVRUN_NOWAIT);
	}
	return tally.done;
}

/* A signal raised, and waited for. */

static ev_signal usr1;

static void
signal_cb(struct ev_loop *l, ev_signal *w, int what)
{
	tally.done++;
}

static int
signal_setup(int n, int tokens)
{
	start(1);
	ev_signal_init(&usr1, signal_cb, SIGUSR1);
	ev_signal_start(loop, &usr1);
	return n;
}

static void
run_pass(void)
{
	ev_run(loop, EVRUN_ONCE);
}

static long
signal_run(long n)
{
	return tally_signals(&tally, n, run_pass);
}

/* Clients that connect, ask, get a reply and leave. */

static ev_io acceptor;
static void (*greet)(int, struct watcher *);

static void
watch_for(struct watcher *w, int fd, int what,
    void (*cb)(struct ev_loop *, ev_io *, int))
{
	ev_io_init(&w->io, cb, fd, what);
	ev_io_start(loop, &w->io);
	ev_timer_init(&w->timer, silent_timer_cb, 0., 60.);
	ev_timer_again(loop, &w->timer);
}

static void
unwatch(ev_io *io)
{
	ev_io_stop(loop, io);
	ev_timer_stop(loop, &of_io(io)->timer);
}

static void
finish(ev_io *io)
{
	unwatch(io);
	churn_close(io->fd, index_of(io));
	one_done();
}

/* With one pair of watchers for a whole connection. */
static void
talk_cb(struct ev_loop *l, ev_io *w, int what)
{
	if (churn_read(w->fd))
		churn_reply(w->fd);
	else
		finish(w);
}

static void
greet_persist(int fd, struct watcher *w)
{
	watch_for(w, fd, EV_READ, talk_cb);
}

/* The watchers are stopped and set again for each step. */
static void listen_to(int fd, struct watcher *w);

static void
write_cb(struct ev_loop *l, ev_io *w, int what)
{
	unwatch(w);
	churn_reply(w->fd);
	listen_to(w->fd, of_io(w));
}

static void
read_cb(struct ev_loop *l, ev_io *w, int what)
{
	unwatch(w);
	if (churn_read(w->fd))
		watch_for(of_io(w), w->fd, EV_WRITE, write_cb);
	else
		finish(w);
}

static void
listen_to(int fd, struct watcher *w)
{
	watch_for(w, fd, EV_READ, read_cb);
}

static void
accept_cb(struct ev_loop *l, ev_io *w, int what)
{
	int place;
	int client = churn_accept(&place);

	greet(client, &watchers[place]);
}

static int
churn_setup(int n, void (*greeting)(int, struct watcher *))
{
	n = bench_fit(n, 2);
	start(n);
	greet = greeting;
	ev_io_init(&acceptor, accept_cb, churn_open(n), EV_READ);
	ev_io_start(loop, &acceptor);
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

/* For the memory: n watchers, initialised or started, of each kind. */

static int
set_setup(int n, int tokens)
{
	n = bench_fit(n, 1);
	start(n);
	sockets = bench_sockets(n);
	return n;
}

static long
start_run(long n, int reads, int timeout)
{
	for (int i = 0; i < n; i++) {
		struct watcher *both = &watchers[i];

		ev_io_init(&both->io, silent_io_cb, sockets[i], EV_READ);
		ev_timer_init(&both->timer, silent_timer_cb, 60., 0.);
		if (reads)
			ev_io_start(loop, &both->io);
		if (timeout)
			ev_timer_start(loop, &both->timer);
	}
	ev_run(loop, EVRUN_NOWAIT);
	return n;
}

static long
set_run(long n)
{
	return start_run(n, 0, 0);
}

static long
add_read_run(long n)
{
	return start_run(n, 1, 0);
}

static long
add_read_timeout_run(long n)
{
	return start_run(n, 1, 1);
}

static long
add_timer_run(long n)
{
	return start_run(n, 0, 1);
}

static long
add_del_run(long n)
{
	start_run(n, 1, 1);
	for (int i = 0; i < n; i++) {
		ev_io_stop(loop, &watchers[i].io);
		ev_timer_stop(loop, &watchers[i].timer);
	}
	ev_run(loop, EVRUN_NOWAIT);
	return n;
}

void
bench_print_version(void)
{
	start(1);
	printf("%d.%d, %s\n", ev_version_major(), ev_version_minor(),
	    ev_backend(loop) == EVBACKEND_EPOLL ? "epoll" : "not epoll");
}

const size_t bench_event_size = sizeof(struct watcher);

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
