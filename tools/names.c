/* SPDX-License-Identifier: BSD-3-Clause */
/* Looks up libevent's names in tables; see tools/generate. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

struct name {
	const char *name;
	unsigned flags;
};

/* names[], sorted by byte values, and differences[]. */
#include "tables.h"

const size_t n_differences = sizeof(differences) / sizeof(*differences);

static int
compare(const void *key, const void *entry)
{
	return strcmp(key, ((const struct name *)entry)->name);
}

unsigned
name_flags(const char *name)
{
	const struct name *found = bsearch(name, names,
	    sizeof(names) / sizeof(*names), sizeof(*names), compare);

	return found != NULL ? found->flags : 0;
}

bool
name_is_event(const char *name)
{
	static const char *const starts[] = {"event_", "evbuffer_",
	    "bufferevent_", "evdns_", "evhttp_", "evrpc_", "evtag_", "evutil_",
	    "evsignal_", "evtimer_", "evcompat_", "evconnlistener_",
	    "evthread_"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return (name_flags(name) & ~(unsigned)NAME_OF_MACRO) != 0;
}

/* Whether the name is the pattern's: n bytes, with a '*' at the end or not. */
static bool
matches(const char *name, const char *pattern, size_t n)
{
	if (n > 0 && pattern[n - 1] == '*')
		return strncmp(name, pattern, n - 1) == 0;
	return strncmp(name, pattern, n) == 0 && name[n] == '\0';
}

bool
name_is_wanted(const char *name)
{
	if (name_is_event(name))
		return true;
	for (size_t i = 0; i < n_differences; i++)
		for (const char *p = differences[i].when; *p != '\0';) {
			size_t n = strcspn(p, " +");

			if (matches(name, p, n))
				return true;
			p += n + (p[n] != '\0');
		}
	return false;
}

/* Appends the names in `used` that match the pattern; false: none. */
static bool
is_used(const struct strings *used, const char *pattern, size_t n,
    struct strings *why)
{
	bool is_found = false;

	for (size_t i = 0; i < used->n; i++)
		if (matches(used->at[i], pattern, n)) {
			strings_add_once(why, used->at[i]);
			is_found = true;
		}
	return is_found;
}

/* Whether all names of one alternative are used. */
static bool
all_are_used(const struct strings *used, const char *joined, size_t n,
    struct strings *why)
{
	struct strings here = {0};
	bool are_used = true;

	for (size_t at = 0; at < n && are_used;) {
		size_t length = strcspn(joined + at, " +");

		are_used = is_used(used, joined + at, length, &here);
		at += length + 1;
	}
	for (size_t i = 0; i < here.n && are_used; i++)
		strings_add_once(why, here.at[i]);
	strings_free(&here);
	return are_used;
}

size_t
difference_touches(const struct difference *row, const struct strings *used,
    struct strings *why)
{
	size_t n_first = 0;

	for (const char *p = row->when; *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (n > 0 && all_are_used(used, p, n, why) && n_first == 0)
			n_first = why->n;
		p += n + (p[n] != '\0');
	}
	return n_first;
}
