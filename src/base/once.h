/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events of event_base_once(), which the library allocates and frees.  The base
 * embeds the list.
 */
#ifndef EVI_ONCE_H
#define EVI_ONCE_H

#include "public.h"

struct event_once {
	struct event ev;
	LIST_ENTRY(event_once) next;
	void (*cb)(int, short, void *); /* the program's */
	void *arg;
};

/* The events whose callback was not called yet. */
struct once_list {
	LIST_HEAD(, event_once) events;
};

void evi_once_init(struct once_list *list);

/* Deletes and frees all events of the list. */
void evi_once_free(struct once_list *list);

#endif
