/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of evcompat_base_on() share: a loop, and a base on it. */
#ifndef REGRESS_ON_H
#define REGRESS_ON_H

#include <evcompat.h>

#include "host_ev.h"
#include "test.h"

#define LOWEST (-2) /* libev's priorities */
#define HIGHEST 2

static struct ev_loop *host;
static struct event_base *base;

static inline void
open_on(const char *backend)
{
	host = host_new(backend);
	assert_non_null(host);
	base = evcompat_base_on(host);
	assert_non_null(base);
}

static inline void
close_on(void)
{
	event_base_free(base);
	host_free(host);
}

static inline void
say(void *word)
{
	note("%s", (char *)word);
}

#endif
