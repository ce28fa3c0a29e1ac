/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolv.conf files that a resolver was set up from.  What changes on disk,
 * there and in the hosts file and nsswitch.conf, changes the resolver.
 */
#ifndef EVI_SOURCE_H
#define EVI_SOURCE_H

#include <stdint.h>

struct evi_resolver;
struct source;

/* Embedded in the resolver; all zero: there are none. */
struct sources {
	struct source *first; /* in the order in which they were last read */
	int64_t looked;	      /* at all files, by evi_dns_now() */
};

/*
 * To be called before a question: looks at the files, by one stat(2) each, and
 * reads those that have changed; but if the last look is less than a second old
 * it does nothing, and no system call.
 */
void evi_sources_look(struct evi_resolver *resolver);

/*
 * All of them, whose changes do not matter any more.  What they said stays, the
 * options as if the program had set them.
 */
void evi_sources_forget(struct evi_resolver *resolver);

#endif
