/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the heads of HTTP messages.  The first byte of the input says whether
 * it is a request or an answer, the second how it is cut, the rest is the
 * head.
 *
 * 1. read_head() reads the head twice, in pieces and whole; the result must be
 *    the same.
 * 2. read_request(), read_status() and read_field() check that each line that
 *    is accepted has the documented syntax.
 * 3. search() notes the fields that say where a body ends; at the end of the
 *    head, check_request() and check_answer() compare them with the framing.
 */
#include "http_pieces.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "../../src/http/framer.h"
#include "../../src/http/head.h"
#include "fuzz.h"

/* What a simple search finds in lines that are not folded. */
struct found {
	int lengths, codings, hosts, fields;
};

/* A head that is read. */
struct head {
	struct pieces pieces;
	struct story *story;
	bool is_answer;
	int minor, code;
	struct framer framer;
	struct found found;
};

static void
tell_span(struct head *head, struct span span)
{
	const char *block = head->pieces.block;

	CHECK(span.data >= block);
	CHECK(span.data + span.len <= block + pieces_len(&head->pieces));
	tell_number(head->story, (long long)span.len);
	tell(head->story, span.data, span.len);
}

static bool
is_token(struct span span)
{
	for (size_t i = 0; i < span.len; i++)
		if (span.data[i] <= ' ' || span.data[i] == 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", span.data[i]) != NULL)
			return false;
	return span.len > 0;
}

static bool
read_request(struct head *head, struct span line)
{
	struct request_line out;

	if (evi_head_parse_request(line, &out) == -1)
		return false;
	CHECK(out.minor == 0 || out.minor == 1);
	CHECK(is_token(out.method_name));
	for (size_t i = 0; i < out.uri.len; i++)
		CHECK((unsigned char)out.uri.data[i] > ' ' &&
		      out.uri.data[i] != 0x7f);
	/* The line is these three parts and two blanks. */
	CHECK(line.len == out.method_name.len + out.uri.len + 10);
	tell_number(head->story, out.method);
	tell_span(head, out.method_name);
	tell_span(head, out.uri);
	tell_number(head->story, out.minor);
	head->minor = out.minor;
	return true;
}

static bool
read_status(struct head *head, struct span line)
{
	struct status_line out;

	if (evi_head_parse_status(line, &out) == -1)
		return false;
	CHECK(out.minor == 0 || out.minor == 1);
	CHECK(out.code >= 100 && out.code <= 999);
	tell_number(head->story, out.code);
	tell_span(head, out.reason);
	head->minor = out.minor;
	head->code = out.code;
	return true;
}

static bool
is_named(struct span line, const char *name)
{
	size_t len = strlen(name);

	return line.len > len && strncasecmp(line.data, name, len) == 0 &&
	       line.data[len] == ':';
}

static void
search(struct found *found, struct span line)
{
	found->fields++;
	found->lengths += is_named(line, "content-length");
	found->codings += is_named(line, "transfer-encoding");
	found->hosts += is_named(line, "host");
}

static void
check_field(struct head *head, const struct field *field)
{
	struct span value = field->value;

	CHECK(is_token(field->name));
	if (value.len > 0) {
		CHECK(strchr(" \t", value.data[0]) == NULL);
		CHECK(strchr(" \t", value.data[value.len - 1]) == NULL);
	}
	tell_number(head->story, field->id);
	tell_span(head, field->name);
	tell_span(head, value);
}

/* False where the head ends. */
static bool
read_field(struct head *head, struct span line)
{
	enum field_kind kind;
	struct field field;

	kind = evi_head_parse_field(line, &field);
	tell_number(head->story, kind);
	if (kind == EVI_FIELD_NEW) {
		search(&head->found, line);
		check_field(head, &field);
		evi_framer_add_field(&head->framer, &field);
		return true;
	}
	if (kind == EVI_FIELD_FOLD && head->found.fields > 0) {
		CHECK(field.value.len == line.len);
		evi_framer_add_fold(&head->framer, &field);
		return true;
	}
	CHECK((kind == EVI_FIELD_END) == (line.len == 0));
	return false;
}

/* Whether the head is bad, whatever fields follow. */
static bool
is_bad(const struct framer *framer)
{
	return framer->has_bad_length || framer->has_bad_coding ||
	       framer->has_bad_host || framer->has_bad_connection;
}

static void
check_request(const struct head *head, const struct body_framing *body)
{
	CHECK(body->framing != EVI_BODY_EOF);
	if (head->found.hosts > 1 || head->found.codings > 1)
		CHECK(body->framing == EVI_BODY_BAD);
	if (head->found.codings > 0)
		CHECK(body->framing != EVI_BODY_NONE &&
		      body->framing != EVI_BODY_LENGTH);
	if (is_bad(&head->framer))
		CHECK(body->framing == EVI_BODY_BAD);
	if (head->found.codings > 0 && head->found.lengths > 0 &&
	    body->framing == EVI_BODY_CHUNKED)
		CHECK(body->is_last && body->has_both);
}

static void
check_answer(const struct head *head, const struct body_framing *body)
{
	bool is_empty =
	    head->code < 200 || head->code == 204 || head->code == 304;

	CHECK(body->framing != EVI_BODY_UNSUPPORTED);
	if (is_empty)
		CHECK(body->framing == EVI_BODY_NONE);
	if (!is_empty && head->found.codings + head->found.lengths == 0)
		CHECK(body->framing == EVI_BODY_EOF ||
		      head->framer.has_bad_connection);
	if (body->framing == EVI_BODY_EOF)
		CHECK(body->is_last);
}

static void
tell_flags(struct story *story, const struct framer *framer)
{
	tell_number(story, framer->closes);
	tell_number(story, framer->keeps_alive);
	tell_number(story, framer->proxy_closes);
	tell_number(story, framer->proxy_keeps_alive);
	tell_number(story, framer->expects_continue);
	tell_number(story, framer->expects_other);
}

static void
end_head(struct head *head)
{
	struct body_framing body;

	if (head->is_answer) {
		evi_framer_decide_response(&head->framer, false, head->code,
		    head->minor, &body);
		check_answer(head, &body);
	} else {
		evi_framer_decide_request(&head->framer, head->minor, &body);
		check_request(head, &body);
	}
	CHECK(body.length >= 0);
	CHECK(body.framing == EVI_BODY_LENGTH || body.length == 0);
	if (body.framing == EVI_BODY_LENGTH)
		CHECK(head->found.lengths > 0 && head->found.codings == 0);
	if (body.framing == EVI_BODY_CHUNKED)
		CHECK(head->found.codings == 1);
	tell_number(head->story, body.framing);
	tell_number(head->story, body.length);
	tell_number(head->story, body.is_last << 1 | body.has_both);
	tell_flags(head->story, &head->framer);
}

/*
 * The length that the next line must have, found byte by byte; see
 * evi_head_next_line().
 */
static ssize_t
line_length(const char *data, size_t len)
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

/* The next line; 0 if there is none. */
static ssize_t
next_line(struct head *head, struct span *line)
{
	struct pieces *pieces = &head->pieces;
	size_t scanned = 0;
	ssize_t n;

	for (;;) {
		n = evi_head_next_line(pieces_data(pieces), pieces_len(pieces),
		    &scanned, line);
		CHECK(n == line_length(pieces->block, pieces_len(pieces)));
		CHECK(scanned <= pieces_len(pieces));
		if (n != 0)
			break;
		if (!pieces_more(pieces))
			return 0;
	}
	CHECK(n == -1 || scanned == 0);
	if (n > 0)
		CHECK(memchr(line->data, '\r', line->len) == NULL);
	return n;
}

static void
read_head(struct story *story, bool is_answer, const uint8_t *data, size_t size,
    unsigned int way)
{
	struct head head = {.story = story, .is_answer = is_answer};
	bool is_first = true, continues = true;
	struct span line;
	ssize_t n;

	story->len = 0;
	pieces_begin(&head.pieces, data, size, way);
	evi_framer_begin(&head.framer);
	while (continues && (n = next_line(&head, &line)) > 0) {
		if (is_first)
			continues = is_answer ? read_status(&head, line)
					      : read_request(&head, line);
		else
			continues = read_field(&head, line);
		if (!is_first && line.len == 0)
			end_head(&head);
		is_first = false;
		head.pieces.used += (size_t)n;
	}
	tell_number(story, continues ? (long long)n : -2);
	tell_number(story, (long long)head.pieces.used);
	pieces_end(&head.pieces);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct story whole, cut;
	unsigned int seed;
	bool is_answer;

	fuzz_start(data, size);
	is_answer = take(2);
	seed = take(256);
	begin("%s, cut by %u", is_answer ? "answer" : "request", seed);
	size = (size_t)(fuzz.end - fuzz.at);
	data = fuzz.at;
	read_head(&whole, is_answer, data, size, WHOLE);
	read_head(&cut, is_answer, data, size, BYTE_BY_BYTE);
	CHECK(is_same_story(&whole, &cut));
	read_head(&cut, is_answer, data, size, BY_CHANCE + seed);
	CHECK(is_same_story(&whole, &cut));
	return 0;
}
