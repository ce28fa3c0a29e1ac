/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first half of the soak: requests that are pipelined to our server, over
 * raw sockets, in random pieces, by clients of which some read slowly.
 *
 * A request's URI is /ID/SIZE/HOW: the answer has ID in a header, and a body of
 * SIZE bytes that is ID's alone; HOW is how the handler gives it.  A request's
 * own body is ID's, too, and the server checks it.
 */
#ifndef SOAK_PIPELINED_H
#define SOAK_PIPELINED_H

#include <stdint.h>

/*
 * Makes n requests, and prints one line; the first fault ends the program.  The
 * same seed has the same choices made.
 */
void soak_pipelined(unsigned long n, uint64_t seed);

#endif
