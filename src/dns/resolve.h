/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The requests: from evdns_resolve_*() to the callback.
 */
#ifndef EVI_RESOLVE_H
#define EVI_RESOLVE_H

/*
 * Looks at what has ended, asks what can be asked, and calls the callbacks of
 * what is answered.  Only to be called from the loop; anything may be different
 * after it.
 */
void evi_resolve_work(void);

/* Asks what waits, as far as that is allowed now; calls nobody. */
void evi_resolve_pump(void);

/*
 * Closes all sockets.  What is under way is not asked any more until
 * evi_resolve_on().
 */
void evi_resolve_let_go(void);

/*
 * Goes on with another base, or as another process: asks everything anew that
 * is under way, through new sockets.
 */
struct event_base;
void evi_resolve_on(struct event_base *base);

/* Has everything wait that is under way, for other nameservers. */
void evi_resolve_hold(void);

/* Ends all requests; their callbacks are called if tell is not 0. */
void evi_resolve_drop(int tell);

#endif
