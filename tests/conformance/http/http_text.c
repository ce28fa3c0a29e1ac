/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text for URIs and HTML: each byte, and what was recorded.
 */
#include "support/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evhttp.h>

#include "http_text_golden.h"
#include "test.h"

/* What a byte alone becomes; NULL: it stays as it is. */
typedef const char *rule(unsigned char byte);

static void
assert_each_byte(char *(*function)(const char *), rule *becomes)
{
	char in[] = "x", *out;
	const char *expected;

	for (int byte = 1; byte < 256; byte++) {
		in[0] = (char)byte;
		out = function(in);
		expected = becomes((unsigned char)byte);
		assert_string_equal(out, expected != NULL ? expected : in);
		free(out);
	}
}

static void
assert_recorded(char *(*function)(const char *),
    const struct golden_text *golden, size_t count)
{
	char *out;

	for (; count > 0; golden++, count--) {
		out = function(golden->in);
		assert_string_equal(out, golden->out);
		free(out);
	}
}

/* --- encoding --- */

static const char *
percent(unsigned char byte)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "abcdefghijklmnopqrstuvwxyz"
				   "!$'()*+,-./:=@_~";
	static char text[4];

	snprintf(text, sizeof(text), "%%%02X", byte);
	return memchr(kept, byte, strlen(kept)) != NULL ? NULL : text;
}

TEST(each_byte_is_encoded_or_kept,
    DIFFERS(V21, "encodes all but letters, digits and -._~"))
{
	assert_each_byte(evhttp_encode_uri, percent);
}

TEST(recorded_strings_are_encoded,
    DIFFERS(V21, "encodes all but letters, digits and -._~"))
{
	assert_recorded(evhttp_encode_uri, golden_encoded,
	    COUNT(golden_encoded));
}

TEST(letters_and_bytes_above_127_are_encoded_alike_everywhere)
{
	char *out = evhttp_encode_uri("az AZ-09._~%\377\200?&;#\"<>");

	assert_string_equal(out, "az%20AZ-09._~%25%FF%80%3F%26%3B%23%22%3C%3E");
	free(out);
}

/* --- decoding --- */

static const char *
itself(unsigned char byte)
{
	(void)byte;
	return NULL;
}

TEST(each_byte_alone_is_decoded_to_itself)
{
	assert_each_byte(evhttp_decode_uri, itself);
}

TEST(recorded_strings_are_decoded)
{
	assert_recorded(evhttp_decode_uri, golden_decoded,
	    COUNT(golden_decoded));
}

TEST(each_byte_is_decoded_from_hex_in_either_case)
{
	static const char *const forms[] = {"<%%%02x>", "<%%%02X>"};
	char in[8], expected[4] = "<x>", *out;

	for (int byte = 1; byte < 256; byte++)
		for (int i = 0; i < 2; i++) {
			snprintf(in, sizeof(in), forms[i], byte);
			expected[1] = (char)byte;
			out = evhttp_decode_uri(in);
			assert_string_equal(out, expected);
			free(out);
		}
}

TEST(what_is_encoded_is_decoded_to_what_it_was)
{
	char all[256], *encoded, *decoded;

	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	encoded = evhttp_encode_uri(all);
	decoded = evhttp_decode_uri(encoded);
	assert_string_equal(decoded, all);
	free(encoded);
	free(decoded);
}

/* --- HTML --- */

static const char *
entity(unsigned char byte)
{
	static const char bytes[] = "<>\"'&";
	static const char *const entities[] = {"&lt;", "&gt;", "&quot;",
	    "&#039;", "&amp;"};
	const char *at = strchr(bytes, byte);

	return at != NULL ? entities[at - bytes] : NULL;
}

TEST(each_byte_is_escaped_for_html_or_kept)
{
	assert_each_byte(evhttp_htmlescape, entity);
}

TEST(recorded_strings_are_escaped_for_html)
{
	assert_recorded(evhttp_htmlescape, golden_escaped,
	    COUNT(golden_escaped));
}

/* --- queries --- */

/* The arguments of a URI as [key=value]. */
static void
assert_arguments(const char *uri, const char *expected)
{
	struct evkeyvalq headers;
	struct evkeyval *kv;
	char found[100] = "";
	size_t len;

	evhttp_parse_query(uri, &headers);
	TAILQ_FOREACH (kv, &headers, next) {
		len = strlen(found);
		snprintf(found + len, sizeof(found) - len, "[%s=%s]", kv->key,
		    kv->value);
	}
	assert_string_equal(found, expected);
	evhttp_clear_headers(&headers);
	assert_null(TAILQ_FIRST(&headers));
}

static void
assert_queries(const struct golden_text *golden, size_t count)
{
	for (; count > 0; golden++, count--)
		assert_arguments(golden->in, golden->out);
}

TEST(queries_are_parsed_as_recorded)
{
	assert_queries(golden_queries, COUNT(golden_queries));
}

TEST(query_ends_at_an_invalid_argument,
    DIFFERS(V21, "drops the arguments before it as well"))
{
	assert_queries(golden_cut_queries, COUNT(golden_cut_queries));
}

TEST(query_may_have_empty_keys_and_any_bytes,
    DIFFERS(V21, "wants URIs as RFC 3986 has them"))
{
	assert_queries(golden_strange_queries, COUNT(golden_strange_queries));
}

TEST(query_of_many_arguments_is_parsed_whole)
{
	char *uri = malloc(100000), value[16];
	struct evkeyvalq headers;
	struct evkeyval *kv;
	size_t len = 2;
	int n = 0;

	strcpy(uri, "/?");
	for (int i = 0; i < 5000; i++)
		len += (size_t)sprintf(uri + len, "k%d=%d+&", i, i);
	evhttp_parse_query(uri, &headers);
	TAILQ_FOREACH (kv, &headers, next) {
		snprintf(value, sizeof(value), "%d ", n++);
		assert_string_equal(kv->value, value);
	}
	assert_int_equal(n, 5000);
	assert_string_equal(evhttp_find_header(&headers, "K4999"), "4999 ");
	evhttp_clear_headers(&headers);
	free(uri);
}

TEST(long_strings_are_encoded_decoded_and_escaped)
{
	size_t len = 1000000;
	char *text = malloc(len + 1), *out, *back;

	memset(text, '&', len);
	text[len] = '\0';
	out = evhttp_encode_uri(text);
	assert_int_equal(strlen(out), 3 * len);
	back = evhttp_decode_uri(out);
	assert_string_equal(back, text);
	free(out);
	out = evhttp_htmlescape(text);
	assert_int_equal(strlen(out), 5 * len);
	free(out);
	free(back);
	free(text);
}
