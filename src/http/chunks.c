/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parses the chunks of a body.  step() parses size lines byte by byte, from
 * state to state.  Data is skipped by its length.  A trailer is parsed like a
 * line of the head, once it is complete.
 */
#include "chunks.h"

#include <string.h>

#include "bytes.h"
#include "head.h"

/* How many bytes of blanks and extensions any body may have. */
#define EXTRA_BYTES 16384
/* This many bytes of data allow one byte more. */
#define DATA_PER_EXTRA 16
/* The digits of 2^63-1, the largest size. */
#define DIGITS_MAX 16

/*
 * What the next byte is part of.  The order counts: from NAME to AFTER it is
 * part of an extension or a blank, and from DONE on there is no next byte.
 */
enum state {
	SIZE, /* 0: the first state of a body */
	NAME, /* of an extension, after ';' */
	NAME_MORE,
	NAME_AFTER, /* blanks after the name */
	VALUE,	    /* after '=' */
	VALUE_MORE,
	QUOTED,
	ESCAPED, /* after a backslash */
	AFTER,	 /* blanks after the size, or after a value */
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILERS,
	DONE,
	BAD
};

static bool
is_token(char c)
{
	return evi_head_span_token((struct span){&c, 1}) == 1;
}

static enum state
add_digit(struct chunks *chunks, int digit)
{
	chunks->size = chunks->size << 4 | (unsigned int)digit;
	if (++chunks->digits > DIGITS_MAX || chunks->size > INT64_MAX)
		return BAD;
	return SIZE;
}

/* The state after c, which follows a size, a name or a value; after_blank is
 * the one if c is a blank. */
static enum state
after_token(char c, enum state after_blank)
{
	if (is_blank(c))
		return after_blank;
	if (c == ';')
		return NAME;
	return c == '\r' ? SIZE_LF : BAD;
}

static enum state
begin_chunk(struct chunks *chunks)
{
	chunks->size = 0;
	chunks->digits = 0;
	return SIZE;
}

/* The state after one byte of an extension, from its name to its value. */
static enum state
step_extension(enum state state, char c)
{
	switch (state) {
	case NAME:
		if (is_blank(c))
			return NAME;
		return is_token(c) ? NAME_MORE : BAD;
	case NAME_MORE:
		if (is_token(c))
			return NAME_MORE;
		return c == '=' ? VALUE : after_token(c, NAME_AFTER);
	case NAME_AFTER:
		return c == '=' ? VALUE : after_token(c, NAME_AFTER);
	case VALUE:
		if (is_blank(c))
			return VALUE;
		if (c == '"')
			return QUOTED;
		return is_token(c) ? VALUE_MORE : BAD;
	case VALUE_MORE:
		return is_token(c) ? VALUE_MORE : after_token(c, AFTER);
	case QUOTED:
		if (c == '"')
			return AFTER;
		if (c == '\\')
			return ESCAPED;
		return is_control(c) ? BAD : QUOTED;
	default: /* ESCAPED */
		return is_control(c) ? BAD : QUOTED;
	}
}

/* The state after one byte of framing. */
static enum state
step(struct chunks *chunks, char c)
{
	switch (chunks->state) {
	case SIZE:
		if (hex_value(c) >= 0)
			return add_digit(chunks, hex_value(c));
		return chunks->digits > 0 ? after_token(c, AFTER) : BAD;
	case AFTER:
		return after_token(c, AFTER);
	case SIZE_LF:
		chunks->remaining = chunks->size;
		if (c != '\n')
			return BAD;
		return chunks->size > 0 ? DATA : TRAILERS;
	case DATA_CR:
		return c == '\r' ? DATA_LF : BAD;
	case DATA_LF:
		return c == '\n' ? begin_chunk(chunks) : BAD;
	default:
		return step_extension(chunks->state, c);
	}
}

/* Whether a byte in that state is one of blanks or extensions. */
static inline bool
is_extra(unsigned int state)
{
	return state >= NAME && state <= AFTER;
}

static void
read_framing(struct chunks *chunks, char c)
{
	chunks->state = (uint8_t)step(chunks, c);
	if (is_extra(chunks->state) &&
	    chunks->extra_bytes++ >= EXTRA_BYTES + chunks->extra_allowed)
		chunks->state = BAD;
}

static size_t
read_data(struct chunks *chunks, size_t len)
{
	size_t n = chunks->remaining < len ? (size_t)chunks->remaining : len;

	chunks->remaining -= n;
	if (chunks->remaining == 0) {
		chunks->extra_allowed += chunks->size / DATA_PER_EXTRA;
		chunks->state = DATA_CR;
	}
	return n;
}

/* Whether a line may be a trailer or the last line; n is its length with its
 * end. */
static bool
may_be_trailer(struct chunks *chunks, struct span line, size_t n)
{
	struct field field;

	if (n - line.len != 2)
		return false;
	switch (evi_head_parse_field(line, &field)) {
	case EVI_FIELD_NEW:
		return chunks->trailers++ < EVI_TRAILERS;
	case EVI_FIELD_FOLD:
		return chunks->trailers > 0;
	case EVI_FIELD_END:
		return true;
	default:
		return false;
	}
}

/* Parses one line.  Returns its length; 0 if it is incomplete or bad. */
static size_t
read_trailer(struct chunks *chunks, const char *data, size_t len)
{
	size_t room = EVI_TRAILER_BYTES - chunks->trailer_bytes;
	struct span line;
	ssize_t n = evi_head_next_line(data, len, &chunks->scanned, &line);

	if (n < 0 || (n > 0 ? (size_t)n : len) > room ||
	    (n > 0 && !may_be_trailer(chunks, line, (size_t)n))) {
		chunks->state = BAD;
		return 0;
	}
	if (n > 0 && line.len == 0)
		chunks->state = DONE;
	chunks->trailer_bytes += (uint16_t)n;
	return (size_t)n;
}

void
evi_chunks_begin(struct chunks *chunks)
{
	memset(chunks, 0, sizeof *chunks);
}

enum chunk_result
evi_chunks_next(struct chunks *chunks, const char *data, size_t len,
    size_t *used, size_t *n)
{
	size_t line = 1; /* the length of a trailer line; 0: incomplete */

	*n = *used = 0;
	while (chunks->state < DONE && *used < len && line > 0) {
		if (chunks->state == DATA) {
			*n = read_data(chunks, len - *used);
			return EVI_CHUNK_DATA;
		}
		if (chunks->state == TRAILERS) {
			line = read_trailer(chunks, data + *used, len - *used);
			*used += line;
		} else {
			read_framing(chunks, data[(*used)++]);
		}
	}
	if (chunks->state == DONE)
		return EVI_CHUNK_DONE;
	return chunks->state == BAD ? EVI_CHUNK_BAD : EVI_CHUNK_MORE;
}

bool
evi_chunks_is_at_chunk_end(const struct chunks *chunks)
{
	return chunks->state == DATA_CR;
}
