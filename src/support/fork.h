/* SPDX-License-Identifier: BSD-3-Clause */
/* Who we are after fork(). */
#ifndef EVI_FORK_H
#define EVI_FORK_H

#include <stdatomic.h>
#include <stdbool.h>

/*
 * How often this process's line of ancestors has forked since the library
 * first watched.  What remembers another number was made, or last renewed, by a
 * parent.  Also read inside signal handlers.
 */
extern atomic_uint evi_fork_generation __attribute__((visibility("hidden")));

/* Starts to watch; may be called any number of times, by any thread. */
void evi_fork_watch(void);

/*
 * Who else wants to know that a base starts over.  There is one listener.  It
 * is told at the start of event_reinit(), to let go of what it has in the base;
 * and where a pass of the loop finds itself in a child (forked), inside the
 * loop's own work: then it may do no more than activate an event.
 */
struct event_base;
typedef void evi_fork_listener(struct event_base *base, bool forked);
void evi_fork_listen(evi_fork_listener *listener);
void evi_fork_tell(struct event_base *base, bool forked);

#endif
