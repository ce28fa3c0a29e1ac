/* SPDX-License-Identifier: BSD-3-Clause */
/* The search list: which names are tried for the one that was asked for. */
#ifndef EVI_SEARCH_H
#define EVI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Domains, without dots at their ends.  NULL is a list without domains.  A list
 * has counted references, and does not change while it has several.
 */
struct search_list {
	int refs;
	int n;
	char *domains[];
};

/*
 * Appends a copy of a domain to a list that has one reference.  0, or -1
 * without memory; the list is to be released in either case.
 */
int evi_search_append(struct search_list **search, const char *domain);

/* Makes a copy of a list, with a domain before its own.  NULL without memory.
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
 * name is not empty, unless the list is NULL.
 */
const char *evi_search_name(const struct search_list *search, int ndots,
    const char *name, int i, char *buffer, size_t size);

#endif
