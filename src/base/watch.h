/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a base watches: descriptors and timers, on a libev loop.  "The set" is
 * struct watch; the kernel's set of descriptors is called "the epoll set".
 *
 * libev calls no callback of an event; of the program it only invokes native
 * watchers (native.h).  The set's watchers pass what libev reports to
 * evi_base_report_io() and to struct reports (base.h), which only queue events.
 *
 * These private members of struct event are the set's while it is watched:
 *	ev_next			the next event on the same descriptor
 *	min_heap_idx		the descriptor, or signal, that it waits for
 *	ev_signal_next.tqe_next	its timer; NULL: none
 *	ev_timeout		the time at which the timer has expired
 */
#ifndef EVI_WATCH_H
#define EVI_WATCH_H

#include <stdbool.h>

#include "public.h"

struct host;
struct watch;

/*
 * A new, empty set with the best back-end that the environment allows; or
 * NULL with errno, where there is no memory or no back-end.
 */
struct watch *evi_watch_new(struct event_base *base);

/*
 * A set on a loop that the program runs itself; NULL with ENOMEM.  Such a set
 * is not for evi_watch_pass() and evi_watch_refresh(): the program's passes
 * call host's functions.
 */
struct watch *evi_watch_new_on(struct event_base *base, struct ev_loop *loop,
    const struct host *host);

/* Frees a set.  It must not watch any event any more.  Takes NULL. */
void evi_watch_free(struct watch *w);

/* "epoll", "poll" or "select". */
const char *evi_watch_method(const struct watch *w);

/*
 * Whether the kernel reports descriptors in the order of their numbers, or of
 * being added, rather than of becoming ready.
 */
bool evi_watch_is_ordered(const struct watch *w);

/*
 * Puts fd, a descriptor of the base's own, into the epoll set, to find out
 * later whether the numbers of both still name the same files
 * (evi_watch_start_over()).
 */
void evi_watch_set_token(struct watch *w, int fd);

/*
 * Has the set make new kernel state with its next pass, after fork(2).
 * *is_intact: the numbers of the epoll set and of the token still name the same
 * files as when the token was set; otherwise neither may be closed.  -1 with
 * errno: another file has the number of the epoll set, no descriptor is
 * available for a new one, or there is no memory.
 */
int evi_watch_start_over(struct watch *w, bool *is_intact);

/*
 * One pass: passes to the kernel what has changed; waits, if `wait` is true,
 * until something happens; and reports all that has happened.  has_events: the
 * base has events; without any, only native watchers keep the pass waiting.
 * Returns 0, or -1 with errno if a system call failed; no event is lost then.
 */
int evi_watch_pass(struct watch *w, bool wait, bool has_events);

/*
 * A pass without waiting, which adds descriptors again that were closed and may
 * be open now.  -1 with errno: EBADF also if the pass succeeded and there is an
 * event whose descriptor is closed.
 */
int evi_watch_refresh(struct watch *w);

/* Stops the set's watchers on the program's loop, which is being destroyed. */
void evi_watch_leave_loop(struct watch *w);

/* Calls drop_cb for every event that is watched; that removes the event. */
void evi_watch_drain(struct watch *w, void (*drop_cb)(struct event *));

#endif
