/* SPDX-License-Identifier: BSD-3-Clause */
/* What 1.4 exports and <evutil.h> does not declare; errno; units of time. */
#ifndef EVI_UTIL_H
#define EVI_UTIL_H

#include <sys/time.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/*
 * The value of an environment variable, or NULL.  As in 1.4 it is also NULL if
 * the program runs with more rights than its user has (set-uid).
 */
const char *evutil_getenv(const char *name);

#pragma GCC visibility pop

/* Whether a call on a non-blocking socket that failed with it may work later.
 */
static inline bool
evi_util_is_transient(int error)
{
	return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

/* A time in microseconds. */
static inline int64_t
evi_util_us(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000000 + tv->tv_usec;
}

/* Microseconds, 0 or more, as a struct timeval. */
static inline struct timeval
evi_util_timeval(int64_t us)
{
	return (struct timeval){us / 1000000, us % 1000000};
}

#endif
