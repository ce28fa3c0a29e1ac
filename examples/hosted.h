/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the two halves of the program `hosted` know of each other: hosted_ev.c
 * is a libev program, hosted.c what it has of libevent.
 */
#ifndef HOSTED_H
#define HOSTED_H

struct event_base;

/*
 * Serves a page by evhttp, and asks for it a few times.  Then all of it ends,
 * and base with it.  Ends the program where that cannot be done.
 */
void serve_on(struct event_base *base);

/* The page says how often the libev half's timer has gone off. */
int beats(void);

#endif
