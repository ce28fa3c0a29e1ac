/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parsers that read words of eight bytes at a time, compared with loops that
 * read single bytes: with each byte, at each place of a word, and up to a page
 * without access.
 */
#include <string.h>

#include "http/head.h"
#include "edge.h"
#include "http_bytes.h"
#include "test.h"

TEST(http_every_byte_is_a_token_or_is_not)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
				    "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char byte;

	for (int i = 0; i < 256; i++) {
		byte = (char)i;
		assert_int_equal(evi_head_span_token((struct span){&byte, 1}),
		    i != 0 && strchr(token, i) != NULL);
	}
}

TEST(http_line_that_grows_is_searched_once)
{
	size_t scanned = 0, len = 0;
	struct span line;
	char bytes[200];

	memset(bytes, 'a', sizeof bytes);
	for (; len < sizeof bytes; len++) {
		assert_int_equal(evi_head_next_line(bytes, len, &scanned,
				     &line),
		    0);
		assert_int_equal(scanned, len);
		/*
		 * These bytes were searched before: a line end put there now
		 * must not be found.
		 */
		if (len > 0)
			bytes[len - 1] = '\n';
	}
	bytes[len - 1] = '\r';
	assert_int_equal(evi_head_next_line(bytes, len, &scanned, &line), 0);
	bytes[len - 2] = '\n';
	bytes[len - 1] = '\n';
	assert_int_equal(evi_head_next_line(bytes, len, &scanned, &line), len);
	assert_int_equal(scanned, 0);
}

/* What evi_head_next_line() has to return, found byte by byte. */
static ssize_t
find_line_end(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			return (ssize_t)i + 1;
		if (data[i] == '\0' ||
		    (data[i] == '\r' && i + 1 < len && data[i + 1] != '\n'))
			return -1;
	}
	return 0;
}

/*
 * Bytes next to those that parsers search for, and some with the top bit set.
 */
static const char border[] = {0, 1, 9, 10, 11, 12, 13, 14, 31, 32, 33, 126, 127,
    -128, -127, -119, -118, -115, -96, -95, -2, -1};

TEST(http_line_ends_at_every_place_in_a_word)
{
	size_t scanned, n = sizeof border;
	struct span line;
	char bytes[20];

	for (size_t i = 0; i < n * n * n; i++) {
		for (size_t at = 0; at + 1 < sizeof bytes; at++) {
			memset(bytes, border[i % n], sizeof bytes);
			bytes[at] = border[i / n % n];
			bytes[at + 1] = border[i / n / n];
			scanned = 0;
			assert_int_equal(evi_head_next_line(at_edge(bytes,
								sizeof bytes),
					     sizeof bytes, &scanned, &line),
			    find_line_end(bytes, sizeof bytes));
		}
	}
}

TEST(http_every_byte_of_a_uri_is_checked)
{
	struct request_line out;
	char line[64];
	size_t len;

	for (int byte = 0; byte < 256; byte++) {
		for (size_t uri = 1; uri < 30; uri++) {
			for (size_t at = 0; at < uri; at++) {
				memset(line, 'a', sizeof line);
				memcpy(line, "GET ", 4);
				memcpy(line + 4 + uri, " HTTP/1.1", 9);
				line[4 + at] = (char)byte;
				len = uri + 13;
				assert_int_equal(
				    evi_head_parse_request(
					(struct span){at_edge(line, len), len},
					&out),
				    byte > ' ' && byte != 0x7f ? 0 : -1);
			}
		}
	}
}

/* Checks a field whose name has that byte after n others, before the colon. */
static void
check_name(char other, size_t n, char byte)
{
	bool is_name = evi_head_span_token((struct span){&byte, 1}) == 1;
	struct field out;
	char line[32];

	memset(line, other, sizeof line);
	line[n] = byte;
	line[n + 1] = ':';
	if (byte == ':' && n > 0) {
		is_name = true;
		n--;
	}
	assert_int_equal(evi_head_parse_field(
			     (struct span){at_edge(line, n + 2), n + 2}, &out),
	    is_name ? EVI_FIELD_NEW : EVI_FIELD_BAD);
	if (is_name)
		assert_int_equal(out.name.len, n + 1);
}

TEST(http_every_byte_of_a_name_is_checked)
{
	for (int byte = 1; byte < 256; byte++) {
		for (size_t n = 0; n < 20; n++) {
			if (n == 0 && (byte == ' ' || byte == '\t'))
				continue;
			check_name('Z', n, (char)byte);
			check_name('-', n, (char)byte);
		}
	}
}
