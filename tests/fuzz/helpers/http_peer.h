/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server that http_client.c's client connects to: it follows the script of
 * the input, one connection at a time.  One socket in a folder of its own is
 * for all runs.
 */
#ifndef FUZZ_HTTP_PEER_H
#define FUZZ_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * In a run: each request uses two connections at most, and some connections no
 * request.
 */
#define PEER_MAX_CONNECTIONS 396
#define IDLE_PASSES 8

struct event_base;

/* Listens, if this is the first run; returns the path of the socket. */
const char *peer_listen(void);

/*
 * Begins a run.  What is sent is cut into pieces of these lengths by turns, 0:
 * not cut; they have to stay.
 */
void peer_begin(struct event_base *base, const unsigned lengths[2]);

/* Has the client work for n passes. */
void peer_work(unsigned n);

/* Accepts the next connection, if there is none; returns whether there is one.
 */
bool peer_accept(void);

/* Closes the connection, if there is one, or resets it. */
void peer_close(bool resets);

/* Plays the next step of the input. */
void peer_step(void);

#endif
