/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libev, for the files of this folder alone: the one place that sees <ev.h>.
 * It has names in common with <event.h>, for other values.  Above the include
 * they are libevent's, below it libev's, and WANT_* are libevent's for good.
 */
#ifndef EVI_LIBEV_H
#define EVI_LIBEV_H

#include "alloc.h"
#include "backend.h"
#include "kernel.h"
#include "watch.h"

enum {
	WANT_READ = EV_READ,
	WANT_WRITE = EV_WRITE
};
#undef EV_TIMEOUT
#undef EV_READ
#undef EV_WRITE
#undef EV_SIGNAL
#undef EV_PERSIST
#undef EVLOOP_ONCE
#undef EVLOOP_NONBLOCK
#define EV_COMPAT3 0
/* Its macros reach into the middle of its structs.  In a system's folder the
   compiler does not mind. */
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

/* So that one shift translates between the two. */
_Static_assert(WANT_READ == EV_READ << 1 && WANT_WRITE == EV_WRITE << 1,
    "EV_READ and EV_WRITE");

#define CHUNK 64 /* slots, or timers, that are allocated together */

struct slot {
	ev_io io;   /* io.data: the descriptor's events, the newest first */
	int next;   /* on the list of changed descriptors */
	bool quiet; /* active, and does not keep the loop alive */
	bool renew; /* what the kernel's set has is not what libev thinks */
};

struct timers;

struct watch {
	struct event_base *base;
	struct ev_loop *loop; /* NULL: it was the program's, and is gone */
	const struct evi_host *host; /* NULL: the loop is the set's own */
	struct slot **chunks; /* by descriptor; NULL where none was needed */
	int nchunks;
	int changed; /* the descriptor changed first, or EVI_NO_CHANGE */
	int changed_last;
	int left; /* the descriptor that lost an event last, or EVI_NO_CHANGE */
	struct backend backend;
	int error;     /* the errno of a system call that failed in libev */
	int alive;     /* libev's count of active watchers after a pass */
	bool held;     /* one of these is ours, to keep a pass waiting */
	bool native;   /* the program has its own watchers on the loop */
	bool begins;   /* a run has not invoked anything yet */
	bool restarts; /* libev was told to make its kernel state again */
	bool late;     /* held for one more pass alone; see host.c */
	bool shares;   /* another process has files that are watched */
	double tick;   /* see evi_timer_tick() */
	unsigned int ticks; /* timers set since the clock was read */
	double expired_at;  /* when this pass's timers did; 0: not asked */
	size_t ntimers;
	struct timers *timers;
	ev_timer *free_timer;
	ev_timer *left_timer; /* see evi_timer_settle(); NULL if none */
	struct evi_growing fd_array, timer_array; /* libev's */
	ev_fork fork;
	ev_prepare prepare;
	ev_check check; /* this and the next where host is set */
	ev_cleanup cleanup;
	ev_timer at_once;	    /* keeps a pass from waiting */
	struct ev_loop *child_loop; /* NULL until asked for */
	ev_io child_io;
};

#define EVI_NO_CHANGE (-1)

/* Once before the first loop. */
void evi_libev_init(void);

/* A loop for evi_libev_run(); NULL without a back-end. */
struct ev_loop *evi_libev_new(unsigned int flags);

/*
 * ev_run() for a loop that belongs to the set: a system call of libev's that
 * fails is noted in w->error.  How many watchers keep the loop alive.
 */
int evi_libev_run(struct watch *w, struct ev_loop *loop, int flags);

/* Whether evi_io_flush() might have anything to do. */
static inline bool
evi_io_has_changes(const struct watch *w)
{
	return w->changed != EVI_NO_CHANGE || w->left != EVI_NO_CHANGE;
}

/* Whether the loop stays alive for us, beside its native watchers. */
static inline void
evi_watch_hold(struct watch *w, bool wants)
{
	if (w->held == wants)
		return;
	if (wants)
		ev_ref(w->loop);
	else
		ev_unref(w->loop);
	w->held = wants;
}

#endif
