/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolv.conf files the resolver was set up from.  They, the hosts file and
 * nsswitch.conf are followed: what changes on disk changes here.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "files.h"
#include "public.h"
#include "resolver.h"
#include "setup.h"
#include "source.h"

struct evi_source {
	TAILQ_ENTRY(evi_source) link;
	int flags; /* DNS_OPTION_* */
	char *path;
};

static TAILQ_HEAD(, evi_source) sources = TAILQ_HEAD_INITIALIZER(sources);
static struct evi_files *files; /* NULL: nobody tells of changes */
static int64_t looked;		/* when it was done instead */
static bool doubtful;		/* changes may not have been told */

static void
watch(const char *path)
{
	if (files == NULL || evi_files_watch(files, path) == 0)
		return;
	evi_files_free(files);
	files = NULL;
}

/*
 * Reads a file again.  One that is gone, or has no nameserver, may be in the
 * course of being written: what it said goes on.
 */
static void
read_again(struct evi_source *source)
{
	struct evi_resolv_conf conf;

	if (evi_resolv_conf_read(&conf, source->path) == 0 &&
	    (conf.nservers > 0 || !(source->flags & DNS_OPTION_NAMESERVERS))) {
		evi_setup_from(source, &conf, source->flags, true);
		evi_dns_log(0, "%s has changed", source->path);
	}
	evi_resolv_conf_free(&conf);
}

static void
on_change(void *arg)
{
	struct evi_source *source;

	(void)arg;
	if (evi_resolver_check() == -1)
		return;
	if (evi_resolver.hosts != NULL)
		evi_hosts_forget(evi_resolver.hosts);
	evi_setup_forget_options_of_files();
	TAILQ_FOREACH (source, &sources, link)
		read_again(source);
	evi_resolver_work_soon();
}

void
evi_sources_follow(struct event_base *base)
{
	struct evi_source *source;

	evi_files_free(files);
	files = base == NULL ? NULL : evi_files_new(base, on_change, NULL);
	watch(evi_file_names.hosts);
	watch(evi_file_names.nsswitch);
	TAILQ_FOREACH (source, &sources, link)
		watch(source->path);
}

bool
evi_sources_are_followed(void)
{
	return files == NULL || evi_files_are_followed(files);
}

void
evi_sources_doubt(void)
{
	doubtful = true;
}

void
evi_sources_look(void)
{
	int64_t now;

	if (files != NULL && !doubtful)
		return;
	now = evi_dns_now();
	if (!doubtful && now - looked < 1000000)
		return;
	looked = now;
	doubtful = false;
	on_change(NULL);
}

void
evi_sources_forget(void)
{
	struct evi_source *source;

	while ((source = TAILQ_FIRST(&sources)) != NULL) {
		TAILQ_REMOVE(&sources, source, link);
		free(source->path);
		free(source);
	}
	evi_files_free(files);
	files = NULL;
}

/* The source with this path, which it takes over; NULL without memory. */
static struct evi_source *
source_for(char *path)
{
	struct evi_source *source;

	if (path == NULL)
		return NULL;
	TAILQ_FOREACH (source, &sources, link) {
		if (strcmp(source->path, path) == 0) {
			free(path);
			return source;
		}
	}
	source = calloc(1, sizeof(*source));
	if (source == NULL) {
		free(path);
		return NULL;
	}
	source->path = path;
	TAILQ_INSERT_TAIL(&sources, source, link);
	watch(path);
	return source;
}

int
evdns_resolv_conf_parse(int flags, const char *const filename)
{
	struct evi_resolv_conf conf;
	struct evi_source *source = NULL;
	int result, missing = 0;

	if (evi_resolver_check() == -1)
		return 4;
	evi_dns_log(0, "reading %s", filename != NULL ? filename : "no file");
	result = evi_resolv_conf_read(&conf, filename);
	if (result == 1)
		/* As if it were empty, but for what is returned. */
		missing = 1, result = 0;
	if (result == 0 && filename != NULL &&
	    (source = source_for(evi_files_absolute(filename))) == NULL)
		result = 4;
	if (result == 0) {
		if (source != NULL)
			source->flags |= flags;
		result = evi_setup_from(source, &conf, flags, false);
	}
	evi_resolv_conf_free(&conf);
	evi_dns_log_flush();
	return missing ? 1 : result;
}

int
evdns_init(void)
{
	evi_resolver_come_home();
	return evdns_resolv_conf_parse(DNS_OPTIONS_ALL,
	    evi_file_names.resolv_conf);
}
