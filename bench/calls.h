/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls of the bench, and what both sides do with messages.
 */
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include "calls.gen.h"

/* libevent 2.x's macros call these; the argument is ignored. */
static inline struct note *
note_new_with_arg(void *arg)
{
	return note_new();
}

static inline struct list *
list_new_with_arg(void *arg)
{
	return list_new();
}

EVRPC_HEADER(EchoNote, note, note)
EVRPC_HEADER(EchoList, list, list)

static inline void
copy_note(struct note *to, struct note *from)
{
	ev_uint32_t number;
	char *text;

	if (to == NULL || EVTAG_GET(from, text, &text) == -1 ||
	    EVTAG_GET(from, number, &number) == -1 ||
	    EVTAG_ASSIGN(to, text, text) == -1 ||
	    EVTAG_ASSIGN(to, number, number) == -1)
		abort();
}

#endif
