/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text functions of libevent 2.x, with the results of 2.1.12; and all of them
 * without memory, and with strings at the end of mapped memory.
 */
#include "http/element.h"
#include "http/headers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edge.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

/* --- evhttp_uriencode(), evhttp_uridecode() --- */

static void
assert_encoded(const char *text, ssize_t size, int plus, const char *expected)
{
	char *out = evhttp_uriencode(text, size, plus);

	assert_string_equal(out, expected);
	free(out);
}

TEST(each_byte_is_encoded_unless_it_is_unreserved)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "abcdefghijklmnopqrstuvwxyz-._~";
	char byte, expected[4];

	for (int i = 0; i < 256; i++) {
		byte = (char)i;
		snprintf(expected, sizeof(expected), "%%%02X", i);
		if (i != 0 && strchr(kept, byte) != NULL)
			snprintf(expected, sizeof(expected), "%c", byte);
		assert_encoded(&byte, 1, 0, expected);
		assert_encoded(&byte, 1, 1, byte == ' ' ? "+" : expected);
	}
}

TEST(as_many_bytes_are_encoded_as_the_length_says)
{
	assert_encoded("a b\0c", 5, 0, "a%20b%00c");
	assert_encoded("a b\0c", -1, 0, "a%20b");
	assert_encoded("a b\0c", -5, 1, "a+b");
	assert_encoded("a b", 2, 1, "a+");
	assert_encoded("a", 0, 0, "");
	assert_encoded("", -1, 0, "");
}

static void
assert_decoded(const char *text, int plus, const char *expected, size_t len)
{
	size_t size = 12345;
	char *out = evhttp_uridecode(text, plus, &size);

	assert_int_equal(size, len);
	assert_memory_equal(out, expected, len + 1);
	free(out);
}

TEST(text_is_decoded_with_its_length)
{
	assert_decoded("", 0, "", 0);
	assert_decoded("a%20b", 0, "a b", 3);
	assert_decoded("a%00b%00", 0, "a\0b\0", 4);
	assert_decoded("%fF%Ff", 0, "\377\377", 2);
	assert_decoded("%", 0, "%", 1);
	assert_decoded("%4", 0, "%4", 2);
	assert_decoded("%zz%4g%g4", 0, "%zz%4g%g4", 9);
	assert_decoded("%%41%", 0, "%A%", 3);
	assert_decoded("%u0041", 0, "%u0041", 6);
	assert_decoded("\303\251", 0, "\303\251", 2);
}

TEST(plus_is_a_blank_if_asked_for)
{
	assert_decoded("+?+%2b", 0, "+?++", 4);
	assert_decoded("+?+%2b", 1, " ? +", 4);
	assert_decoded("+?+%2b", -1, " ? +", 4);
}

TEST(length_of_what_is_decoded_may_be_left_out)
{
	char *out = evhttp_uridecode("a%20b", 0, NULL);

	assert_string_equal(out, "a b");
	free(out);
}

/* --- evhttp_parse_query_str() --- */

static const struct {
	const char *query;
	int result;
	const char *arguments; /* as [key=value] */
} queries[] = {
    {"", 0, ""},
    {"a=b", 0, "[a=b]"},
    {"a=b&c=d", 0, "[a=b][c=d]"},
    {"a=b&", 0, "[a=b]"},
    {"a=", 0, "[a=]"},
    {"a==", 0, "[a==]"},
    {"a=b=c", 0, "[a=b=c]"},
    {"a=1&a=2", 0, "[a=1][a=2]"},
    {"a=%00z", 0, "[a=]"},
    {"a%20=b", 0, "[a%20=b]"},
    {"a+=b+%2b", 0, "[a+=b +]"},
    {"?a=b", 0, "[?a=b]"},
    {"a=b#c", 0, "[a=b#c]"},
    {"a;b=c;d", 0, "[a;b=c;d]"},
    {"a=%zz&b=%", 0, "[a=%zz][b=%]"},
    {"a=\r\n&b=\303\251", 0, "[a=\r\n][b=\303\251]"},
    {"&", -1, ""},
    {"&&", -1, ""},
    {"&a=b", -1, ""},
    {"a=b&&", -1, ""},
    {"a=b&&c=d", -1, ""},
    {"=", -1, ""},
    {"=b", -1, ""},
    {"a=b&=", -1, ""},
    {"a", -1, ""},
    {"a=b&c", -1, ""},
    {"a&b=c", -1, ""},
};

static void
write_arguments(char *to, size_t room, struct evkeyvalq *headers)
{
	struct evkeyval *kv;
	size_t len = 0;

	*to = '\0';
	TAILQ_FOREACH (kv, headers, next)
		len += (size_t)snprintf(to + len, room - len, "[%s=%s]",
		    kv->key, kv->value);
}

TEST(query_is_parsed_whole_or_not_at_all)
{
	struct evkeyvalq headers;
	char found[100];

	for (size_t i = 0; i < N(queries); i++) {
		memset(&headers, 0xff, sizeof(headers));
		assert_int_equal(evhttp_parse_query_str(queries[i].query,
				     &headers),
		    queries[i].result);
		write_arguments(found, sizeof(found), &headers);
		assert_string_equal(found, queries[i].arguments);
		evhttp_clear_headers(&headers);
	}
}

/* --- all functions, with any input --- */

static char *
encode(const char *text)
{
	return evhttp_uriencode(text, -1, 1);
}

static char *
decode(const char *text)
{
	return evhttp_uridecode(text, 1, NULL);
}

/* The arguments as a string, or NULL for an error. */
static char *
arguments(const char *text)
{
	char *string = malloc(1000);
	struct evkeyvalq headers;

	if (string == NULL)
		return NULL;
	if (evhttp_parse_query_str(text, &headers) == 0) {
		write_arguments(string, 1000, &headers);
		evhttp_clear_headers(&headers);
		return string;
	}
	assert_null(TAILQ_FIRST(&headers));
	free(string);
	return NULL;
}

static char *(*const functions[])(const char *) = {evhttp_encode_uri,
    evhttp_decode_uri, evhttp_htmlescape, encode, decode, arguments};

static const char *const texts[] = {"a=%41+&b=<&>='\"%zz", "c=d&e=f&g=h&i=j&",
    "\377\001=?&\t=+%00%"};

/*
 * Calls a function with the nth allocation failing.  Returns whether one
 * failed.
 */
static bool
fails_cleanly(char *(*function)(const char *), const char *text, long nth)
{
	char *whole = function(text), *out;
	bool failed;
	long bytes;

	evi_element_free_spares();
	bytes = counts.bytes;
	fail_alloc(nth);
	errno = 0;
	out = function(text);
	failed = alloc_failed();
	fail_alloc(0);
	if (out != NULL)
		assert_string_equal(out, whole);
	else
		assert_true(failed && errno == ENOMEM);
	free(out);
	evi_element_free_spares();
	assert_int_equal(counts.bytes, bytes);
	free(whole);
	return failed;
}

TEST(text_that_gets_no_memory_is_NULL)
{
	for (size_t i = 0; i < N(functions); i++)
		for (size_t j = 0; j < N(texts); j++)
			for (long nth = 1;
			     fails_cleanly(functions[i], texts[j], nth); nth++)
				continue;
}

TEST(query_of_1_4_that_gets_no_memory_is_an_empty_list)
{
	struct evkeyvalq headers;
	long bytes = counts.bytes;

	for (long nth = 1; nth <= 8; nth++) {
		fail_alloc(nth);
		evhttp_parse_query("/?a=b&c=d", &headers);
		assert_true(alloc_failed());
		fail_alloc(0);
		assert_null(TAILQ_FIRST(&headers));
		evi_element_free_spares();
		assert_int_equal(counts.bytes, bytes);
	}
	evhttp_parse_query("/?a=b&c=d", &headers);
	assert_non_null(evhttp_find_header(&headers, "c"));
	evhttp_clear_headers(&headers);
}

TEST(size_that_no_memory_can_hold_is_refused)
{
	errno = 0;
	assert_null(evhttp_uriencode("", SSIZE_MAX, 0));
	assert_int_equal(errno, ENOMEM);
}

/* A text that is cut at each place ends at a page without access. */
TEST(text_is_not_read_beyond_its_end)
{
	for (size_t i = 0; i < N(functions); i++)
		for (size_t j = 0; j < N(texts); j++)
			for (size_t at = 0; at <= strlen(texts[j]); at++)
				free(functions[i](
				    string_at_edge(texts[j] + at)));
	assert_encoded(at_edge("a b", 3), 3, 0, "a%20b");
	assert_encoded(at_edge("", 0), 0, 0, "");
}

TEST(query_of_1_4_is_not_read_beyond_its_end)
{
	static const char uri[] = "/?a=%41&b=%4&%=%";
	struct evkeyvalq headers;
	char part[sizeof(uri)];

	for (size_t len = 0; len < sizeof(uri); len++) {
		snprintf(part, sizeof(part), "%.*s", (int)len, uri);
		evhttp_parse_query(string_at_edge(part), &headers);
		evhttp_clear_headers(&headers);
	}
}

TEST(result_takes_no_more_memory_than_its_length)
{
	char *text = malloc(30001), *out;
	long bytes = counts.bytes;

	memset(text, 'a', 30000);
	text[30000] = '\0';
	for (size_t i = 0; i < N(functions) - 1; i++) {
		out = functions[i](text);
		assert_in_range(counts.bytes - bytes, 30001, 35000);
		free(out);
	}
	free(text);
}
