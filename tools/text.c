/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of strings, and printing. */
#include "text.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define COLUMNS 79

void *
text_realloc(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	if (p == NULL)
		err(EX_OSERR, "%zu bytes", size);
	return p;
}

void *
text_alloc(size_t size)
{
	return text_realloc(NULL, size);
}

char *
text_copy(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(text_alloc(size), s, size);
}

char *
text_format(const char *format, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, format);
	n = vasprintf(&s, format, args);
	va_end(args);
	if (n == -1)
		err(EX_OSERR, "no memory");
	return s;
}

void
strings_add(struct strings *list, const char *s)
{
	if (list->n == list->room) {
		list->room = list->room > 0 ? 2 * list->room : 8;
		list->at =
		    text_realloc(list->at, list->room * sizeof(*list->at));
	}
	list->at[list->n++] = text_copy(s);
}

bool
strings_have(const struct strings *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i], s) == 0)
			return true;
	return false;
}

void
strings_add_once(struct strings *list, const char *s)
{
	if (!strings_have(list, s))
		strings_add(list, s);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
strings_sort(struct strings *list)
{
	size_t kept = 0;

	if (list->n == 0)
		return;
	qsort(list->at, list->n, sizeof(*list->at), compare);
	for (size_t i = 1; i < list->n; i++)
		if (strcmp(list->at[i], list->at[kept]) == 0)
			free(list->at[i]);
		else
			list->at[++kept] = list->at[i];
	list->n = kept + 1;
}

bool
strings_find(const struct strings *sorted, const char *s)
{
	return sorted->n > 0 && bsearch(&s, sorted->at, sorted->n,
				    sizeof(*sorted->at), compare) != NULL;
}

char *
strings_join(const struct strings *list, const char *separator)
{
	size_t size = 1, end = 0;
	char *joined;

	for (size_t i = 0; i < list->n; i++)
		size += strlen(list->at[i]) + strlen(separator);
	joined = text_alloc(size);
	joined[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		end += (size_t)snprintf(joined + end, size - end, "%s%s",
		    i > 0 ? separator : "", list->at[i]);
	return joined;
}

void
strings_free(struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct strings){0};
}

static void
print_bytes(FILE *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		putc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

void
text_print(FILE *out, const char *s)
{
	print_bytes(out, s, strlen(s));
}

void
text_wrap(FILE *out, const char *first, const char *text)
{
	size_t column = strlen(first), indent = strspn(first, " ") + 2;
	bool at_start = true;

	fputs(first, out);
	for (;;) {
		size_t n;

		text += strspn(text, " ");
		n = strcspn(text, " ");
		if (n == 0)
			break;
		if (!at_start && column + 1 + n > COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			at_start = true;
		}
		if (!at_start)
			putc(' ', out);
		print_bytes(out, text, n);
		column += n + !at_start;
		at_start = false;
		text += n;
	}
	putc('\n', out);
}

/* How many bytes the UTF-8 sequence at s has (RFC 3629); 0 if it is none. */
static size_t
utf8_length(const unsigned char *s)
{
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void
text_json(FILE *out, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	putc('"', out);
	while (*p != '\0') {
		size_t n = utf8_length(p);

		if (n == 0 || *p < 0x20 || *p == 0x7f) {
			fprintf(out, "\\u%04x", *p++);
		} else if (*p == '"' || *p == '\\') {
			fprintf(out, "\\%c", *p++);
		} else {
			fwrite(p, 1, n, out);
			p += n;
		}
	}
	putc('"', out);
}
