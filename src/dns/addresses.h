/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses of a name, for other layers of the library.  The resolver is
 * apart from that of evdns_*(): the program's calls do not affect it.
 */
#ifndef EVI_ADDRESSES_H
#define EVI_ADDRESSES_H

struct event_base;
struct addresses;
struct resolution;

/*
 * Makes a resolver on a base, set up from the machine's files as by
 * evdns_init().  It has no event on the base while it has no resolutions.  One
 * thread at a time may use it.  NULL without memory.
 */
struct addresses *evi_addresses_new(struct event_base *base);

/*
 * Frees the resolver, and cancels all its resolutions.  May be called inside a
 * callback of one.  NULL is ignored.
 */
void evi_addresses_free(struct addresses *addresses);

/*
 * Called from the loop, once for each family that was asked for, AF_INET or
 * AF_INET6.  If error is DNS_ERR_NONE there are n addresses of 4 or 16 bytes,
 * valid until the return; otherwise addresses is NULL and n is 0.  The callback
 * may cancel the resolution.
 */
typedef void
resolution_cb(void *arg, int family, int error, const void *addresses, int n);

/*
 * Asks for the addresses of a name, of one family or of both (AF_UNSPEC).
 * Numeric addresses, localhost, and names of the hosts file need no packet; the
 * other family of a numeric address gets DNS_ERR_UNKNOWN.  Returns a
 * resolution, which is freed after its last callback, and may be cancelled
 * before; NULL if name is not a domain name, or without memory, or, if a parent
 * process made the resolver, until the loop has run in this process.
 */
struct resolution *evi_addresses_ask(struct addresses *addresses,
    const char *name, int family, resolution_cb *cb, void *arg);

/*
 * Frees a resolution whose last callback has not returned; also inside a
 * callback.  Its callback is not called any more.
 */
void evi_addresses_cancel(struct resolution *resolution);

#endif
