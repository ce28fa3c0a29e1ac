/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the loader finds a shared library.  A search collects the folders, in
 * the loader's order, and then tries them one after the other.
 */
#include "search.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* How deep configuration files may include each other. */
#define DEPTH_MAX 5

static bool
starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* The folder that the file is in, links resolved; the caller frees it. */
static char *
folder_of(const char *path)
{
	char *real = realpath(path, NULL);
	char *folder = text_copy(real != NULL ? real : path);
	char *slash = strrchr(folder, '/');

	free(real);
	if (slash == NULL)
		strcpy(folder, ".");
	else
		slash[slash == folder] = '\0';
	return folder;
}

/* Whether s starts with $NAME or ${NAME}; then *length is how long that is. */
static bool
is_token(const char *s, const char *name, size_t *length)
{
	size_t n = strlen(name);

	if (strncmp(s, "$", 1) != 0)
		return false;
	*length = n + (s[1] == '{' ? 3 : 1);
	if (s[1] == '{')
		return strncmp(s + 2, name, n) == 0 && s[2 + n] == '}';
	return strncmp(s + 1, name, n) == 0;
}

static const char *
lib_of(const struct elf *needer)
{
	return needer->is_64 ? "lib64" : "lib";
}

/* Adds the folder, with $ORIGIN and $LIB replaced. */
static void
add_folder(struct strings *folders, const char *folder,
    const struct elf *needer)
{
	char *made = text_copy("");
	size_t length;

	while (*folder != '\0') {
		char *origin = NULL, *longer;
		const char *piece = NULL;

		if (is_token(folder, "ORIGIN", &length))
			piece = origin = folder_of(needer->path);
		else if (is_token(folder, "LIB", &length))
			piece = lib_of(needer);
		longer = piece != NULL ? text_format("%s%s", made, piece)
				       : text_format("%s%c", made, *folder);
		folder += piece != NULL ? length : 1;
		free(origin);
		free(made);
		made = longer;
	}
	strings_add(folders, made[0] != '\0' ? made : ".");
	free(made);
}

/* Adds the folders of a list with separators between them; NULL: none. */
static void
add_list(struct strings *folders, const char *list, const char *separators,
    const struct elf *needer)
{
	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, separators);
		char *folder = text_format("%.*s", (int)n, list);

		add_folder(folders, folder, needer);
		free(folder);
		list += n;
		list += *list != '\0';
	}
}

static void
add_configured(struct strings *folders, const char *file, int depth);

/* Reads the files that the pattern of an "include" of ld.so.conf names. */
static void
add_included(struct strings *folders, const char *pattern, int depth)
{
	char *path = pattern[0] == '/' ? text_copy(pattern)
				       : text_format("/etc/%s", pattern);
	glob_t found;

	if (depth < DEPTH_MAX && glob(path, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			add_configured(folders, found.gl_pathv[i], depth + 1);
		globfree(&found);
	}
	free(path);
}

/* Adds the folders that a file like /etc/ld.so.conf names. */
static void
add_configured(struct strings *folders, const char *file, int depth)
{
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t size = 0;

	if (f == NULL)
		return;
	while (getline(&line, &size, f) != -1) {
		char *end = line + strcspn(line, "#\n"), *p;

		*end = '\0';
		while (end > line && strchr(" \t\r", end[-1]) != NULL)
			*--end = '\0';
		p = line + strspn(line, " \t");
		if (starts_with(p, "include ") || starts_with(p, "include\t"))
			add_included(folders, p + 8 + strspn(p + 8, " \t"),
			    depth);
		else if (*p == '/')
			strings_add(folders, p);
	}
	free(line);
	fclose(f);
}

/* Reads a small file as a whole; NULL on error.  The caller frees it. */
static char *
contents(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	size_t n;

	if (f == NULL)
		return NULL;
	text = text_alloc(65536);
	n = fread(text, 1, 65535, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* musl's folders: /etc/ld-musl-x86_64.path for /lib/ld-musl-x86_64.so.1. */
static void
add_of_musl(struct strings *folders, const struct elf *program)
{
	const char *name = strrchr(program->interpreter, '/') + 1;
	char *file =
	    text_format("/etc/%.*s.path", (int)(strcspn(name, ".")), name);
	char *text = contents(file);

	add_list(folders, text != NULL ? text : "/lib:/usr/local/lib:/usr/lib",
	    ":\n", program);
	free(text);
	free(file);
}

static void
add_of_system(struct strings *folders, const struct elf *program)
{
	static const char *const usual[] = {"/lib64", "/usr/lib64", "/lib",
	    "/usr/lib", "/lib32", "/usr/lib32"};

	if (program->interpreter != NULL &&
	    strstr(program->interpreter, "/ld-musl-") != NULL) {
		add_of_musl(folders, program);
		return;
	}
	add_configured(folders, "/etc/ld.so.conf", 0);
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		strings_add(folders, usual[i]);
}

/* Opens the library if it is one, for the program's machine. */
static bool
opens(const char *path, const struct elf *program, struct elf *found)
{
	if (elf_open(found, path) != ELF_IS_READ)
		return false;
	if (elf_is_same_machine(found, program))
		return true;
	elf_close(found);
	return false;
}

static void
add_rpaths(struct strings *folders, const struct elf *needer,
    const struct elf *program)
{
	if (needer->runpath != NULL)
		return;
	add_list(folders, needer->rpath, ":", needer);
	if (needer != program && program->runpath == NULL)
		add_list(folders, program->rpath, ":", program);
}

/* Opens the first match in the folders, and frees their list. */
static bool
first_in(struct strings *folders, const char *name, const struct elf *program,
    struct elf *found)
{
	bool is_found = false;

	for (size_t i = 0; i < folders->n && !is_found; i++) {
		char *path = text_format("%s/%s", folders->at[i], name);

		is_found = opens(path, program, found);
		free(path);
	}
	strings_free(folders);
	return is_found;
}

bool
search_rpath(const char *name, const struct elf *needer,
    const struct elf *program, struct elf *found)
{
	struct strings folders = {0};

	add_rpaths(&folders, needer, program);
	return first_in(&folders, name, program, found);
}

bool
search_library(const char *name, const struct elf *needer,
    const struct elf *program, struct elf *found)
{
	struct strings folders = {0};

	if (strchr(name, '/') != NULL)
		return opens(name, program, found);
	add_rpaths(&folders, needer, program);
	add_list(&folders, getenv("LD_LIBRARY_PATH"), ":;", needer);
	add_list(&folders, needer->runpath, ":", needer);
	add_of_system(&folders, program);
	return first_in(&folders, name, program, found);
}
