/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words of a C or C++ source file: enough of the language to tell a name
 * from one in a comment, and a definition from a use.
 */
#ifndef LEX_H
#define LEX_H

#include <stdbool.h>
#include <stddef.h>

enum lex_kind {
	LEX_END,
	LEX_INCLUDE, /* the file that #include names */
	LEX_DEFINE,  /* the name that #define defines */
	LEX_NAME,    /* any other identifier or keyword */
	LEX_MEMBER   /* one after '.' or "->" */
};

struct lex {
	/* The rest of the file; it ends with a NUL. */
	const char *at;
	const char *end;
	int line; /* the line that `at` is in, from 1 */

	int conditions;	   /* open #ifs, but for a header's guard */
	int ifs;	   /* open #ifs, all of them */
	int guard;	   /* which of them is the guard; 0: none */
	bool after_ifndef; /* that may be a guard's was just read */
	bool after_dot;	   /* '.' or "->" was just read */
	bool at_line_start;
	bool was_struct; /* the last word was "struct" */

	/* The last word. */
	char word[256]; /* cut off if it is longer */
	int word_line;
	bool is_defined_here; /* a function of this name has its body here */
	bool is_struct_body;  /* "struct WORD {" */
	bool is_conditional;  /* inside an #if */
};

/* Starts at the text: size bytes and a NUL after them, which outlive *lex. */
void lex_start(struct lex *lex, const char *text, size_t size);

/* The next word; LEX_END: there is none, now and ever after. */
enum lex_kind lex_next(struct lex *lex);

#endif
