/* SPDX-License-Identifier: BSD-3-Clause */
/* When the hosts file is asked, by nsswitch.conf(5). */
#ifndef EVI_NSSWITCH_H
#define EVI_NSSWITCH_H

/*
 * The place of "files" before or after "dns" (or "resolve") in the hosts line,
 * or not there at all.  Without the line, or the file, it is first.
 */
enum hosts_order {
	EVI_HOSTS_FIRST,
	EVI_HOSTS_LAST,
	EVI_HOSTS_NEVER
};

/* Returns 0; -1, errno set, if the file cannot be read at the moment. */
int evi_nsswitch_read(enum hosts_order *order, const char *path);

#endif
