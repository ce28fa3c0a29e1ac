/* SPDX-License-Identifier: BSD-3-Clause */
/* The resolver's clock: microseconds, which only ever grow. */
#ifndef EVI_CLOCK_H
#define EVI_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
evi_dns_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
