/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolv.conf files that a resolver was set up from.  What changes on disk,
 * there and in the hosts file and nsswitch.conf, changes the resolver.
 */
#ifndef EVI_SOURCE_H
#define EVI_SOURCE_H

#include "setup.h"

/*
 * Takes what a resolv.conf says, and looks at it from now on.  NULL is no file
 * at all.  Returns what evdns_resolv_conf_parse() does.
 */
enum conf_result
evi_source_read(struct evi_setup *setup, const char *filename, int flags);

/*
 * To be called before a question: looks at the files, by one stat(2) each, and
 * reads those that have changed; but if the last look is less than a second old
 * it does nothing, and no system call.
 */
void evi_source_look(struct evi_setup *setup);

/*
 * All of them, whose changes do not matter any more.  What they said stays, the
 * options as if the program had set them.
 */
void evi_source_forget(struct evi_setup *setup);

#endif
