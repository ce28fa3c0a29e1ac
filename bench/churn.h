/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the churn cases share: clients that connect, ask, get a reply and leave,
 * over and over.  The case owns the events; churn.c owns the listening socket,
 * the clients, and the numbers under which the case finds its events again.
 */
#ifndef BENCH_CHURN_H
#define BENCH_CHURN_H

/* Opens the listening socket for n clients at a time, and returns it. */
int churn_open(int n);

/*
 * Accepts a client and returns its descriptor.  *place gets the client's
 * number, 0 to n-1, which no other client has until churn_close().
 */
int churn_accept(int *place);

/* Reads the client's question: returns 1, or 0 at the end of file. */
int churn_read(int fd);

/* Sends the reply. */
void churn_reply(int fd);

/* Closes the server's end of a connection; its place is free again. */
void churn_close(int fd, int place);

/*
 * Has at least `events` clients come and leave, n at a time, and returns how
 * many there were.  dispatch(n) runs the case's loop until n clients have left.
 */
long churn_run(long events, long (*dispatch)(long));

#endif
