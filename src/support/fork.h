/* SPDX-License-Identifier: BSD-3-Clause */
/* Who we are after fork(). */
#ifndef EVI_FORK_H
#define EVI_FORK_H

#include <stdatomic.h>

/*
 * How often this process's line of ancestors has forked since the library
 * first watched.  What remembers another number was made, or last renewed, by a
 * parent.  Also read inside signal handlers.
 */
extern atomic_uint evi_fork_generation;

/* Starts to watch; may be called any number of times, by any thread. */
void evi_fork_watch(void);

/*
 * Who else wants to know that a base starts over: in a child of fork(), or in
 * event_reinit(), because its descriptors are not what they were.  There is one
 * listener.  It runs inside the loop's own work and may do no more than activate
 * an event.
 */
struct event_base;
void evi_fork_listen(void (*listener)(struct event_base *base));
void evi_fork_tell(struct event_base *base);

#endif
