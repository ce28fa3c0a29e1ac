/* SPDX-License-Identifier: BSD-3-Clause */
/* The answers that a client of http_server.c received; see the header. */
#include "http_answers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"

struct exchange exchanges[MAX_EXCHANGES];
unsigned n_exchanges;
bool may_be_cut;
bool got_eof;
char got[MAX_GOT + 1];
size_t got_len;
uint64_t seen;

void
answers_begin(void)
{
	n_exchanges = 0;
	may_be_cut = got_eof = false;
	got_len = 0;
	seen = 14695981039346656037u;
}

void
fold(uint64_t *hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ p[i]) * 1099511628211u;
}

void
fold_string(uint64_t *hash, const char *s)
{
	fold(hash, s, strlen(s) + 1);
}

char
body_byte(unsigned id, size_t i)
{
	return (char)('a' + (id * 5 + i + i / 26 * 3) % 26);
}

/* The head of an answer, and where its body is. */
struct answer {
	int code;
	int id; /* of the exchange, -1: not known */
	bool is_chunked, has_length, closes;
	size_t length;
	size_t body; /* begins at */
};

static void
read_answer_field(struct answer *a, const char *line)
{
	if (strncasecmp(line, "Content-Length: ", 16) == 0) {
		a->has_length = true;
		a->length = strtoul(line + 16, NULL, 10);
	} else if (strncasecmp(line, "Transfer-Encoding: chunked", 26) == 0) {
		a->is_chunked = true;
	} else if (strncasecmp(line, "Connection: close", 17) == 0) {
		a->closes = true;
	} else if (strncasecmp(line, "X-Id: ", 6) == 0) {
		a->id = atoi(line + 6);
	}
}

/* Returns false where the head is cut off. */
static bool
read_answer_head(size_t at, struct answer *a)
{
	char *end = memmem(got + at, got_len - at, "\r\n\r\n", 4);
	const char *line = got + at;

	if (end == NULL)
		return false;
	memset(a, 0, sizeof *a);
	a->id = -1;
	a->body = (size_t)(end - got) + 4;
	if (strncmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ')
		fail("no answer begins with: %.60s", line);
	a->code = atoi(line + 9);
	while ((line = strstr(line, "\r\n")) < end) {
		line += 2;
		read_answer_field(a, line);
	}
	return true;
}

static void
check_body(const struct exchange *e, size_t from, size_t at, size_t len)
{
	unsigned id = (unsigned)(e - exchanges);

	if (e->is_error)
		return;
	for (size_t i = 0; i < len; i++)
		if (got[at + i] != body_byte(id, from + i))
			fail("byte %zu of answer %u is another's", from + i,
			    id);
}

/* Returns where the answer ends; 0 where it is cut. */
static size_t
read_chunked_body(const struct exchange *e, size_t at)
{
	size_t total = 0;

	for (;;) {
		char *line = got + at, *end;
		size_t size, rest;

		if (memmem(line, got_len - at, "\r\n", 2) == NULL)
			return 0;
		size = strtoul(line, &end, 16);
		if (end == line || *end != '\r')
			fail("no chunk begins with: %.20s", line);
		at = (size_t)(end - got) + 2;
		rest = got_len - at;
		check_body(e, total, at, size < rest ? size : rest);
		if (rest < size + 2)
			return 0;
		at += size + 2;
		total += size;
		if (size == 0)
			break;
	}
	expect("the length of the chunked body", (long long)total,
	    (long long)e->len);
	return at;
}

static size_t
read_plain_body(const struct exchange *e, const struct answer *a)
{
	size_t rest = got_len - a->body;
	size_t len = a->has_length ? a->length : rest;

	check_body(e, 0, a->body, len < rest ? len : rest);
	if (rest < len || (!a->has_length && (!got_eof || !e->is_given)))
		return 0;
	if (!e->is_error && !(may_be_cut && !a->has_length))
		expect("the length of the body", (long long)len,
		    (long long)e->len);
	return a->body + len;
}

static size_t
read_answer_body(const struct exchange *e, const struct answer *a)
{
	if (e->is_head || a->code == 204 || a->code == 304)
		return a->body;
	return a->is_chunked ? read_chunked_body(e, a->body)
			     : read_plain_body(e, a);
}

/*
 * Checks an error answer of the library's, to a request that no handler got: it
 * must be the last answer.
 */
static void
check_refusal(const struct answer *a)
{
	if (a->code < 400 || !a->closes)
		fail("%d, which nobody has given", a->code);
	if (!a->has_length)
		fail("a refusal without a length");
	if (got_len != a->body + a->length && !may_be_cut &&
	    got_len != a->body) /* it may have been HEAD */
		fail("more after the refusal, or less of it");
	fold_string(&seen, "refused");
}

/* Returns the exchange that is answered next. */
static struct exchange *
next_answered(struct exchange *e)
{
	while (e < exchanges + n_exchanges && !e->is_begun)
		e++;
	return e;
}

static void
check_whole(const struct exchange *e, size_t at)
{
	e = next_answered((struct exchange *)e);
	if (may_be_cut)
		return;
	if (at < got_len)
		fail("what is this: %.60s", got + at);
	if (e < exchanges + n_exchanges && e->is_given)
		fail("answer %d is missing", (int)(e - exchanges));
}

/* Checks the answer to an exchange. */
static void
check_answer(const struct exchange *e, const struct answer *a)
{
	int id = (int)(e - exchanges);

	if (!e->is_error)
		expect("the answer", a->id, id);
	expect("the code", a->code, e->code);
	fold(&seen, &id, sizeof id);
	fold(&seen, &a->code, sizeof a->code);
}

void
check_answers(void)
{
	struct exchange *e = next_answered(exchanges);
	struct answer a;
	size_t at = 0, end;

	got[got_len] = '\0';
	while (at < got_len && read_answer_head(at, &a)) {
		if (a.code == 100 && a.id == -1) {
			at = a.body;
			continue;
		}
		if (e == exchanges + n_exchanges ||
		    (a.id == -1 && !e->is_error)) {
			if (e < exchanges + n_exchanges && e->is_given)
				fail("refused instead of answered");
			check_refusal(&a);
			return;
		}
		check_answer(e, &a);
		end = read_answer_body(e, &a);
		if (end == 0) {
			if (e->is_given && !may_be_cut)
				fail("answer %d is cut", (int)(e - exchanges));
			return;
		}
		at = end;
		e = next_answered(e + 1);
		if (a.closes && (at < got_len || !got_eof) && !may_be_cut)
			fail("not closed after answer %d", a.id);
	}
	check_whole(e, at);
}
