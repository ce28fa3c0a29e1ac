/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text: encodes and decodes bytes as %XX, parses the arguments of a query, and
 * escapes HTML.
 *
 * Decoding is of three kinds, by when '+' means a blank: for 1.4's
 * evhttp_decode_uri() after a '?' only, in the values of a query always, and
 * for evhttp_uridecode() as its caller says.
 */
#include "text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "headers.h"

/* Shorthands for the table, undefined after it. */
#define LETTER (EVI_UNRESERVED | EVI_SCHEME | EVI_UNENCODED_14)
#define DELIM (EVI_SUB_DELIM | EVI_UNENCODED_14)

const unsigned char evi_text_kinds[256] = {
    ['0' ... '9'] = LETTER,
    ['A' ... 'Z'] = LETTER,
    ['a' ... 'z'] = LETTER,
    ['-'] = LETTER,
    ['.'] = LETTER,
    ['_'] = EVI_UNRESERVED | EVI_UNENCODED_14,
    ['~'] = EVI_UNRESERVED | EVI_UNENCODED_14,
    ['!'] = DELIM,
    ['$'] = DELIM,
    ['&'] = EVI_SUB_DELIM,
    ['\''] = DELIM,
    ['('] = DELIM,
    [')'] = DELIM,
    ['*'] = DELIM,
    ['+'] = DELIM | EVI_SCHEME,
    [','] = DELIM,
    [';'] = EVI_SUB_DELIM,
    ['='] = DELIM,
    [':'] = EVI_COLON | EVI_UNENCODED_14,
    ['@'] = EVI_AT | EVI_UNENCODED_14,
    ['/'] = EVI_SLASH | EVI_UNENCODED_14,
    ['?'] = EVI_QUESTION,
};

#undef LETTER
#undef DELIM

/* When '+' means a blank. */
enum plus {
	PLUS_NEVER,
	PLUS_ALWAYS,
	PLUS_AFTER_QUESTION
};

/* Allocates for len bytes, each encoded as up to factor bytes, and a NUL. */
static char *
alloc_for(size_t len, size_t factor)
{
	if (len > (SIZE_MAX - 1) / factor) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(len * factor + 1);
}

/* Frees the memory after the NUL at end. */
static char *
shrink(char *string, const char *end)
{
	char *shorter = realloc(string, (size_t)(end - string) + 1);

	return shorter != NULL ? shorter : string;
}

/* Encodes the bytes that are of none of these kinds as %XX. */
static char *
encode(const char *in, size_t len, unsigned int kinds, bool space_to_plus)
{
	static const char digits[] = "0123456789ABCDEF";
	char *string = alloc_for(len, 3), *out = string;

	if (string == NULL)
		return NULL;
	for (; len > 0; in++, len--) {
		if (evi_text_is_kind(*in, kinds)) {
			*out++ = *in;
		} else if (*in == ' ' && space_to_plus) {
			*out++ = '+';
		} else {
			*out++ = '%';
			*out++ = digits[(unsigned char)*in >> 4];
			*out++ = digits[*in & 0x0f];
		}
	}
	*out = '\0';
	return shrink(string, out);
}

/*
 * Decodes what encode() returns, from in up to end; a '%' without two digits
 * stays.  Stores the length, as the text may have NULs.
 */
static char *
decode(const char *in, const char *end, enum plus plus, size_t *len)
{
	char *string = alloc_for((size_t)(end - in), 1), *out = string;
	int high, low;

	if (string == NULL)
		return NULL;
	for (; in < end; in++, out++) {
		*out = *in;
		if (*in == '?' && plus == PLUS_AFTER_QUESTION)
			plus = PLUS_ALWAYS;
		else if (*in == '+' && plus == PLUS_ALWAYS)
			*out = ' ';
		if (*in != '%' || end - in < 3)
			continue;
		high = hex_value(in[1]);
		low = hex_value(in[2]);
		if (high < 0 || low < 0)
			continue;
		*out = (char)(high << 4 | low);
		in += 2;
	}
	*out = '\0';
	*len = (size_t)(out - string);
	return string;
}

char *
evhttp_encode_uri(const char *uri)
{
	return encode(uri, strlen(uri), EVI_UNENCODED_14, false);
}

char *
evhttp_uriencode(const char *str, ssize_t size, int space_to_plus)
{
	return encode(str, size < 0 ? strlen(str) : (size_t)size,
	    EVI_UNRESERVED, space_to_plus != 0);
}

char *
evhttp_decode_uri(const char *uri)
{
	size_t len;

	return decode(uri, uri + strlen(uri), PLUS_AFTER_QUESTION, &len);
}

char *
evhttp_uridecode(const char *uri, int decode_plus, size_t *size_out)
{
	size_t len;
	char *string = decode(uri, uri + strlen(uri),
	    decode_plus ? PLUS_ALWAYS : PLUS_NEVER, &len);

	if (string != NULL && size_out != NULL)
		*size_out = len;
	return string;
}

/*
 * Appends an argument, whose '=' is at equals: its key begins at key, and its
 * value ends before end.  Returns 0 or -1.  1.4: a NUL in the value ends it.
 */
static int
append_argument(struct evkeyvalq *headers, const char *key, const char *equals,
    const char *end)
{
	size_t len;
	char *value = decode(equals + 1, end, PLUS_ALWAYS, &len);
	int r;

	if (value == NULL)
		return -1;
	r = evi_headers_append(headers, key, (size_t)(equals - key), value,
	    strlen(value));
	free(value);
	return r;
}

/*
 * Parses the arguments of a query into headers.  An argument without '=' ends
 * the list; if strict is set, that is an error, and an empty key, too.  Returns
 * 0; -1 for an error or without memory, and the list is empty.
 */
static int
parse_arguments(const char *query, struct evkeyvalq *headers, bool strict)
{
	const char *equals, *end;

	TAILQ_INIT(headers);
	for (; *query != '\0'; query = end + (*end == '&')) {
		end = strchrnul(query, '&');
		equals = memchr(query, '=', (size_t)(end - query));
		if (equals == NULL && !strict)
			return 0;
		if (equals == NULL || (equals == query && strict) ||
		    append_argument(headers, query, equals, end) == -1) {
			evhttp_clear_headers(headers);
			return -1;
		}
	}
	return 0;
}

void
evhttp_parse_query(const char *uri, struct evkeyvalq *headers)
{
	const char *mark = strchr(uri, '?');

	parse_arguments(mark != NULL ? mark + 1 : "", headers, false);
}

int
evhttp_parse_query_str(const char *query, struct evkeyvalq *headers)
{
	return parse_arguments(query, headers, true);
}

/* The escape of a byte that HTML uses for itself; NULL for other bytes. */
static const char *
html_escape(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#039;";
	case '&':
		return "&amp;";
	default:
		return NULL;
	}
}

char *
evhttp_htmlescape(const char *html)
{
	char *string = alloc_for(strlen(html), sizeof("&#039;") - 1);
	char *out = string;
	const char *escape;

	if (string == NULL)
		return NULL;
	for (; *html != '\0'; html++) {
		escape = html_escape(*html);
		if (escape != NULL)
			out = stpcpy(out, escape);
		else
			*out++ = *html;
	}
	*out = '\0';
	return shrink(string, out);
}
