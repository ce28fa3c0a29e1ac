/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing evbuffers: the input is a sequence of calls on a few buffers, and
 * after each of them everything that a program can see has to be what a plain
 * model says: the content, the length, the result, and what the callbacks were
 * notified.
 *
 * 1. Each step is a function of its own, step_*(), which the input's next
 *    number selects; those that use descriptors are in evbuffer_io.h.
 * 2. A step takes a buffer and its arguments from the input, calls the library,
 *    and does the same to the model in evbuffer_model.h.
 * 3. model_check() compares all buffers with their models after each step.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <event.h>

#include "evbuffer_io.h"
#include "evbuffer_model.h"
#include "fuzz.h"

#define MAX_STEPS 300

const char *__asan_default_options(void);

/* malloc() returns NULL without memory, instead of ending the process. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/*
 * The steps.
 */

static void
make(struct pair *p, enum origin origin)
{
	p->origin = origin;
	p->action = SILENT;
	p->len = 0;
	if (origin == NEW)
		p->buf = evbuffer_new();
	else if (origin == CLEARED)
		p->buf = calloc(1, sizeof *p->buf);
	else
		p->buf = memset(&p->embedded, 0, sizeof p->embedded);
	if (p->buf == NULL)
		fail("no memory");
}

static void
destroy(struct pair *p)
{
	if (p->origin == EMBEDDED)
		free(p->embedded.orig_buffer);
	else
		evbuffer_free(p->buf);
}

static void
step_new(void)
{
	struct pair *p = take_pair();
	enum origin origin = take(NORIGINS);

	begin("free and new(%d), origin %d", pair_id(p), origin);
	destroy(p);
	make(p, origin);
}

static void
set_action(struct pair *p, enum action action)
{
	p->action = action;
	evbuffer_setcb(p->buf, action == SILENT ? NULL : model_changed_cb, p);
}

static void
step_setcb(void)
{
	struct pair *p = take_pair();
	enum action action = take(NACTIONS);

	begin("setcb(%d), action %d", pair_id(p), action);
	set_action(p, action);
}

static void
add(struct pair *p, const unsigned char *data, size_t len)
{
	begin("add(%d, %zu)", pair_id(p), len);
	expect("the result", evbuffer_add(p->buf, data, len), 0);
	model_add(p, data, len);
	model_check();
}

static void
step_add(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];

	add(p, text, take_text(text, pair_room(p)));
}

static void
step_add_bulk(void)
{
	struct pair *p = take_pair();

	add(p, bulk, take_bulk(pair_room(p)));
}

/*
 * Appends some of the buffer's own bytes, which 1.4 may have moved before it
 * copies them.
 */
static void
step_add_own(void)
{
	struct pair *p = take_pair();
	size_t at = take_len(p->len), len = take_len(p->len);

	if (at > p->len)
		at = p->len;
	if (len > p->len - at)
		len = p->len - at;
	begin("add(%d, its %zu at %zu)", pair_id(p), len, at);
	if (len == 0 || len > pair_room(p) || IS_14)
		return;
	memcpy(bulk, p->data + at, len);
	expect("the result",
	    evbuffer_add(p->buf, EVBUFFER_DATA(p->buf) + at, len), 0);
	model_add(p, bulk, len);
}

static void
step_add_buffer(void)
{
	struct pair *dst = take_pair(), *src = take_pair();
	size_t len = src->len;

	begin("add_buffer(%d, %d)", pair_id(dst), pair_id(src));
	if (len > pair_room(dst))
		return;
	/* 1.4 loses the content of a buffer that is added to itself. */
	if (dst == src && IS_14)
		return;
	expect("the result", evbuffer_add_buffer(dst->buf, src->buf), 0);
	if (dst == src)
		return;
	/* 1.4 calls first the callback of the buffer that is empty then. */
	memcpy(bulk, src->data, len);
	if (dst->len == 0)
		model_drain(src, len);
	model_add(dst, bulk, len);
	model_drain(src, len);
}

/*
 * Checks that len bytes were printed, with a NUL after them unless the callback
 * drained.
 */
static void
printed(struct pair *p, int result, const char *text, size_t len)
{
	expect("the result", result, len);
	if (p->action != DRAINS)
		expect("the byte after", EVBUFFER_DATA(p->buf)[p->len + len],
		    '\0');
	model_add(p, text, len);
	/* 1.4 calls the callback even if no text was printed. */
	if (len == 0)
		model_changed(p, p->len);
}

static void
step_printf(void)
{
	struct pair *p = take_pair();
	char text[2 * MAX_TEXT];
	int r, n = take_text((unsigned char *)text, MAX_TEXT);
	unsigned char c = take(256);

	begin("printf(%d, %d bytes, 0x%02x)", pair_id(p), n, c);
	if (pair_room(p) < sizeof text)
		return;
	text[n] = '\0';
	r = evbuffer_add_printf(p->buf, "%s", text);
	printed(p, r, text, strlen(text));
	model_check();
	r = evbuffer_add_printf(p->buf, "%c%d\r\n", c, n - 9);
	n = snprintf(text, sizeof text, "%c%d\r\n", c, n - 9);
	printed(p, r, text, n);
}

static int
print(struct evbuffer *buf, const char *format, ...)
{
	va_list ap;
	int r;

	va_start(ap, format);
	r = evbuffer_add_vprintf(buf, format, ap);
	va_end(ap);
	return r;
}

static void
step_printf_wide(void)
{
	struct pair *p = take_pair();
	int r, width = 1 + take_16() % 40000;

	begin("printf(%d, %d wide)", pair_id(p), width);
	if (pair_room(p) < (size_t)width)
		return;
	r = print(p->buf, "%*c", width, '\n');
	memset(bulk, ' ', width);
	bulk[width - 1] = '\n';
	printed(p, r, (char *)bulk, width);
}

static void
step_printf_fails(void)
{
	static const wchar_t strange[] = {L'a', 0xd800, 0};
	struct pair *p = take_pair();

	begin("printf(%d), no such character", pair_id(p));
	expect("the result", evbuffer_add_printf(p->buf, "ab%lsc", strange),
	    -1);
}

static void
step_remove(void)
{
	struct pair *p = take_pair();
	size_t len = take_len(p->len), n = len < p->len ? len : p->len;

	begin("remove(%d, %zu)", pair_id(p), len);
	memset(bulk, 'X', n);
	expect("the result", evbuffer_remove(p->buf, bulk, len), n);
	if (memcmp(bulk, p->data, n) != 0)
		fail("it gave other bytes");
	model_drain(p, n);
}

static void
step_drain(void)
{
	struct pair *p = take_pair();
	size_t len = take_len(p->len);

	begin("drain(%d, %zu)", pair_id(p), len);
	evbuffer_drain(p->buf, len);
	model_drain(p, len);
}

static void
step_expand(void)
{
	struct pair *p = take_pair();
	size_t len = take_16();

	begin("expand(%d, %zu)", pair_id(p), len);
	expect("the result", evbuffer_expand(p->buf, len), 0);
}

/*
 * Asks for more room than there can be, and nothing changes.  With 32 bits half
 * of SIZE_MAX may succeed.
 */
static void
step_huge(void)
{
	struct pair *p = take_pair();
	bool half = take(2) && sizeof(size_t) > 4;
	size_t len = SIZE_MAX / (1 + half) - take_16();

	begin("expand and add(%d, %zu)", pair_id(p), len);
	expect("the one result", evbuffer_expand(p->buf, len), -1);
	expect("the other result", evbuffer_add(p->buf, bulk, len), -1);
}

static void
find(struct pair *p, const unsigned char *what, size_t len)
{
	unsigned char *found = evbuffer_find(p->buf, what, len);
	long at = found != NULL ? found - EVBUFFER_DATA(p->buf) : -1;

	/* For a search of no bytes, 1.4 returns one place or another. */
	if (len > 0)
		expect("the place", at, model_find(p, what, len));
	else if (at < -1 || at > (long)p->len)
		fail("nothing found at %ld of %zu", at, p->len);
}

static void
step_find(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];
	size_t len = take_text(text, MAX_TEXT);

	begin("find(%d, %zu)", pair_id(p), len);
	find(p, text, len);
}

/* Searches for bytes that occur, and for the same with another last byte. */
static void
step_find_own(void)
{
	struct pair *p = take_pair();
	size_t at = take_len(p->len), len = take_len(300);

	if (at > p->len)
		at = p->len;
	if (len > p->len - at)
		len = p->len - at;
	begin("find(%d, its %zu at %zu)", pair_id(p), len, at);
	memcpy(bulk, p->data + at, len);
	find(p, bulk, len);
	bulk[len > 0 ? len - 1 : 0] ^= 1;
	find(p, bulk, len);
}

static bool
read_line(struct pair *p, int style)
{
	size_t want_len, want_eol, len = 777;
	char *line;

	begin("readln(%d, style %d)", pair_id(p), style);
	if (style == -1)
		line = evbuffer_readline(p->buf);
	else
		line = evbuffer_readln(p->buf, &len, style);
	if (!model_line(p, style, &want_len, &want_eol)) {
		if (line != NULL)
			fail("a line where there is none");
		if (style != -1)
			expect("the length", len, 0);
		model_check();
		return false;
	}
	if (line == NULL)
		fail("no line where there is one of %zu", want_len);
	if (style != -1)
		expect("the length", len, want_len);
	if (memcmp(line, p->data, want_len) != 0)
		fail("another line");
	expect("the line's end", line[want_len], '\0');
	free(line);
	model_drain(p, want_len + want_eol);
	model_check();
	return true;
}

/* A style of lines; -1 stands for evbuffer_readline(), and 4 is invalid. */
static int
take_style(void)
{
	return (int)take(6) - 1;
}

static void
step_readln(void)
{
	struct pair *p = take_pair();
	int style = take_style();

	for (unsigned n = 1 + take(4); n > 0; n--)
		if (!read_line(p, style))
			break;
}

/* Lines arrive in pieces, and are searched for after each. */
static void
step_pieces(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];
	size_t n = take_text(text, pair_room(p)), size = 1 + take(4);
	int style = take_style(), other = take_style();

	for (size_t i = 0; i + size <= n; i += size) {
		add(p, text + i, size);
		read_line(p, i % 16 < 13 ? style : other);
	}
}

/* Some programs shorten a buffer at its end by writing EVBUFFER_LENGTH(). */
static void
step_cut(void)
{
	struct pair *p = take_pair();
	size_t len = take_len(p->len);

	begin("cut(%d, %zu)", pair_id(p), len);
	if (len > p->len)
		return;
	EVBUFFER_LENGTH(p->buf) = len;
	p->len = len;
}

/* Some programs write bytes into the expanded block themselves. */
static void
step_append(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];
	size_t len = take_text(text, pair_room(p)), more = take(256);

	begin("append(%d, %zu)", pair_id(p), len);
	expect("the result", evbuffer_expand(p->buf, len + more), 0);
	if (len == 0)
		return;
	memset(EVBUFFER_DATA(p->buf) + p->len, 'X', len + more);
	memcpy(EVBUFFER_DATA(p->buf) + p->len, text, len);
	EVBUFFER_LENGTH(p->buf) += len;
	memcpy(p->data + p->len, text, len);
	p->len += len;
}

/*
 * Some programs decode in place.  A program that changes bytes which were
 * searched for a line end has to call evbuffer_expand(), after which they are
 * searched again.
 */
static void
step_poke(void)
{
	struct pair *p = take_pair();
	size_t at = take_len(p->len);
	unsigned char c = "\r\na\0"[take(4)];

	begin("poke(%d, %zu, 0x%02x)", pair_id(p), at, c);
	if (at >= p->len)
		return;
	EVBUFFER_DATA(p->buf)[at] = p->data[at] = c;
	expect("the result", evbuffer_expand(p->buf, 0), 0);
}

/* Some programs exchange the members of two buffers, except their callbacks. */
static void
step_exchange(void)
{
	struct pair *a = take_pair(), *b = take_pair();
	struct evbuffer old = *a->buf;
	unsigned char *data = a->data;
	size_t len = a->len;

	begin("exchange(%d, %d)", pair_id(a), pair_id(b));
	*a->buf = *b->buf;
	*b->buf = old;
	b->buf->cb = a->buf->cb;
	b->buf->cbarg = a->buf->cbarg;
	a->buf->cb = old.cb;
	a->buf->cbarg = old.cbarg;
	a->data = b->data;
	a->len = b->len;
	b->data = data;
	b->len = len;
}

/*
 * A run, from its first step to the last checks.
 */

static void (*const steps[])(void) = {
    step_add,
    step_readln,
    step_drain,
    step_pieces,
    step_remove,
    step_add_buffer,
    step_setcb,
    step_printf,
    step_cut,
    step_append,
    step_poke,
    step_expand,
    step_find,
    step_find_own,
    step_add_bulk,
    step_add_own,
    step_fill,
    step_read,
    step_write,
    step_new,
    step_printf_wide,
    step_printf_fails,
    step_huge,
    step_exchange,
};
#define NSTEPS (sizeof steps / sizeof steps[0])

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char contents[NBUFS][MAX_LEN];

	signal(SIGPIPE, SIG_IGN);
	fuzz_start(data, size);
	for (int i = 0; i < NBUFS; i++) {
		pairs[i].data = contents[i];
		make(&pairs[i], take(NORIGINS));
		set_action(&pairs[i], take(NACTIONS));
	}
	while (fuzz_has_more(MAX_STEPS)) {
		steps[take(NSTEPS)]();
		model_check();
	}
	for (int i = 0; i < NBUFS; i++)
		destroy(&pairs[i]);
	source_close();
	return 0;
}
