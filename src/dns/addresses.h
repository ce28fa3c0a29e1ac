/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses of a name, for another layer of the library, by a resolver of
 * its own: it has nothing to do with what the program sets up with evdns_*().
 */
#ifndef EVI_ADDRESSES_H
#define EVI_ADDRESSES_H

struct event_base;
struct addresses;
struct resolution;

/*
 * Makes one on a base, set up from this machine's files as evdns_init() does
 * it. It has no event on the base while nothing is asked.  NULL without memory.
 * It may be used by one thread at a time.
 */
struct addresses *evi_addresses_new(struct event_base *base);

/*
 * Ends it, and all that it was asked; no callback is called any more.  NULL is
 * nothing.  May be called inside one of its callbacks.
 */
void evi_addresses_free(struct addresses *addresses);

/*
 * Called from the loop, once for each family that was asked for, AF_INET or
 * AF_INET6: n addresses of 4 or 16 bytes, which are gone after the return, or
 * NULL, 0 and a DNS_ERR_* code.  It may cancel the resolution.
 */
typedef void
resolution_cb(void *arg, int family, int error, const void *addresses, int n);

/*
 * Asks for the addresses of a name, of both families at the same time
 * (AF_UNSPEC) or of one.  A number is an address of its own family.  That,
 * localhost, and what the hosts file knows, need no packet.  Returns what can
 * be cancelled until the last callback returns, and is freed then; NULL without
 * memory, or where it cannot be a name.
 */
struct resolution *evi_addresses_ask(struct addresses *addresses,
    const char *name, int family, resolution_cb *cb, void *arg);

/* No callback comes after that. */
void evi_addresses_cancel(struct resolution *resolution);

#endif
