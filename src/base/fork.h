/* SPDX-License-Identifier: BSD-3-Clause */
/* Who we are after fork(). */
#ifndef EVI_FORK_H
#define EVI_FORK_H

#include <stdatomic.h>

/*
 * How often this process's line of ancestors has forked since the library
 * first watched.  A base that remembers another number was made, or last
 * renewed, by a parent.  Also read inside signal handlers.
 */
extern atomic_uint evi_fork_generation;

/* Starts to watch; may be called any number of times, by any thread. */
void evi_fork_watch(void);

#endif
