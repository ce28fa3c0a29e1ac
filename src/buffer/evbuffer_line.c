/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searching an evbuffer: for bytes, and for the end of a line.  A line that is
 * not complete leaves a mark, from where the next search goes on, so that a
 * line's bytes are looked at once no matter in how many pieces it comes.
 */
#include "evbuffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Where the first byte of what is looked for comes more often than this, or so
 * many of its bytes have come, memmem(3) goes on: it is slower, and never slow.
 */
#define FEW_FALSE_STARTS 32
#define SPARSE 64
#define PROMISING ((size_t)32)
/* How far CR is looked for before LF is. */
#define STRIDE ((ptrdiff_t)512)

/* Where the line ends, and how many bytes mark that; 0 while it does not. */
struct line {
	size_t len;
	size_t eol;
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

/* The first LF that has a CR before it; content is where the line starts. */
static const unsigned char *
find_lf_after_cr(const unsigned char *content, const unsigned char *at,
    const unsigned char *end)
{
	for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		if (at > content && at[-1] == '\r')
			return at;
	return NULL;
}

/* Where a line ends in this way; NULL if it does not, and it is marked. */
static inline const unsigned char *
find_end(struct evbuffer *buf, enum mark how)
{
	const unsigned char *from, *end, *at = NULL;
	size_t searched = 0;

	if (evi_mark_is_set(buf))
		searched = evi_mark_searched(buf, how);
	if (searched == buf->off)
		return NULL;
	from = buf->buffer + searched;
	end = buf->buffer + buf->off;
	if (how == MARK_LF)
		at = memchr(from, '\n', (size_t)(end - from));
	else if (how == MARK_CR_LF)
		at = find_lf_after_cr(buf->buffer, from, end);
	else
		at = find_cr_or_lf(from, end);
	if (at == NULL)
		evi_mark_set(buf, how, buf->off);
	return at;
}

/* The end of the line that ends at `at`, in each of the ways. */

static size_t
run_of_eols(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *p = at;

	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	return (size_t)(p - at);
}

/* CR LF and LF CR are one end, two of the same are two. */
static size_t
one_or_two(const unsigned char *at, const unsigned char *end)
{
	if (end - at < 2 || at[0] == at[1])
		return 1;
	return at[1] == '\r' || at[1] == '\n' ? 2 : 1;
}

/* Takes the line off the front, as a string; NULL without memory. */
static char *
take(struct evbuffer *buf, struct line line)
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
	return take(buf, (struct line){(size_t)(at - buf->buffer),
			     one_or_two(at, buf->buffer + buf->off)});
}

/* The line in front; its eol is 0 if it has no end. */
static inline struct line
find_line(struct evbuffer *buf, enum mark how, bool may_have_cr)
{
	const unsigned char *at = find_end(buf, how);
	struct line line = {0, 0};

	if (at == NULL)
		return line;
	line.len = (size_t)(at - buf->buffer);
	line.eol = 1;
	if (how == MARK_CR_OR_LF) {
		line.eol = run_of_eols(at, buf->buffer + buf->off);
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
	char *text = line.eol > 0 ? take(buf, line) : NULL;

	if (len != NULL)
		*len = text != NULL ? line.len : 0;
	return text;
}
