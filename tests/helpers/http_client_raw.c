/* SPDX-License-Identifier: BSD-3-Clause */
/* An HTTP client that sends and receives bytes; see the header. */
#include "http_client_raw.h"

bool
wait_until(struct event_base *base, bool (*done)(void *), void *arg)
{
	struct event alarm;
	int expired = 0, no_event = 0;

	evtimer_set(&alarm, count_cb, &expired);
	event_base_set(base, &alarm);
	assert_int_equal(evtimer_add(&alarm, MSEC(PATIENCE)), 0);
	while (!done(arg) && !expired && !no_event)
		no_event = event_base_loop(base, EVLOOP_ONCE);
	event_del(&alarm);
	return done(arg);
}

void
let_it_work(struct event_base *base)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
client_read_cb(int fd, short what, void *arg)
{
	struct client *c = arg;
	static char block[65536];
	ssize_t n = read(fd, block, sizeof(block));

	(void)what;
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		c->ended = true;
		c->was_reset = n == -1;
		event_del(&c->reader);
		return;
	}
	if (c->len + (size_t)n >= c->room) {
		c->room = 2 * (c->len + (size_t)n) + 1;
		c->got = realloc(c->got, c->room);
		assert_non_null(c->got);
	}
	memcpy(c->got + c->len, block, (size_t)n);
	c->len += (size_t)n;
	c->got[c->len] = '\0';
}

void
client_from_fd(struct client *c, struct event_base *base, int fd)
{
	memset(c, 0, sizeof(*c));
	c->base = base;
	c->fd = fd;
	c->got = calloc(1, 1);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	event_set(&c->reader, fd, EV_READ | EV_PERSIST, client_read_cb, c);
	event_base_set(base, &c->reader);
	assert_int_equal(event_add(&c->reader, NULL), 0);
}

void
client_connect(struct client *c, struct event_base *base,
    const struct sockaddr_storage *at, socklen_t len)
{
	int fd = socket(at->ss_family, SOCK_STREAM, 0);
	int on = 1;

	assert_true(fd >= 0);
	if (at->ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	assert_int_equal(connect(fd, (const struct sockaddr *)at, len), 0);
	client_from_fd(c, base, fd);
}

void
client_close(struct client *c)
{
	if (!c->ended)
		event_del(&c->reader);
	close(c->fd);
	free(c->got);
	c->got = NULL;
}

void
client_reset(struct client *c)
{
	struct linger now = {1, 0};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	client_close(c);
}

void
client_half_close(struct client *c)
{
	assert_int_equal(shutdown(c->fd, SHUT_WR), 0);
}

void
client_pause(struct client *c)
{
	event_del(&c->reader);
}

void
client_resume(struct client *c)
{
	assert_int_equal(event_add(&c->reader, NULL), 0);
}

void
say_bytes(struct client *c, const char *bytes, size_t len)
{
	double end = now_ms() + PATIENCE;

	while (len > 0) {
		ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);

		if (n == -1 && errno != EAGAIN)
			return;
		if (n == -1) {
			event_base_loop(c->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
			if (now_ms() > end)
				fail_msg("the server does not read");
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
}

void
say(struct client *c, const char *text)
{
	say_bytes(c, text, strlen(text));
}

void
say_in_pieces(struct client *c, const char *text, size_t n)
{
	size_t len = strlen(text);

	while (len > 0) {
		size_t piece = len < n ? len : n;

		say_bytes(c, text, piece);
		let_it_work(c->base);
		text += piece;
		len -= piece;
	}
}

/* The value of a header field of the answer that begins at text, or NULL. */
static const char *
field_of(const char *text, size_t head, const char *name)
{
	const char *end = text + head;
	size_t len = strlen(name);

	while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		text++;
		if ((size_t)(end - text) > len && text[len] == ':' &&
		    strncasecmp(text, name, len) == 0)
			return text + len + 1 + strspn(text + len + 1, " ");
	}
	return NULL;
}

static bool
field_is(const char *text, size_t head, const char *name, const char *value)
{
	const char *found = field_of(text, head, name);
	size_t len = strlen(value);

	return found != NULL && strncasecmp(found, value, len) == 0 &&
	       found[len] == '\r';
}

/* Where the text first stands in those bytes, or NULL. */
static const char *
find_in(const char *bytes, size_t len, const char *text)
{
	size_t n = strlen(text);

	for (; len >= n; bytes++, len--)
		if (memcmp(bytes, text, n) == 0)
			return bytes;
	return NULL;
}

/* Reads a chunked body into a->body; its length on the wire, 0 if it is not
 * whole, -1 if it is wrong. */
static ssize_t
read_chunks(const char *text, size_t len, struct answer *a)
{
	size_t at = 0;

	for (;;) {
		const char *line = find_in(text + at, len - at, "\r\n");
		char *end;
		size_t size;

		if (line == NULL)
			return 0;
		size = strtoul(text + at, &end, 16);
		if (end != line)
			return -1;
		at = (size_t)(line - text) + 2;
		if (len - at < size + 2)
			return 0;
		if (memcmp(text + at + size, "\r\n", 2) != 0)
			return -1;
		memcpy(a->body + a->body_len, text + at, size);
		a->body_len += size;
		at += size + 2;
		if (size == 0)
			return (ssize_t)at;
	}
}

static bool
has_no_body(const struct client *c, int code)
{
	return c->asks_head || code / 100 == 1 || code == 204 || code == 304;
}

bool
read_answer(const struct client *c, size_t at, struct answer *a)
{
	const char *text = c->got + at, *body, *length;
	size_t len = c->len - at;
	ssize_t n;

	memset(a, 0, sizeof(*a));
	body = find_in(text, len, "\r\n\r\n");
	if (body == NULL || sscanf(text, "HTTP/1.%*1[01] %d ", &a->code) != 1)
		return false;
	body += 4;
	a->head = (size_t)(body - text);
	a->body = calloc(1, len - a->head + 1);
	assert_non_null(a->body);
	if (has_no_body(c, a->code)) {
		n = 0;
	} else if (field_is(text, a->head, "Transfer-Encoding", "chunked")) {
		n = read_chunks(body, len - a->head, a);
		if (n <= 0)
			goto fail;
	} else {
		length = field_of(text, a->head, "Content-Length");
		if (length == NULL && !c->ended)
			goto fail;
		n = length != NULL ? atol(length) : (ssize_t)(len - a->head);
		if (n < 0 || (size_t)n > len - a->head)
			goto fail;
		memcpy(a->body, body, (size_t)n);
		a->body_len = (size_t)n;
	}
	a->all = a->head + (size_t)n;
	return true;
fail:
	free(a->body);
	return false;
}

int
count_answers(const struct client *c)
{
	struct answer a;
	size_t at = 0;
	int n = 0;

	for (; at < c->len && read_answer(c, at, &a); at += a.all, n++)
		free(a.body);
	return n;
}

const char *
answers(const struct client *c)
{
	static char text[65536];
	struct answer a;
	size_t at = 0, used = 0;

	text[0] = '\0';
	for (; at < c->len; at += a.all) {
		const char *blank = at > 0 ? " " : "";
		bool whole = read_answer(c, at, &a);

		if (!whole) {
			snprintf(text + used, sizeof(text) - used, "%s...",
			    blank);
			break;
		}
		if (a.code == 200 && a.body_len > 0)
			used +=
			    (size_t)snprintf(text + used, sizeof(text) - used,
				"%s%d:%s", blank, a.code, a.body);
		else
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s%d", blank, a.code);
		free(a.body);
		assert_true(used < sizeof(text));
	}
	return text;
}

struct awaited {
	struct client *client;
	int n; /* answers; -1: the end */
};

static bool
has_come(void *arg)
{
	struct awaited *a = arg;

	if (a->client->ended)
		return true;
	return a->n >= 0 && count_answers(a->client) >= a->n;
}

bool
wait_answers(struct client *c, int n)
{
	struct awaited a = {c, n};

	return wait_until(c->base, has_come, &a);
}

bool
wait_end(struct client *c)
{
	struct awaited a = {c, -1};

	return wait_until(c->base, has_come, &a);
}

int
count_words(const char *text)
{
	int n = *text != '\0';

	for (; *text != '\0'; text++)
		n += *text == ' ';
	return n;
}

void
fail_client(const struct client *c, const char *what)
{
	printf("%s; %s; received:\n%s\n", what, c->ended ? "closed" : "open",
	    c->got);
	fail_msg("%s", what);
}

void
expect_answers(struct client *c, const char *expected)
{
	if (!wait_answers(c, count_words(expected)))
		fail_client(c, "an answer is missing");
	if (strcmp(answers(c), expected) != 0)
		fail_client(c, "other answers");
}

void
expect_end(struct client *c, const char *expected)
{
	if (!wait_end(c))
		fail_client(c, "the connection is not closed");
	if (strcmp(answers(c), expected) != 0)
		fail_client(c, "other answers");
}

const char *
first_field(const struct client *c, const char *name)
{
	static char value[256];
	const char *end = find_in(c->got, c->len, "\r\n\r\n"), *found;

	assert_non_null(end);
	found = field_of(c->got, (size_t)(end - c->got) + 2, name);
	snprintf(value, sizeof(value), "%.*s",
	    found == NULL ? 0 : (int)strcspn(found, "\r"),
	    found == NULL ? "" : found);
	return value;
}

void
mask_dates(struct client *c)
{
	static const char mask[] = "Thu, 01 Jan 1970 00:00:00 GMT";
	char *at = c->got;

	while ((at = strstr(at, "\r\nDate: ")) != NULL) {
		at += strlen("\r\nDate: ");
		if (strcspn(at, "\r") == sizeof(mask) - 1)
			memcpy(at, mask, sizeof(mask) - 1);
	}
}

struct bytes_to_come {
	struct client *client;
	size_t len;
};

static bool
bytes_have_come(void *arg)
{
	struct bytes_to_come *b = arg;

	return b->client->ended || b->client->len >= b->len;
}

void
expect_bytes(struct client *c, const char *expected, size_t len)
{
	struct bytes_to_come b = {c, len};

	wait_until(c->base, bytes_have_come, &b);
	let_it_work(c->base);
	mask_dates(c);
	assert_string_equal(c->got, expected);
}
