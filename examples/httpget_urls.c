/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of httpget that knows URLs: their servers, and names for files. */
#define EVCOMPAT_HTTP
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/queue.h>
#include <err.h>
#include <event.h>
#include <evhttp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "httpget.h"

static struct transfer *last; /* the transfer that was made last */

static int
is_taken(const char *name)
{
	const struct transfer *t;

	for (t = last; t != NULL; t = t->previous)
		if (strcmp(t->name, name) == 0)
			return 1;
	return 0;
}

/*
 * Makes a file name of the last part of the path, without the bytes that a file
 * name should not have.  If the name is taken, it gets a number.
 */
static char *
name_of(const char *path)
{
	char *decoded = evhttp_uridecode(path, 0, NULL);
	char *name, *p, text[256];
	int n = 0;

	if (decoded == NULL)
		err(1, "a name");
	name = strrchr(decoded, '/');
	name = name != NULL ? name + 1 : decoded;
	if (name[0] == '.')
		name[0] = '_';
	for (p = name; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '_';
	snprintf(text, 200, "%s", name[0] != '\0' ? name : "index.html");
	free(decoded);
	p = text + strlen(text);
	while (is_taken(text))
		snprintf(p, 16, ".%d", ++n);
	if ((p = strdup(text)) == NULL)
		err(1, "a name");
	return p;
}

static struct server *
server_of(const struct evhttp_uri *uri)
{
	const char *host = evhttp_uri_get_host(uri);
	int port = evhttp_uri_get_port(uri);
	size_t len = strlen(host);
	struct server *s;
	char text[300];

	snprintf(text, sizeof(text), port > 0 ? "%s:%d" : "%s", host, port);
	SLIST_FOREACH (s, &servers, next)
		if (strcasecmp(s->host, text) == 0)
			return s;
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->host = strdup(text)) == NULL ||
	    (s->address = host[0] == '[' ? strndup(host + 1, len - 2)
					 : strdup(host)) == NULL)
		err(1, "a server");
	s->port = port > 0 ? port : 80;
	STAILQ_INIT(&s->waiting);
	SLIST_INSERT_HEAD(&servers, s, next);
	return s;
}

void
add_url(const char *url)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	struct transfer *t = calloc(1, sizeof(*t));
	const char *path, *query;
	struct server *server;

	count.total++;
	if (uri == NULL || evhttp_uri_get_scheme(uri) == NULL ||
	    strcasecmp(evhttp_uri_get_scheme(uri), "http") != 0 ||
	    evhttp_uri_get_host(uri) == NULL ||
	    evhttp_uri_get_host(uri)[0] == '\0') {
		say(url, "only http://host... is understood");
		count.failed++;
		free(t);
		if (uri != NULL)
			evhttp_uri_free(uri);
		return;
	}
	path = evhttp_uri_get_path(uri);
	query = evhttp_uri_get_query(uri);
	if (t == NULL || (t->url = strdup(url)) == NULL ||
	    asprintf(&t->target, "%s%s%s", path[0] != '\0' ? path : "/",
		query != NULL ? "?" : "", query != NULL ? query : "") == -1)
		err(1, "a URL");
	t->fd = -1;
	t->name = name_of(path);
	t->previous = last;
	last = t;
	server = server_of(uri);
	STAILQ_INSERT_TAIL(&server->waiting, t, next);
	evhttp_uri_free(uri);
}

void
read_urls(const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char url[8192];

	if (file == NULL)
		err(1, "%s", path);
	while (fgets(url, sizeof(url), file) != NULL) {
		url[strcspn(url, "\r\n")] = '\0';
		if (url[0] != '\0' && url[0] != '#')
			add_url(url);
	}
	if (file != stdin)
		fclose(file);
}

void
free_transfers(void)
{
	struct transfer *t;

	while ((t = last) != NULL) {
		last = t->previous;
		free(t->url);
		free(t->target);
		free(t->name);
		free(t);
	}
}
