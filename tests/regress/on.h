/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of evcompat_base_on() share: a loop, and a base on it. */
#ifndef REGRESS_ON_H
#define REGRESS_ON_H

#include <evcompat.h>

#include "host_ev.h"
#include "test.h"

#define LOWEST (-2) /* libev's priorities */
#define HIGHEST 2

extern struct ev_loop *host;
extern struct event_base *base;

void open_on(const char *backend);

void close_on(void);

void note_word_cb(void *word);

#endif
