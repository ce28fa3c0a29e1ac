/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface of the two halves of the program `hosted`: hosted_ev.c uses
 * libev, hosted.c libevent.
 */
#ifndef HOSTED_H
#define HOSTED_H

struct event_base;

/*
 * Serves a page with evhttp, and requests it a few times.  Then everything is
 * freed, with base.  Ends the program if it fails.
 */
void serve_on(struct event_base *base);

/* How many times the timer of the libev half has expired, for the page. */
int beats(void);

#endif
