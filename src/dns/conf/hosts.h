/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names that need no nameserver: those of the hosts file, localhost, and
 * addresses that are written out.
 */
#ifndef EVI_HOSTS_H
#define EVI_HOSTS_H

#include "nsswitch.h"

#include <stdbool.h>

/*
 * Names and addresses by the hosts file.  It is read when first asked, and
 * again after evi_hosts_check_files() has found a change.  Where it cannot be
 * read, for lack of memory or of descriptors, what it said before holds until
 * it can.
 */
struct hosts;
struct hosts *evi_hosts_new(void);
void evi_hosts_free(struct hosts *hosts);

/* Looks whether the hosts file or nsswitch.conf has changed: two stat(2). */
void evi_hosts_check_files(struct hosts *hosts);

/* What nsswitch.conf says; it is read together with the hosts file. */
enum hosts_order evi_hosts_order(struct hosts *hosts);

/*
 * Whether name is answered before all others, whatever the order: localhost,
 * what ends in .localhost (RFC 6761, section 6.3), or an address written out.
 */
bool evi_hosts_is_local(const char *name);

/*
 * The addresses of name, without regard to case and to a dot at its end.
 * family is AF_INET or AF_INET6.  Sets *addresses to *count addresses of 4 or
 * 16 bytes, from malloc, and returns 1.  Returns 0 where the file does not know
 * the name, and -1, errno set, where the file cannot be read at the moment, or
 * there is no memory for the addresses.  A name that the file knows by the
 * other family only is known: 1, and *count is 0; but localhost has both.
 */
int evi_hosts_addresses(struct hosts *hosts, const char *name, int family,
    void **addresses, int *count);

/*
 * The name of an address: the first one of its first line.  Returns as above;
 * *name is valid until the next call about hosts.
 */
int evi_hosts_name(struct hosts *hosts, int family, const void *address,
    const char **name);

#endif
