/* SPDX-License-Identifier: BSD-3-Clause */
/* What 1.4 exports and <evutil.h> does not declare. */
#ifndef EVI_UTIL_H
#define EVI_UTIL_H

#pragma GCC visibility push(default)

/*
 * The value of an environment variable, or NULL.  As in 1.4 it is also NULL if
 * the program runs with more rights than its user has (set-uid).
 */
const char *evutil_getenv(const char *name);

#pragma GCC visibility pop

#endif
