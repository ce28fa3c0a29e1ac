/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Judges whether a program's sources will compile and run with our headers.
 *
 * 1. The walk: folders, in the order of their names.  A folder with a private
 *    header of libevent's is a libevent that the program brings along; it is
 *    reported, and not read.
 * 2. Of each file, the words: headers, names, members, structs.
 * 3. The verdict.  A name that some file of the tree defines is the tree's own.
 */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lex.h"
#include "names.h"

/* Larger files are not read, in bytes. */
#define FILE_MAX (16u << 20)
/* Folders that are deeper than this inside the tree are not read. */
#define DEPTH_MAX 64

/* A place in the tree, "FILE:LINE"; NULL: nowhere. */
typedef char *place;

struct tree {
	struct report *report;
	size_t n_files;
	struct strings defined; /* libevent's names that the tree defines */

	place of_14;		   /* a header of libevent 1.4 */
	place of_2, of_2_surely;   /* one of libevent 2; outside of all #if */
	place of_libev;		   /* <ev.h>, in a file with <event.h> */
	struct strings names_of_2; /* outside of all #if */
	place own_event;	   /* where the tree defines a struct event */
	bool is_libevent;	   /* the folder is a libevent itself */
};

/* The headers that one file has included so far. */
struct file {
	const char *path;
	bool has_14;
	bool has_libev;
};

/* Members that mean something else here than in libevent 1.4. */
static const struct {
	const char *member;
	const char *text;
} members[] = {
    {"ev_next", "private to the library in struct event"},
    {"ev_active_next", "private to the library in struct event"},
    {"ev_signal_next", "private to the library in struct event"},
    {"min_heap_idx", "private to the library in struct event"},
    {"ev_timeout", "of struct event: not the time of expiry while the timer "
		   "runs; event_pending() has that"},
    {"misalign", "of struct evbuffer: not always how far the content is "
		 "after orig_buffer"},
    {"orig_buffer", "of struct evbuffer: may be read, not written"},
    {"totallen", "of struct evbuffer: may be read, not written"},
    {"evsel", "of struct event_base, whose members are others here"},
    {"event_count_active",
	"of struct event_base, whose members are others here"},
    {"event_gotterm", "of struct event_base, whose members are others here"},
    {"activequeues", "of struct event_base, whose members are others here"},
    {"nactivequeues", "of struct event_base, whose members are others here"},
    {"timeheap", "of struct event_base, whose members are others here"},
    {"tv_cache", "of struct event_base, whose members are others here"},
};

/* Private structs of libevent 1.4 that programs copy. */
static const struct {
	const char *name;
	const char *text;
} structs[] = {
    {"event_base", "a copy of a private struct: its members are others here"},
    {"evhttp", "a copy of a private struct: libevent 1.4's members are in "
	       "their places here, to be read alone"},
    {"evhttp_connection", "a copy of a private struct: libevent 1.4's members "
			  "are in their places here, to be read alone"},
    {"evhttp_bound_socket",
	"a copy of a private struct: its members are others here"},
};

static const char *const private_headers[] = {"event-internal.h",
    "http-internal.h", "evrpc-internal.h", "evsignal.h", "min_heap.h",
    "strlcpy-internal.h", "evthread-internal.h", "ipv6-internal.h"};

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static bool
is_source(const char *path)
{
	static const char *const ends[] = {".c", ".h", ".cc", ".cpp", ".cxx",
	    ".C", ".hh", ".hpp", ".hxx", ".inc", ".ipp", ".m", ".mm", ".y",
	    ".l"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (ends_with(path, ends[i]))
			return true;
	return false;
}

/* Keeps the first place, and ignores later ones. */
static void
note_place(place *p, const struct file *file, const struct lex *lex)
{
	if (*p == NULL)
		*p = text_format("%s:%d", file->path, lex->word_line);
}

static bool
is_header_of_14(const char *name)
{
	static const char *const headers[] = {"event.h", "evutil.h", "evdns.h",
	    "evhttp.h", "evrpc.h", "event-config.h", "evcompat.h"};

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		if (strcmp(name, headers[i]) == 0)
			return true;
	return false;
}

static void
take_private_header(struct tree *tree, const struct file *file,
    const struct lex *lex)
{
	const char *slash = strrchr(lex->word, '/');
	const char *name = slash != NULL ? slash + 1 : lex->word;

	for (size_t i = 0;
	     i < sizeof(private_headers) / sizeof(*private_headers); i++)
		if (strcmp(name, private_headers[i]) == 0)
			report_look(tree->report, text_copy(name),
			    text_format("%s:%d includes %s, a private header "
					"of libevent's that libevcompat has "
					"not",
				file->path, lex->word_line, lex->word));
}

static void
take_include(struct tree *tree, struct file *file, const struct lex *lex)
{
	const char *name = lex->word;

	if (strncmp(name, "event2/", 7) == 0) {
		note_place(&tree->of_2, file, lex);
		if (!lex->is_conditional)
			note_place(&tree->of_2_surely, file, lex);
	} else if (is_header_of_14(name)) {
		note_place(&tree->of_14, file, lex);
		file->has_14 = true;
	} else if (strcmp(name, "ev.h") == 0) {
		file->has_libev = true;
	} else {
		take_private_header(tree, file, lex);
	}
	if (file->has_14 && file->has_libev)
		note_place(&tree->of_libev, file, lex);
}

static void
take_struct(struct tree *tree, const struct file *file, const struct lex *lex)
{
	if (strcmp(lex->word, "event") == 0)
		note_place(&tree->own_event, file, lex);
	for (size_t i = 0; i < sizeof(structs) / sizeof(*structs); i++)
		if (strcmp(lex->word, structs[i].name) == 0)
			report_look(tree->report,
			    text_format("struct %s", lex->word),
			    text_format("%s:%d defines struct %s: %s",
				file->path, lex->word_line, lex->word,
				structs[i].text));
}

static void
take_name(struct tree *tree, const struct file *file, const struct lex *lex)
{
	unsigned flags = name_flags(lex->word);
	char *where;

	if (lex->is_struct_body)
		take_struct(tree, file, lex);
	if (lex->is_defined_here && name_is_event(lex->word)) {
		strings_add_once(&tree->defined, lex->word);
		return;
	}
	if (flags == 0 && !name_is_wanted(lex->word))
		return;
	if (flags == 0 && name_is_event(lex->word))
		return;
	if ((flags & (NAME_OURS | NAME_OF_MACRO | NAME_OF_21)) == NAME_OF_21 &&
	    !lex->is_conditional)
		strings_add_once(&tree->names_of_2, lex->word);
	where = text_format("%s:%d", file->path, lex->word_line);
	report_use(tree->report, lex->word, where, NULL);
	free(where);
}

static void
take_member(struct tree *tree, const struct file *file, const struct lex *lex)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (strcmp(lex->word, members[i].member) == 0)
			report_look(tree->report, text_copy(lex->word),
			    text_format("%s:%d reaches %s, %s", file->path,
				lex->word_line, lex->word, members[i].text));
}

static void
read_words(struct tree *tree, const char *path, const char *text, size_t size)
{
	struct file file = {.path = path};
	struct lex lex;

	lex_start(&lex, text, size);
	for (;;)
		switch (lex_next(&lex)) {
		case LEX_END:
			return;
		case LEX_INCLUDE:
			take_include(tree, &file, &lex);
			break;
		case LEX_DEFINE:
			if (name_is_event(lex.word))
				strings_add_once(&tree->defined, lex.word);
			break;
		case LEX_NAME:
			take_name(tree, &file, &lex);
			break;
		case LEX_MEMBER:
			take_member(tree, &file, &lex);
			break;
		}
}

static void
read_file(struct tree *tree, const char *path, off_t size)
{
	FILE *f;
	char *text;
	size_t n;

	if (size > FILE_MAX) {
		report_note(tree->report,
		    text_format("%s: too large, not read", path));
		return;
	}
	f = fopen(path, "re");
	if (f == NULL) {
		report_note(tree->report,
		    text_format("%s: %s", path, strerror(errno)));
		return;
	}
	text = text_alloc((size_t)size + 1);
	n = fread(text, 1, (size_t)size, f);
	text[n] = '\0';
	fclose(f);
	tree->n_files++;
	read_words(tree, path, text, n);
	free(text);
}

/* Whether the folder has the sources of a libevent. */
static bool
is_of_libevent(const char *folder)
{
	static const char *const files[] = {"event-internal.h", "evutil.c"};
	bool is_there = true;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char *path = text_format("%s/%s", folder, files[i]);
		struct stat st;

		is_there = is_there && stat(path, &st) == 0;
		free(path);
	}
	return is_there;
}

static int
is_no_dot_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void read_path(struct tree *tree, const char *path, int depth);

static void
read_folder(struct tree *tree, const char *path, int depth)
{
	struct dirent **entries;
	int n;

	if (is_of_libevent(path)) {
		if (depth == 0)
			tree->is_libevent = true;
		else
			report_look(tree->report, text_copy(path),
			    text_format("%s is a libevent of its own: have "
					"the build take libevcompat instead",
				path));
		return;
	}
	n = scandir(path, &entries, is_no_dot_file, alphasort);
	if (n == -1) {
		report_note(tree->report,
		    text_format("%s: %s", path, strerror(errno)));
		return;
	}
	for (int i = 0; i < n; i++) {
		char *child = text_format("%s/%s", path, entries[i]->d_name);

		read_path(tree, child, depth + 1);
		free(child);
		free(entries[i]);
	}
	free(entries);
}

static void
read_path(struct tree *tree, const char *path, int depth)
{
	struct stat st;

	if ((depth == 0 ? stat(path, &st) : lstat(path, &st)) == -1)
		return;
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		read_folder(tree, path, depth);
	else if (S_ISREG(st.st_mode) && (depth == 0 || is_source(path)))
		read_file(tree, path, st.st_size);
}

/* Removes the names from the uses that the tree defines itself. */
static void
leave_out_defined(struct tree *tree)
{
	struct report *report = tree->report;
	size_t kept = 0;

	for (size_t i = 0; i < report->n_uses; i++) {
		struct use *use = &report->uses[i];

		if (!strings_have(&tree->defined, use->name) &&
		    name_is_event(use->name)) {
			report->uses[kept++] = *use;
			continue;
		}
		free(use->name);
		free(use->user);
		free(use->giver);
	}
	report->n_uses = kept;
}

static void
take_differences(struct report *report)
{
	struct strings used = {0};

	for (size_t i = 0; i < report->n_uses; i++)
		strings_add(&used, report->uses[i].name);
	report_differences(report, &used);
	strings_free(&used);
}

/* Reports functions that our library does not have. */
static void
judge_uses(struct tree *tree)
{
	struct report *report = tree->report;

	for (size_t i = 0; i < report->n_uses; i++) {
		const struct use *use = &report->uses[i];

		if ((use->flags & (NAME_OURS | NAME_OF_MACRO)) != 0)
			continue;
		if ((use->flags & NAME_OF_21) != 0)
			report_look(report, text_copy(use->name),
			    text_format("%s, first in %s, is libevent 2's: is "
					"there code for 1.4 as well?",
				use->name, use->user));
		else
			report_problem(report, text_format("no %s", use->name),
			    text_format("%s, first in %s: %s", use->name,
				use->user,
				(use->flags & NAME_LATER) != 0
				    ? "libevent 1.4 has it, libevcompat not "
				      "yet"
				    : "an internal of libevent 1.4 that "
				      "libevcompat leaves out"));
	}
}

static void
judge_headers(struct tree *tree)
{
	struct report *report = tree->report;

	if (tree->of_2 != NULL && tree->of_14 != NULL)
		report_look(report, text_copy("event2/ headers"),
		    text_format("%s includes a header of libevent 2, and %s "
				"one of 1.4: the build has to take the latter",
			tree->of_2, tree->of_14));
	if (tree->of_libev != NULL)
		report_look(report, text_copy("ev.h beside event.h"),
		    text_format("%s: in one file, EV_READ and others are "
				"libev's or libevent's, whichever comes last",
			tree->of_libev));
}

/*
 * A tree with a struct event of its own has an event library of its own, whose
 * members it reaches.
 */
static void
judge_own_event(struct tree *tree)
{
	struct report *report = tree->report;

	if (tree->own_event == NULL)
		return;
	report_drop_look(report, "struct event_base");
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		report_drop_look(report, members[i].member);
	report_look(report, text_copy("struct event of its own"),
	    text_format("%s defines a struct event: the build has to take "
			"libevent's instead, and what members are reached is "
			"not looked at here",
		tree->own_event));
}

/*
 * With code for 1.4 beside that for 2, one function of 2 proves nothing: its
 * file may not be built.
 */
static bool
needs_2(struct tree *tree)
{
	for (size_t i = 0; i < tree->names_of_2.n && tree->of_2 == NULL; i++)
		if (!strings_have(&tree->defined, tree->names_of_2.at[i])) {
			report_note(tree->report,
			    text_format("outside of any #if: %s",
				tree->names_of_2.at[i]));
			return true;
		}
	if (tree->of_2_surely != NULL)
		report_note(tree->report,
		    text_format("a header of libevent 2, outside of any #if: "
				"%s",
			tree->of_2_surely));
	return tree->of_2_surely != NULL ||
	       (tree->of_2 != NULL && tree->of_14 == NULL);
}

static void
judge(struct tree *tree)
{
	struct report *report = tree->report;
	const char *words = "";

	if (tree->is_libevent) {
		report->status = STATUS_NO_EVENT;
		words = "is a libevent itself";
	} else if (tree->of_14 == NULL && tree->of_2 == NULL) {
		report->status = STATUS_NO_EVENT;
		words = "uses no libevent";
	} else if (needs_2(tree)) {
		report->status = STATUS_OF_2;
		words = "needs libevent 2: not for us";
	}
	judge_headers(tree);
	judge_own_event(tree);
	take_differences(report);
	leave_out_defined(tree);
	judge_uses(tree);
	report_conclude(report, words);
}

void
source_check(struct report *report, const char *path)
{
	struct tree tree = {.report = report};
	struct stat st;

	*report = (struct report){.file = text_copy(path)};
	if (stat(path, &st) == -1) {
		report->status = STATUS_UNREADABLE;
		report_conclude(report, strerror(errno));
		return;
	}
	read_path(&tree, path, 0);
	report->kind = text_format("source tree, %zu file%s of C or C++",
	    tree.n_files, tree.n_files == 1 ? "" : "s");
	judge(&tree);
	strings_free(&tree.defined);
	strings_free(&tree.names_of_2);
	free(tree.of_14);
	free(tree.of_2);
	free(tree.of_2_surely);
	free(tree.of_libev);
	free(tree.own_event);
}
