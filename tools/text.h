/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of strings, and printing.  Functions that allocate end the program with
 * a message if there is no memory.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A list of strings.  {0} is an empty one. */
struct strings {
	char **at;
	size_t n;
	size_t room;
};

/* Never NULL.  The caller frees the result. */
void *text_alloc(size_t size);
void *text_realloc(void *old, size_t size);
char *text_copy(const char *s);
char *
text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends a copy of s. */
void strings_add(struct strings *list, const char *s);
/* Appends a copy of s, unless the list has it already. */
void strings_add_once(struct strings *list, const char *s);
bool strings_have(const struct strings *list, const char *s);
/* Sorts by byte values, and removes what is there twice. */
void strings_sort(struct strings *list);
/* As strings_have(), for a list that strings_sort() has sorted. */
bool strings_find(const struct strings *sorted, const char *s);
/* The strings with the separator between them; the caller frees it. */
char *strings_join(const struct strings *list, const char *separator);
void strings_free(struct strings *list);

/*
 * Prints the text in lines of at most 79 columns, the first one after `first`,
 * each further one after two blanks more than `first` starts with.  Control
 * characters are printed as '?'.
 */
void text_wrap(FILE *out, const char *first, const char *text);

/* Prints s on one line, control characters as '?'. */
void text_print(FILE *out, const char *s);

/*
 * Prints s as a JSON string.  UTF-8 is printed as it is; a byte that is not
 * part of any becomes \u00XX.
 */
void text_json(FILE *out, const char *s);

#endif
