/* SPDX-License-Identifier: BSD-3-Clause */
/* What every user of libev here needs: its hooks, a loop, a run of it. */
#include "libev.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "support/log.h"

/* The set whose loop runs in this thread, for libev's error callback. */
static _Thread_local struct watch *running;

/*
 * A system call of libev's failed, and libev would try it again.  One that
 * waits is an error of the pass.  One that makes kernel state anew is where
 * 1.4 ends the program.  Other loops get what libev does without a callback.
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
set_hooks(void)
{
	ev_set_allocator(evi_alloc_resize);
	ev_set_syserr_cb(syserr_cb);
}

void
evi_libev_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_hooks);
}

/*
 * ev_run() begins with the watchers that an interrupted run has left pending.
 * There are none unless native watchers make some, and to look costs a tenth of
 * a pass.
 */
static void
invoke_cb(struct ev_loop *loop)
{
	struct watch *w = running;

	if (w != NULL && w->begins) {
		w->begins = false;
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
evi_libev_run(struct watch *w, struct ev_loop *loop, int flags)
{
	struct watch *outer = running;
	int alive;

	running = w;
	w->error = 0;
	w->begins = !w->native;
	alive = ev_run(loop, flags);
	running = outer;
	return alive;
}
