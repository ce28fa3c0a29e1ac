/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * URIs: as 2.1.12 parses them, but for those where it deviates from RFC 3986.
 */
#define EVCOMPAT_HTTP

#include "support/queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evhttp.h>

#include "edge.h"
#include "http_uri_table.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))
#define TOLERANT EVHTTP_URI_NONCONFORMANT

static void
assert_part(const char *uri, const char *found, const char *expected)
{
	if (found == NULL && expected == NULL)
		return;
	if (found == NULL || expected == NULL || strcmp(found, expected) != 0)
		fail_msg("%s: '%s' is not '%s'", uri,
		    found != NULL ? found : "(none)",
		    expected != NULL ? expected : "(none)");
}

static void
assert_parts(const struct evhttp_uri *uri, const struct parsed *p)
{
	assert_part(p->uri, evhttp_uri_get_scheme(uri), p->scheme);
	assert_part(p->uri, evhttp_uri_get_userinfo(uri), p->userinfo);
	assert_part(p->uri, evhttp_uri_get_host(uri), p->host);
	assert_int_equal(evhttp_uri_get_port(uri), p->port);
	assert_part(p->uri, evhttp_uri_get_path(uri), p->path);
	assert_part(p->uri, evhttp_uri_get_query(uri), p->query);
	assert_part(p->uri, evhttp_uri_get_fragment(uri), p->fragment);
}

static struct evhttp_uri *
parse(const char *text, unsigned flags)
{
	struct evhttp_uri *uri = evhttp_uri_parse_with_flags(text, flags);

	if (uri == NULL)
		fail_msg("%s is refused", text);
	return uri;
}

/* Parses a URI, joins its parts, and parses the result again. */
static void
assert_parsed(const struct parsed *p, unsigned flags)
{
	struct evhttp_uri *uri = parse(string_at_edge(p->uri), flags);
	char buf[100];

	assert_parts(uri, p);
	assert_ptr_equal(evhttp_uri_join(uri, buf, sizeof(buf)), buf);
	evhttp_uri_free(uri);
	uri = parse(buf, flags);
	assert_parts(uri, p);
	evhttp_uri_free(uri);
}

static void
assert_refused(const char *text, unsigned flags)
{
	if (evhttp_uri_parse_with_flags(string_at_edge(text), flags) != NULL)
		fail_msg("%s is parsed", text);
}

TEST(uris_are_parsed_as_in_2_1)
{
	for (size_t i = 0; i < N(valid); i++) {
		assert_parsed(&valid[i], 0);
		assert_parsed(&valid[i], TOLERANT);
	}
}

TEST(uris_are_refused_as_in_2_1)
{
	for (size_t i = 0; i < N(invalid); i++) {
		assert_refused(invalid[i], 0);
		assert_refused(invalid[i], TOLERANT);
	}
}

TEST(uris_are_parsed_with_a_flag_alone_as_in_2_1)
{
	for (size_t i = 0; i < N(nonconformant); i++) {
		assert_refused(nonconformant[i].uri, 0);
		assert_null(evhttp_uri_parse(nonconformant[i].uri));
		assert_parsed(&nonconformant[i], TOLERANT);
	}
}

/*
 * IPvFuture, RFC 3986 3.2.2: 2.1.12 accepts nothing after the dot, and refuses
 * a capital V.
 */
TEST(ipvfuture_address_has_something_after_its_dot_and_any_case)
{
	struct evhttp_uri *uri;

	assert_refused("http://[v1.]/", 0);
	uri = parse("http://[V1F.a]/", 0);
	assert_string_equal(evhttp_uri_get_host(uri), "[V1F.a]");
	evhttp_uri_free(uri);
}

TEST(long_uris_are_parsed_and_long_ports_are_not)
{
	char *text = malloc(300001);
	struct evhttp_uri *uri;

	memset(text, 'a', 300000);
	memcpy(text, "s://", 4);
	text[100000] = '/';
	text[200000] = '?';
	text[300000] = '\0';
	uri = parse(text, 0);
	assert_int_equal(strlen(evhttp_uri_get_host(uri)), 100000 - 4);
	assert_int_equal(strlen(evhttp_uri_get_path(uri)), 100000);
	assert_int_equal(strlen(evhttp_uri_get_query(uri)), 99999);
	evhttp_uri_free(uri);
	memset(text + 4, '1', 99996);
	text[4] = ':';
	assert_null(evhttp_uri_parse(text));
	free(text);
}

/* --- setting parts --- */

struct setting {
	int (*set)(struct evhttp_uri *, const char *);
	const char *(*get)(const struct evhttp_uri *);
	const char *good[8], *bad[13]; /* NULL ends them */
};

static const struct setting settings[] = {
    {evhttp_uri_set_scheme, evhttp_uri_get_scheme, {"a", "A1+-."},
	{"", "1", "-", "+a", "a:", "a b", "a/", "a%41", "\303a"}},
    {evhttp_uri_set_userinfo, evhttp_uri_get_userinfo,
	{"", "a", "a:b", ":", "%41", "!$&'()*+,;="},
	{"@", "a@b", "/", "?", "#", "[", "%4", "a b"}},
    {evhttp_uri_set_host, evhttp_uri_get_host,
	{"", "h", "1.2.3.4", "[::1]", "[v1.x]", "%41", "a!$&'()*+,;="},
	{"h:80", "h:", ":80", "[::1]:80", "[::1]x", "::1", "[", "[]", "h/",
	    "u@h", "%", "a b"}},
    {evhttp_uri_set_path, evhttp_uri_get_path,
	{"", "/", "a", "//x", "a:b", "/..", "@%41"},
	{"?", "a?", "#", "a#", "%", "[", "a b"}},
    {evhttp_uri_set_query, evhttp_uri_get_query,
	{"", "?", "a=b", "/:@?", "%41"}, {"#", "a#", "%4", "[", "a b"}},
    {evhttp_uri_set_fragment, evhttp_uri_get_fragment,
	{"", "?", "a=b", "/:@?", "%41"}, {"#", "a#", "%4", "[", "a b"}},
};

static void
try_setting(const struct setting *s)
{
	struct evhttp_uri *uri = evhttp_uri_new();

	assert_null(s->get(uri));
	for (int i = 0; s->good[i] != NULL; i++) {
		assert_int_equal(s->set(uri, string_at_edge(s->good[i])), 0);
		assert_string_equal(s->get(uri), s->good[i]);
	}
	s->set(uri, s->good[1]);
	for (int i = 0; s->bad[i] != NULL; i++) {
		if (s->set(uri, string_at_edge(s->bad[i])) != -1)
			fail_msg("'%s' is taken", s->bad[i]);
		assert_string_equal(s->get(uri), s->good[1]);
	}
	assert_int_equal(s->set(uri, s->get(uri)), 0);
	assert_string_equal(s->get(uri), s->good[1]);
	assert_int_equal(s->set(uri, NULL), 0);
	assert_null(s->get(uri));
	assert_int_equal(s->set(uri, NULL), 0);
	evhttp_uri_free(uri);
}

TEST(part_is_set_if_it_may_stand_in_a_uri)
{
	for (size_t i = 0; i < N(settings); i++)
		try_setting(&settings[i]);
}

TEST(part_may_be_anything_with_the_flag_but_what_ends_it)
{
	struct evhttp_uri *uri = evhttp_uri_new();

	evhttp_uri_set_flags(uri, TOLERANT);
	assert_int_equal(evhttp_uri_set_path(uri, "a b[%"), 0);
	assert_int_equal(evhttp_uri_set_path(uri, "a?"), -1);
	assert_int_equal(evhttp_uri_set_path(uri, "a#"), -1);
	assert_int_equal(evhttp_uri_set_query(uri, "a b[%?"), 0);
	assert_int_equal(evhttp_uri_set_query(uri, "a#"), -1);
	assert_int_equal(evhttp_uri_set_fragment(uri, "a b[%?#"), 0);
	assert_int_equal(evhttp_uri_set_host(uri, "a b"), -1);
	assert_int_equal(evhttp_uri_set_userinfo(uri, "a b"), -1);
	assert_int_equal(evhttp_uri_set_scheme(uri, "a b"), -1);
	evhttp_uri_set_flags(uri, 0);
	assert_int_equal(evhttp_uri_set_path(uri, "a b"), -1);
	assert_string_equal(evhttp_uri_get_path(uri), "a b[%");
	evhttp_uri_free(uri);
}

/* 2.1.12 takes a port above 65535, though it does not parse one. */
TEST(port_is_set_if_it_is_valid)
{
	static const int good[] = {0, 80, 65535, -1}, bad[] = {-2, 65536};
	struct evhttp_uri *uri = evhttp_uri_new();

	assert_int_equal(evhttp_uri_get_port(uri), -1);
	for (size_t i = 0; i < N(good); i++) {
		assert_int_equal(evhttp_uri_set_port(uri, good[i]), 0);
		assert_int_equal(evhttp_uri_get_port(uri), good[i]);
	}
	for (size_t i = 0; i < N(bad); i++) {
		assert_int_equal(evhttp_uri_set_port(uri, bad[i]), -1);
		assert_int_equal(evhttp_uri_get_port(uri), -1);
	}
	evhttp_uri_free(uri);
}

/* --- joining --- */

TEST(parts_are_joined_in_order)
{
	struct evhttp_uri *uri = evhttp_uri_new();
	char buf[100];

	assert_string_equal(evhttp_uri_join(uri, buf, sizeof(buf)), "");
	evhttp_uri_set_fragment(uri, "f");
	assert_string_equal(evhttp_uri_join(uri, buf, sizeof(buf)), "#f");
	evhttp_uri_set_query(uri, "q");
	evhttp_uri_set_host(uri, "h");
	evhttp_uri_set_port(uri, 65535);
	assert_string_equal(evhttp_uri_join(uri, buf, sizeof(buf)),
	    "//h:65535?q#f");
	evhttp_uri_set_path(uri, "/p");
	evhttp_uri_set_userinfo(uri, "u");
	evhttp_uri_set_scheme(uri, "s");
	assert_string_equal(evhttp_uri_join(uri, buf, sizeof(buf)),
	    "s://u@h:65535/p?q#f");
	evhttp_uri_free(uri);
}

TEST(user_and_port_without_a_host_are_left_out)
{
	struct evhttp_uri *uri = evhttp_uri_new();
	char buf[100];

	evhttp_uri_set_userinfo(uri, "u");
	evhttp_uri_set_port(uri, 80);
	evhttp_uri_set_path(uri, "p");
	assert_string_equal(evhttp_uri_join(uri, buf, sizeof(buf)), "p");
	evhttp_uri_free(uri);
}

TEST(port_loses_zeros_and_a_colon_without_one)
{
	static const char *const texts[][2] = {{"http://h:/", "http://h/"},
	    {"http://h:0080/", "http://h:80/"}, {"//u@:", "//u@"}};
	char buf[100];

	for (size_t i = 0; i < N(texts); i++) {
		struct evhttp_uri *uri = parse(texts[i][0], 0);

		evhttp_uri_join(uri, buf, sizeof(buf));
		assert_string_equal(buf, texts[i][1]);
		evhttp_uri_free(uri);
	}
}

TEST(uri_is_joined_where_it_and_a_NUL_have_room)
{
	static const char text[] = "s://u@h:80/p?q#f";
	struct evhttp_uri *uri = parse(text, 0);
	char buf[sizeof(text) + 1];

	for (size_t limit = 0; limit < sizeof(text); limit++) {
		memset(buf, '~', sizeof(buf));
		assert_null(evhttp_uri_join(uri, buf, limit));
		assert_int_equal(buf[limit], '~');
	}
	memset(buf, '~', sizeof(buf));
	assert_ptr_equal(evhttp_uri_join(uri, buf, sizeof(text)), buf);
	assert_string_equal(buf, text);
	assert_int_equal(buf[sizeof(text)], '~');
	evhttp_uri_free(uri);
	uri = evhttp_uri_new();
	assert_null(evhttp_uri_join(uri, buf, 0));
	assert_ptr_equal(evhttp_uri_join(uri, buf, 1), buf);
	evhttp_uri_free(uri);
}

static char *
join_path(const char *scheme, const char *host, const char *path)
{
	struct evhttp_uri *uri = evhttp_uri_new();
	static char buf[100];
	char *joined;

	evhttp_uri_set_scheme(uri, scheme);
	evhttp_uri_set_host(uri, host);
	assert_int_equal(evhttp_uri_set_path(uri, path), 0);
	joined = evhttp_uri_join(uri, buf, sizeof(buf));
	evhttp_uri_free(uri);
	return joined;
}

/*
 * 2.1.12 refuses only the first of these; the others it joins to a URI with
 * other parts.
 */
TEST(path_that_would_parse_as_another_part_is_not_joined)
{
	assert_null(join_path("s", "h", "p"));
	assert_null(join_path(NULL, NULL, "a:b"));
	assert_null(join_path(NULL, NULL, "//p"));
	assert_null(join_path("s", NULL, "//p"));
	assert_string_equal(join_path(NULL, NULL, "a/b:c"), "a/b:c");
	assert_string_equal(join_path("s", NULL, "a:b"), "s:a:b");
	assert_string_equal(join_path("s", "h", "//p"), "s://h//p");
	assert_string_equal(join_path("s", "h", ""), "s://h");
}

/* --- without memory --- */

/* Parses with the nth allocation failing.  Returns whether one failed. */
static bool
parses_or_leaves_nothing(const char *text, long nth)
{
	long bytes = counts.bytes;
	struct evhttp_uri *uri;
	bool failed;

	fail_alloc(nth);
	errno = 0;
	uri = evhttp_uri_parse(text);
	failed = alloc_failed();
	fail_alloc(0);
	assert_int_equal(uri == NULL, failed);
	if (failed)
		assert_int_equal(errno, ENOMEM);
	evhttp_uri_free(uri);
	assert_int_equal(counts.bytes, bytes);
	return failed;
}

TEST(uri_that_gets_no_memory_is_NULL)
{
	long nth = 1;

	while (parses_or_leaves_nothing("s://u@h:80/p?q#f", nth))
		nth++;
	assert_int_equal(nth, 8);
	fail_alloc(1);
	assert_null(evhttp_uri_new());
	fail_alloc(0);
}

TEST(part_that_gets_no_memory_is_as_before)
{
	for (size_t i = 0; i < N(settings); i++) {
		struct evhttp_uri *uri = evhttp_uri_new();
		const struct setting *s = &settings[i];

		assert_int_equal(s->set(uri, s->good[0]), 0);
		fail_alloc(1);
		errno = 0;
		assert_int_equal(s->set(uri, s->good[1]), -1);
		assert_int_equal(errno, ENOMEM);
		assert_string_equal(s->get(uri), s->good[0]);
		fail_alloc(0);
		evhttp_uri_free(uri);
	}
}

TEST(joining_needs_no_memory)
{
	struct evhttp_uri *uri = parse("s://u@h:80/p?q#f", 0);
	char buf[100];

	fail_allocs_from(1);
	assert_non_null(evhttp_uri_join(uri, buf, sizeof(buf)));
	evhttp_uri_free(uri);
	evhttp_uri_free(NULL);
	assert_false(alloc_failed());
	fail_alloc(0);
}
