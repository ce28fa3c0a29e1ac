/* SPDX-License-Identifier: BSD-3-Clause */
/* The search list: which names are tried for the one that was asked for. */
#ifndef EVI_SEARCH_H
#define EVI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/* Domains, without dots at their ends.  It has counted references, and does not
 * change. */
struct search_list {
	int refs;
	int n;
	char *domains[];
};

/* A list of n domains, copied; NULL without memory. */
struct search_list *evi_search_new(const char *const *domains, int n);
/* A copy of a list, NULL for none, with one more domain before the others. */
struct search_list *
evi_search_with(const struct search_list *search, const char *domain);
struct search_list *evi_search_ref(struct search_list *search);
void evi_search_release(struct search_list *search);

/*
 * Which name is tried for name as number i, from 0: name itself, which comes
 * first if it has at least ndots dots, or one that is put together in buffer,
 * of size bytes.  One that would not fit is the empty one.  NULL where there
 * are no more.  search is NULL where only name itself is tried.
 */
const char *evi_search_name(const struct search_list *search, int ndots,
    const char *name, int i, char *buffer, size_t size);

#endif
