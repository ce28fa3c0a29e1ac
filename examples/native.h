/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the two halves of the program `native` know of each other: native.c is
 * its libevent half, native_ev.c its libev half.
 */
#ifndef NATIVE_H
#define NATIVE_H

struct event_base;

/*
 * Starts the libev half's watchers in the loop of base.  It answers questions
 * on fd, a stream socket that it closes when the other side has; then it stops
 * them all.  Ends the program where that cannot be done.
 */
void answer_on(struct event_base *base, int fd);

#endif
