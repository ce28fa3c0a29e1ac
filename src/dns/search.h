/* SPDX-License-Identifier: BSD-3-Clause */
/* The search list: which names are tried for the one that was asked for. */
#ifndef EVI_SEARCH_H
#define EVI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/* Domains, without dots at their ends.  The list does not change, and has
 * counted references. */
struct search_list {
	int refs;
	int n;
	char *domains[];
};

/* Makes a list of n domains, which are copied.  NULL without memory. */
struct search_list *evi_search_new(const char *const *domains, int n);

/*
 * Makes a copy of a list, or of none, which is NULL, with one more domain
 * before the others.  NULL without memory.
 */
struct search_list *
evi_search_prepend(const struct search_list *search, const char *domain);

/* Adds a reference, and returns the list. */
struct search_list *evi_search_ref(struct search_list *search);

/* Drops a reference, and with the last one the list.  NULL is ignored. */
void evi_search_release(struct search_list *search);

/*
 * The name that is tried as number i, from 0: name itself, which comes first if
 * it has at least ndots dots; or name with a domain of the list, written to
 * buffer, of size bytes, or "" if it does not fit.  NULL if there are no more.
 * If search is NULL only name itself is tried.
 */
const char *evi_search_name(const struct search_list *search, int ndots,
    const char *name, int i, char *buffer, size_t size);

#endif
