/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads resolv.conf(5) as libc does, for which such files are written.  The
 * options of 1.4 are read as well as those of libc.
 */
#include "resolv_conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 65535 /* bytes */

/* --- lines --- */

/* The next word of a line, or NULL: at its end, or where a comment begins. */
static char *
next_word(char **rest)
{
	char *word = strtok_r(NULL, EVI_BLANKS, rest);

	return word != NULL && *word != '#' && *word != ';' ? word : NULL;
}

static int
read_options(struct resolv_conf *conf, char **rest)
{
	char *word;

	while ((word = next_word(rest)) != NULL)
		evi_options_read_one(&conf->options, word);
	return 0;
}

static int
add_server(struct resolv_conf *conf, const struct address *server)
{
	struct address *servers;

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

/* A comment may follow without white space. */
static int
read_nameserver(struct resolv_conf *conf, char **rest)
{
	struct address server;
	char *word = next_word(rest);

	if (word == NULL)
		return 0;
	word[strcspn(word, "#;")] = '\0';
	if (evi_address_read(&server, word) == -1)
		return 0;
	return add_server(conf, &server);
}

static void
clear_search(struct resolv_conf *conf)
{
	evi_search_release(conf->search);
	conf->search = NULL;
	conf->has_search = true;
}

/* "." is the root: to search there is to ask for the name itself. */
static int
add_domain(struct resolv_conf *conf, const char *domain)
{
	if (domain[strspn(domain, ".")] == '\0')
		return 0;
	return evi_search_append(&conf->search, domain);
}

/* libc: a line without a domain does not count. */
static int
read_search(struct resolv_conf *conf, char **rest)
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
read_domain(struct resolv_conf *conf, char **rest)
{
	char *word = next_word(rest);

	if (word == NULL)
		return 0;
	clear_search(conf);
	return add_domain(conf, word);
}

static int
read_line(struct resolv_conf *conf, char *line)
{
	static const struct {
		const char *keyword;
		int (*read)(struct resolv_conf *, char **);
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
clear(struct resolv_conf *conf)
{
	*conf = (struct resolv_conf){0};
	evi_options_clear(&conf->options);
}

static enum conf_result
read_text(struct resolv_conf *conf, struct text_file *text)
{
	char *line;

	while ((line = evi_text_line(text)) != NULL)
		if (read_line(conf, line) == -1)
			return CONF_NO_MEMORY;
	return CONF_OK;
}

/* Reads a variable as `read` does what follows a keyword in a line. */
static int
read_variable(struct resolv_conf *conf, const char *name,
    int (*read)(struct resolv_conf *, char **))
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

/* An empty LOCALDOMAIN clears the search list. */
static int
read_environment(struct resolv_conf *conf)
{
	if (secure_getenv("LOCALDOMAIN") != NULL)
		clear_search(conf);
	if (read_variable(conf, "LOCALDOMAIN", read_search) == -1)
		return -1;
	return read_variable(conf, "RES_OPTIONS", read_options);
}

enum conf_result
evi_resolv_conf_read(struct resolv_conf *conf, const char *filename)
{
	struct text_file text;
	enum conf_result result = evi_text_read(&text, filename, FILE_MAX);

	clear(conf);
	if (result == CONF_OK)
		result = read_text(conf, &text);
	evi_text_free(&text);
	if (result != CONF_NO_MEMORY && read_environment(conf) == -1)
		result = CONF_NO_MEMORY;
	return result;
}

void
evi_resolv_conf_free(struct resolv_conf *conf)
{
	evi_search_release(conf->search);
	free(conf->servers);
	clear(conf);
}

void
evi_resolv_conf_domain(char *domain, size_t size)
{
	char host[HOST_NAME_MAX + 1];
	const char *dot = NULL;

	if (gethostname(host, sizeof(host)) == 0)
		dot = memchr(host, '.', strnlen(host, sizeof(host)));
	snprintf(domain, size, "%s", dot != NULL ? dot + 1 : "");
}
