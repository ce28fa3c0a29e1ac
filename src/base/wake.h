/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The descriptor by which a signal handler, or another thread, wakes a loop
 * that waits.  The base embeds struct wake.
 *
 * 1.4: a base has its descriptors from the start.  So signal_add() works in a
 * program that can open no more.  A wake-up counts as an event of the pass, so
 * it ends EVLOOP_ONCE even if the signal's event was deleted meanwhile.
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
	struct event ev;		/* the library's event on fd */
	void (*cb)(int, short, void *); /* the event's callback */
};

/* Whether its event is active: 1 or 0. */
static inline int
evi_wake_is_active(const struct wake *wake)
{
	return (wake->ev.ev_flags & EVLIST_ACTIVE) != 0;
}

/*
 * Opens the descriptor and adds the event.  The loop calls cb, with the base
 * for its argument, when it was woken; cb has to call evi_wake_clear().  -1
 * with errno: EMFILE, ENFILE or ENOMEM.
 */
int evi_wake_init(struct event_base *base, void (*cb)(int, short, void *));

/*
 * Whether the loop was woken since the last call.  False if a loop that runs
 * inside a callback has cleared it.
 */
static inline bool
evi_wake_clear(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) != -1;
}

/* Closes the descriptor.  Nothing wakes the base any more. */
void evi_wake_free(struct event_base *base);

/*
 * Wakes the loop, or keeps its next pass from waiting.  Signal handlers and all
 * threads may call it.
 */
void evi_wake_up(struct event_base *base);

/*
 * Replaces the descriptor in a child process, because the old one is the
 * parent's, too.  is_ours: the number still names the old one, so it is closed;
 * otherwise it may be a file of the program's.  -1 with errno.
 */
int evi_wake_renew(struct event_base *base, bool is_ours);

#endif
