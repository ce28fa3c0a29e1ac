/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzing evbuffers: the input is a sequence of calls on a few buffers, and
 * after each of them everything that a program can see has to be what a plain
 * model says: the content, the length, the result, and what the callbacks were
 * told.  The model is an array of bytes that is moved and searched by the
 * simplest loops.
 */
#include <sys/socket.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <event.h>

#include "fuzz.h"

#define NBUFS 3
#define MAX_STEPS 300
#define MAX_LEN ((size_t)320 * 1024) /* no content gets longer */
#define MAX_TEXT 64
#define MAX_NOTICES 4
#define AT_ONCE 4096 /* as many are read and written in one call by any */

/* What a buffer's callback does. */
enum mood {
	SILENT, /* there is none */
	NOTES,	/* notes what it is told, as the others do, too */
	EATS,	/* takes some bytes off whenever there are more */
	ONCE	/* takes itself out */
};
#define NMOODS 4
#define MOUTHFUL 3

/* Whose memory the struct is. */
enum home {
	NEW,	 /* evbuffer_new()'s */
	CLEARED, /* calloc()'s, which evbuffer_free() takes as well */
	EMBEDDED /* part of something else */
};
#define NHOMES 3

/* What callbacks were told, in their order. */
struct notices {
	struct {
		int id;
		size_t before;
		size_t now;
	} list[MAX_NOTICES];
	size_t n;
};

/* A buffer, and what it has to look like. */
struct pair {
	struct evbuffer *buf;
	struct evbuffer embedded;
	enum home home;

	unsigned char *data;
	size_t len;
	enum mood mood;
};

const char *__asan_default_options(void);

static struct pair pairs[NBUFS];
static struct notices want, got;
static unsigned char bulk[MAX_LEN];

/* What the buffers read from, and what is in it. */
static struct {
	int fd[2];
	bool is_open, is_ended;
	unsigned char data[MAX_LEN];
	size_t len;
} source;

/* Memory that is not to be had is NULL here, too. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static int
id(const struct pair *p)
{
	return (int)(p - pairs);
}

/*
 * What the input stands for.
 */

/* A length for something that has len bytes: mostly near one of its ends. */
static size_t
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

static struct pair *
take_pair(void)
{
	return &pairs[take(NBUFS)];
}

/* Bytes among which line ends and repetitions are frequent; how many. */
static size_t
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

/* Many bytes, with line ends here and there, in bulk; how many. */
static size_t
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

static size_t
room(const struct pair *p)
{
	return MAX_LEN - p->len;
}

static void
note(struct notices *notices, const struct pair *p, size_t before, size_t now)
{
	if (notices->n == MAX_NOTICES)
		fail("too many callbacks");
	notices->list[notices->n].id = id(p);
	notices->list[notices->n].before = before;
	notices->list[notices->n++].now = now;
}

static void model_drain(struct pair *p, size_t len);

static void
model_changed(struct pair *p, size_t before)
{
	if (p->mood == SILENT)
		return;
	note(&want, p, before, p->len);
	if (p->mood == ONCE)
		p->mood = SILENT;
	if (p->mood == EATS && p->len > before)
		model_drain(p, MOUTHFUL);
}

static void
model_add(struct pair *p, const void *data, size_t len)
{
	if (len > 0)
		memcpy(p->data + p->len, data, len);
	p->len += len;
	if (len > 0)
		model_changed(p, p->len - len);
}

static void
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

/* Whether there is a line, its length, and the length of its end. */
static bool
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

static long
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

static void
changed_cb(struct evbuffer *buf, size_t before, size_t now, void *arg)
{
	struct pair *p = arg;

	if (buf != p->buf)
		fail("a callback is told another buffer");
	expect("the length in a callback", EVBUFFER_LENGTH(buf), now);
	note(&got, p, before, now);
	if (p->mood == ONCE)
		evbuffer_setcb(buf, NULL, NULL);
	if (p->mood == EATS && now > before)
		evbuffer_drain(buf, MOUTHFUL);
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
	    id(p), data[i], p->data[i]);
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

static void
check(void)
{
	check_notices();
	for (int i = 0; i < NBUFS; i++) {
		check_content(&pairs[i]);
		check_struct(pairs[i].buf);
	}
}

/*
 * The steps.
 */

static void
make(struct pair *p, enum home home)
{
	p->home = home;
	p->mood = SILENT;
	p->len = 0;
	if (home == NEW)
		p->buf = evbuffer_new();
	else if (home == CLEARED)
		p->buf = calloc(1, sizeof *p->buf);
	else
		p->buf = memset(&p->embedded, 0, sizeof p->embedded);
	if (p->buf == NULL)
		fail("no memory");
}

static void
destroy(struct pair *p)
{
	if (p->home == EMBEDDED)
		free(p->embedded.orig_buffer);
	else
		evbuffer_free(p->buf);
}

static void
step_new(void)
{
	struct pair *p = take_pair();
	enum home home = take(NHOMES);

	begin("free and new(%d), home %d", id(p), home);
	destroy(p);
	make(p, home);
}

static void
set_mood(struct pair *p, enum mood mood)
{
	p->mood = mood;
	evbuffer_setcb(p->buf, mood == SILENT ? NULL : changed_cb, p);
}

static void
step_setcb(void)
{
	struct pair *p = take_pair();
	enum mood mood = take(NMOODS);

	begin("setcb(%d), mood %d", id(p), mood);
	set_mood(p, mood);
}

static void
add(struct pair *p, const unsigned char *data, size_t len)
{
	begin("add(%d, %zu)", id(p), len);
	expect("the result", evbuffer_add(p->buf, data, len), 0);
	model_add(p, data, len);
	check();
}

static void
step_add(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];

	add(p, text, take_text(text, room(p)));
}

static void
step_add_bulk(void)
{
	struct pair *p = take_pair();

	add(p, bulk, take_bulk(room(p)));
}

/* Some of its own bytes once more, which 1.4 may have moved away by then. */
static void
step_add_own(void)
{
	struct pair *p = take_pair();
	size_t at = take_len(p->len), len = take_len(p->len);

	if (at > p->len)
		at = p->len;
	if (len > p->len - at)
		len = p->len - at;
	begin("add(%d, its %zu at %zu)", id(p), len, at);
	if (len == 0 || len > room(p) || IS_14)
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

	begin("add_buffer(%d, %d)", id(dst), id(src));
	if (len > room(dst))
		return;
	/* 1.4 loses all of it. */
	if (dst == src && IS_14)
		return;
	expect("the result", evbuffer_add_buffer(dst->buf, src->buf), 0);
	if (dst == src)
		return;
	/* 1.4: of the two callbacks, that of the buffer then empty is first. */
	memcpy(bulk, src->data, len);
	if (dst->len == 0)
		model_drain(src, len);
	model_add(dst, bulk, len);
	model_drain(src, len);
}

/* len bytes, and a NUL behind them unless the callback moved them. */
static void
printed(struct pair *p, int result, const char *text, size_t len)
{
	expect("the result", result, len);
	if (p->mood != EATS)
		expect("the byte behind", EVBUFFER_DATA(p->buf)[p->len + len],
		    '\0');
	model_add(p, text, len);
	/* 1.4: a callback for no text, too. */
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

	begin("printf(%d, %d bytes, 0x%02x)", id(p), n, c);
	if (room(p) < sizeof text)
		return;
	text[n] = '\0';
	r = evbuffer_add_printf(p->buf, "%s", text);
	printed(p, r, text, strlen(text));
	check();
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

	begin("printf(%d, %d wide)", id(p), width);
	if (room(p) < (size_t)width)
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

	begin("printf(%d), no such character", id(p));
	expect("the result", evbuffer_add_printf(p->buf, "ab%lsc", strange),
	    -1);
}

static void
step_remove(void)
{
	struct pair *p = take_pair();
	size_t len = take_len(p->len), n = len < p->len ? len : p->len;

	begin("remove(%d, %zu)", id(p), len);
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

	begin("drain(%d, %zu)", id(p), len);
	evbuffer_drain(p->buf, len);
	model_drain(p, len);
}

static void
step_expand(void)
{
	struct pair *p = take_pair();
	size_t len = take_16();

	begin("expand(%d, %zu)", id(p), len);
	expect("the result", evbuffer_expand(p->buf, len), 0);
}

/* More than there can be: nothing changes. */
static void
step_huge(void)
{
	struct pair *p = take_pair();
	size_t len = SIZE_MAX / (1 + take(2)) - take_16();

	begin("expand and add(%d, %zu)", id(p), len);
	expect("the one result", evbuffer_expand(p->buf, len), -1);
	expect("the other result", evbuffer_add(p->buf, bulk, len), -1);
}

static void
find(struct pair *p, const unsigned char *what, size_t len)
{
	unsigned char *found = evbuffer_find(p->buf, what, len);
	long at = found != NULL ? found - EVBUFFER_DATA(p->buf) : -1;

	/* Of nothing, 1.4 finds one place or another. */
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

	begin("find(%d, %zu)", id(p), len);
	find(p, text, len);
}

/* Something that is there, and the same with another byte at its end. */
static void
step_find_own(void)
{
	struct pair *p = take_pair();
	size_t at = take_len(p->len), len = take_len(300);

	if (at > p->len)
		at = p->len;
	if (len > p->len - at)
		len = p->len - at;
	begin("find(%d, its %zu at %zu)", id(p), len, at);
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

	begin("readln(%d, style %d)", id(p), style);
	if (style == -1)
		line = evbuffer_readline(p->buf);
	else
		line = evbuffer_readln(p->buf, &len, style);
	if (!model_line(p, style, &want_len, &want_eol)) {
		if (line != NULL)
			fail("a line where there is none");
		if (style != -1)
			expect("the length", len, 0);
		check();
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
	check();
	return true;
}

/* -1 is evbuffer_readline(), 4 is no style. */
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

/* Lines that arrive in pieces, while someone waits for them. */
static void
step_pieces(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];
	size_t n = take_text(text, room(p)), size = 1 + take(4);
	int style = take_style(), other = take_style();

	for (size_t i = 0; i + size <= n; i += size) {
		add(p, text + i, size);
		read_line(p, i % 16 < 13 ? style : other);
	}
}

/* As programs shorten a buffer from its end. */
static void
step_cut(void)
{
	struct pair *p = take_pair();
	size_t len = take_len(p->len);

	begin("cut(%d, %zu)", id(p), len);
	if (len > p->len)
		return;
	EVBUFFER_LENGTH(p->buf) = len;
	p->len = len;
}

/* As programs put in bytes without a copy. */
static void
step_append(void)
{
	struct pair *p = take_pair();
	unsigned char text[MAX_TEXT];
	size_t len = take_text(text, room(p)), more = take(256);

	begin("append(%d, %zu)", id(p), len);
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
 * As programs decode in place.  Who changes what was searched for a line end
 * has to ask for room, which has it searched anew.
 */
static void
step_poke(void)
{
	struct pair *p = take_pair();
	size_t at = take_len(p->len);
	unsigned char c = "\r\na\0"[take(4)];

	begin("poke(%d, %zu, 0x%02x)", id(p), at, c);
	if (at >= p->len)
		return;
	EVBUFFER_DATA(p->buf)[at] = p->data[at] = c;
	expect("the result", evbuffer_expand(p->buf, 0), 0);
}

/* As programs exchange two buffers, but for their callbacks. */
static void
step_exchange(void)
{
	struct pair *a = take_pair(), *b = take_pair();
	struct evbuffer old = *a->buf;
	unsigned char *data = a->data;
	size_t len = a->len;

	begin("exchange(%d, %d)", id(a), id(b));
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
 * Descriptors.
 */

static void
make_sockets(int fd[2])
{
	int type = SOCK_STREAM | SOCK_NONBLOCK;

	if (socketpair(AF_UNIX, type, 0, fd) != 0)
		fail("socketpair: %s", strerror(errno));
}

static void
source_close(void)
{
	if (!source.is_open)
		return;
	close(source.fd[0]);
	if (!source.is_ended)
		close(source.fd[1]);
	source.is_open = source.is_ended = false;
	source.len = 0;
}

static void
source_open(unsigned kind)
{
	source_close();
	if (kind == 0)
		make_sockets(source.fd);
	else if (pipe2(source.fd, O_NONBLOCK) != 0)
		fail("pipe2: %s", strerror(errno));
	source.is_open = true;
}

/* Puts something in, or ends it. */
static void
step_fill(void)
{
	unsigned kind = take(8);
	size_t n;
	ssize_t r;

	if (!source.is_open || source.is_ended)
		source_open(kind % 2);
	if (kind < 4)
		n = take_text(bulk, MAX_TEXT);
	else if (kind < 7)
		n = take_bulk(MAX_LEN);
	else
		n = 0;
	n = n < MAX_LEN - source.len ? n : MAX_LEN - source.len;
	begin("fill(%zu), kind %u", n, kind);
	r = n > 0 ? write(source.fd[1], bulk, n) : 0;
	if (r > 0) {
		memcpy(source.data + source.len, bulk, r);
		source.len += r;
	}
	if (kind == 7) {
		close(source.fd[1]);
		source.is_ended = true;
	}
}

static void
read_nothing(struct pair *p, int howmuch)
{
	int r =
	    evbuffer_read(p->buf, source.is_open ? source.fd[0] : -1, howmuch);
	int err = errno;

	/* Which of the two the system looks at first is its own affair. */
	if (howmuch == 0 && r == 0)
		return;
	if (source.is_ended) {
		expect("the result", r, 0);
		return;
	}
	expect("the result", r, -1);
	expect("errno", err, source.is_open ? EAGAIN : EBADF);
}

/*
 * What is there is read in one call, if that is not too much; of more than
 * that, any part.
 */
static void
step_read(void)
{
	struct pair *p = take_pair();
	unsigned kind = take(5);
	size_t most = source.len, r;
	int howmuch = -1;

	if (kind == 2)
		howmuch = 1 + take(64);
	if (kind == 3)
		howmuch = take_16();
	if (kind == 4)
		howmuch = take_16() * 64;
	begin("read(%d, %d) of %zu", id(p), howmuch, source.len);
	if (source.len > room(p))
		return;
	if (source.len == 0) {
		read_nothing(p, howmuch);
		return;
	}
	if (howmuch >= 0 && (size_t)howmuch < most)
		most = howmuch;
	r = evbuffer_read(p->buf, source.fd[0], howmuch);
	if (r > most || (r == 0 && most > 0))
		fail("the result is %zd, not 1 to %zu", r, most);
	if (most <= AT_ONCE)
		expect("the result", r, most);
	source.len -= r;
	model_add(p, source.data, r);
	memmove(source.data, source.data + r, source.len);
}

/* To someone who takes all of it, or not all, or who is gone. */
static void
step_write(void)
{
	struct pair *p = take_pair();
	unsigned kind = take(4);
	int fd[2], small = 1;
	ssize_t r, n;

	begin("write(%d), kind %u", id(p), kind);
	make_sockets(fd);
	if (kind == 1)
		setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	if (kind == 2)
		while (write(fd[0], bulk, MAX_LEN) > 0)
			;
	if (kind == 3)
		close(fd[1]);
	r = evbuffer_write(p->buf, fd[0]);
	n = errno;
	if (p->len == 0) {
		expect("the result", r, IS_14 && kind == 3 ? -1 : 0);
	} else if (kind >= 2) {
		expect("the result", r, -1);
		expect("errno", n, kind == 2 ? EAGAIN : EPIPE);
	} else {
		if (r < 1 || (kind == 0 && p->len <= AT_ONCE))
			expect("the result", r, p->len);
		for (n = 0; n < r; n += read(fd[1], bulk + n, MAX_LEN - n))
			;
		expect("the bytes that arrived", n, r);
		if (memcmp(bulk, p->data, r) != 0)
			fail("other bytes arrived");
		model_drain(p, r);
	}
	close(fd[0]);
	if (kind != 3)
		close(fd[1]);
}

/*
 * All of it.
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
		make(&pairs[i], take(NHOMES));
		set_mood(&pairs[i], take(NMOODS));
	}
	while (fuzz_has_more(MAX_STEPS)) {
		steps[take(NSTEPS)]();
		check();
	}
	for (int i = 0; i < NBUFS; i++)
		destroy(&pairs[i]);
	source_close();
	return 0;
}
