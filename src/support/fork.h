/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds out whether the process is a child that fork(2) made. */
#ifndef EVI_FORK_H
#define EVI_FORK_H

#include <stdatomic.h>
#include <stdbool.h>

/*
 * The number of forks between this process and the one that first called
 * evi_fork_watch().  An object that has stored another number was made, or last
 * renewed, by a parent process.  Signal handlers read it, too.
 */
extern atomic_uint evi_fork_generation __attribute__((visibility("hidden")));

/* Starts to count forks.  Any thread may call it any number of times. */
void evi_fork_watch(void);

struct event_base;

/*
 * The listener, which is called when a base replaces its epoll set and its
 * descriptor for waking.  If from_loop is false, event_reinit() begins: the
 * listener deletes its events on the base.  If from_loop is true, the first
 * pass of the loop in a child process calls it, maybe inside libev: then the
 * listener may only activate an event.
 */
typedef void evi_fork_cb(struct event_base *base, bool from_loop);

/* Sets the listener, in the place of an earlier one. */
void evi_fork_listen(evi_fork_cb *cb);

/* Calls the listener, if there is one. */
void evi_fork_notify(struct event_base *base, bool from_loop);

#endif
