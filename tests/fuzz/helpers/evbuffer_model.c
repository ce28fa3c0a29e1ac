/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffers of evbuffer.c, and their models; see the header. */
#include "evbuffer_model.h"

#include <string.h>

#include "fuzz.h"

#define MAX_NOTICES 4

/* The arguments of callbacks, in their order. */
struct notices {
	struct {
		int id;
		size_t before;
		size_t now;
	} list[MAX_NOTICES];
	size_t n;
};

struct pair pairs[NBUFS];
static struct notices want, got;
unsigned char bulk[MAX_LEN];

int
pair_id(const struct pair *p)
{
	return (int)(p - pairs);
}

/* Values that are read from the input. */

size_t
take_len(size_t len)
{
	unsigned n = take(256);

	switch (n / 64) {
	case 0:
		return n;
	case 1:
		return len > n % 8 ? len - n % 8 : 0;
	case 2:
		return n == 191 ? SIZE_MAX : len + n % 8;
	default:
		return take_16();
	}
}

struct pair *
take_pair(void)
{
	return &pairs[take(NBUFS)];
}

size_t
take_text(unsigned char *text, size_t max)
{
	static const char letters[] = "\r\n\r\na\nab";
	unsigned kind = take(4);
	size_t n = take(MAX_TEXT + 1);

	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++) {
		unsigned c = take(256);

		text[i] = kind == 0 ? c : (unsigned char)letters[c % 8];
		if (kind == 1 && c >= 240)
			text[i] = '\0';
	}
	return n;
}

size_t
take_bulk(size_t max)
{
	size_t n = take_16() * (1 + take(2));
	unsigned every = 1 + take(256) * 16, first = take(256);

	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++) {
		bulk[i] = (first + i) % 251;
		if (i % every == every - 1)
			bulk[i] = first % 2 ? '\n' : '\r';
	}
	return n;
}

/*
 * The model, which follows what the library has done.
 */

size_t
pair_room(const struct pair *p)
{
	return MAX_LEN - p->len;
}

static void
note(struct notices *notices, const struct pair *p, size_t before, size_t now)
{
	if (notices->n == MAX_NOTICES)
		fail("too many callbacks");
	notices->list[notices->n].id = pair_id(p);
	notices->list[notices->n].before = before;
	notices->list[notices->n++].now = now;
}

void
model_changed(struct pair *p, size_t before)
{
	if (p->action == SILENT)
		return;
	note(&want, p, before, p->len);
	if (p->action == ONCE)
		p->action = SILENT;
	if (p->action == DRAINS && p->len > before)
		model_drain(p, DRAINED);
}

void
model_add(struct pair *p, const void *data, size_t len)
{
	if (len > 0)
		memcpy(p->data + p->len, data, len);
	p->len += len;
	if (len > 0)
		model_changed(p, p->len - len);
}

void
model_drain(struct pair *p, size_t len)
{
	size_t before = p->len;

	if (len > p->len)
		len = p->len;
	memmove(p->data, p->data + len, p->len - len);
	p->len -= len;
	if (len > 0)
		model_changed(p, before);
}

static bool
is_eol(unsigned char c)
{
	return c == '\r' || c == '\n';
}

/* How many bytes at i end a line; style -1 is evbuffer_readline()'s. */
static size_t
model_eol(const struct pair *p, size_t i, int style)
{
	bool is_lf = p->data[i] == '\n', is_cr = p->data[i] == '\r';
	bool is_crlf = is_cr && i + 1 < p->len && p->data[i + 1] == '\n';
	bool is_lfcr = is_lf && i + 1 < p->len && p->data[i + 1] == '\r';
	size_t run = 0;

	switch (style) {
	case -1:
		return is_crlf || is_lfcr ? 2 : is_cr || is_lf;
	case EVBUFFER_EOL_ANY:
		while (i + run < p->len && is_eol(p->data[i + run]))
			run++;
		return run;
	case EVBUFFER_EOL_CRLF:
		return is_crlf ? 2 : is_lf;
	case EVBUFFER_EOL_CRLF_STRICT:
		return is_crlf ? 2 : 0;
	case EVBUFFER_EOL_LF:
		return is_lf;
	default:
		return 0;
	}
}

bool
model_line(const struct pair *p, int style, size_t *len, size_t *eol)
{
	for (size_t i = 0; i < p->len; i++) {
		if (!is_eol(p->data[i]))
			continue;
		*len = i;
		*eol = model_eol(p, i, style);
		if (*eol > 0)
			return true;
	}
	return false;
}

long
model_find(const struct pair *p, const unsigned char *what, size_t len)
{
	for (size_t i = 0; len <= p->len && i <= p->len - len; i++)
		if (p->data[i] == what[0] &&
		    memcmp(p->data + i, what, len) == 0)
			return i;
	return -1;
}

/*
 * The comparison.
 */

void
model_changed_cb(struct evbuffer *buf, size_t before, size_t now, void *arg)
{
	struct pair *p = arg;

	if (buf != p->buf)
		fail("a callback gets another buffer");
	expect("the length in a callback", EVBUFFER_LENGTH(buf), now);
	note(&got, p, before, now);
	if (p->action == ONCE)
		evbuffer_setcb(buf, NULL, NULL);
	if (p->action == DRAINS && now > before)
		evbuffer_drain(buf, DRAINED);
}

static void
check_notices(void)
{
	for (size_t i = 0; i < got.n && i < want.n; i++) {
		expect("a callback's buffer", got.list[i].id, want.list[i].id);
		expect("a callback's length before", got.list[i].before,
		    want.list[i].before);
		expect("a callback's length now", got.list[i].now,
		    want.list[i].now);
	}
	expect("the number of callbacks", got.n, want.n);
	got.n = want.n = 0;
}

static void
check_content(const struct pair *p)
{
	const unsigned char *data = EVBUFFER_DATA(p->buf);
	size_t i = 0;

	expect("the length", EVBUFFER_LENGTH(p->buf), p->len);
	if (p->len == 0 || memcmp(data, p->data, p->len) == 0)
		return;
	while (data[i] == p->data[i])
		i++;
	fail("byte %zu of %zu in buffer %d is 0x%02x, not 0x%02x", i, p->len,
	    pair_id(p), data[i], p->data[i]);
}

/* The content lies in the block. */
static void
check_struct(const struct evbuffer *buf)
{
	size_t gap = 0;

	if (buf->buffer != NULL)
		gap = buf->buffer - buf->orig_buffer;
	if (gap > buf->totallen || buf->off > buf->totallen - gap)
		fail("the content does not fit: %zu + %zu of %zu", gap,
		    buf->off, buf->totallen);
}

void
model_check(void)
{
	check_notices();
	for (int i = 0; i < NBUFS; i++) {
		check_content(&pairs[i]);
		check_struct(pairs[i].buf);
	}
}
