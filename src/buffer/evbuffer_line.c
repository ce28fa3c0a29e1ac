/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searching an evbuffer for bytes, and for the end of a line.  A search that
 * finds no end leaves a mark (mark.h), and the next one starts there.  So each
 * byte of a line is searched once, no matter how many pieces the line is
 * received in.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evbuffer.h"

/*
 * evbuffer_find() looks for the first byte with memchr(3), and lets memmem(3)
 * continue if that byte is too frequent.  memmem(3) is slower in the best case
 * and much faster in the worst.
 */

/* With at most this many false starts, memchr(3) continues in any case. */
#define FEW_FALSE_STARTS 32
/*
 * With more, memchr(3) continues while there is at most one false start in this
 * many bytes.
 */
#define SPARSE 64
/* If this many bytes match, memmem(3) compares the rest. */
#define PROMISING ((size_t)32)
/* LF and CR are looked for in this many bytes at a time. */
#define STRIDE ((ptrdiff_t)512)

/* The first line of a buffer. */
struct line {
	size_t len; /* bytes without the end of line */
	size_t eol; /* bytes of the end of line; 0: the line is not complete */
};

unsigned char *
evbuffer_find(struct evbuffer *buf, const unsigned char *what, size_t len)
{
	size_t start = len < PROMISING ? len : PROMISING;
	unsigned char *at = buf->buffer, *last;
	ptrdiff_t i = 0;

	if (len == 0 || len > buf->off)
		return NULL;
	last = at + (buf->off - len);
	for (; i < FEW_FALSE_STARTS || at - buf->buffer >= i * SPARSE; i++) {
		at = memchr(at, what[0], (size_t)(last - at) + 1);
		if (at == NULL)
			return NULL;
		if (memcmp(at, what, start) != 0)
			at++;
		else if (start == len)
			return at;
		else
			break;
	}
	return memmem(at, (size_t)(last - at) + len, what, len);
}

/* The first CR or LF. */
static const unsigned char *
find_cr_or_lf(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *cr, *lf;
	size_t n;

	for (; at < end; at += n) {
		n = (size_t)(end - at < STRIDE ? end - at : STRIDE);
		lf = memchr(at, '\n', n);
		cr = memchr(at, '\r', lf != NULL ? (size_t)(lf - at) : n);
		if (cr != NULL || lf != NULL)
			return cr != NULL ? cr : lf;
	}
	return NULL;
}

/* The first LF after a CR.  The line starts at content; the search, at `at`. */
static const unsigned char *
find_lf_after_cr(const unsigned char *content, const unsigned char *at,
    const unsigned char *end)
{
	for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		if (at > content && at[-1] == '\r')
			return at;
	return NULL;
}

/* Where the first line ends.  NULL if it does not end; sets the mark then. */
static inline const unsigned char *
find_end(struct evbuffer *buf, enum mark kind)
{
	const unsigned char *from, *end, *at = NULL;
	size_t searched = 0;

	if (evi_mark_is_set(buf))
		searched = evi_mark_searched(buf, kind);
	if (searched == buf->off)
		return NULL;
	from = buf->buffer + searched;
	end = buf->buffer + buf->off;
	if (kind == MARK_LF)
		at = memchr(from, '\n', (size_t)(end - from));
	else if (kind == MARK_CR_LF)
		at = find_lf_after_cr(buf->buffer, from, end);
	else
		at = find_cr_or_lf(from, end);
	if (at == NULL)
		evi_mark_set(buf, kind, buf->off);
	return at;
}

/* How many CRs and LFs there are from `at` on. */
static size_t
count_eols(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *p = at;

	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	return (size_t)(p - at);
}

/*
 * The bytes of one end of line: CR LF and LF CR are one, LF LF and CR CR two.
 */
static size_t
eol_length(const unsigned char *at, const unsigned char *end)
{
	if (end - at < 2 || at[0] == at[1])
		return 1;
	return at[1] == '\r' || at[1] == '\n' ? 2 : 1;
}

/* Removes the first line and returns it as a string; NULL without memory. */
static char *
remove_line(struct evbuffer *buf, struct line line)
{
	char *text = malloc(line.len + 1);

	if (text == NULL)
		return NULL;
	memcpy(text, buf->buffer, line.len);
	text[line.len] = '\0';
	evbuffer_drain(buf, line.len + line.eol);
	return text;
}

char *
evbuffer_readline(struct evbuffer *buf)
{
	const unsigned char *at = find_end(buf, MARK_CR_OR_LF);

	if (at == NULL)
		return NULL;
	return remove_line(buf, (struct line){(size_t)(at - buf->buffer),
				    eol_length(at, buf->buffer + buf->off)});
}

/*
 * The first line.  may_have_cr: a CR before the LF belongs to the end of line.
 */
static inline struct line
find_line(struct evbuffer *buf, enum mark kind, bool may_have_cr)
{
	const unsigned char *at = find_end(buf, kind);
	struct line line = {0, 0};

	if (at == NULL)
		return line;
	line.len = (size_t)(at - buf->buffer);
	line.eol = 1;
	if (kind == MARK_CR_OR_LF) {
		line.eol = count_eols(at, buf->buffer + buf->off);
	} else if (may_have_cr && line.len > 0 && at[-1] == '\r') {
		line.len--;
		line.eol++;
	}
	return line;
}

static struct line
find_line_in_style(struct evbuffer *buf, enum evbuffer_eol_style style)
{
	switch (style) {
	case EVBUFFER_EOL_ANY:
		return find_line(buf, MARK_CR_OR_LF, false);
	case EVBUFFER_EOL_CRLF:
		return find_line(buf, MARK_LF, true);
	case EVBUFFER_EOL_CRLF_STRICT:
		return find_line(buf, MARK_CR_LF, true);
	case EVBUFFER_EOL_LF:
		return find_line(buf, MARK_LF, false);
	}
	errno = EINVAL;
	return (struct line){0, 0};
}

char *
evbuffer_readln(struct evbuffer *buf, size_t *len,
    enum evbuffer_eol_style style)
{
	struct line line = find_line_in_style(buf, style);
	char *text = line.eol > 0 ? remove_line(buf, line) : NULL;

	if (len != NULL)
		*len = text != NULL ? line.len : 0;
	return text;
}
