/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of what is watched: made, run pass by pass, renewed and freed. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "alloc.h"
#include "base.h"
#include "kernel.h"
#include "libev.h"
#include "support/fork.h"
#include "support/log.h"
#include "host.h"
#include "io.h"
#include "native.h"
#include "timer.h"

/* --- libev's callbacks --- */

/*
 * libev is about to make its kernel state again.  If nobody has told it to, the
 * kernel has reported a descriptor that it ought to have forgotten when it was
 * closed: some other process, or a dup(), still has the file.
 */
static void
fork_cb(struct ev_loop *loop, ev_fork *fork, int revents)
{
	struct watch *w = fork->data;

	(void)loop;
	(void)revents;
	if (w->restarts)
		w->restarts = false;
	else
		w->shares = true;
	evi_io_drop_closed(w);
	evi_backend_forget(&w->backend);
}

/*
 * Native watchers may have changed things since evi_watch_pass() looked.  libev
 * sleeps no longer than to its next timer.
 */
static void
prepare_cb(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct watch *w = prepare->data;

	(void)revents;
	if (w->left_timer != NULL)
		evi_timer_settle(w);
	if (evi_io_has_changes(w) && evi_io_flush(w) == -1)
		w->error = errno;
	if (w->backend.kind->reports_closed)
		evi_io_drop_closed(w);
	if (evi_is_busy(w->base) || w->error != 0) {
		ev_timer_set(&w->at_once, 0., 0.);
		ev_timer_start(loop, &w->at_once);
	}
}

static void
at_once_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop;
	(void)t;
	(void)revents;
}

/* --- making a set --- */

/* A set without a loop so far. */
static struct watch *
make(struct event_base *base)
{
	struct watch *w = calloc(1, sizeof(*w));

	evi_fork_watch();
	if (w == NULL)
		return NULL;
	w->base = base;
	w->tick = evi_timer_tick();
	w->changed = w->left = EVI_NO_CHANGE;
	return w;
}

struct watch *
evi_watch_new(struct event_base *base)
{
	unsigned int flags = evi_backend_choose();
	struct watch *w;

	evi_libev_init();
	w = make(base);
	if (w == NULL || evi_alloc_init() == -1)
		goto fail;
	if (flags != 0)
		w->loop = evi_libev_new(flags | EVFLAG_NOENV);
	if (w->loop == NULL) {
		errno = ENOSYS;
		goto fail;
	}
	evi_backend_init(&w->backend, w->loop);
	w->held = true; /* by this watcher: */
	ev_fork_init(&w->fork, fork_cb);
	w->fork.data = w;
	ev_fork_start(w->loop, &w->fork);
	ev_prepare_init(&w->prepare, prepare_cb);
	ev_set_priority(&w->prepare, EV_MINPRI);
	w->prepare.data = w;
	ev_timer_init(&w->at_once, at_once_cb, 0., 0.);
	return w;
fail:
	free(w);
	return NULL;
}

/* libev's memory is the program's matter there: it gets no room in advance. */
struct watch *
evi_watch_on(struct event_base *base, struct ev_loop *loop,
    const struct evi_host *host)
{
	struct watch *w = make(base);

	if (w == NULL)
		return NULL;
	w->loop = loop;
	w->host = host;
	w->native = true;
	w->fd_array.room = w->timer_array.room = SIZE_MAX;
	evi_backend_init(&w->backend, loop);
	evi_host_start(w);
	return w;
}

void
evi_watch_leave(struct watch *w)
{
	evi_host_stop(w);
	evi_backend_init(&w->backend, NULL);
}

void
evi_watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	evi_native_free(w);
	if (w->host != NULL)
		evi_host_stop(w);
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
 * libev ends the process if it cannot get a descriptor.  For the kernel's set
 * it closes the old one first; for ev_async and ev_signal, which native
 * watchers may be, it does not.
 */
static bool
has_descriptor(const struct watch *w)
{
	if (w->native)
		return evi_kernel_can_open_instead(INT_MAX);
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
	if (evi_alloc_ready() == -1 || !has_descriptor(w))
		return -1;
	ev_loop_fork(w->loop);
	evi_native_start_over(w);
	w->restarts = true;
	evi_backend_start_over(&w->backend);
	return 0;
}

static int
run(struct watch *w, int flags)
{
	w->alive = evi_libev_run(w, w->loop, flags);
	w->ticks = 0;
	w->expired_at = 0.;
	evi_backend_find(&w->backend, w->loop);
	if (w->error != 0) {
		errno = w->error;
		return -1;
	}
	return 0;
}

/* Sees to libev's default loop, if it is in use, before the set's own. */
static int
run_children(struct watch *w, bool *wait, bool *alive)
{
	if (w->child_loop == NULL)
		return 0;
	if (evi_native_run_child_loop(w))
		*alive = true;
	if (evi_is_busy(w->base))
		*wait = false;
	if (w->error == 0)
		return 0;
	errno = w->error;
	return -1;
}

int
evi_watch_pass(struct watch *w, bool wait, bool wants)
{
	if (evi_alloc_ready() == -1)
		return -1;
	if (run_children(w, &wait, &wants) == -1)
		return -1;
	if (w->left_timer != NULL)
		evi_timer_settle(w);
	if (evi_io_has_changes(w) && evi_io_flush(w) == -1)
		return -1;
	if (w->backend.kind->reports_closed)
		evi_io_drop_closed(w);
	if (w->native)
		evi_watch_hold(w, wants);
	return run(w, wait ? EVRUN_ONCE : EVRUN_NOWAIT);
}

/* What was added last comes to the kernel after what it had before. */
int
evi_watch_refresh(struct watch *w)
{
	if (run(w, EVRUN_NOWAIT) == -1)
		return -1;
	evi_io_retry(w);
	if (evi_watch_pass(w, false, true) == -1)
		return -1;
	if (evi_io_has_dead(w)) {
		errno = EBADF;
		return -1;
	}
	return 0;
}

void
evi_watch_drain(struct watch *w, void (*drop)(struct event *))
{
	evi_io_drain(w, drop);
	evi_timer_drain(w, drop);
}
