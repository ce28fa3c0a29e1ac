/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the chunks of HTTP bodies.  The first byte of the input says how it is
 * cut, the rest is the body.  In pieces and whole, the result must be the same,
 * and that of a plain reader which gets the whole body.
 */
#include "http_pieces.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/http/chunks.h"
#include "fuzz.h"

/*
 * The input is shorter than the limits of the library, which the plain reader
 * does not have.  In bytes.
 */
#define MAX_INPUT ((size_t)4096)

/* --- a plain reader of a whole body --- */

struct plain {
	const char *at, *end;
	enum chunk_result result; /* EVI_CHUNK_DATA until there is an error */
};

/* The next byte; 0, which is bad anywhere, at the end. */
static char
peek(struct plain *plain)
{
	if (plain->at < plain->end)
		return *plain->at;
	if (plain->result == EVI_CHUNK_DATA)
		plain->result = EVI_CHUNK_MORE;
	return 0;
}

static void
require(struct plain *plain, bool is_right)
{
	if (plain->result == EVI_CHUNK_DATA && !is_right)
		plain->result = EVI_CHUNK_BAD;
	else if (plain->result == EVI_CHUNK_DATA)
		plain->at++;
}

static void
require_end_of_line(struct plain *plain)
{
	require(plain, peek(plain) == '\r');
	require(plain, peek(plain) == '\n');
}

static void
skip_blanks(struct plain *plain)
{
	while (peek(plain) == ' ' || peek(plain) == '\t')
		plain->at++;
}

static bool
is_token(char c)
{
	return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

static void
plain_token(struct plain *plain)
{
	require(plain, is_token(peek(plain)));
	while (plain->result == EVI_CHUNK_DATA && is_token(peek(plain)))
		plain->at++;
}

static bool
is_text(char c)
{
	return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

static void
plain_quoted(struct plain *plain)
{
	require(plain, peek(plain) == '"');
	while (plain->result == EVI_CHUNK_DATA && peek(plain) != '"') {
		if (peek(plain) == '\\')
			plain->at++;
		require(plain, is_text(peek(plain)));
	}
	require(plain, peek(plain) == '"');
}

static void
plain_extension(struct plain *plain)
{
	require(plain, peek(plain) == ';');
	skip_blanks(plain);
	plain_token(plain);
	skip_blanks(plain);
	if (plain->result != EVI_CHUNK_DATA || peek(plain) != '=')
		return;
	plain->at++;
	skip_blanks(plain);
	if (peek(plain) == '"')
		plain_quoted(plain);
	else
		plain_token(plain);
	skip_blanks(plain);
}

static uint64_t
plain_size(struct plain *plain)
{
	char digits[18] = "";
	size_t n = 0;

	for (; isxdigit((unsigned char)peek(plain)); plain->at++) {
		digits[n++] = *plain->at;
		if (n == 17 || strtoull(digits, NULL, 16) > INT64_MAX) {
			plain->result = EVI_CHUNK_BAD;
			return 0;
		}
	}
	if (n == 0 && plain->result == EVI_CHUNK_DATA)
		plain->result = EVI_CHUNK_BAD;
	return strtoull(digits, NULL, 16);
}

static void
plain_size_line(struct plain *plain, uint64_t *size)
{
	*size = plain_size(plain);
	skip_blanks(plain);
	while (plain->result == EVI_CHUNK_DATA && peek(plain) == ';')
		plain_extension(plain);
	require_end_of_line(plain);
}

static void
plain_data(struct plain *plain, uint64_t size, struct story *story)
{
	size_t left = (size_t)(plain->end - plain->at);

	if (plain->result != EVI_CHUNK_DATA)
		return;
	tell(story, plain->at, size < left ? (size_t)size : left);
	if (size > left) {
		plain->result = EVI_CHUNK_MORE;
		return;
	}
	plain->at += size;
	tell_number(story, (long long)size);
	require_end_of_line(plain);
}

/*
 * Whether the line of a trailer is complete; a line that is not may be bad
 * already.
 */
static bool
has_line(struct plain *plain)
{
	size_t left = (size_t)(plain->end - plain->at);
	const char *cr = memchr(plain->at, '\r', left);

	if (memchr(plain->at, '\n', left) != NULL)
		return true;
	plain->result = EVI_CHUNK_MORE;
	if (memchr(plain->at, '\0', left) != NULL ||
	    (cr != NULL && cr + 1 < plain->end))
		plain->result = EVI_CHUNK_BAD;
	return false;
}

/* A line that is not a trailer, nor the last line, is bad. */
static void
plain_trailer(struct plain *plain, bool is_first)
{
	bool is_last = peek(plain) == '\r';
	bool is_fold = peek(plain) == ' ' || peek(plain) == '\t';

	if (is_fold)
		require(plain, !is_first);
	else if (!is_last)
		plain_token(plain);
	if (!is_fold && !is_last)
		require(plain, peek(plain) == ':');
	while (plain->result == EVI_CHUNK_DATA && peek(plain) != '\r')
		require(plain, peek(plain) != '\n' && peek(plain) != '\0');
	require_end_of_line(plain);
	if (plain->result == EVI_CHUNK_DATA && is_last)
		plain->result = EVI_CHUNK_DONE;
}

static void
plain_body(struct plain *plain, struct story *story)
{
	uint64_t size = 1;

	while (plain->result == EVI_CHUNK_DATA && size > 0) {
		plain_size_line(plain, &size);
		if (size > 0)
			plain_data(plain, size, story);
	}
	for (bool is_first = true;
	     plain->result == EVI_CHUNK_DATA && has_line(plain);
	     is_first = false)
		plain_trailer(plain, is_first);
}

static void
read_plainly(struct story *story, const uint8_t *data, size_t size)
{
	struct plain plain = {(const char *)data, (const char *)data + size,
	    EVI_CHUNK_DATA};

	story->len = 0;
	plain_body(&plain, story);
	tell_number(story, plain.result);
	if (plain.result == EVI_CHUNK_DONE)
		tell_number(story, plain.at - (const char *)data);
}

/* --- ours --- */

static enum chunk_result
next(struct chunks *chunks, struct pieces *pieces, struct story *story)
{
	const char *data = pieces_data(pieces);
	size_t len = pieces_len(pieces), used, n;
	enum chunk_result what = evi_chunks_next(chunks, data, len, &used, &n);

	CHECK(used <= len && n <= len - used);
	CHECK((n > 0) == (what == EVI_CHUNK_DATA));
	tell(story, data + used, n);
	if (what == EVI_CHUNK_DATA && evi_chunks_is_at_chunk_end(chunks))
		tell_number(story, (long long)chunks->size);
	if (what == EVI_CHUNK_DATA && !evi_chunks_is_at_chunk_end(chunks))
		CHECK(used + n == len);
	pieces->used += used + n;
	return what;
}

static void
read_body(struct story *story, const uint8_t *data, size_t size,
    unsigned int way)
{
	enum chunk_result what = EVI_CHUNK_MORE;
	struct chunks chunks;
	struct pieces pieces;

	story->len = 0;
	evi_chunks_begin(&chunks);
	pieces_begin(&pieces, data, size, way);
	while (what == EVI_CHUNK_DATA ||
	       (what == EVI_CHUNK_MORE && pieces_more(&pieces)))
		what = next(&chunks, &pieces, story);
	tell_number(story, what);
	if (what == EVI_CHUNK_DONE)
		tell_number(story, (long long)pieces.used);
	pieces_end(&pieces);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct story plain, ours;
	unsigned int seed;

	fuzz_start(data, size);
	seed = take(256);
	begin("cut by %u", seed);
	data = fuzz.at;
	size = (size_t)(fuzz.end - fuzz.at);
	if (size > MAX_INPUT)
		size = MAX_INPUT;
	read_plainly(&plain, data, size);
	read_body(&ours, data, size, WHOLE);
	CHECK(is_same_story(&plain, &ours));
	read_body(&ours, data, size, BYTE_BY_BYTE);
	CHECK(is_same_story(&plain, &ours));
	read_body(&ours, data, size, BY_CHANCE + seed);
	CHECK(is_same_story(&plain, &ours));
	return 0;
}
