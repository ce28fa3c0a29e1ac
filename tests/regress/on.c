/* SPDX-License-Identifier: BSD-3-Clause */
/* A base on the loop of a program; see the header. */
#include "on.h"

struct ev_loop *host;

struct event_base *base;

void
open_on(const char *backend)
{
	host = host_new(backend);
	assert_non_null(host);
	base = evcompat_base_on(host);
	assert_non_null(base);
}

void
close_on(void)
{
	event_base_free(base);
	host_free(host);
}

void
note_word_cb(void *word)
{
	note("%s", (char *)word);
}
