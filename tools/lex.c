/* SPDX-License-Identifier: BSD-3-Clause */
/* Splits a C or C++ source file into words. */
#include "lex.h"

#include <string.h>

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_in_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

void
lex_start(struct lex *lex, const char *text, size_t size)
{
	*lex = (struct lex){
	    .at = text,
	    .end = text + size,
	    .line = 1,
	    .at_line_start = true,
	};
}

/* Skips one byte, and counts lines. */
static void
step(struct lex *lex)
{
	if (*lex->at == '\n')
		lex->line++;
	lex->at++;
}

static bool
looks_at(const struct lex *lex, const char *s)
{
	size_t n = strlen(s);

	return (size_t)(lex->end - lex->at) >= n && memcmp(lex->at, s, n) == 0;
}

/* Skips a comment, if there is one. */
static bool
skip_comment(struct lex *lex)
{
	if (looks_at(lex, "//")) {
		while (lex->at < lex->end && *lex->at != '\n')
			lex->at++;
		return true;
	}
	if (!looks_at(lex, "/*"))
		return false;
	lex->at += 2;
	while (lex->at < lex->end && !looks_at(lex, "*/"))
		step(lex);
	lex->at += lex->at < lex->end ? 2 : 0;
	return true;
}

/* Skips a string or character constant, which ends on its line. */
static void
skip_quoted(struct lex *lex)
{
	char quote = *lex->at++;

	while (lex->at < lex->end && *lex->at != quote && *lex->at != '\n') {
		if (*lex->at == '\\' && lex->at + 1 < lex->end)
			step(lex);
		step(lex);
	}
	if (lex->at < lex->end && *lex->at == quote)
		lex->at++;
}

/* Skips blanks on this line. */
static void
skip_blanks(struct lex *lex)
{
	while (lex->at < lex->end && is_blank(*lex->at))
		lex->at++;
}

/* Copies the identifier here to lex->word; false if there is none. */
static bool
take_word(struct lex *lex)
{
	size_t n = 0;

	if (lex->at >= lex->end || !is_letter(*lex->at))
		return false;
	lex->word_line = lex->line;
	while (lex->at < lex->end && is_in_word(*lex->at)) {
		if (n + 1 < sizeof(lex->word))
			lex->word[n++] = *lex->at;
		lex->at++;
	}
	lex->word[n] = '\0';
	return true;
}

/* Copies the file name of an #include to lex->word. */
static bool
take_file(struct lex *lex)
{
	char close;
	size_t n = 0;

	skip_blanks(lex);
	if (lex->at >= lex->end || (*lex->at != '<' && *lex->at != '"'))
		return false;
	close = *lex->at++ == '<' ? '>' : '"';
	lex->word_line = lex->line;
	while (lex->at < lex->end && *lex->at != close && *lex->at != '\n') {
		if (n + 1 < sizeof(lex->word))
			lex->word[n++] = *lex->at;
		lex->at++;
	}
	lex->word[n] = '\0';
	return true;
}

/*
 * A guard is an #ifndef at the start of a file's conditions whose name is
 * defined right after it.
 */
static void
enter_if(struct lex *lex, bool is_ifndef)
{
	lex->ifs++;
	lex->conditions++;
	lex->after_ifndef = is_ifndef && lex->guard == 0 && lex->ifs == 1;
}

static void
leave_if(struct lex *lex)
{
	if (lex->ifs == 0)
		return;
	if (lex->guard != lex->ifs)
		lex->conditions--;
	else
		lex->guard = 0;
	lex->ifs--;
}

static void
skip_line(struct lex *lex)
{
	while (lex->at < lex->end && *lex->at != '\n') {
		if (*lex->at == '\\' && lex->at + 1 < lex->end)
			step(lex);
		else if (skip_comment(lex))
			continue;
		step(lex);
	}
}

/*
 * Reads the start of a preprocessor's line, after its '#'.  The text after the
 * name of a #define is read as any other text.
 */
static enum lex_kind
directive(struct lex *lex)
{
	bool was_guard = lex->after_ifndef;

	skip_blanks(lex);
	if (!take_word(lex))
		return LEX_END;
	lex->after_ifndef = false;
	if (strcmp(lex->word, "include") == 0)
		return take_file(lex) ? LEX_INCLUDE : LEX_END;
	if (strcmp(lex->word, "define") == 0) {
		skip_blanks(lex);
		if (!take_word(lex))
			return LEX_END;
		if (was_guard) {
			lex->guard = lex->ifs;
			lex->conditions--;
		}
		return LEX_DEFINE;
	}
	if (strncmp(lex->word, "if", 2) == 0)
		enter_if(lex, strcmp(lex->word, "ifndef") == 0);
	else if (strcmp(lex->word, "endif") == 0)
		leave_if(lex);
	skip_line(lex);
	return LEX_END;
}

/* Returns a copy that has skipped blanks, line ends and comments. */
static struct lex
after_space(struct lex lex)
{
	while (lex.at < lex.end) {
		if (is_blank(*lex.at) || *lex.at == '\n')
			lex.at++;
		else if (!skip_comment(&lex))
			break;
	}
	return lex;
}

/* Whether a list of parameters and a body follow. */
static bool
is_definition(const struct lex *lex)
{
	struct lex ahead = after_space(*lex);
	int depth = 0;

	if (ahead.at >= ahead.end || *ahead.at != '(')
		return false;
	while (ahead.at < ahead.end && *ahead.at != ';') {
		if (skip_comment(&ahead))
			continue;
		if (*ahead.at == '(')
			depth++;
		else if (*ahead.at == ')' && --depth == 0)
			break;
		ahead.at++;
	}
	if (ahead.at >= ahead.end || *ahead.at != ')')
		return false;
	ahead.at++;
	ahead = after_space(ahead);
	return ahead.at < ahead.end && *ahead.at == '{';
}

static enum lex_kind
name(struct lex *lex, bool is_member)
{
	struct lex ahead = after_space(*lex);

	lex->is_conditional = lex->conditions > 0;
	lex->is_defined_here = !is_member && is_definition(lex);
	lex->is_struct_body =
	    lex->was_struct && ahead.at < ahead.end && *ahead.at == '{';
	lex->was_struct = strcmp(lex->word, "struct") == 0;
	return is_member ? LEX_MEMBER : LEX_NAME;
}

/* Skips punctuation or a number. */
static void
skip_other(struct lex *lex)
{
	char c = *lex->at;

	lex->was_struct = false;
	if (c >= '0' && c <= '9') {
		while (lex->at < lex->end &&
		       (is_in_word(*lex->at) || *lex->at == '.'))
			lex->at++;
		lex->after_dot = false;
		return;
	}
	lex->after_dot = c == '.' || looks_at(lex, "->");
	lex->at += looks_at(lex, "->") ? 1 : 0;
	step(lex);
}

enum lex_kind
lex_next(struct lex *lex)
{
	while (lex->at < lex->end) {
		bool at_start = lex->at_line_start;
		enum lex_kind kind;

		if (skip_comment(lex))
			continue;
		if (*lex->at == '\n' || is_blank(*lex->at)) {
			lex->at_line_start =
			    *lex->at == '\n' || lex->at_line_start;
			step(lex);
			continue;
		}
		lex->at_line_start = false;
		if (*lex->at == '#' && at_start) {
			lex->at++;
			kind = directive(lex);
			lex->is_conditional = lex->conditions > 0;
			if (kind != LEX_END)
				return kind;
		} else if (*lex->at == '"' || *lex->at == '\'') {
			skip_quoted(lex);
		} else if (take_word(lex)) {
			bool is_member = lex->after_dot;

			lex->after_dot = false;
			return name(lex, is_member);
		} else {
			skip_other(lex);
		}
	}
	return LEX_END;
}
