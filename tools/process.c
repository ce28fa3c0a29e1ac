/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads a program and all it needs, breadth first, as the loader does.
 *
 * A libevent that is linked statically into a file is found by its symbols, if
 * these were not stripped or are exported: a file that defines all of core[]
 * has one.  A stripped one is found by the names of the environment variables
 * that a libevent reads, which are among the strings of the file.
 */
#include "process.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "search.h"

/* More objects than any process has. */
#define OBJECTS_MAX 2000

/* Functions of every libevent; no other library defines all of them. */
static const char *const core[] = {"event_add", "event_del", "event_pending",
    "event_base_loop"};
#define N_CORE (sizeof(core) / sizeof(*core))

/* What the symbols and strings of a file say about a copy in it. */
struct traces {
	bool has_core[N_CORE];
	bool has_ours;	/* functions of our own */
	bool has_2;	/* functions of libevent 2 alone */
	bool has_libev; /* libev's loop */
	bool says_epoll, says_poll, says_method; /* 1.4's variables */
	bool says_2;				 /* those of libevent 2 */
	bool says_ours;
	char *version;
	struct strings libraries;
};

/* What the callbacks of a walk over symbols or strings fill. */
struct reading {
	struct object *object;
	struct traces traces;
	bool calls_dlopen;
};

static bool
starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* The end of a libevent's file name, after "_core" or the like; or NULL. */
static const char *
after_part(const char *name)
{
	static const char *const parts[] = {"_core", "_extra", "_openssl",
	    "_pthreads", "_mbedtls", ""};

	if (!starts_with(name, "libevent"))
		return NULL;
	name += strlen("libevent");
	for (size_t i = 0;; i++)
		if (starts_with(name, parts[i])) {
			name += strlen(parts[i]);
			return *name == '-' || starts_with(name, ".so") ? name
									: NULL;
		}
}

enum maker
maker_of(const char *soname)
{
	const char *slash = strrchr(soname, '/');
	const char *name = slash != NULL ? slash + 1 : soname;
	const char *rest;

	if (strstr(name, ".so") == NULL)
		return MAKER_NONE;
	if (starts_with(name, "libevcompat.so"))
		return MAKER_OURS;
	if (starts_with(name, "libev.so"))
		return MAKER_OF_LIBEV;
	rest = after_part(name);
	if (rest == NULL)
		return MAKER_NONE;
	if (starts_with(rest, "-1.4.so.2"))
		return MAKER_OURS;
	return starts_with(rest, "-2.") ? MAKER_OF_2 : MAKER_OF_OTHERS;
}

const char *
maker_name(enum maker maker)
{
	switch (maker) {
	case MAKER_OURS:
		return "libevcompat";
	case MAKER_OF_14:
		return "libevent 1.4";
	case MAKER_OF_2:
		return "libevent 2";
	case MAKER_OF_OTHERS:
		return "a libevent before 1.4";
	case MAKER_OF_LIBEV:
		return "libev's emulation of libevent";
	case MAKER_NONE:
		break;
	}
	return "nobody";
}

/* Notes what a function that the file defines says about a copy. */
static void
trace_symbol(struct traces *t, const struct elf_symbol *symbol)
{
	if (!symbol->is_defined || !symbol->is_code)
		return;
	for (size_t i = 0; i < N_CORE; i++)
		if (strcmp(symbol->name, core[i]) == 0)
			t->has_core[i] = true;
	if (starts_with(symbol->name, "evi_") ||
	    strcmp(symbol->name, "evcompat_version") == 0)
		t->has_ours = true;
	if (strcmp(symbol->name, "event_new") == 0 ||
	    strcmp(symbol->name, "event_assign") == 0)
		t->has_2 = true;
	if (strcmp(symbol->name, "ev_run") == 0 ||
	    strcmp(symbol->name, "ev_loop_new") == 0)
		t->has_libev = true;
}

static void
full_symbol_cb(const struct elf_symbol *symbol, void *arg)
{
	struct reading *reading = arg;

	trace_symbol(&reading->traces, symbol);
}

/*
 * A variable of a library that a program reads directly is copied into the
 * program, which then has it as its own.
 */
static bool
is_copied_variable(const struct object *o, const struct elf_symbol *symbol)
{
	return symbol->is_defined && !symbol->is_code && o->needer == NULL &&
	       o->elf.interpreter != NULL &&
	       (name_flags(symbol->name) & (NAME_OF_14 | NAME_OURS)) != 0;
}

static void
dynamic_symbol_cb(const struct elf_symbol *symbol, void *arg)
{
	struct reading *reading = arg;
	struct object *o = reading->object;

	trace_symbol(&reading->traces, symbol);
	if (!symbol->is_defined && strcmp(symbol->name, "dlopen") == 0)
		reading->calls_dlopen = true;
	if (!name_is_wanted(symbol->name))
		return;
	if (is_copied_variable(o, symbol) || !symbol->is_defined)
		strings_add(symbol->is_weak && !symbol->is_defined ? &o->weak
								   : &o->used,
		    symbol->name);
	else
		strings_add(&o->defined, symbol->name);
}

/* "2.1.12-stable" and the like. */
static bool
is_version(const char *s)
{
	size_t digits = strspn(s, "0123456789.");
	const char *rest = s + digits;

	return digits >= 3 && (s[0] == '1' || s[0] == '2') && s[1] == '.' &&
	       (strcmp(rest, "-stable") == 0 || starts_with(rest, "-alpha") ||
		   starts_with(rest, "-beta") || starts_with(rest, "-rc"));
}

/* Notes a string of the file that is an environment variable of libevent's. */
static void
trace_variable(struct traces *t, const char *s)
{
	/* evcompat-check's own file has them with a '=', and none as it is. */
	static const char epoll[] = "=EVENT_NOEPOLL", poll[] = "=EVENT_NOPOLL",
			  method[] = "=EVENT_SHOW_METHOD",
			  any_of_2[] = "=EVENT_NO%s",
			  timer_of_2[] = "=EVENT_PRECISE_TIMER";

	t->says_epoll |= strcmp(s, epoll + 1) == 0;
	t->says_poll |= strcmp(s, poll + 1) == 0;
	t->says_method |= strcmp(s, method + 1) == 0;
	t->says_2 |=
	    strcmp(s, any_of_2 + 1) == 0 || strcmp(s, timer_of_2 + 1) == 0;
}

static void
string_cb(const char *s, void *arg)
{
	struct reading *reading = arg;
	struct traces *t = &reading->traces;
	enum maker maker;

	if (s[0] == 'E')
		trace_variable(t, s);
	else if (s[0] == '1' || s[0] == '2') {
		if (t->version == NULL && is_version(s))
			t->version = text_copy(s);
	} else if (s[0] == 'l' || s[0] == '/') {
		maker = maker_of(s);
		if (maker != MAKER_NONE && maker != MAKER_OF_LIBEV &&
		    strchr(s, ' ') == NULL)
			strings_add_once(&t->libraries, s);
	} else if (starts_with(s, "another libevent, %s, is loaded beside "
				  "libevcompat")) {
		t->says_ours = true;
	}
}

static bool
has_all_of_core(const struct traces *t)
{
	for (size_t i = 0; i < N_CORE; i++)
		if (!t->has_core[i])
			return false;
	return true;
}

static enum maker
copy_by_symbols(const struct traces *t)
{
	if (!has_all_of_core(t))
		return MAKER_NONE;
	if (t->has_ours || t->says_ours)
		return MAKER_OURS;
	if (t->has_2)
		return MAKER_OF_2;
	return t->has_libev ? MAKER_OF_LIBEV : MAKER_OF_14;
}

static enum maker
copy_by_strings(const struct traces *t)
{
	if (!t->says_method)
		return MAKER_NONE;
	if (t->says_2)
		return MAKER_OF_2;
	if (!t->says_epoll || !t->says_poll)
		return MAKER_NONE;
	return t->says_ours ? MAKER_OURS : MAKER_OF_14;
}

/* Whether the file needs the library, or is that library. */
static bool
is_known_to(const struct object *o, const char *library)
{
	return strings_have(&o->elf.needed, library) ||
	       (o->elf.soname != NULL && strcmp(o->elf.soname, library) == 0);
}

/* Decides whether a file that is not a libevent by name has a copy of one. */
static void
finish_copy(struct reading *reading)
{
	struct object *o = reading->object;
	struct traces *t = &reading->traces;

	o->copy = copy_by_symbols(t);
	o->copy_is_certain = o->copy != MAKER_NONE;
	if (!o->copy_is_certain)
		o->copy = copy_by_strings(t);
	if (o->copy == MAKER_OF_2 && t->version != NULL) {
		o->copy_version = t->version;
		t->version = NULL;
	}
	for (size_t i = 0; i < t->libraries.n && reading->calls_dlopen; i++)
		if (!is_known_to(o, t->libraries.at[i]))
			strings_add(&o->may_load, t->libraries.at[i]);
}

/* Reads symbols and strings of an object whose file is open, and closes it. */
static void
read_object(struct process *process, struct object *o)
{
	struct reading reading = {.object = o};
	int result = 0;

	result |= elf_each_dynamic_symbol(&o->elf, dynamic_symbol_cb, &reading);
	strings_sort(&o->used);
	strings_sort(&o->weak);
	strings_sort(&o->defined);
	if (o->maker == MAKER_NONE) {
		result |=
		    elf_each_full_symbol(&o->elf, full_symbol_cb, &reading);
		result |= elf_each_string(&o->elf, string_cb, &reading);
		finish_copy(&reading);
	}
	if (result != 0) {
		char *note = text_format("%s: part of its symbols or strings "
					 "could not be read",
		    o->elf.path);

		strings_add(&process->notes, note);
		free(note);
	}
	free(reading.traces.version);
	strings_free(&reading.traces.libraries);
	elf_close_file(&o->elf);
}

/* Whether the list has an object of this name or soname. */
static bool
is_there(const struct process *process, const char *name)
{
	for (size_t i = 0; i < process->n; i++) {
		const struct object *o = process->objects[i];

		if (strcmp(o->name, name) == 0 ||
		    (o->elf.soname != NULL && strcmp(o->elf.soname, name) == 0))
			return true;
	}
	return false;
}

static struct object *
add_object(struct process *process, const char *name,
    const struct object *needer)
{
	struct object *o = text_alloc(sizeof(*o));

	*o = (struct object){
	    .name = text_copy(name),
	    .needer = needer,
	    .maker = maker_of(name),
	};
	process->objects = text_realloc(process->objects,
	    (process->n + 1) * sizeof(*process->objects));
	process->objects[process->n++] = o;
	return o;
}

static void
add_needed(struct process *process, const struct object *needer,
    const char *name)
{
	const struct object *program = process->objects[0];
	struct object *o;
	struct elf elf;

	if (is_there(process, name) || strings_have(&process->not_found, name))
		return;
	if (maker_of(name) == MAKER_OURS) {
		add_object(process, name, needer);
		return;
	}
	if (!search_library(name, &needer->elf, &program->elf, &elf)) {
		strings_add(&process->not_found, name);
		if (maker_of(name) != MAKER_NONE)
			add_object(process, name, needer);
		return;
	}
	o = add_object(process, name, needer);
	o->elf = elf;
	read_object(process, o);
}

enum elf_result
process_read(struct process *process, const char *path)
{
	enum elf_result result;
	struct object *o;
	struct elf elf;

	*process = (struct process){0};
	result = elf_open(&elf, path);
	if (result != ELF_IS_READ)
		return result;
	o = add_object(process, path, NULL);
	o->elf = elf;
	o->maker = elf.soname != NULL ? maker_of(elf.soname) : MAKER_NONE;
	read_object(process, o);
	for (size_t i = 0; i < process->n; i++) {
		const struct strings *needed = &process->objects[i]->elf.needed;

		for (size_t j = 0; j < needed->n && process->n < OBJECTS_MAX;
		     j++)
			add_needed(process, process->objects[i], needed->at[j]);
	}
	return ELF_IS_READ;
}

void
process_free(struct process *process)
{
	for (size_t i = 0; i < process->n; i++) {
		struct object *o = process->objects[i];

		elf_close(&o->elf);
		strings_free(&o->used);
		strings_free(&o->weak);
		strings_free(&o->defined);
		strings_free(&o->may_load);
		free(o->copy_version);
		free(o->name);
		free(o);
	}
	free(process->objects);
	strings_free(&process->not_found);
	strings_free(&process->notes);
	*process = (struct process){0};
}

const struct object *
process_giver(const struct process *process, const char *name)
{
	for (size_t i = 0; i < process->n; i++) {
		const struct object *o = process->objects[i];

		if (o->maker == MAKER_OURS && i > 0) {
			if ((name_flags(name) & NAME_OURS) != 0)
				return o;
		} else if (strings_find(&o->defined, name)) {
			return o;
		}
	}
	return NULL;
}
