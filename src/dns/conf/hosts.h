/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names that need no nameserver: those of the hosts file, localhost, and
 * numeric addresses.
 */
#ifndef EVI_HOSTS_H
#define EVI_HOSTS_H

#include "nsswitch.h"

#include <stdbool.h>

/*
 * Names and addresses of the hosts file.  It is read when first asked, and
 * again after evi_hosts_check_files() has found a change.  If it cannot be
 * read, for lack of memory or of descriptors, what was read before stays until
 * it can.
 */
struct hosts;

/* Makes a struct hosts, and reads no file yet.  NULL without memory. */
struct hosts *evi_hosts_new(void);

/* NULL is ignored. */
void evi_hosts_free(struct hosts *hosts);

/* Checks whether the hosts file or nsswitch.conf has changed: two stat(2). */
void evi_hosts_check_files(struct hosts *hosts);

/* What nsswitch.conf says; it is read together with the hosts file. */
enum hosts_order evi_hosts_order(struct hosts *hosts);

/*
 * Whether name is answered before the DNS is asked, whatever the order:
 * localhost, what ends in .localhost (RFC 6761, section 6.3), or a numeric
 * address.
 */
bool evi_hosts_is_local(const char *name);

/*
 * Finds the addresses of name, without regard to case and to a dot at its end.
 * family is AF_INET or AF_INET6.  Returns
 *
 * - 1 and *count addresses of 4 or 16 bytes, from malloc; none if the name has
 *   addresses of the other family alone; localhost has one of each
 * - 0 if the file does not know the name
 * - -1, errno set, if the file cannot be read now, or without memory
 */
int evi_hosts_addresses(struct hosts *hosts, const char *name, int family,
    void **addresses, int *count);

/*
 * Finds the name of an address, the first one of its first line, valid until
 * the next call about hosts.  Returns as evi_hosts_addresses().
 */
int evi_hosts_name(struct hosts *hosts, int family, const void *address,
    const char **name);

#endif
