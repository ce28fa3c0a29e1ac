/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct watch, for the files that work on libev's watchers.  Each of the
 * structs that it embeds is written to by one file.
 */
#ifndef EVI_WATCH_PRIVATE_H
#define EVI_WATCH_PRIVATE_H

#include "backend.h"
#include "io.h"
#include "libev.h"
#include "timer.h"
#include "watch.h"

/* watch.c's watchers on a loop of the set's own. */
struct own_watchers {
	ev_fork fork;
	ev_prepare prepare; /* active if the program has native watchers */
	ev_timer end_wait;  /* ends the wait of a pass */
};

/* host.c's watchers on a loop of the program's. */
struct host_watchers {
	ev_fork fork;
	ev_prepare prepare;
	ev_check check;
	ev_cleanup cleanup;
	ev_timer end_wait;
	bool has_extra_pass; /* see keep_alive() */
};

/* native.c's: the program's own watchers. */
struct native {
	bool is_in_use;		    /* the program knows the loop */
	struct ev_loop *child_loop; /* libev's default loop; NULL: not in use */
	ev_io child_io;		    /* runs it when it has something to do */
};

struct watch {
	struct event_base *base;
	struct ev_loop *loop;	 /* NULL: the program destroyed its loop */
	const struct host *host; /* NULL: the loop is the set's own */
	struct libev libev;
	struct backend backend;
	struct descriptors descriptors;
	struct timers timers;
	struct native native;
	int nalive;	   /* active watchers after a pass, as libev counts */
	bool starts_over;  /* the next pass makes new kernel state */
	bool shares_files; /* libev has reported a closed fd: a copy is open */
	union {
		struct own_watchers own;
		struct host_watchers hosted;
	};
};

/*
 * Passes to libev what has changed since the last pass, right before it waits.
 * -1 with EBADF if the program has closed the epoll set.
 */
static inline int
evi_watch_flush(struct watch *w)
{
	if (w->timers.idle != NULL)
		evi_timer_stop_idle(w);
	if (evi_io_has_changes(&w->descriptors) && evi_io_flush(w) == -1)
		return -1;
	if (w->backend.kind->needs_open_fds)
		evi_io_drop_closed(w);
	return 0;
}

#endif
