/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes text for URIs: the input is encoded and decoded, taken apart as a URI
 * and as a query, and escaped for HTML.  What is encoded must be the same when
 * it is decoded, and the parts of a URI that is parsed must be accepted by the
 * functions that set one part.
 */
#define EVCOMPAT_HTTP

#include "fuzz.h"

#include <sys/queue.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evhttp.h>

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* --- encoding --- */

static void
check_encoding(const uint8_t *data, size_t size)
{
	char *encoded, *decoded;
	size_t len = 0;

	for (int plus = 0; plus < 2; plus++) {
		encoded =
		    evhttp_uriencode((const char *)data, (ssize_t)size, plus);
		CHECK(strlen(encoded) >= size && strlen(encoded) <= 3 * size);
		decoded = evhttp_uridecode(encoded, plus, &len);
		CHECK(len == size);
		CHECK(size == 0 || memcmp(decoded, data, size) == 0);
		free(encoded);
		free(decoded);
	}
}

/*
 * 1.4's pair of functions: decoding makes a blank of '+' only after a '?', and
 * encoding encodes '?'.
 */
static void
check_encoding_of_14(const char *text)
{
	char *encoded = evhttp_encode_uri(text);
	char *decoded = evhttp_decode_uri(encoded);

	CHECK(strcmp(decoded, text) == 0);
	free(encoded);
	free(decoded);
}

static void
check_decoding(const char *text)
{
	char *as_it_is, *with_plus, *of_14;
	size_t len, other;

	as_it_is = evhttp_uridecode(text, 0, &len);
	with_plus = evhttp_uridecode(text, 1, &other);
	of_14 = evhttp_decode_uri(text);
	CHECK(len == other && len <= strlen(text));
	for (size_t i = 0; i < len; i++) {
		CHECK(with_plus[i] == as_it_is[i] ||
		      (as_it_is[i] == '+' && with_plus[i] == ' '));
		CHECK(of_14[i] == as_it_is[i] || of_14[i] == with_plus[i]);
	}
	CHECK(as_it_is[len] == '\0' && with_plus[len] == '\0');
	free(as_it_is);
	free(with_plus);
	free(of_14);
}

/* --- HTML --- */

/* Undoes evhttp_htmlescape(), in place. */
static void
unescape(char *html)
{
	static const char *const entities[] = {"&lt;", "&gt;", "&quot;",
	    "&#039;", "&amp;"};
	char *out = html;

	for (; *html != '\0'; html++, out++) {
		*out = *html;
		CHECK(strchr("<>\"'", *html) == NULL);
		for (int i = 0; i < 5; i++)
			if (strncmp(html, entities[i], strlen(entities[i])) ==
			    0) {
				*out = "<>\"'&"[i];
				html += strlen(entities[i]) - 1;
				break;
			}
	}
	*out = '\0';
}

static void
check_html(const char *text)
{
	char *escaped = evhttp_htmlescape(text);

	unescape(escaped);
	CHECK(strcmp(escaped, text) == 0);
	free(escaped);
}

/* --- queries --- */

static int
count(const struct evkeyvalq *headers)
{
	struct evkeyval *kv;
	int n = 0;

	TAILQ_FOREACH (kv, headers, next) {
		CHECK(strpbrk(kv->key, "&=") == NULL);
		CHECK(
		    is_same(evhttp_find_header(headers, kv->key), kv->value) ||
		    n > 0);
		n++;
	}
	return n;
}

/*
 * The strict and the lenient parser find the same arguments, up to the first
 * one that is invalid.
 */
static void
check_query(const char *text)
{
	struct evkeyvalq strict, lax;
	struct evkeyval *a, *b;
	char *uri = malloc(strlen(text) + 2);
	int r;

	CHECK(uri != NULL);
	uri[0] = '?';
	strcpy(uri + 1, text);
	evhttp_parse_query(uri, &lax);
	r = evhttp_parse_query_str(text, &strict);
	CHECK(r == 0 || (r == -1 && TAILQ_FIRST(&strict) == NULL));
	CHECK(r == -1 || count(&strict) == count(&lax));
	b = TAILQ_FIRST(&lax);
	TAILQ_FOREACH (a, &strict, next) {
		CHECK(strcmp(a->key, b->key) == 0 && *a->key != '\0');
		CHECK(strcmp(a->value, b->value) == 0);
		b = TAILQ_NEXT(b, next);
	}
	evhttp_clear_headers(&strict);
	evhttp_clear_headers(&lax);
	free(uri);
}

/* --- URIs --- */

static void
check_same(const struct evhttp_uri *a, const struct evhttp_uri *b)
{
	CHECK(is_same(evhttp_uri_get_scheme(a), evhttp_uri_get_scheme(b)));
	CHECK(is_same(evhttp_uri_get_userinfo(a), evhttp_uri_get_userinfo(b)));
	CHECK(is_same(evhttp_uri_get_host(a), evhttp_uri_get_host(b)));
	CHECK(evhttp_uri_get_port(a) == evhttp_uri_get_port(b));
	CHECK(is_same(evhttp_uri_get_path(a), evhttp_uri_get_path(b)));
	CHECK(is_same(evhttp_uri_get_query(a), evhttp_uri_get_query(b)));
	CHECK(is_same(evhttp_uri_get_fragment(a), evhttp_uri_get_fragment(b)));
}

/* A URI that is made by setting the parts of another one. */
static struct evhttp_uri *
copy_of(const struct evhttp_uri *uri, unsigned flags)
{
	struct evhttp_uri *copy = evhttp_uri_new();

	CHECK(copy != NULL);
	evhttp_uri_set_flags(copy, flags);
#define COPY(part)                                                             \
	CHECK(evhttp_uri_set_##part(copy, evhttp_uri_get_##part(uri)) == 0)
	COPY(scheme);
	COPY(userinfo);
	COPY(host);
	COPY(port);
	COPY(path);
	COPY(query);
	COPY(fragment);
#undef COPY
	return copy;
}

static void
check_uri(const char *text, unsigned flags)
{
	struct evhttp_uri *uri = evhttp_uri_parse_with_flags(text, flags);
	struct evhttp_uri *copy, *again;
	size_t size = strlen(text) + 1;
	char *joined;

	if (uri == NULL)
		return;
	copy = copy_of(uri, flags);
	check_same(copy, uri);
	joined = malloc(size);
	CHECK(joined != NULL);
	/*
	 * The joined URI may be shorter: the port loses leading zeros, or the
	 * colon of an empty one.
	 */
	CHECK(evhttp_uri_join(copy, joined, size) == joined);
	again = evhttp_uri_parse_with_flags(joined, flags);
	CHECK(again != NULL);
	check_same(again, uri);
	CHECK(evhttp_uri_join(copy, joined, strlen(joined)) == NULL);
	evhttp_uri_free(uri);
	evhttp_uri_free(copy);
	evhttp_uri_free(again);
	free(joined);
}

/* Whether the flag only adds URIs, and gives those without it the same parts.
 */
static void
check_flag(const char *text)
{
	struct evhttp_uri *strict = evhttp_uri_parse(text), *tolerant;

	tolerant = evhttp_uri_parse_with_flags(text, EVHTTP_URI_NONCONFORMANT);
	if (strict != NULL) {
		CHECK(tolerant != NULL);
		check_same(strict, tolerant);
	}
	evhttp_uri_free(strict);
	evhttp_uri_free(tolerant);
}

/*
 * Setting a part of a URI to a part of the input is refused, or the part has
 * that value; and if the parts can be joined, the URI is parsed into the same
 * parts, except user and port without a host.
 */
static void
check_setting(const char *text)
{
	struct evhttp_uri *uri = evhttp_uri_new(), *again;
	size_t half = strlen(text) / 2, size = 3 * strlen(text) + 20;
	char *joined = malloc(size);

	CHECK(uri != NULL && joined != NULL);
	evhttp_uri_set_path(uri, text);
	evhttp_uri_set_query(uri, text + half);
	if (half % 2 == 0)
		evhttp_uri_set_host(uri, text + half);
	if (half % 3 == 0)
		evhttp_uri_set_scheme(uri, text + half);
	if (evhttp_uri_join(uri, joined, size) != NULL) {
		again = evhttp_uri_parse(joined);
		CHECK(again != NULL);
		if (evhttp_uri_get_path(uri) == NULL)
			evhttp_uri_set_path(uri, "");
		check_same(again, uri);
		evhttp_uri_free(again);
	}
	evhttp_uri_free(uri);
	free(joined);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	text = realloc(text, strlen(text) + 1);
	CHECK(text != NULL);
	check_encoding(data, size);
	check_encoding_of_14(text);
	check_decoding(text);
	check_html(text);
	check_query(text);
	check_uri(text, 0);
	check_uri(text, EVHTTP_URI_NONCONFORMANT);
	check_flag(text);
	check_setting(text);
	free(text);
	return 0;
}
