/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libev, for the files of this folder alone: the one place that includes
 * <ev.h>.  libev and <event.h> have names in common, with other values.  Before
 * the include the names are libevent's, after it libev's; LIBEVENT_* are
 * libevent's everywhere.
 */
#ifndef EVI_LIBEV_H
#define EVI_LIBEV_H

#include <stdbool.h>

#include "public.h"

enum {
	LIBEVENT_READ = EV_READ,
	LIBEVENT_WRITE = EV_WRITE
};
#undef EV_TIMEOUT
#undef EV_READ
#undef EV_WRITE
#undef EV_SIGNAL
#undef EV_PERSIST
#undef EVLOOP_ONCE
#undef EVLOOP_NONBLOCK
/* <ev.h> would define EVLOOP_ONCE and other names of libev 3 again. */
#define EV_COMPAT3 0
/*
 * libev's macros access its structs through other types.  The compiler warns of
 * that where <ev.h> is not in one of the system's folders.
 */
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

/* One shift translates between the two. */
_Static_assert(LIBEVENT_READ == EV_READ << 1 && LIBEVENT_WRITE == EV_WRITE << 1,
    "EV_READ and EV_WRITE");

/* libev's EV_READ and EV_WRITE for libevent's; all other bits are dropped. */
static inline int
evi_libev_from_libevent(int events)
{
	return events >> 1 & (EV_READ | EV_WRITE);
}

/* libevent's EV_READ and EV_WRITE for libev's; all other bits are dropped. */
static inline int
evi_libev_to_libevent(int events)
{
	return (events & (EV_READ | EV_WRITE)) << 1;
}

/* What libev.c keeps for each set (struct watch). */
struct libev {
	int error;	    /* errno of a call that failed in a run; 0: none */
	bool skips_pending; /* the run starts with no watcher pending */
	bool has_reference; /* one of the loop's references is the set's */
};

/*
 * Installs the hooks for memory and errors in libev.  Called before the first
 * loop; all later calls do nothing.
 */
void evi_libev_init(void);

/*
 * A new loop, for evi_libev_run().  flags: EVBACKEND_* and EVFLAG_*.  NULL
 * without a back-end.
 */
struct ev_loop *evi_libev_new(unsigned int flags);

/*
 * ev_run() on a loop of the set.  If a system call of libev's fails, its errno
 * is left in libev->error.  has_native: the program has watchers of its own on
 * the loop.  Returns how many watchers keep the loop alive.
 */
int evi_libev_run(struct libev *libev, struct ev_loop *loop, int flags,
    bool has_native);

/* Does nothing, for a timer that only ends the wait of a pass. */
void evi_libev_ignore_cb(struct ev_loop *loop, ev_timer *timer, int revents);

/* Sets the error (an errno) of the current run; 0 clears it. */
static inline void
evi_libev_set_error(struct libev *libev, int error)
{
	libev->error = error;
}

/* Sets whether the set keeps the loop alive; native watchers do so as well. */
static inline void
evi_libev_keep_alive(struct libev *libev, struct ev_loop *loop, bool alive)
{
	if (libev->has_reference == alive)
		return;
	if (alive)
		ev_ref(loop);
	else
		ev_unref(loop);
	libev->has_reference = alive;
}

/*
 * Call it after the first watcher of the set was started: the reference that
 * ev_*_start() has added is the set's, which evi_libev_keep_alive() may drop.
 */
static inline void
evi_libev_adopt_reference(struct libev *libev)
{
	libev->has_reference = true;
}

#endif
