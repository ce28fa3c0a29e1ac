/* SPDX-License-Identifier: BSD-3-Clause */
/* What 1.4 exports beside its public <evutil.h>. */
#ifndef EVI_UTIL_H
#define EVI_UTIL_H

#pragma GCC visibility push(default)

/*
 * The value of an environment variable, or NULL: also NULL where the program
 * runs with more rights than its user has (set-uid), as in 1.4.
 */
const char *evutil_getenv(const char *name);

#pragma GCC visibility pop

#endif
