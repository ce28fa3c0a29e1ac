/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Servers for several hosts: other names of a server, and virtual hosts, each
 * for the hosts that match a pattern.
 */
#include "vhost.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- the host of a request --- */

/* A copy of the host in an absolute URI; NULL if it has none. */
static char *
host_of_uri(const char *uri)
{
	struct evhttp_uri *parts = NULL;
	const char *host = NULL;
	char *copy = NULL;

	if (uri != NULL && uri[0] != '/' && uri[0] != '\0')
		parts =
		    evhttp_uri_parse_with_flags(uri, EVHTTP_URI_NONCONFORMANT);
	if (parts != NULL && evhttp_uri_get_scheme(parts) != NULL)
		host = evhttp_uri_get_host(parts);
	if (host != NULL && host[0] != '\0')
		copy = strdup(host);
	evhttp_uri_free(parts);
	return copy;
}

/* A copy of the Host header without its port; NULL if there is none. */
static char *
host_of_header(const struct evkeyvalq *headers)
{
	const char *value = evhttp_find_header(headers, "Host");
	size_t len;

	if (value == NULL || value[0] == '\0')
		return NULL;
	len = value[0] == '[' ? strcspn(value, "]") : strcspn(value, ":");
	if (value[len] == ']')
		len++;
	return strndup(value, len);
}

const char *
evhttp_request_get_host(struct evhttp_request *pub)
{
	struct http_request *req = evi_request_of(pub);

	if (req->host == NULL)
		evi_request_set_host(req, host_of_uri(pub->uri));
	if (req->host == NULL)
		evi_request_set_host(req, host_of_header(pub->input_headers));
	return req->host;
}

/* --- which server --- */

static int
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/*
 * Whether a name matches a pattern: '*' is any characters, '?' any one.  Where
 * the pattern after the last '*' does not match, that '*' matches one character
 * more: this takes no recursion, and linear time for each '*'.
 */
static bool
matches_pattern(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
		} else if (*pattern != '\0' &&
			   (*pattern == '?' ||
			       to_lower(*pattern) == to_lower(*name))) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star;
			name = ++resume;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static bool
has_alias(const struct evhttp *http, const char *host)
{
	const struct alias *alias;

	TAILQ_FOREACH (alias, &http->hosts.aliases, next)
		if (strcasecmp(alias->name, host) == 0)
			return true;
	return false;
}

/* Finds the server with that alias: http, or a virtual host below it. */
static struct evhttp *
find_alias(struct evhttp *http, const char *host)
{
	struct evhttp *vhost, *found;

	if (has_alias(http, host))
		return http;
	TAILQ_FOREACH (vhost, &http->hosts.vhosts, hosts.next)
		if ((found = find_alias(vhost, host)) != NULL)
			return found;
	return NULL;
}

static struct evhttp *
find_pattern(struct evhttp *http, const char *host)
{
	struct evhttp *vhost;

	TAILQ_FOREACH (vhost, &http->hosts.vhosts, hosts.next)
		if (matches_pattern(vhost->hosts.pattern, host))
			return vhost;
	return NULL;
}

struct evhttp *
evi_vhost_find(struct evhttp *http, struct evhttp_request *req)
{
	const char *host = evhttp_request_get_host(req);
	struct evhttp *found;

	if (host == NULL)
		return http;
	found = find_alias(http, host);
	if (found != NULL)
		return found;
	while ((found = find_pattern(http, host)) != NULL)
		http = found;
	return http;
}

/* --- settings --- */

void
evi_vhost_init(struct virtual_hosts *hosts)
{
	TAILQ_INIT(&hosts->aliases);
	TAILQ_INIT(&hosts->vhosts);
}

int
evhttp_add_virtual_host(struct evhttp *http, const char *pattern,
    struct evhttp *vhost)
{
	char *copy;

	if (vhost->hosts.parent != NULL || !TAILQ_EMPTY(&vhost->sockets))
		return -1;
	for (const struct evhttp *p = http; p != NULL; p = p->hosts.parent)
		if (p == vhost)
			return -1;
	copy = strdup(pattern);
	if (copy == NULL)
		return -1;
	vhost->hosts.pattern = copy;
	vhost->hosts.parent = http;
	TAILQ_INSERT_TAIL(&http->hosts.vhosts, vhost, hosts.next);
	return 0;
}

int
evhttp_remove_virtual_host(struct evhttp *http, struct evhttp *vhost)
{
	if (vhost->hosts.parent != http)
		return -1;
	TAILQ_REMOVE(&http->hosts.vhosts, vhost, hosts.next);
	free(vhost->hosts.pattern);
	vhost->hosts.pattern = NULL;
	vhost->hosts.parent = NULL;
	return 0;
}

int
evhttp_add_server_alias(struct evhttp *http, const char *name)
{
	struct alias *alias = calloc(1, sizeof *alias);

	if (alias == NULL || (alias->name = strdup(name)) == NULL) {
		free(alias);
		return -1;
	}
	TAILQ_INSERT_TAIL(&http->hosts.aliases, alias, next);
	return 0;
}

static void
free_alias(struct evhttp *http, struct alias *alias)
{
	TAILQ_REMOVE(&http->hosts.aliases, alias, next);
	free(alias->name);
	free(alias);
}

int
evhttp_remove_server_alias(struct evhttp *http, const char *name)
{
	struct alias *alias;

	TAILQ_FOREACH (alias, &http->hosts.aliases, next) {
		if (strcasecmp(alias->name, name) == 0) {
			free_alias(http, alias);
			return 0;
		}
	}
	return -1;
}

void
evi_vhost_clear_aliases(struct evhttp *http)
{
	struct alias *alias;

	while ((alias = TAILQ_FIRST(&http->hosts.aliases)) != NULL)
		free_alias(http, alias);
}
