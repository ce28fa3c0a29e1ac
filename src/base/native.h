/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Native watchers: those of libev's that a program starts itself on the loop of
 * a set (struct watch).
 */
#ifndef EVI_NATIVE_H
#define EVI_NATIVE_H

#include <stdbool.h>

struct ev_loop;
struct watch;

/* Notes that the program knows the set's loop and may have watchers on it. */
void evi_native_use(struct watch *w);

/* Whether the program may have watchers of its own on the set's loop. */
bool evi_native_is_in_use(const struct watch *w);

/* Whether anything kept libev's loop alive after the last pass. */
bool evi_native_is_alive(const struct watch *w);

/*
 * The set's libev loop, for the program's native watchers.  NULL with ENOMEM.
 */
struct ev_loop *evi_native_loop(struct watch *w);

/*
 * libev's default loop, which the set's loop runs from now on.  A set on a loop
 * of the program's never does that: the result is its own loop if that is the
 * default one.  NULL with errno: EBUSY if another base runs the default loop,
 * ENOSYS if that is not possible, ENOMEM, EMFILE.
 */
struct ev_loop *evi_native_child_loop(struct watch *w);

/*
 * Makes a pass of libev's default loop without waiting.  True while anything
 * keeps that loop alive.
 */
bool evi_native_run_child_loop(struct watch *w);

/*
 * Has the default loop make new kernel state with its next pass, after fork(2).
 * If the program has closed its descriptors, the set does not run it any more:
 * libev would end the process.
 */
void evi_native_start_over(struct watch *w);

/* The set is being freed: another one may run libev's default loop. */
void evi_native_free(struct watch *w);

#endif
