/* SPDX-License-Identifier: BSD-3-Clause */
/* The search list. */
#include "search.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf/text.h"

struct search_list *
evi_search_new(const char *const *domains, int n)
{
	struct search_list *search =
	    calloc(1, sizeof(*search) + n * sizeof(search->domains[0]));

	if (search == NULL)
		return NULL;
	search->refs = 1;
	for (; search->n < n; search->n++) {
		search->domains[search->n] =
		    evi_text_domain(domains[search->n]);
		if (search->domains[search->n] == NULL) {
			evi_search_release(search);
			return NULL;
		}
	}
	return search;
}

struct search_list *
evi_search_prepend(const struct search_list *search, const char *domain)
{
	int n = search == NULL ? 0 : search->n;
	const char **domains = calloc(n + 1, sizeof(*domains));
	struct search_list *longer = NULL;

	if (domains != NULL) {
		domains[0] = domain;
		if (n > 0)
			memcpy(domains + 1, search->domains,
			    n * sizeof(*domains));
		longer = evi_search_new(domains, n + 1);
		free(domains);
	}
	return longer;
}

struct search_list *
evi_search_ref(struct search_list *search)
{
	search->refs++;
	return search;
}

void
evi_search_release(struct search_list *search)
{
	if (search == NULL || --search->refs > 0)
		return;
	for (int i = 0; i < search->n; i++)
		free(search->domains[i]);
	free(search);
}

static int
count_dots(const char *name)
{
	int n = 0;

	for (; *name != '\0'; name++)
		n += *name == '.';
	return n;
}

const char *
evi_search_name(const struct search_list *search, int ndots, const char *name,
    int i, char *buffer, size_t size)
{
	size_t len = strlen(name), more;
	bool absolute = search == NULL || name[len - 1] == '.';
	bool itself_first = absolute || count_dots(name) >= ndots;
	int n = absolute ? 0 : search->n;
	const char *domain;

	if (i > n)
		return NULL;
	if (i == (itself_first ? 0 : n))
		return name;
	domain = search->domains[itself_first ? i - 1 : i];
	more = strlen(domain) + 1;
	if (len + 1 + more > size)
		return "";
	memcpy(buffer, name, len);
	buffer[len] = '.';
	memcpy(buffer + len + 1, domain, more);
	return buffer;
}
