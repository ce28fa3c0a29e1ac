/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The set: what a base watches.
 *
 *  1. evi_watch_new() makes a set on a libev loop of its own,
 *     evi_watch_new_on() one on a loop that the program runs (host.c).
 *  2. io.c collects changes; timer.c sets libev's timers at once, but may leave
 *     one idle.  evi_watch_pass() passes the changes to libev, stops the idle
 *     timer (both in evi_watch_flush()), and runs libev once.
 *  3. libev's callbacks in io.c and timer.c report to the base.  An error in a
 *     callback is stored in libev.error, and the pass returns it.
 *  4. Native watchers may change events while libev runs.  prepare_cb() then
 *     flushes again.
 *  5. evi_watch_start_over() has the next pass make new kernel state;
 *     evi_watch_refresh() makes that pass at once.
 */
#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "alloc.h"
#include "backend.h"
#include "base.h"
#include "host.h"
#include "io.h"
#include "kernel.h"
#include "libev.h"
#include "native.h"
#include "support/fork.h"
#include "support/log.h"
#include "timer.h"
#include "watch_private.h"

/* A number that no descriptor has: closing it makes room for none. */
#define NO_FD_TO_CLOSE INT_MAX

/* --- libev's callbacks --- */

/*
 * libev is about to make its kernel state again.  If the set has not asked for
 * that, the kernel has reported a descriptor that it should have forgotten when
 * the program closed it: another process, or a dup(), still has the file open.
 */
static void
fork_cb(struct ev_loop *loop, ev_fork *fork, int revents)
{
	struct watch *w = fork->data;

	(void)loop;
	(void)revents;
	if (w->starts_over)
		w->starts_over = false;
	else
		w->shares_files = true;
	evi_io_drop_closed(w);
	evi_backend_forget(&w->backend);
}

/*
 * Native watchers may have changed events since evi_watch_pass() flushed them.
 * libev waits until its next timer at most, so end_wait ends the wait.
 */
static void
prepare_cb(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct watch *w = prepare->data;

	(void)revents;
	if (evi_watch_flush(w) == -1)
		evi_libev_set_error(&w->libev, errno);
	if (evi_base_is_busy(w->base) || w->libev.error != 0) {
		ev_timer_set(&w->own.end_wait, 0., 0.);
		ev_timer_start(loop, &w->own.end_wait);
	}
}

/* --- making a set --- */

/* A set without a loop. */
static struct watch *
new_set(struct event_base *base)
{
	struct watch *w = calloc(1, sizeof(*w));

	evi_fork_watch();
	if (w == NULL)
		return NULL;
	w->base = base;
	evi_io_init(&w->descriptors);
	evi_timer_init(&w->timers);
	return w;
}

/* fork_cb()'s watcher counts for the loop, and so keeps it alive. */
static void
start_own_watchers(struct watch *w)
{
	ev_fork_init(&w->own.fork, fork_cb);
	w->own.fork.data = w;
	ev_fork_start(w->loop, &w->own.fork);
	evi_libev_adopt_reference(&w->libev);
	ev_prepare_init(&w->own.prepare, prepare_cb);
	ev_set_priority(&w->own.prepare, EV_MINPRI);
	w->own.prepare.data = w;
	ev_timer_init(&w->own.end_wait, evi_libev_ignore_cb, 0., 0.);
}

struct watch *
evi_watch_new(struct event_base *base)
{
	unsigned int flags = evi_backend_choose();
	struct watch *w;

	evi_libev_init();
	w = new_set(base);
	if (w == NULL || evi_alloc_init() == -1)
		goto fail;
	if (flags != 0)
		w->loop = evi_libev_new(flags | EVFLAG_NOENV);
	if (w->loop == NULL) {
		errno = ENOSYS;
		goto fail;
	}
	evi_backend_init(&w->backend, w->loop);
	start_own_watchers(w);
	return w;
fail:
	free(w);
	return NULL;
}

/*
 * The program has chosen the memory functions of its libev, so nothing is
 * allocated in advance there.
 */
struct watch *
evi_watch_new_on(struct event_base *base, struct ev_loop *loop,
    const struct host *host)
{
	struct watch *w = new_set(base);

	if (w == NULL)
		return NULL;
	w->loop = loop;
	w->host = host;
	evi_native_use(w);
	evi_alloc_set_unlimited(&w->descriptors.array);
	evi_alloc_set_unlimited(&w->timers.array);
	evi_backend_init(&w->backend, loop);
	evi_host_start(w);
	return w;
}

void
evi_watch_leave_loop(struct watch *w)
{
	if (w->loop == NULL)
		return;
	evi_host_stop(w);
	evi_backend_init(&w->backend, NULL);
	w->loop = NULL;
}

void
evi_watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	evi_native_free(w);
	if (w->host != NULL)
		evi_watch_leave_loop(w);
	else
		ev_loop_destroy(w->loop);
	evi_timer_free(w);
	evi_io_free(w);
	free(w);
}

const char *
evi_watch_method(const struct watch *w)
{
	return w->backend.kind->name;
}

bool
evi_watch_is_ordered(const struct watch *w)
{
	return w->backend.kind->is_ordered;
}

/* --- passes --- */

void
evi_watch_set_token(struct watch *w, int fd)
{
	evi_backend_set_token(&w->backend, fd);
}

/*
 * libev ends the process if it gets no descriptor.  For the epoll set it
 * closes the old one first; for ev_async and ev_signal, which may be among the
 * native watchers, it does not.
 */
static bool
has_descriptor(const struct watch *w)
{
	if (w->native.is_in_use)
		return evi_kernel_can_open_instead(NO_FD_TO_CLOSE);
	return w->backend.fd == -1 ||
	       evi_kernel_can_open_instead(w->backend.fd);
}

int
evi_watch_start_over(struct watch *w, bool *is_intact)
{
	if (w->host != NULL) {
		evi_host_start_over(w, is_intact);
		return 0;
	}
	*is_intact = evi_backend_is_intact(&w->backend);
	if (!*is_intact && evi_kernel_is_another_file(w->backend.fd)) {
		event_warnx("descriptor %d was closed under the event loop "
			    "and belongs to another file now",
		    w->backend.fd);
		errno = EBADF;
		return -1;
	}
	if (evi_alloc_prepare() == -1 || !has_descriptor(w))
		return -1;
	ev_loop_fork(w->loop);
	evi_native_start_over(w);
	w->starts_over = true;
	evi_backend_start_over(&w->backend);
	return 0;
}

/* A system call of libev's that failed in a run is an error of the pass. */
static int
check_error(const struct watch *w)
{
	if (w->libev.error == 0)
		return 0;
	errno = w->libev.error;
	return -1;
}

static int
run(struct watch *w, int flags)
{
	w->nalive =
	    evi_libev_run(&w->libev, w->loop, flags, w->native.is_in_use);
	evi_timer_end_pass(&w->timers);
	evi_backend_find(&w->backend, w->loop);
	return check_error(w);
}

/* Runs libev's default loop, if it is in use, before the set's own. */
static int
run_child_loop(struct watch *w, bool *wait, bool *alive)
{
	if (w->native.child_loop == NULL)
		return 0;
	if (evi_native_run_child_loop(w))
		*alive = true;
	if (evi_base_is_busy(w->base))
		*wait = false;
	return check_error(w);
}

int
evi_watch_pass(struct watch *w, bool wait, bool has_events)
{
	if (evi_alloc_prepare() == -1)
		return -1;
	if (run_child_loop(w, &wait, &has_events) == -1)
		return -1;
	if (evi_watch_flush(w) == -1)
		return -1;
	if (w->native.is_in_use)
		evi_libev_keep_alive(&w->libev, w->loop, has_events);
	return run(w, wait ? EVRUN_ONCE : EVRUN_NOWAIT);
}

/*
 * The first run makes the new kernel state with the descriptors that libev
 * already watches.  The pass then adds those that have changed.
 */
int
evi_watch_refresh(struct watch *w)
{
	if (run(w, EVRUN_NOWAIT) == -1)
		return -1;
	evi_io_retry(w);
	if (evi_watch_pass(w, false, true) == -1)
		return -1;
	if (evi_io_has_closed(w)) {
		errno = EBADF;
		return -1;
	}
	return 0;
}

void
evi_watch_drain(struct watch *w, void (*drop_cb)(struct event *))
{
	evi_io_drain(w, drop_cb);
	evi_timer_drain(w, drop_cb);
}
