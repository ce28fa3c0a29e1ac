/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Header lists: of a request, of an answer, of the arguments of a query, and of
 * a program's own.
 *
 * A request appends some ten headers, and looks up as many.  An element that is
 * not the one looked for nearly always has another first letter, and then costs
 * no call.
 */
#include "headers.h"

#include <stdlib.h>
#include <string.h>

#include "element.h"

#define BLANKS " \t"

/* Whether two bytes are equal, if the case of ASCII letters is ignored. */
static inline bool
equal_bytes(unsigned char a, unsigned char b)
{
	unsigned char differ = a ^ b;

	if (differ == 0)
		return true;
	return differ == 0x20 && (unsigned char)((a | 0x20) - 'a') < 26;
}

static bool
equals(const char *a, const char *b)
{
	for (; equal_bytes((unsigned char)*a, (unsigned char)*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

/*
 * The first header called key, from kv to the end of the list; or NULL.  The
 * first letters are compared without their case, which is the bit 0x20.
 */
static struct evkeyval *
find(struct evkeyval *kv, const char *key)
{
	for (; kv != NULL; kv = TAILQ_NEXT(kv, next))
		if (((*kv->key ^ *key) & ~0x20) == 0 && equals(kv->key, key))
			return kv;
	return NULL;
}

static void
remove_element(struct evkeyvalq *headers, struct evkeyval *kv)
{
	TAILQ_REMOVE(headers, kv, next);
	evi_element_release(kv);
}

int
evi_headers_append(struct evkeyvalq *headers, const char *key, size_t key_len,
    const char *value, size_t value_len)
{
	struct evkeyval *kv;

	kv = evi_element_new(key, key_len, value, value_len);
	if (kv == NULL)
		return -1;
	TAILQ_INSERT_TAIL(headers, kv, next);
	return 0;
}

int
evi_headers_fold(struct evkeyvalq *headers, const char *text, size_t len)
{
	struct evkeyval *kv = TAILQ_LAST(headers, evkeyvalq);
	size_t old;
	char *value;

	if (kv == NULL)
		return -1;
	old = strlen(kv->value);
	value = realloc(kv->value, old + len + 1);
	if (value == NULL)
		return -1;
	memcpy(value + old, text, len);
	value[old + len] = '\0';
	kv->value = value;
	return 0;
}

void
evi_headers_remove_all(struct evkeyvalq *headers, const char *key)
{
	struct evkeyval *kv = find(TAILQ_FIRST(headers), key), *next;

	for (; kv != NULL; kv = next) {
		next = find(TAILQ_NEXT(kv, next), key);
		remove_element(headers, kv);
	}
}

/* Whether the bytes from text to end, without the blanks around them, are
 * token; case is ignored. */
static bool
equals_token(const char *text, const char *end, const char *token)
{
	text += strspn(text, BLANKS);
	for (; *token != '\0'; token++, text++)
		if (text >= end || !equal_bytes(*text, *token))
			return false;
	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	return text >= end;
}

bool
evi_headers_value_has(const char *list, const char *token)
{
	const char *end = strchrnul(list, ',');

	for (; !equals_token(list, end, token); end = strchrnul(list, ',')) {
		if (*end == '\0')
			return false;
		list = end + 1;
	}
	return true;
}

bool
evi_headers_has_token(const struct evkeyvalq *headers, const char *key,
    const char *token)
{
	struct evkeyval *kv = find(TAILQ_FIRST(headers), key);

	for (; kv != NULL; kv = find(TAILQ_NEXT(kv, next), key))
		if (evi_headers_value_has(kv->value, token))
			return true;
	return false;
}

const char *
evhttp_find_header(const struct evkeyvalq *headers, const char *key)
{
	struct evkeyval *kv = find(TAILQ_FIRST(headers), key);

	return kv != NULL ? kv->value : NULL;
}

int
evhttp_remove_header(struct evkeyvalq *headers, const char *key)
{
	struct evkeyval *kv = find(TAILQ_FIRST(headers), key);

	if (kv == NULL)
		return -1;
	remove_element(headers, kv);
	return 0;
}

/* 1.4: after CR and LF, in any number and order, must come a blank or tab. */
static bool
is_one_line(const char *value)
{
	value += strcspn(value, "\r\n");
	while (*value != '\0') {
		value += strspn(value, "\r\n");
		if (*value != ' ' && *value != '\t')
			return false;
		value += strcspn(value, "\r\n");
	}
	return true;
}

int
evhttp_add_header(struct evkeyvalq *headers, const char *key, const char *value)
{
	size_t key_len = strcspn(key, "\r\n");

	if (key[key_len] != '\0' || !is_one_line(value))
		return -1;
	return evi_headers_append(headers, key, key_len, value, strlen(value));
}

void
evhttp_clear_headers(struct evkeyvalq *headers)
{
	struct evkeyval *kv;

	while ((kv = TAILQ_FIRST(headers)) != NULL)
		remove_element(headers, kv);
}
