/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The second half of the soak: our client sends requests to a server that at
 * random closes, resets, stalls, answers early, or breaks the protocol.  Each
 * request has to get exactly one callback, unless its connection is freed; an
 * answer with 200 has to be complete and the request's own; and no POST may be
 * sent twice.
 */
#ifndef SOAK_CLIENTS_H
#define SOAK_CLIENTS_H

#include <stdint.h>

/*
 * Makes n requests, and prints one line; the first fault ends the program.  The
 * same seed has the same choices made.
 */
void soak_clients(unsigned long n, uint64_t seed);

#endif
