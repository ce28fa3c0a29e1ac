/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libev's own watchers, which a program starts on the loop of a set.
 */
#ifndef EVI_NATIVE_H
#define EVI_NATIVE_H

#include <stdbool.h>

struct ev_loop;
struct watch;

/* Whether the program has been given the loop for watchers of its own. */
bool evi_native_is_in_use(const struct watch *w);

/* Whether anything at all was left that keeps libev's loop alive. */
bool evi_native_is_alive(const struct watch *w);

/* The libev loop, from now on shared with the program's native watchers. */
struct ev_loop *evi_native_loop(struct watch *w);

/* libev's default loop, made to run inside this one.  NULL with errno. */
struct ev_loop *evi_native_child_loop(struct watch *w);

/*
 * Lets libev's default loop tell the kernel what has changed and run what is
 * ready.  True while anything keeps that loop alive.
 */
bool evi_native_run_child_loop(struct watch *w);

/*
 * The same for the default loop in a child.  One whose descriptors the program
 * has closed is given up: libev could not live with that.
 */
void evi_native_start_over(struct watch *w);

/* Frees what is the file's when the set is freed. */
void evi_native_free(struct watch *w);

#endif
