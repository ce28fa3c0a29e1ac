/* SPDX-License-Identifier: BSD-3-Clause */
/* libev's hooks, and a run of one of its loops. */
#include "libev.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "support/log.h"

/* The set whose loop runs in this thread, for libev's hooks. */
static _Thread_local struct libev *running;

/*
 * A system call of libev's failed, and libev would try it again.  If it was the
 * one that waits, the pass fails.  If it was one that makes new kernel state,
 * the process ends, as in 1.4.  On a loop that no base runs, libev's default
 * applies.
 */
static void
syserr_cb(const char *msg)
{
	if (running == NULL) {
		perror(msg);
		abort();
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		event_err(1, "%s", msg);
	running->error = errno;
}

static void
set_hooks_cb(void)
{
	ev_set_allocator(evi_alloc_resize);
	ev_set_syserr_cb(syserr_cb);
}

void
evi_libev_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_hooks_cb);
}

/*
 * ev_run() first invokes the watchers that an interrupted run has left pending.
 * There are none without native watchers, and looking for them costs a tenth of
 * a pass.
 */
static void
invoke_cb(struct ev_loop *loop)
{
	struct libev *libev = running;

	if (libev != NULL && libev->skips_pending) {
		libev->skips_pending = false;
		return;
	}
	ev_invoke_pending(loop);
}

struct ev_loop *
evi_libev_new(unsigned int flags)
{
	struct ev_loop *loop = ev_loop_new(flags);

	if (loop != NULL)
		ev_set_invoke_pending_cb(loop, invoke_cb);
	return loop;
}

int
evi_libev_run(struct libev *libev, struct ev_loop *loop, int flags,
    bool has_native)
{
	struct libev *outer = running;
	int nalive;

	running = libev;
	libev->error = 0;
	libev->skips_pending = !has_native;
	nalive = ev_run(loop, flags);
	running = outer;
	return nalive;
}

void
evi_libev_ignore_cb(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)timer;
	(void)revents;
}
