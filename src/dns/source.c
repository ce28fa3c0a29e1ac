/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads resolv.conf files, and reads them again when they have changed.  A
 * resolver's options are what all of them say together, so each keeps what it
 * said.
 */
#include "source.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conf/file.h"
#include "public.h"
#include "log.h"
#include "setup.h"

#define LOOK_EVERY 1000000 /* microseconds */

struct source {
	struct source *next;
	int flags; /* DNS_OPTION_*, what is taken from it */
	struct evi_dns_options options; /* that it has said */
	struct file_stamp stamp;
	char path[]; /* absolute, or "" for no file at all */
};

/* --- the list --- */

/* A path that does not depend on the current directory, which the program may
 * change; from malloc, NULL without memory. */
static char *
absolute(const char *path)
{
	char here[PATH_MAX], *full;
	size_t size;

	if (*path == '/')
		return strdup(path);
	if (getcwd(here, sizeof(here)) == NULL)
		return NULL;
	size = strlen(here) + strlen(path) + 2;
	full = malloc(size);
	if (full != NULL)
		snprintf(full, size, "%s/%s", here, path);
	return full;
}

static struct source *
new_source(const char *path)
{
	struct source *source = calloc(1, sizeof(*source) + strlen(path) + 1);

	if (source == NULL)
		return NULL;
	evi_options_clear(&source->options);
	strcpy(source->path, path);
	return source;
}

/* The source with a path, at the end of the list; NULL without memory. */
static struct source *
source_of(struct sources *sources, const char *path)
{
	struct source *source, **at = &sources->first;

	while (*at != NULL && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	source = *at;
	if (source != NULL)
		*at = source->next;
	else
		source = new_source(path);
	if (source == NULL)
		return NULL;
	while (*at != NULL)
		at = &(*at)->next;
	source->next = NULL;
	*at = source;
	return source;
}

static struct source *
source_for(struct sources *sources, const char *filename)
{
	char *path = filename != NULL ? absolute(filename) : strdup("");
	struct source *source = NULL;

	if (path != NULL)
		source = source_of(sources, path);
	free(path);
	return source;
}

/* --- what they say --- */

/* Has the resolver know what all files say of options by now. */
static void
say_options(struct evi_setup *setup)
{
	struct evi_dns_options all;

	evi_options_clear(&all);
	for (struct source *s = setup->sources.first; s != NULL; s = s->next)
		evi_options_put(&all, &s->options);
	evi_setup_options_of_files(setup, &all);
}

/* A file says this of the options that flags are about, and of no others. */
static void
note_options(struct source *source, struct evi_dns_options *said, int flags)
{
	evi_options_keep(said, flags);
	evi_options_keep(&source->options, ~flags);
	evi_options_put(&source->options, said);
}

/*
 * Reads a file again.  One that is gone, or has no nameserver, may be in the
 * course of being written: what it said goes on.
 */
static void
read_again(struct evi_setup *setup, struct source *source)
{
	struct evi_resolv_conf conf;
	enum conf_result result = evi_resolv_conf_read(&conf, source->path);

	if (result == CONF_OK &&
	    (conf.nservers > 0 || !(source->flags & DNS_OPTION_NAMESERVERS))) {
		note_options(source, &conf.options, source->flags);
		say_options(setup);
		result =
		    evi_setup_from(setup, source, &conf, source->flags, true);
	}
	if (result != CONF_OK)
		evi_file_doubt(&source->stamp);
	evi_resolv_conf_free(&conf);
}

void
evi_source_look(struct evi_setup *setup)
{
	struct sources *sources = &setup->sources;
	int64_t now = evi_dns_now();
	enum file_change change;

	if (sources->looked != 0 && now - sources->looked < LOOK_EVERY)
		return;
	sources->looked = now;
	if (setup->hosts != NULL)
		evi_hosts_look(setup->hosts);
	for (struct source *s = sources->first; s != NULL; s = s->next) {
		change = evi_file_look(&s->stamp, s->path, time(NULL));
		if (change == FILE_DIFFERS && setup->net->logs) {
			evi_log_message(0, "%s has changed", s->path);
			setup->net->has_logged = true;
		}
		if (change != FILE_IS_SAME)
			read_again(setup, s);
	}
}

void
evi_source_forget(struct evi_setup *setup)
{
	struct sources *sources = &setup->sources;
	struct source *source;

	evi_setup_keep_options(setup);
	while ((source = sources->first) != NULL) {
		sources->first = source->next;
		free(source);
	}
}

/* 1.4: a file that cannot be opened is as if it were empty, but for what is
 * returned. */
enum conf_result
evi_source_read(struct evi_setup *setup, const char *filename, int flags)
{
	struct evi_resolv_conf conf;
	struct source *source = source_for(&setup->sources, filename);
	enum conf_result read, result;

	if (source == NULL)
		return CONF_NO_MEMORY;
	evi_file_look(&source->stamp, source->path, time(NULL));
	read = evi_resolv_conf_read(&conf, filename);
	result = read == CONF_NOT_OPENED ? CONF_OK : read;
	if (result == CONF_OK) {
		source->flags |= flags;
		note_options(source, &conf.options, flags);
		evi_setup_forget_options(setup, &conf.options);
		say_options(setup);
		result = evi_setup_from(setup, source, &conf, flags, false);
	}
	evi_resolv_conf_free(&conf);
	return read == CONF_NOT_OPENED ? read : result;
}
