/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets options, as a program or a resolv.conf says. */
#include "options.h"

#include <evdns.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	NUMBER,
	SWITCH
};

/* A row of the table. */
struct option {
	const char *name;
	int flag; /* DNS_OPTION_* */
	enum kind kind;
	int least, most, most_in_file;
};

#define OPTION(member, name, flag, kind, least, most, in_file, value)          \
	{name, DNS_OPTION_##flag, kind, least, most, in_file},

static const struct option options[] = {DNS_OPTION_TABLE(OPTION)};

#define DEFAULT(member, name, flag, kind, least, most, in_file, value)         \
	.member = value,

void
evi_options_reset(struct dns_options *o)
{
	*o = (struct dns_options){DNS_OPTION_TABLE(DEFAULT)};
}

void
evi_options_clear(struct dns_options *o)
{
	evi_options_keep(o, 0);
}

void
evi_options_copy(struct dns_options *to, const struct dns_options *from)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (from->all[i] != -1)
			to->all[i] = from->all[i];
}

void
evi_options_unset(struct dns_options *o, const struct dns_options *others)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (others->all[i] != -1)
			o->all[i] = -1;
}

void
evi_options_set_ndots(struct dns_options *o, int ndots)
{
	o->ndots = ndots;
}

void
evi_options_keep(struct dns_options *o, int flags)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (!(options[i].flag & flags))
			o->all[i] = -1;
}

/*
 * The index of the option that a word names, or -1.  1.4: a number's name may
 * be followed by anything; its value is another argument.  A switch's name may
 * be followed by a colon and anything.
 */
static int
find(const char *word)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++) {
		const char *name = options[i].name;
		size_t len = strlen(name);

		if (strncmp(word, name, len) == 0 &&
		    (options[i].kind == NUMBER || word[len] == '\0' ||
			word[len] == ':'))
			return i;
	}
	return -1;
}

static void
put(struct dns_options *o, int i, int64_t value, int most)
{
	if (value < options[i].least)
		value = options[i].least;
	o->all[i] = value < most ? (int)value : most;
}

/* 1.4: the empty string is 0. */
static int64_t
read_value(enum kind kind, const char *val)
{
	char *end;
	int64_t value;

	if (kind == SWITCH && (val == NULL || *val == '\0'))
		return 1;
	if (val == NULL)
		return -1;
	value = strtoll(val, &end, 10);
	return *end == '\0' && value <= INT_MAX ? value : -1;
}

int
evi_options_set(struct dns_options *o, const char *word, const char *val,
    int flags)
{
	int64_t value;
	int i;

	if (word == NULL)
		return -1;
	i = find(word);
	if (i == -1)
		return 0;
	value = read_value(options[i].kind, val);
	if (value < 0)
		return -1;
	if (flags & options[i].flag)
		put(o, i, value, options[i].most);
	return 0;
}

/* libc: what follows the digits does not matter. */
void
evi_options_read_one(struct dns_options *o, const char *word)
{
	const char *colon = strchr(word, ':');
	const char *val = colon != NULL ? colon + 1 : "";
	int i = find(word);
	char *end;
	int64_t value;

	if (i == -1)
		return;
	value = strtoll(val, &end, 10);
	if (end == val && *val != '\0')
		return;
	if (options[i].kind == SWITCH && *val == '\0')
		value = 1;
	if (value >= 0)
		put(o, i, value, options[i].most_in_file);
}
