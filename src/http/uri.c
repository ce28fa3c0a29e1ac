/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * URIs and relative references (RFC 3986): parsed, changed and joined.
 *
 * cut_uri() cuts a URI into parts at the bytes that may end one:
 *
 * 1. The text before the first ':' is the scheme, if it looks like one.
 * 2. After "//" comes the authority, up to '/', '?' or '#'.  In it, the text
 *    before '@' is the userinfo, the digits after the last ':' are the port,
 *    and the host is between them.
 * 3. The path ends before '?' or '#', the query begins after '?' and ends
 *    before '#', and the fragment is the rest.
 *
 * is_valid() then checks each part, and each part that a program sets.  No part
 * is decoded, and a path keeps its "." and "..".
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "headers.h"
#include "text.h"

#define PORT_MAX 65535

/* The bytes of each part, except %XX. */
#define IN_HOST (EVI_UNRESERVED | EVI_SUB_DELIM)
#define IN_USERINFO (IN_HOST | EVI_COLON)
#define IN_PATH (IN_USERINFO | EVI_AT | EVI_SLASH)
#define IN_QUERY (IN_PATH | EVI_QUESTION)

enum part {
	SCHEME,
	USERINFO,
	HOST,
	PATH,
	QUERY,
	FRAGMENT,
	NPARTS
};

struct evhttp_uri {
	unsigned int flags;
	int port;	    /* -1: none */
	char *part[NPARTS]; /* NULL: the URI has no such part */
};

/* A part of a longer string; at is NULL if there is none. */
struct range {
	const char *at, *end;
};

/* A URI that has been cut. */
struct pieces {
	int port;
	struct range part[NPARTS];
};

static bool
is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* Whether all bytes are of these kinds. */
static bool
has_only(const char *at, const char *end, unsigned int kinds)
{
	for (; at < end; at++)
		if (!evi_text_is_kind(*at, kinds))
			return false;
	return true;
}

/* Whether all bytes are of these kinds, or %XX. */
static bool
has_only_or_encoded(const char *at, const char *end, unsigned int kinds)
{
	for (; at < end; at++) {
		if (evi_text_is_kind(*at, kinds))
			continue;
		if (*at != '%' || end - at < 3 || hex_value(at[1]) < 0 ||
		    hex_value(at[2]) < 0)
			return false;
		at += 2;
	}
	return true;
}

static bool
is_scheme(const char *at, const char *end)
{
	return at < end && is_letter(*at) && has_only(at, end, EVI_SCHEME);
}

/* IPvFuture: a 'v', the version in hex, a dot, and an address.  at points to
 * the 'v'. */
static bool
is_future_address(const char *at, const char *end)
{
	const char *dot = ++at;

	while (dot < end && hex_value(*dot) >= 0)
		dot++;
	return dot > at && end - dot >= 2 && *dot == '.' &&
	       has_only(dot + 1, end, IN_USERINFO);
}

/* inet_pton() refuses an address with a zone ("%eth0"), as RFC 3986 does. */
static bool
is_ipv6_address(const char *at, const char *end)
{
	size_t len = (size_t)(end - at);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (len >= sizeof(text))
		return false;
	memcpy(text, at, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

static bool
is_host(const char *at, const char *end)
{
	if (at == end || *at != '[')
		return has_only_or_encoded(at, end, IN_HOST);
	if (end - at < 3 || end[-1] != ']')
		return false;
	return (at[1] | 0x20) == 'v' ? is_future_address(at + 1, end - 1)
				     : is_ipv6_address(at + 1, end - 1);
}

/* Whether the string has none of these bytes. */
static bool
has_none_of(const char *at, const char *end, const char *bytes)
{
	for (; at < end; at++)
		if (strchr(bytes, *at) != NULL)
			return false;
	return true;
}

static bool
is_valid(enum part part, const char *at, const char *end, unsigned int flags)
{
	bool tolerant = (flags & EVHTTP_URI_NONCONFORMANT) != 0;

	switch (part) {
	case SCHEME:
		return is_scheme(at, end);
	case USERINFO:
		return has_only_or_encoded(at, end, IN_USERINFO);
	case HOST:
		return is_host(at, end);
	case PATH:
		return tolerant ? has_none_of(at, end, "?#")
				: has_only_or_encoded(at, end, IN_PATH);
	case QUERY:
		return tolerant ? has_none_of(at, end, "#")
				: has_only_or_encoded(at, end, IN_QUERY);
	default:
		return tolerant || has_only_or_encoded(at, end, IN_QUERY);
	}
}

/*
 * Whether a path without scheme and authority before it would be parsed as a
 * scheme: it has a ':' in its first segment (4.2).
 */
static bool
looks_like_scheme(const char *path)
{
	return path[strcspn(path, ":/?#")] == ':';
}

/* Parses the digits of a port; -1 if there are none.  Returns false if the port
 * is too large. */
static bool
read_port(const char *at, const char *end, int *port)
{
	int value = 0;

	*port = -1;
	for (; at < end; at++) {
		value = value * 10 + (*at - '0');
		if (value > PORT_MAX)
			return false;
		*port = value;
	}
	return true;
}

static bool
cut_authority(struct pieces *p, const char *at, const char *end)
{
	const char *mark = memchr(at, '@', (size_t)(end - at));
	const char *port = end;

	if (mark != NULL) {
		p->part[USERINFO] = (struct range){at, mark};
		at = mark + 1;
	}
	while (port > at && port[-1] >= '0' && port[-1] <= '9')
		port--;
	if (port > at && port[-1] == ':') {
		p->part[HOST] = (struct range){at, port - 1};
		return read_port(port, end, &p->port);
	}
	p->part[HOST] = (struct range){at, end};
	return true;
}

/* Cuts a part that ends before one of these bytes.  Returns its end. */
static const char *
cut(struct pieces *p, enum part part, const char *at, const char *ends)
{
	const char *end = at + strcspn(at, ends);

	p->part[part] = (struct range){at, end};
	return end;
}

/* Returns false if a relative path looks like a scheme, or the port is too
 * large. */
static bool
cut_uri(struct pieces *p, const char *uri)
{
	const char *end = uri + strcspn(uri, ":/?#");

	*p = (struct pieces){.port = -1};
	if (*end == ':' && is_scheme(uri, end)) {
		p->part[SCHEME] = (struct range){uri, end};
		uri = end + 1;
	}
	if (uri[0] == '/' && uri[1] == '/') {
		end = uri + 2 + strcspn(uri + 2, "/?#");
		if (!cut_authority(p, uri + 2, end))
			return false;
		uri = end;
	} else if (p->part[SCHEME].at == NULL && looks_like_scheme(uri)) {
		return false;
	}
	uri = cut(p, PATH, uri, "?#");
	if (*uri == '?')
		uri = cut(p, QUERY, uri + 1, "#");
	if (*uri == '#')
		cut(p, FRAGMENT, uri + 1, "");
	return true;
}

struct evhttp_uri *
evhttp_uri_new(void)
{
	struct evhttp_uri *uri = calloc(1, sizeof(*uri));

	if (uri != NULL)
		uri->port = -1;
	return uri;
}

void
evhttp_uri_free(struct evhttp_uri *uri)
{
	if (uri == NULL)
		return;
	for (int i = 0; i < NPARTS; i++)
		free(uri->part[i]);
	free(uri);
}

/* Checks the parts, and copies them to an empty URI.  Returns 0 or -1. */
static int
fill(struct evhttp_uri *uri, const struct pieces *p)
{
	const struct range *range = p->part;

	for (int i = 0; i < NPARTS; i++, range++) {
		if (range->at == NULL)
			continue;
		if (!is_valid(i, range->at, range->end, uri->flags))
			return -1;
		uri->part[i] =
		    strndup(range->at, (size_t)(range->end - range->at));
		if (uri->part[i] == NULL)
			return -1;
	}
	uri->port = p->port;
	return 0;
}

struct evhttp_uri *
evhttp_uri_parse_with_flags(const char *source_uri, unsigned flags)
{
	struct evhttp_uri *uri;
	struct pieces pieces;

	if (!cut_uri(&pieces, source_uri))
		return NULL;
	uri = evhttp_uri_new();
	if (uri == NULL)
		return NULL;
	uri->flags = flags;
	if (fill(uri, &pieces) == 0)
		return uri;
	evhttp_uri_free(uri);
	return NULL;
}

struct evhttp_uri *
evhttp_uri_parse(const char *source_uri)
{
	return evhttp_uri_parse_with_flags(source_uri, 0);
}

void
evhttp_uri_set_flags(struct evhttp_uri *uri, unsigned flags)
{
	uri->flags = flags;
}

const char *
evhttp_uri_get_scheme(const struct evhttp_uri *uri)
{
	return uri->part[SCHEME];
}

const char *
evhttp_uri_get_userinfo(const struct evhttp_uri *uri)
{
	return uri->part[USERINFO];
}

const char *
evhttp_uri_get_host(const struct evhttp_uri *uri)
{
	return uri->part[HOST];
}

int
evhttp_uri_get_port(const struct evhttp_uri *uri)
{
	return uri->port;
}

const char *
evhttp_uri_get_path(const struct evhttp_uri *uri)
{
	return uri->part[PATH];
}

const char *
evhttp_uri_get_query(const struct evhttp_uri *uri)
{
	return uri->part[QUERY];
}

const char *
evhttp_uri_get_fragment(const struct evhttp_uri *uri)
{
	return uri->part[FRAGMENT];
}

/* Sets a part to a copy of string, which may be in that part itself. */
static int
set(struct evhttp_uri *uri, enum part part, const char *string)
{
	char *copy = NULL;

	if (string != NULL) {
		if (!is_valid(part, string, string + strlen(string),
			uri->flags))
			return -1;
		copy = strdup(string);
		if (copy == NULL)
			return -1;
	}
	free(uri->part[part]);
	uri->part[part] = copy;
	return 0;
}

int
evhttp_uri_set_scheme(struct evhttp_uri *uri, const char *scheme)
{
	return set(uri, SCHEME, scheme);
}

int
evhttp_uri_set_userinfo(struct evhttp_uri *uri, const char *userinfo)
{
	return set(uri, USERINFO, userinfo);
}

int
evhttp_uri_set_host(struct evhttp_uri *uri, const char *host)
{
	return set(uri, HOST, host);
}

int
evhttp_uri_set_port(struct evhttp_uri *uri, int port)
{
	if (port < -1 || port > PORT_MAX)
		return -1;
	uri->port = port;
	return 0;
}

int
evhttp_uri_set_path(struct evhttp_uri *uri, const char *path)
{
	return set(uri, PATH, path);
}

int
evhttp_uri_set_query(struct evhttp_uri *uri, const char *query)
{
	return set(uri, QUERY, query);
}

int
evhttp_uri_set_fragment(struct evhttp_uri *uri, const char *fragment)
{
	return set(uri, FRAGMENT, fragment);
}

/* Whether the joined parts would be parsed with the same path (3.3, 4.2). */
static bool
can_be_joined(const struct evhttp_uri *uri)
{
	const char *path = uri->part[PATH];

	if (path == NULL)
		return true;
	if (uri->part[HOST] != NULL)
		return *path == '\0' || *path == '/';
	if (path[0] == '/' && path[1] == '/')
		return false;
	return uri->part[SCHEME] != NULL || !looks_like_scheme(path);
}

/* The rest of the caller's buffer. */
struct room {
	char *at;
	size_t size; /* in bytes; 0 after something did not fit */
};

/* Writes before, text and after; nothing if text is NULL. */
static void
put(struct room *room, const char *before, const char *text, const char *after)
{
	const char *const pieces[] = {before, text, after};
	size_t len;

	if (text == NULL)
		return;
	for (int i = 0; i < 3; i++) {
		len = strlen(pieces[i]);
		if (len >= room->size) {
			room->size = 0;
			return;
		}
		memcpy(room->at, pieces[i], len + 1);
		room->at += len;
		room->size -= len;
	}
}

static void
put_authority(struct room *room, const struct evhttp_uri *uri)
{
	char port[sizeof(":-2147483648")];

	put(room, "//", "", "");
	put(room, "", uri->part[USERINFO], "@");
	put(room, "", uri->part[HOST], "");
	if (uri->port < 0)
		return;
	snprintf(port, sizeof(port), ":%d", uri->port);
	put(room, "", port, "");
}

char *
evhttp_uri_join(struct evhttp_uri *uri, char *buf, size_t limit)
{
	struct room room = {buf, limit};

	if (!can_be_joined(uri))
		return NULL;
	put(&room, "", uri->part[SCHEME], ":");
	if (uri->part[HOST] != NULL)
		put_authority(&room, uri);
	put(&room, "", uri->part[PATH], "");
	put(&room, "?", uri->part[QUERY], "");
	put(&room, "#", uri->part[FRAGMENT], "");
	/* An empty URI has written nothing yet, not even the NUL. */
	put(&room, "", "", "");
	return room.size > 0 ? buf : NULL;
}
