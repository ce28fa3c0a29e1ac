/* SPDX-License-Identifier: BSD-3-Clause */
/* The search list: which names are tried for the one that was asked for. */
#ifndef EVI_SEARCH_H
#define EVI_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Domains, without dots at their ends, and how many dots make a name be tried
 * by itself first.  Counted references; what a request began with does not
 * change.
 */
struct evi_search {
	int refs;
	int ndots;
	int n;
	char *domains[];
};

/* A list of n domains, copied; NULL without memory. */
struct evi_search *evi_search_new(const char *const *domains, int n, int ndots);
/* One more domain in front of a list, which may be NULL. */
struct evi_search *
evi_search_with(const struct evi_search *search, const char *domain, int ndots);
struct evi_search *evi_search_ref(struct evi_search *search);
void evi_search_release(struct evi_search *search);

/*
 * Which name is tried for name as number i, from 0: name itself, or one that is
 * put together in buffer, of size bytes.  One that would not fit is the empty
 * one.  NULL where there are no more.  search is NULL where it is to be left
 * alone.
 */
const char *evi_search_name(const struct evi_search *search, const char *name,
    int i, char *buffer, size_t size);

#endif
