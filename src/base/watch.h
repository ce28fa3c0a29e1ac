/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a base watches: descriptors and timers, on a libev loop of its own.
 * This is the one door to libev; nothing else in the library sees <ev.h>.
 *
 * libev never calls the user: what it reports is handed to evi_ready() and
 * the base's reports (base.h), which only queue it.
 *
 * An event that is watched is found again by these of its private bytes:
 *	ev_next			its place among the events of its descriptor
 *	min_heap_idx		the descriptor, or signal, it is watched for
 *	ev_signal_next.tqe_next	its timer, NULL if none
 *	ev_timeout		when the timer expired, once it has
 */
#ifndef EVI_WATCH_H
#define EVI_WATCH_H

#include <stdbool.h>

#include "public.h"

struct evi_host;
struct watch;

/*
 * A new, empty set with the best back-end that the environment allows; or
 * NULL with errno, where there is no memory or no back-end.
 */
struct watch *evi_watch_new(struct event_base *base);

/*
 * The same on a loop that the program runs itself; NULL with ENOMEM.  Of what
 * is said below, evi_watch_pass() and evi_watch_refresh() are not for such a
 * set.
 */
struct watch *evi_watch_on(struct event_base *base, struct ev_loop *loop,
    const struct evi_host *host);

/* Ends it.  Every event must have been taken out before.  Takes NULL. */
void evi_watch_free(struct watch *w);

/* "epoll", "poll" or "select". */
const char *evi_watch_method(const struct watch *w);

/* Whether the kernel reports descriptors in the order of their numbers, or of
 * being added, rather than of becoming ready. */
bool evi_watch_is_ordered(const struct watch *w);

/*
 * Puts a descriptor into the kernel's set by which that can be told from a file
 * of the program's that has its number, and the descriptor as well.
 */
void evi_watch_set_token(struct watch *w, int fd);

/*
 * Has the set make its kernel state again with its next pass.  *is_intact: the
 * state is there as it was, and the token; what is not known to be the
 * set's own is not closed.  -1 with errno: another file has the number of the
 * kernel's set, or no descriptor is left for a new one.
 */
int evi_watch_start_over(struct watch *w, bool *is_intact);

/*
 * One pass: tells the kernel what has changed, waits if `wait` says so until
 * something happens, and reports all that has.  wants: the base has events
 * left; without them only native watchers keep the pass waiting.  0, or -1
 * with errno, when the kernel refused; nothing is lost then.
 */
int evi_watch_pass(struct watch *w, bool wait, bool wants);

/*
 * A pass without waiting, which tries again what was closed and may be open
 * now. -1 with errno; EBADF also if all went well but for events whose
 * descriptor is closed.
 */
int evi_watch_refresh(struct watch *w);

/* The set lets go of the program's loop, which is being destroyed. */
void evi_watch_leave(struct watch *w);

/* Calls drop for every event that is watched; drop takes it out. */
void evi_watch_drain(struct watch *w, void (*drop)(struct event *));

#endif
