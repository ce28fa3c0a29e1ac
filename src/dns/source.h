/* SPDX-License-Identifier: BSD-3-Clause */
/* The files the resolver was set up from, and follows. */
#ifndef EVI_SOURCE_H
#define EVI_SOURCE_H

#include <stdbool.h>

struct event_base;

/*
 * Has changes of the files be told on base; NULL: nobody tells, and
 * evi_sources_look() has to be called.
 */
void evi_sources_follow(struct event_base *base);

/* Not so if the program has closed what they are followed by. */
bool evi_sources_are_followed(void);

/* What has changed may have been told to nobody: the next look finds out. */
void evi_sources_doubt(void);

/*
 * Before a request: where changes are not told, the files are looked at, but
 * not more than once a second.
 */
void evi_sources_look(void);

/* All of them; their changes are nobody's concern any more. */
void evi_sources_forget(void);

#endif
