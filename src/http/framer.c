/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decides how a body is framed.  The plan:
 *
 *  1. evi_framer_add_field() passes a value, and evi_framer_add_fold() a folded
 *     line, to the parse_*() function of the header.  That sets flags and keeps
 *     none of the bytes: a folded line begins with a blank, so that no number,
 *     token or host continues in it, and each line can be parsed on its own.
 *  2. evi_framer_decide_request() and _response() decide by the flags.
 *     Attackers have made 1.4, and the proxy that passes requests to it, see
 *     the end of a body in different places (request smuggling).  So a head
 *     that two parsers may read differently is refused.
 */
#include "framer.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes.h"

/* The bytes of a host name, except %XX (RFC 3986 3.2.2). */
static const unsigned char is_host_byte[256] = {
    ['0' ... '9'] = 1,
    ['A' ... 'Z'] = 1,
    ['a' ... 'z'] = 1,
    ['-'] = 1,
    ['.'] = 1,
    ['_'] = 1,
    ['~'] = 1,
    ['!'] = 1,
    ['$'] = 1,
    ['&'] = 1,
    ['\''] = 1,
    ['('] = 1,
    [')'] = 1,
    ['*'] = 1,
    ['+'] = 1,
    [','] = 1,
    [';'] = 1,
    ['='] = 1,
};

/* The span without its first n bytes. */
static inline struct span
span_from(struct span span, size_t n)
{
	return (struct span){span.data + n, span.len - n};
}

/* The value of decimal digits, up to 2^63-1; -1 for other text. */
static int64_t
parse_number(struct span text)
{
	int64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.data[i]) ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, text.data[i] - '0', &value))
			return -1;
	}
	return text.len > 0 ? value : -1;
}

/* Content-Length: one number, which may be in a folded line. */
static void
parse_length(struct framer *framer, struct span text)
{
	int64_t length;

	text = evi_head_span_trim(text);
	if (text.len == 0)
		return;
	length = parse_number(text);
	if (length == -1 || !framer->needs_length ||
	    (framer->has_length && framer->length != length))
		framer->has_bad_length = true;
	framer->length = length;
	framer->has_length = true;
	framer->needs_length = false;
}

/* One coding; none may follow chunked, nor identity. */
static void
parse_coding(struct framer *framer, struct span name)
{
	if (framer->needs_comma || framer->coding >= EVI_CODING_IDENTITY)
		framer->has_bad_coding = true;
	framer->needs_comma = true;
	if (evi_head_span_equals(name, "chunked"))
		framer->coding = EVI_CODING_CHUNKED;
	else if (evi_head_span_equals(name, "identity"))
		framer->coding = EVI_CODING_IDENTITY;
	else
		framer->coding = EVI_CODING_OTHER;
}

/*
 * Transfer-Encoding: tokens and commas in turn, with blanks between.
 * Parameters are refused: no coding in use has any, and what one server skips
 * as a parameter the next one may read as chunked.
 */
static void
parse_codings(struct framer *framer, struct span text)
{
	size_t n;

	for (text = evi_head_span_trim(text); text.len > 0;
	     text = evi_head_span_trim(span_from(text, n))) {
		n = evi_head_span_token(text);
		if (n > 0) {
			parse_coding(framer, (struct span){text.data, n});
			continue;
		}
		if (*text.data != ',' || !framer->needs_comma)
			framer->has_bad_coding = true;
		framer->needs_comma = false;
		n = 1;
	}
}

/* How many bytes the host name at the beginning has; 0: there is none. */
static size_t
host_name_length(struct span host)
{
	size_t n = 0;

	while (n < host.len) {
		if (is_host_byte[(unsigned char)host.data[n]])
			n++;
		else if (host.data[n] == '%' && host.len - n > 2 &&
			 hex_value(host.data[n + 1]) >= 0 &&
			 hex_value(host.data[n + 2]) >= 0)
			n += 3;
		else
			break;
	}
	return n;
}

/* How many bytes the IPv6 address in brackets at the beginning has; 0: there is
 * none. */
static size_t
host_literal_length(struct span host)
{
	const char *end = memchr(host.data, ']', host.len);
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	size_t n;

	if (end == NULL || end - host.data > (ptrdiff_t)sizeof text)
		return 0;
	n = (size_t)(end - host.data) - 1;
	memcpy(text, host.data + 1, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1 ? n + 2 : 0;
}

/* Whether text, which is not empty, is a host with or without a port. */
static bool
is_host(struct span host)
{
	size_t n = *host.data == '[' ? host_literal_length(host)
				     : host_name_length(host);

	if (n == 0 || (n < host.len && host.data[n++] != ':'))
		return false;
	while (n < host.len && is_digit(host.data[n]))
		n++;
	return n == host.len;
}

static void
parse_host(struct framer *framer, struct span text)
{
	text = evi_head_span_trim(text);
	if (text.len == 0)
		return;
	if (framer->has_host_text || !is_host(text))
		framer->has_bad_host = true;
	framer->has_host_text = true;
}

static void
parse_options(struct span text, bool *closes, bool *keeps_alive)
{
	struct span element;

	while (evi_head_span_next_element(&text, &element)) {
		if (evi_head_span_equals(element, "close"))
			*closes = true;
		else if (evi_head_span_equals(element, "keep-alive"))
			*keeps_alive = true;
	}
}

static void
parse_connection(struct framer *framer, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_control(text.data[i]))
			framer->has_bad_connection = true;
	parse_options(text, &framer->closes, &framer->keeps_alive);
}

static void
parse_expect(struct framer *framer, struct span text)
{
	struct span element;

	while (evi_head_span_next_element(&text, &element)) {
		if (evi_head_span_equals(element, "100-continue"))
			framer->expects_continue = true;
		else if (element.len > 0)
			framer->expects_other = true;
	}
}

static inline void
parse_value(struct framer *framer, struct span text)
{
	switch (framer->id) {
	case EVI_HEADER_OTHER:
		break;
	case EVI_HEADER_CONTENT_LENGTH:
		parse_length(framer, text);
		break;
	case EVI_HEADER_TRANSFER_ENCODING:
		parse_codings(framer, text);
		break;
	case EVI_HEADER_CONNECTION:
		parse_connection(framer, text);
		break;
	case EVI_HEADER_PROXY_CONNECTION:
		parse_options(text, &framer->proxy_closes,
		    &framer->proxy_keeps_alive);
		break;
	case EVI_HEADER_HOST:
		parse_host(framer, text);
		break;
	case EVI_HEADER_EXPECT:
		parse_expect(framer, text);
		break;
	}
}

void
evi_framer_begin(struct framer *framer)
{
	memset(framer, 0, sizeof *framer);
}

void
evi_framer_add_field(struct framer *framer, const struct field *field)
{
	framer->id = field->id;
	if (field->id == EVI_HEADER_OTHER)
		return;
	if (field->id == EVI_HEADER_CONTENT_LENGTH) {
		framer->has_bad_length |= framer->needs_length;
		framer->needs_length = true;
	} else if (field->id == EVI_HEADER_TRANSFER_ENCODING) {
		framer->has_bad_coding |= framer->has_coding;
		framer->has_coding = true;
	} else if (field->id == EVI_HEADER_HOST) {
		framer->has_bad_host |= framer->has_host;
		framer->has_host = true;
	}
	parse_value(framer, field->value);
}

void
evi_framer_add_fold(struct framer *framer, const struct field *field)
{
	parse_value(framer, field->value);
}

/*
 * Decides by Content-Length and Transfer-Encoding; if the head has neither of
 * them the framing is if_neither.
 */
static void
decide(const struct framer *framer, int minor, enum framing if_neither,
    struct body_framing *body)
{
	*body = (struct body_framing){if_neither, 0, false, false};
	if (framer->has_bad_length || framer->needs_length ||
	    framer->has_bad_coding || framer->has_bad_connection ||
	    (framer->has_coding && !framer->needs_comma)) {
		body->framing = EVI_BODY_BAD;
	} else if (framer->has_coding) {
		body->has_both = framer->has_length;
		body->is_last = framer->has_length || minor == 0;
		if (framer->coding == EVI_CODING_CHUNKED)
			body->framing = EVI_BODY_CHUNKED;
		else
			body->framing = EVI_BODY_UNSUPPORTED;
	} else if (framer->has_length) {
		body->framing = EVI_BODY_LENGTH;
		body->length = framer->length;
	}
}

void
evi_framer_decide_request(struct framer *framer, int minor,
    struct body_framing *body)
{
	decide(framer, minor, EVI_BODY_NONE, body);
	if (framer->has_bad_host || framer->coding == EVI_CODING_IDENTITY)
		*body = (struct body_framing){EVI_BODY_BAD, 0, false, false};
	if (minor == 0)
		framer->expects_continue = false;
}

void
evi_framer_decide_response(const struct framer *framer, bool is_answer_to_head,
    int code, int minor, struct body_framing *body)
{
	decide(framer, minor, EVI_BODY_EOF, body);
	if (is_answer_to_head || code < 200 || code == 204 || code == 304)
		*body = (struct body_framing){EVI_BODY_NONE, 0, false, false};
	else if (body->framing == EVI_BODY_UNSUPPORTED)
		body->framing = EVI_BODY_EOF;
	if (body->framing == EVI_BODY_EOF)
		body->is_last = true;
}
