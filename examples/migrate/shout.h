/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shout: a server that returns what it gets in capitals, written three times to
 * show a way from libevent 1.4 to other libraries.  All three behave the same.
 *
 *	libevent.c clients.c shout.c	libevent 1.4, as the program began
 *	libev.c clients.c shout.c	libev runs it; connections are still
 *					bufferevents
 *	libuv.c shout.c			libuv
 *
 * Usage: PROGRAM SECONDS.  It prints the port that it listens on.  A client
 * that sends nothing for SECONDS is disconnected.  TERM closes the port; the
 * program ends with its last client and prints a line of numbers.
 *
 * This header declares what shout.c, which needs no event library, and
 * clients.c have.
 */
#ifndef SHOUT_H
#define SHOUT_H

#include <stddef.h>

/* The numbers of all clients together, printed at the end. */
struct tally {
	unsigned int clients;
	unsigned int silent; /* clients that were disconnected after SECONDS */
	unsigned long bytes;
};
extern struct tally tally;

/* SECONDS, from the command line.  Ends the program if it is not there. */
int shout_seconds(int argc, char **argv);

/*
 * A nonblocking socket that listens on a free port of 127.0.0.1, which is
 * printed.  Ends the program if there is none.
 */
int shout_listen(void);

/* Turns len bytes into capitals and counts them. */
void shout_raise(unsigned char *bytes, size_t len);

void shout_print_tally(void);

/*
 * In clients.c, on the current event base: serves the client that waits on a
 * listening socket, until it closes, or sends nothing for as many seconds.
 */
void clients_accept(int listener, int seconds);

#endif
