/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads resolv.conf(5) as libc does, which is what it was written for, with
 * the options of 1.4 beside libc's own.
 */
#include "resolv_conf.h"

#include "text.h"

#include <evdns.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 65535

struct option {
	const char *name;
	size_t offset; /* in struct evi_dns_options */
	int kind;      /* DNS_OPTION_* */
	int min, max;  /* a value beyond them is brought to the nearest */
	int file_max;  /* the same in a file */
	bool is_switch;
};

#define AT(member) offsetof(struct evi_dns_options, member)

static const struct option options[] = {
    {"ndots:", AT(ndots), DNS_OPTION_SEARCH, 0, INT_MAX, 15, false},
    {"timeout:", AT(timeout), DNS_OPTION_MISC, 1, INT_MAX, 30, false},
    {"attempts:", AT(attempts), DNS_OPTION_MISC, 1, 255, 5, false},
    /* 1.4: this one does without a colon. */
    {"max-timeouts", AT(max_timeouts), DNS_OPTION_MISC, 1, 255, 255, false},
    {"max-inflight:", AT(max_inflight), DNS_OPTION_MISC, 1, 65000, 65000,
	false},
    {"rotate", AT(rotate), DNS_OPTION_MISC, 0, 1, 1, true},
    {"use-vc", AT(use_vc), DNS_OPTION_MISC, 0, 1, 1, true},
    {"edns0", AT(edns0), DNS_OPTION_MISC, 0, 1, 1, true},
};

/* --- options --- */

void
evi_dns_options_clear(struct evi_dns_options *o)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		o->all[i] = -1;
}

void
evi_dns_options_put(struct evi_dns_options *other,
    const struct evi_dns_options *one)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (one->all[i] != -1)
			other->all[i] = one->all[i];
}

void
evi_dns_options_forget(struct evi_dns_options *other,
    const struct evi_dns_options *one)
{
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (one->all[i] != -1)
			other->all[i] = -1;
}

static int *
place_of(struct evi_dns_options *o, const struct option *option)
{
	return (int *)((char *)o + option->offset);
}

void
evi_dns_options_keep(struct evi_dns_options *o, int flags)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!(options[i].kind & flags))
			*place_of(o, &options[i]) = -1;
}

/*
 * 1.4: what follows the colon does not matter, the value comes by itself.  A
 * switch is all of the word, or all but a colon and what follows.
 */
static const struct option *
find_option(const char *word)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const struct option *option = &options[i];
		size_t len = strlen(option->name);

		if (strncmp(word, option->name, len) == 0 &&
		    (!option->is_switch || word[len] == '\0' ||
			word[len] == ':'))
			return option;
	}
	return NULL;
}

static void
put_option(struct evi_dns_options *o, const struct option *option,
    int64_t value, int max)
{
	int *at = place_of(o, option);

	if (value < option->min)
		value = option->min;
	*at = value < max ? (int)value : max;
}

/* 1.4: no digits at all are 0. */
static int64_t
read_value(const struct option *option, const char *val)
{
	char *end;
	int64_t value;

	if (option->is_switch && (val == NULL || *val == '\0'))
		return 1;
	if (val == NULL)
		return -1;
	value = strtoll(val, &end, 10);
	return *end == '\0' && value <= INT_MAX ? value : -1;
}

int
evi_dns_option_set(struct evi_dns_options *o, const char *word, const char *val,
    int flags)
{
	const struct option *option;
	int64_t value;

	if (word == NULL)
		return -1;
	option = find_option(word);
	if (option == NULL)
		return 0;
	value = read_value(option, val);
	if (value < 0)
		return -1;
	if (flags & option->kind)
		put_option(o, option, value, option->max);
	return 0;
}

/* libc: what follows the digits does not matter. */
static void
read_option(struct evi_dns_options *o, const char *word)
{
	const struct option *option = find_option(word);
	const char *colon = strchr(word, ':');
	const char *val = colon != NULL ? colon + 1 : "";
	char *end;
	int64_t value;

	if (option == NULL)
		return;
	value = strtoll(val, &end, 10);
	if (end == val && *val != '\0')
		return;
	if (option->is_switch && *val == '\0')
		value = 1;
	if (value >= 0)
		put_option(o, option, value, option->file_max);
}

/* --- lines --- */

/* The next word of a line, or NULL: at its end, or where a comment begins. */
static char *
next_word(char **rest)
{
	char *word = strtok_r(NULL, EVI_BLANKS, rest);

	return word != NULL && *word != '#' && *word != ';' ? word : NULL;
}

static int
read_options(struct evi_resolv_conf *conf, char **rest)
{
	char *word;

	while ((word = next_word(rest)) != NULL)
		read_option(&conf->options, word);
	return 0;
}

static int
add_server(struct evi_resolv_conf *conf, const struct evi_address *server)
{
	struct evi_address *servers;

	for (int i = 0; i < conf->nservers; i++)
		if (evi_address_equal(&conf->servers[i], server))
			return 0;
	servers = realloc(conf->servers,
	    ((size_t)conf->nservers + 1) * sizeof(*servers));
	if (servers == NULL)
		return -1;
	conf->servers = servers;
	servers[conf->nservers++] = *server;
	return 0;
}

/* A comment need not stand off. */
static int
read_nameserver(struct evi_resolv_conf *conf, char **rest)
{
	struct evi_address server;
	char *word = next_word(rest);

	if (word == NULL)
		return 0;
	word[strcspn(word, "#;")] = '\0';
	if (evi_address_read(&server, word) == -1)
		return 0;
	return add_server(conf, &server);
}

static void
clear_search(struct evi_resolv_conf *conf)
{
	for (int i = 0; i < conf->nsearch; i++)
		free(conf->search[i]);
	free(conf->search);
	conf->search = NULL;
	conf->nsearch = 0;
}

/* "." is the root: to search there is to ask for the name itself. */
static int
add_domain(struct evi_resolv_conf *conf, const char *domain)
{
	size_t len;
	char **search;

	domain += strspn(domain, ".");
	len = strlen(domain);
	while (len > 0 && domain[len - 1] == '.')
		len--;
	if (len == 0)
		return 0;
	search = realloc(conf->search,
	    ((size_t)conf->nsearch + 1) * sizeof(*search));
	if (search == NULL)
		return -1;
	conf->search = search;
	search[conf->nsearch] = strndup(domain, len);
	if (search[conf->nsearch] == NULL)
		return -1;
	conf->nsearch++;
	return 0;
}

/* libc: a line without a domain does not count. */
static int
read_search(struct evi_resolv_conf *conf, char **rest)
{
	char *word = next_word(rest);

	if (word == NULL)
		return 0;
	clear_search(conf);
	for (; word != NULL; word = next_word(rest))
		if (add_domain(conf, word) == -1)
			return -1;
	return 0;
}

static int
read_domain(struct evi_resolv_conf *conf, char **rest)
{
	char *word = next_word(rest);

	if (word == NULL)
		return 0;
	clear_search(conf);
	return add_domain(conf, word);
}

static int
read_line(struct evi_resolv_conf *conf, char *line)
{
	static const struct {
		const char *keyword;
		int (*read)(struct evi_resolv_conf *, char **);
	} keywords[] = {
	    {"nameserver", read_nameserver},
	    {"search", read_search},
	    {"domain", read_domain},
	    {"options", read_options},
	};
	char *rest, *word = strtok_r(line, EVI_BLANKS, &rest);

	if (word == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (strcmp(word, keywords[i].keyword) == 0)
			return keywords[i].read(conf, &rest);
	return 0;
}

/* --- files --- */

static void
clear(struct evi_resolv_conf *conf)
{
	*conf = (struct evi_resolv_conf){.nsearch = -1};
	evi_dns_options_clear(&conf->options);
}

static int
read_text(struct evi_resolv_conf *conf, struct evi_text *text)
{
	char *line;

	while ((line = evi_text_line(text)) != NULL)
		if (read_line(conf, line) == -1)
			return 4;
	return 0;
}

/* A variable says what a line would say with that keyword before it. */
static int
read_variable(struct evi_resolv_conf *conf, const char *name,
    int (*read)(struct evi_resolv_conf *, char **))
{
	const char *value = secure_getenv(name);
	char *copy, *rest;
	int r;

	if (value == NULL)
		return 0;
	rest = copy = strdup(value);
	if (copy == NULL)
		return -1;
	r = read(conf, &rest);
	free(copy);
	return r;
}

/* LOCALDOMAIN without a domain has nothing searched. */
static int
read_environment(struct evi_resolv_conf *conf)
{
	if (secure_getenv("LOCALDOMAIN") != NULL)
		clear_search(conf);
	if (read_variable(conf, "LOCALDOMAIN", read_search) == -1 ||
	    read_variable(conf, "RES_OPTIONS", read_options) == -1)
		return 4;
	return 0;
}

int
evi_resolv_conf_read(struct evi_resolv_conf *conf, const char *filename)
{
	struct evi_text text;
	int code = evi_text_read(&text, filename, FILE_MAX);

	clear(conf);
	if (code == 0)
		code = read_text(conf, &text);
	evi_text_free(&text);
	if (code != 4 && read_environment(conf) == 4)
		code = 4;
	return code;
}

int
evi_resolv_conf_parse(struct evi_resolv_conf *conf, const char *bytes,
    size_t len)
{
	struct evi_text text;
	int code = evi_text_copy(&text, bytes, len);

	clear(conf);
	if (code == 0)
		code = read_text(conf, &text);
	evi_text_free(&text);
	return code;
}

void
evi_resolv_conf_free(struct evi_resolv_conf *conf)
{
	clear_search(conf);
	free(conf->servers);
	clear(conf);
}

void
evi_search_default(char *domain, size_t size)
{
	char host[HOST_NAME_MAX + 1];
	const char *dot = NULL;

	if (gethostname(host, sizeof(host)) == 0)
		dot = memchr(host, '.', strnlen(host, sizeof(host)));
	snprintf(domain, size, "%s", dot != NULL ? dot + 1 : "");
}
