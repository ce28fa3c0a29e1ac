/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface of the two halves of the program `native`: native.c uses
 * libevent, native_ev.c libev.
 */
#ifndef NATIVE_H
#define NATIVE_H

struct event_base;

/*
 * Starts the watchers of the libev half in the loop of base.  It answers
 * questions on fd, a stream socket, until the other end closes; then it closes
 * fd and stops the watchers.  Ends the program if it fails.
 */
void answer_on(struct event_base *base, int fd);

#endif
