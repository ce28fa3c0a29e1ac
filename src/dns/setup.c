/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the resolver is set up with.  The program and resolv.conf files both
 * decide about each part:
 *
 * 1. Options: the defaults; over them those of each file, in the order of
 *    reading; over those the program's.  To read a file drops what the program
 *    has set of the options in it.
 * 2. Nameservers: each is from one file or from the program.  A file that is
 *    read again replaces its own ones, in their place.
 * 3. The search list is the last one that was set or read.  A file that has
 *    changed does not replace the program's.
 * 4. When a name is asked for, but once a second at most, each file is checked,
 *    and read again if it has changed.
 */
#include "setup.h"

#include <arpa/nameser.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conf/file.h"
#include "log.h"
#include "public.h"

#define CHECK_EVERY 1000000 /* microseconds */

/* A resolv.conf that was read, and is read again when it has changed. */
struct source {
	TAILQ_ENTRY(source) link;
	int flags;		    /* DNS_OPTION_*, what is taken from it */
	struct dns_options options; /* those that it sets */
	struct file_stamp stamp;
	char path[]; /* absolute, or "" for no file at all */
};

void
evi_setup_init(struct setup *s, struct net *net)
{
	memset(s, 0, sizeof(*s));
	s->net = net;
	evi_options_reset(&s->options);
	evi_options_clear(&s->by_program);
	TAILQ_INIT(&s->sources);
}

void
evi_setup_use_hosts(struct setup *s)
{
	if (s->hosts == NULL)
		s->hosts = evi_hosts_new();
}

/* --- options --- */

/* Later files override those before them, and the program all of them. */
static void
apply_options(struct setup *s)
{
	const struct source *source;

	evi_options_reset(&s->options);
	TAILQ_FOREACH (source, &s->sources, link)
		evi_options_copy(&s->options, &source->options);
	evi_options_copy(&s->options, &s->by_program);
}

/* --- nameservers --- */

/*
 * Whether a file named this nameserver.  NULL is the program, which replaces no
 * nameserver.
 */
static bool
is_from(const struct listed_server *server, const struct source *source)
{
	return source != NULL && server->source == source;
}

/* The nameserver with an address in the present list, or NULL. */
static const struct listed_server *
find_server(const struct setup *s, const struct address *address)
{
	for (int i = 0; i < evi_setup_count(s); i++)
		if (evi_address_equal(&s->servers->list[i].ns->address,
			address))
			return &s->servers->list[i];
	return NULL;
}

/*
 * Appends n nameservers of a source, but none that another source has named.
 * Those with a known address are the same as before.  -1 without memory.
 */
static int
append_servers(struct server_list *to, const struct setup *s,
    const struct source *source, const struct address *addresses, int n)
{
	for (int i = 0; i < n; i++) {
		const struct listed_server *server =
		    find_server(s, &addresses[i]);
		struct nameserver *ns;

		if (server != NULL && !is_from(server, source))
			continue;
		ns = server != NULL ? server->ns
				    : evi_nameserver_new(s->net, &addresses[i]);
		if (ns == NULL)
			return -1;
		evi_nameserver_list_add(to, ns, source);
	}
	return 0;
}

/*
 * Has a source name these n nameservers, in the place of those it named before,
 * or at the end.  Lookups in flight keep the list that they have.  -1 without
 * memory, and nothing has changed.
 */
static int
replace_servers(struct setup *s, const struct source *source,
    const struct address *addresses, int n)
{
	int nold = evi_setup_count(s), place = 0;
	struct server_list *to = evi_nameserver_list_new(nold + n);

	if (to == NULL)
		return -1;
	while (place < nold && !is_from(&s->servers->list[place], source))
		place++;
	for (int i = 0; i <= nold; i++) {
		if (i == place &&
		    append_servers(to, s, source, addresses, n) == -1) {
			evi_nameserver_list_release(to);
			return -1;
		}
		if (i < nold && !is_from(&s->servers->list[i], source))
			evi_nameserver_list_add(to, s->servers->list[i].ns,
			    s->servers->list[i].source);
	}
	evi_nameserver_list_release(s->servers);
	s->servers = to;
	return 0;
}

int
evi_setup_count(const struct setup *s)
{
	return s->servers == NULL ? 0 : s->servers->n;
}

enum add_result
evi_setup_add(struct setup *s, const struct address *address)
{
	if (find_server(s, address) != NULL)
		return ADD_IS_THERE;
	return replace_servers(s, NULL, address, 1) == 0 ? ADD_OK
							 : ADD_NO_MEMORY;
}

/* --- search list --- */

static void
set_search(struct setup *s, struct search_list *search)
{
	evi_search_release(s->search);
	s->search = search;
}

/* 1.4: ndots becomes 1, too. */
void
evi_setup_search_clear(struct setup *s)
{
	s->search_is_the_programs = true;
	set_search(s, NULL);
	evi_setup_ndots(s, 1);
}

void
evi_setup_search_add(struct setup *s, const char *domain)
{
	struct search_list *search;

	s->search_is_the_programs = true;
	search = evi_search_prepend(s->search, domain);
	if (search != NULL)
		set_search(s, search);
}

void
evi_setup_ndots(struct setup *s, int ndots)
{
	evi_options_set_ndots(&s->by_program, ndots < 0 ? 0 : ndots);
	apply_options(s);
}

int
evi_setup_option(struct setup *s, const char *option, const char *val,
    int flags)
{
	if (evi_options_set(&s->by_program, option, val, flags) == -1)
		return -1;
	apply_options(s);
	return 0;
}

/* --- from a file --- */

/* 1.4: without a nameserver in the file it is 127.0.0.1. */
static enum conf_result
take_nameservers(struct setup *s, const struct source *source,
    const struct resolv_conf *conf)
{
	struct address local;
	int r;

	if (conf->nservers > 0) {
		r = replace_servers(s, source, conf->servers, conf->nservers);
		return r == 0 ? CONF_OK : CONF_NO_MEMORY;
	}
	evi_address_read(&local, "127.0.0.1");
	r = replace_servers(s, source, &local, 1);
	return r == 0 ? CONF_NO_NAMESERVER : CONF_NO_MEMORY;
}

/*
 * A file without a search line leaves the list as it is, or, if there is none
 * or the file is read again, makes it the domain of the host.  -1 without
 * memory, and nothing has changed.
 */
static int
take_search(struct setup *s, const struct resolv_conf *conf, bool again)
{
	char domain[NS_MAXDNAME];
	struct search_list *search = evi_search_ref(conf->search);

	if (!conf->has_search) {
		if (!again && s->search != NULL)
			return 0;
		evi_resolv_conf_domain(domain, sizeof(domain));
		if (*domain != '\0' &&
		    evi_search_append(&search, domain) == -1) {
			evi_search_release(search);
			return -1;
		}
	}
	set_search(s, search);
	return 0;
}

/*
 * Applies the search list and the nameservers of a file, in place of those that
 * were read before.  again: the file has changed; what the program has set
 * since stays.
 */
static enum conf_result
take_lists(struct setup *s, const struct source *source,
    const struct resolv_conf *conf, int flags, bool again)
{
	if ((flags & DNS_OPTION_SEARCH) &&
	    !(again && s->search_is_the_programs)) {
		if (take_search(s, conf, again) == -1)
			return CONF_NO_MEMORY;
		s->search_is_the_programs = false;
	}
	if (flags & DNS_OPTION_NAMESERVERS)
		return take_nameservers(s, source, conf);
	return CONF_OK;
}

/*
 * The absolute form of a path, as the program may change its current directory;
 * from malloc.  NULL without memory, or if getcwd(3) fails.
 */
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

/*
 * Finds or makes the source with a path, and moves it to the end of the list.
 * NULL if absolute() fails, or without memory.
 */
static struct source *
source_of(struct setup *s, const char *filename)
{
	char *path = filename != NULL ? absolute(filename) : strdup("");
	struct source *source = NULL;

	if (path == NULL)
		return NULL;
	TAILQ_FOREACH (source, &s->sources, link)
		if (strcmp(source->path, path) == 0)
			break;
	if (source != NULL)
		TAILQ_REMOVE(&s->sources, source, link);
	else
		source = new_source(path);
	free(path);
	if (source != NULL)
		TAILQ_INSERT_TAIL(&s->sources, source, link);
	return source;
}

/* Replaces those options of a source that flags select by others. */
static void
take_options(struct setup *s, struct source *source,
    struct dns_options *options, int flags)
{
	evi_options_keep(options, flags);
	evi_options_keep(&source->options, ~flags);
	evi_options_copy(&source->options, options);
	apply_options(s);
}

/*
 * Reads a file again.  If it is missing, or has no nameserver, somebody may be
 * writing it at the moment: what was read before stays.
 */
static void
read_again(struct setup *s, struct source *source)
{
	struct resolv_conf conf;
	enum conf_result result = evi_resolv_conf_read(&conf, source->path);

	if (result == CONF_OK &&
	    (conf.nservers > 0 || !(source->flags & DNS_OPTION_NAMESERVERS))) {
		take_options(s, source, &conf.options, source->flags);
		result = take_lists(s, source, &conf, source->flags, true);
	}
	if (result != CONF_OK)
		evi_file_distrust(&source->stamp);
	evi_resolv_conf_free(&conf);
}

void
evi_setup_check_files(struct setup *s)
{
	int64_t now = evi_dns_now();
	struct source *source;
	enum file_change change;

	if (s->checked_at != 0 && now - s->checked_at < CHECK_EVERY)
		return;
	s->checked_at = now;
	if (s->hosts != NULL)
		evi_hosts_check_files(s->hosts);
	TAILQ_FOREACH (source, &s->sources, link) {
		change =
		    evi_file_check(&source->stamp, source->path, time(NULL));
		if (change == FILE_DIFFERS && s->net->logs)
			evi_log_message(0, "%s has changed", source->path);
		if (change != FILE_IS_SAME)
			read_again(s, source);
	}
}

/* 1.4: a file that cannot be opened is an empty one, but the result says so. */
enum conf_result
evi_setup_read(struct setup *s, const char *filename, int flags)
{
	struct resolv_conf conf;
	struct source *source = source_of(s, filename);
	enum conf_result read, result;

	if (source == NULL)
		return CONF_NO_MEMORY;
	evi_file_check(&source->stamp, source->path, time(NULL));
	read = evi_resolv_conf_read(&conf, filename);
	result = read == CONF_NOT_OPENED ? CONF_OK : read;
	if (result == CONF_OK) {
		source->flags |= flags;
		evi_options_keep(&conf.options, flags);
		evi_options_unset(&s->by_program, &conf.options);
		take_options(s, source, &conf.options, flags);
		result = take_lists(s, source, &conf, flags, false);
	}
	evi_resolv_conf_free(&conf);
	return read == CONF_NOT_OPENED ? read : result;
}

/* --- forgetting --- */

void
evi_setup_forget_sources(struct setup *s)
{
	struct dns_options all;
	struct source *source;

	evi_options_clear(&all);
	while ((source = TAILQ_FIRST(&s->sources)) != NULL) {
		evi_options_copy(&all, &source->options);
		TAILQ_REMOVE(&s->sources, source, link);
		free(source);
	}
	evi_options_copy(&all, &s->by_program);
	evi_options_copy(&s->by_program, &all);
}

void
evi_setup_forget_nameservers(struct setup *s)
{
	evi_nameserver_list_release(s->servers);
	s->servers = NULL;
}

/* 1.4: the options stay, but for ndots. */
void
evi_setup_forget(struct setup *s)
{
	evi_setup_forget_sources(s);
	evi_setup_forget_nameservers(s);
	set_search(s, NULL);
	s->search_is_the_programs = false;
	evi_options_set_ndots(&s->by_program, -1);
	apply_options(s);
	evi_hosts_free(s->hosts);
	s->hosts = NULL;
}
