/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The descriptor by which a signal handler, or another thread, ends a pass that
 * sleeps.  The base
 * embeds struct wake.
 *
 * 1.4: a base has its descriptors from the start, so that signal_add() works in
 * a program that has none left, or has given up the right to more; and a
 * wake-up counts as an event of the pass that meets it, so it ends EVLOOP_ONCE
 * even if the signal's event was deleted meanwhile.
 */
#ifndef EVI_WAKE_H
#define EVI_WAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "public.h"

struct wake {
	atomic_int fd;			/* an eventfd; -1: none */
	struct event ev;		/* the library's own; watches fd */
	void (*cb)(int, short, void *); /* its callback */
};

/* Whether the run queue has its event: 1 or 0. */
static inline int
evi_wake_is_active(const struct wake *wake)
{
	return (wake->ev.ev_flags & EVLIST_ACTIVE) != 0;
}

/*
 * Makes the descriptor, which each pass looks at.  cb is called by the loop
 * with the base when it was woken, and has to evi_wake_hear().  -1 with errno:
 * there is no descriptor to be had, or no memory.
 */
int evi_wake_init(struct event_base *base, void (*cb)(int, short, void *));

/* Whether it was woken since the last time; not if another pass, inside a
 * callback, has heard of it. */
static inline bool
evi_wake_hear(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) != -1;
}

/* Closes it.  Nothing wakes the base any more. */
void evi_wake_free(struct event_base *base);

/* Ends a pass that sleeps, or the next one.  For signal handlers
 * and all threads. */
void evi_wake_up(struct event_base *base);

/*
 * Replaces it: the one from before fork() is the parent's too.  is_ours: the
 * number still names it, so it is to be closed.  -1 with errno.
 */
int evi_wake_renew(struct event_base *base, bool is_ours);

#endif
