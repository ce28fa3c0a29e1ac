/* SPDX-License-Identifier: BSD-3-Clause */
/* The search list. */
#include "search.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

int
evi_search_append(struct search_list **search, const char *domain)
{
	int n = *search == NULL ? 0 : (*search)->n;
	struct search_list *longer =
	    realloc(*search, sizeof(*longer) + (n + 1) * sizeof(char *));

	if (longer == NULL)
		return -1;
	longer->refs = 1;
	longer->n = n;
	longer->domains[n] = evi_text_domain(domain);
	*search = longer;
	if (longer->domains[n] == NULL)
		return -1;
	longer->n++;
	return 0;
}

struct search_list *
evi_search_prepend(const struct search_list *search, const char *domain)
{
	struct search_list *longer = NULL;
	int r = evi_search_append(&longer, domain);

	for (int i = 0; r == 0 && search != NULL && i < search->n; i++)
		r = evi_search_append(&longer, search->domains[i]);
	if (r == 0)
		return longer;
	evi_search_release(longer);
	return NULL;
}

struct search_list *
evi_search_ref(struct search_list *search)
{
	if (search != NULL)
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
