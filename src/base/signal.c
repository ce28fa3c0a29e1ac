/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signals.  Deliveries are counted, so that five deliveries are five calls.  A
 * delivery is counted for one base: the last one that has added an event for
 * the signal, or has begun to loop since.
 *
 * The tables are the process's.  A mutex protects them from other threads; the
 * handler takes no lock and only uses atomic variables.
 */
#include "signal.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "base.h"
#include "host.h"

struct event_base *evsignal_base;

static struct {
	pthread_mutex_t lock;
	LIST_HEAD(, event_base) bases; /* all of them */
	int users[EVI_NSIG];	       /* how many bases watch the signal */
	struct sigaction previous[EVI_NSIG];
	_Atomic(struct event_base *) receiver[EVI_NSIG];
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
handle_signal_cb(int sig)
{
	struct event_base *base = atomic_load(&process.receiver[sig]);
	int saved = errno;

	if (base != NULL) {
		atomic_fetch_add(&base->signals.caught[sig], 1);
		if (atomic_exchange(&base->signals.any_caught, 1) == 0)
			evi_wake_up(base);
	}
	errno = saved;
}

/* 1.4: SA_RESTART, and all signals are blocked while the handler runs. */
static int
install(int sig)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handle_signal_cb;
	sa.sa_flags = SA_RESTART;
	sigfillset(&sa.sa_mask);
	return sigaction(sig, &sa, &process.previous[sig]);
}

static struct event_base *
get_evsignal_base(void)
{
	return __atomic_load_n(&evsignal_base, __ATOMIC_RELAXED);
}

static void
set_evsignal_base(struct event_base *base)
{
	__atomic_store_n(&evsignal_base, base, __ATOMIC_RELAXED);
}

void
evi_signal_init(struct event_base *base)
{
	for (int sig = 0; sig < EVI_NSIG; sig++)
		TAILQ_INIT(&base->signals.events[sig]);
	pthread_mutex_lock(&process.lock);
	LIST_INSERT_HEAD(&process.bases, base, signals.next);
	pthread_mutex_unlock(&process.lock);
}

void
evi_signal_free(struct event_base *base)
{
	pthread_mutex_lock(&process.lock);
	LIST_REMOVE(base, signals.next);
	if (get_evsignal_base() == base)
		set_evsignal_base(NULL);
	pthread_mutex_unlock(&process.lock);
}

/* The base receives the signal; the first base installs the handler. */
static int
start_receiving(struct event_base *base, int sig)
{
	int r = 0;

	pthread_mutex_lock(&process.lock);
	atomic_store(&process.receiver[sig], base);
	if (process.users[sig]++ == 0 && install(sig) == -1) {
		process.users[sig] = 0;
		atomic_store(&process.receiver[sig], NULL);
		r = -1;
	}
	pthread_mutex_unlock(&process.lock);
	return r;
}

/* Another base that watches the signal receives it, if there is one. */
static int
stop_receiving(struct event_base *base, int sig)
{
	struct event_base *other;
	int r = 0;

	pthread_mutex_lock(&process.lock);
	LIST_FOREACH (other, &process.bases, signals.next)
		if (other != base && atomic_load(&other->signals.nevents[sig]))
			break;
	if (--process.users[sig] == 0)
		r = sigaction(sig, &process.previous[sig], NULL);
	if (atomic_load(&process.receiver[sig]) == base)
		atomic_store(&process.receiver[sig], other);
	pthread_mutex_unlock(&process.lock);
	return r;
}

int
evi_signal_add(struct event_base *base, struct event *ev)
{
	struct signals *s = &base->signals;
	int sig = ev->ev_fd;

	if (sig < 1 || sig >= EVI_NSIG ||
	    (ev->ev_events & (EV_READ | EV_WRITE))) {
		errno = EINVAL;
		return -1;
	}
	if (sig == SIGCHLD && evi_host_reaps_children(base->watch)) {
		errno = EBUSY;
		return -1;
	}
	if (atomic_load(&s->nevents[sig]) == 0 &&
	    start_receiving(base, sig) == -1)
		return -1;
	ev->min_heap_idx = (unsigned int)sig;
	TAILQ_INSERT_TAIL(&s->events[sig], ev, ev_next);
	atomic_fetch_add(&s->nevents[sig], 1);
	s->total++;
	set_evsignal_base(base);
	return 0;
}

int
evi_signal_del(struct event_base *base, struct event *ev)
{
	struct signals *s = &base->signals;
	int sig = (int)ev->min_heap_idx;

	TAILQ_REMOVE(&s->events[sig], ev, ev_next);
	s->total--;
	if (atomic_fetch_sub(&s->nevents[sig], 1) > 1)
		return 0;
	return stop_receiving(base, sig);
}

/*
 * If the program has called event_set() on an event that was added, the list
 * ends at that event, and drop_cb does not remove it.
 */
void
evi_signal_drain(struct event_base *base, void (*drop_cb)(struct event *))
{
	struct signals *s = &base->signals;
	struct event *ev;

	for (int sig = 1; sig < EVI_NSIG; sig++) {
		while ((ev = TAILQ_FIRST(&s->events[sig])) != NULL) {
			drop_cb(ev);
			if (ev == TAILQ_FIRST(&s->events[sig]))
				TAILQ_INIT(&s->events[sig]);
		}
		if (atomic_exchange(&s->nevents[sig], 0) > 0)
			stop_receiving(base, sig);
	}
}

void
evi_signal_claim(struct event_base *base)
{
	if (base->signals.total == 0 || get_evsignal_base() == base)
		return;
	for (int sig = 1; sig < EVI_NSIG; sig++)
		if (atomic_load(&base->signals.nevents[sig]) > 0)
			atomic_store(&process.receiver[sig], base);
	set_evsignal_base(base);
}

void
evi_signal_forget(struct event_base *base)
{
	atomic_store(&base->signals.any_caught, 0);
	for (int sig = 1; sig < EVI_NSIG; sig++)
		atomic_store(&base->signals.caught[sig], 0);
}

static void
report(struct event_base *base, int sig, int ncalls)
{
	struct event *ev, *next;

	for (ev = TAILQ_FIRST(&base->signals.events[sig]); ev; ev = next) {
		next = TAILQ_NEXT(ev, ev_next);
		base->reports->signalled_cb(ev, ncalls);
	}
}

void
evi_signal_report(struct event_base *base)
{
	struct signals *s = &base->signals;

	if (atomic_load_explicit(&s->any_caught, memory_order_relaxed) == 0)
		return;
	atomic_store(&s->any_caught, 0);
	for (int sig = 1; sig < EVI_NSIG; sig++) {
		int ncalls = atomic_exchange(&s->caught[sig], 0);

		if (ncalls > SHRT_MAX) { /* the rest is for the next pass */
			atomic_fetch_add(&s->caught[sig], ncalls - SHRT_MAX);
			atomic_store(&s->any_caught, 1);
			ncalls = SHRT_MAX;
		}
		if (ncalls > 0)
			report(base, sig, ncalls);
	}
}
