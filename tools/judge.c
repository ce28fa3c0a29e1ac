/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Judges whether a program will run with our library.
 *
 * 1. Which libevents are in its process: by the names of the libraries, and by
 *    copies that are linked statically.
 * 2. If ours is the only one, or can replace the only one: for each libevent
 *    name that is used, whether our library has it, and whether the loader
 *    will take it from our library.
 * 3. Which rows of COMPAT.md are about the functions that the program uses.
 */
#include "judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "names.h"
#include "process.h"
#include "search.h"

/* Which libevents a process has, and the first object that brings each. */
struct census {
	const struct object *of[MAKER_OF_LIBEV + 1]; /* libraries, by maker */
	const struct object *copy; /* the first with a libevent in it */
};

static const char *
path_of(const struct object *o)
{
	return o->elf.path != NULL ? o->elf.path : o->name;
}

static void
describe(struct report *report, const struct object *program)
{
	char *machine = elf_machine_name(&program->elf);
	const char *kind;

	if (program->elf.interpreter != NULL)
		kind = "program";
	else if (program->elf.is_dynamic)
		kind = program->elf.soname == NULL && program->elf.needed.n == 0
			   ? "program, statically linked, or module"
			   : "shared library";
	else
		kind = "program, statically linked";
	report->kind = text_format("%s %s", machine, kind);
	free(machine);
}

/* The name of the object that needs a library. */
static const char *
user_of(const struct object *library)
{
	return library->needer->needer != NULL ? path_of(library->needer)
					       : "it";
}

static void
add_want(struct report *report, const struct object *o)
{
	const char *what = maker_name(o->maker);
	char *want;

	if (o->maker == MAKER_OURS && strncmp(o->name, "libevent", 8) == 0)
		what = "libevent 1.4";
	if (o->needer->needer == NULL)
		want = text_format("%s (%s)", what, o->name);
	else
		want = text_format("%s (%s), for %s", what, o->name,
		    path_of(o->needer));
	strings_add_once(&report->wants, want);
	free(want);
}

/* Describes the libevent that is linked statically into the object. */
static char *
describe_copy(const struct object *o)
{
	return text_format("%s%s%s%s, linked statically into %s (as its %s "
			   "say)",
	    maker_name(o->copy), o->copy_version != NULL ? " (" : "",
	    o->copy_version != NULL ? o->copy_version : "",
	    o->copy_version != NULL ? ")" : "",
	    o->needer != NULL ? path_of(o) : "it",
	    o->copy_is_certain ? "symbols" : "strings");
}

static void
take_census(struct report *report, const struct process *process,
    struct census *census)
{
	for (size_t i = 1; i < process->n; i++) {
		const struct object *o = process->objects[i];

		if (o->copy != MAKER_NONE && census->copy == NULL)
			census->copy = o;
		if (o->maker == MAKER_NONE)
			continue;
		if (census->of[o->maker] == NULL)
			census->of[o->maker] = o;
		if (o->maker != MAKER_OF_LIBEV)
			add_want(report, o);
	}
	if (process->objects[0]->copy != MAKER_NONE)
		census->copy = process->objects[0];
	if (census->copy != NULL) {
		char *copy = describe_copy(census->copy);

		strings_add(&report->wants, copy);
		free(copy);
	}
}

/* Reports each name that is used, its user, and the object that defines it. */
static void
take_uses(struct report *report, const struct process *process)
{
	for (size_t i = 0; i < process->n; i++) {
		const struct object *o = process->objects[i];

		if (o->maker != MAKER_NONE)
			continue;
		for (size_t j = 0; j < o->used.n; j++) {
			const char *name = o->used.at[j];
			const struct object *giver =
			    process_giver(process, name);

			if (!name_is_event(name) ||
			    (giver != NULL && giver->maker == MAKER_NONE &&
				giver->copy == MAKER_NONE))
				continue;
			report_use(report, name, path_of(o),
			    giver != NULL ? path_of(giver) : NULL);
		}
	}
	/* A compiled program cannot use a macro. */
	for (size_t i = 0; i < report->n_uses; i++)
		report->uses[i].flags &= ~(unsigned)NAME_OF_MACRO;
}

/* All names that are used in the process, for the rows of COMPAT.md. */
static void
take_differences(struct report *report, const struct process *process)
{
	struct strings used = {0};

	for (size_t i = 0; i < process->n; i++) {
		const struct object *o = process->objects[i];

		/* A library without libevent may use these names itself. */
		bool meets = false;
		for (size_t j = 0; j < o->used.n && !meets; j++)
			meets = report_uses(report, o->used.at[j]);
		for (size_t j = 0; j < o->used.n && meets; j++)
			strings_add(&used, o->used.at[j]);
	}
	strings_sort(&used);
	report_differences(report, &used);
	strings_free(&used);
}

/* The reason why our library does not have a name. */
static const char *
reason(unsigned flags)
{
	if ((flags & NAME_INTERNAL) != 0)
		return "an internal of libevent 1.4 that libevcompat leaves "
		       "out";
	if ((flags & NAME_LATER) != 0)
		return "libevent 1.4 has it, libevcompat not yet";
	if ((flags & NAME_OF_21) != 0)
		return "a function of libevent 2";
	return "no libevent that is known here has it";
}

/* Reports names that no object defines, or that another library defines. */
static void
judge_uses(struct report *report, const struct census *census)
{
	for (size_t i = 0; i < report->n_uses; i++) {
		const struct use *use = &report->uses[i];

		if (use->giver != NULL || (use->flags & NAME_OURS) != 0)
			continue;
		/* A plugin's host program may define names like ours. */
		if (census->of[MAKER_OURS] == NULL && use->flags == 0)
			continue;
		report_problem(report, text_format("no %s", use->name),
		    text_format("%s, which %s uses: %s", use->name, use->user,
			reason(use->flags)));
	}
}

/* Reports libev's emulation, if it is loaded before our library or alone. */
static void
judge_libev(struct report *report, const struct census *census)
{
	const struct object *libev = census->of[MAKER_OF_LIBEV];
	struct strings names = {0};
	char *list;

	for (size_t i = 0; libev != NULL && i < report->n_uses; i++)
		if (report->uses[i].giver != NULL &&
		    strcmp(report->uses[i].giver, path_of(libev)) == 0)
			strings_add(&names, report->uses[i].name);
	if (names.n > 0) {
		add_want(report, libev);
		list = strings_join(&names, ", ");
		if (census->of[MAKER_OURS] != NULL)
			report_problem(report,
			    text_copy("libev comes before libevent"),
			    text_format(
				"%s would be libev's, whose struct event is "
				"another one: link with -levent (or "
				"-levcompat) before -lev",
				list));
		else
			report_problem(report,
			    text_copy("made for libev's emulation"),
			    text_format(
				"%s are those of libev's emulation, whose "
				"struct event is another one: compile it with "
				"libevcompat's headers, and link with "
				"-levcompat before -lev",
				list));
		free(list);
	}
	strings_free(&names);
}

/* Reports that there is more than one libevent. */
static void
judge_others(struct report *report, const struct census *census)
{
	const struct object *ours = census->of[MAKER_OURS];
	const struct object *two = census->of[MAKER_OF_2];
	const struct object *old = census->of[MAKER_OF_OTHERS];
	const struct object *other = two != NULL ? two : old;

	if (ours != NULL && other != NULL)
		report_problem(report,
		    text_copy("two libevents in one process"),
		    text_format("%s wants %s, and %s wants %s: there can be "
				"one libevent in a process",
			user_of(ours), ours->name, user_of(other),
			other->name));
	else if (two == NULL && old != NULL)
		report_problem(report,
		    text_copy("made for a libevent before 1.4"),
		    text_format("%s has another binary interface than 1.4: "
				"compile it again, with libevcompat's headers",
			old->name));
}

static void
judge_copy(struct report *report, const struct census *census)
{
	const struct object *o = census->copy;
	char *what;

	if (o == NULL ||
	    (o->copy == MAKER_OURS && census->of[MAKER_OURS] == NULL))
		return;
	what = describe_copy(o);
	if (census->of[MAKER_OURS] != NULL && !o->copy_is_certain)
		report_look(report, text_copy("a second libevent in it"),
		    text_format("there seems to be %s", what));
	else if (census->of[MAKER_OURS] != NULL)
		report_problem(report,
		    text_copy("two libevents in one process"),
		    text_format("%s wants %s, but there is %s: there can be "
				"one libevent in a process",
			user_of(census->of[MAKER_OURS]),
			census->of[MAKER_OURS]->name, what));
	else
		report_problem(report,
		    text_format("brings %s along, statically",
			maker_name(o->copy)),
		    text_format("%s: no library can take its place; link it "
				"again, with libevcompat",
			what));
	free(what);
}

/* Reports libraries that are missing, or may be loaded later. */
static void
look_at_libraries(struct report *report, const struct process *process)
{
	for (size_t i = 0; i < process->not_found.n; i++) {
		const char *name = process->not_found.at[i];

		if (maker_of(name) == MAKER_NONE)
			report_look(report, text_format("%s (missing)", name),
			    text_format("%s is not found: the program does "
					"not start without it, and what it "
					"needs in turn is not known",
				name));
	}
	for (size_t i = 0; i < process->n; i++) {
		const struct object *o = process->objects[i];

		for (size_t j = 0; j < o->may_load.n; j++)
			report_look(report, text_copy(o->may_load.at[j]),
			    text_format("%s names %s in a string, and may "
					"load it by dlopen(3)",
				path_of(o), o->may_load.at[j]));
	}
}

/* Reports a DT_RPATH that finds another file before evcompat-run's folder. */
static void
look_at_rpath(struct report *report, const struct process *process,
    const struct object *wanted)
{
	struct elf found;

	if (strncmp(wanted->name, "libevent", 8) != 0 ||
	    !search_rpath(wanted->name, &wanted->needer->elf,
		&process->objects[0]->elf, &found))
		return;
	if (found.soname == NULL ||
	    strncmp(found.soname, "libevcompat", 11) != 0)
		report_look(report, text_format("%s (by DT_RPATH)", found.path),
		    text_format("the loader takes %s, where DT_RPATH leads, "
				"before it looks at LD_LIBRARY_PATH",
			found.path));
	elf_close(&found);
}

/* Whether the program's C library is musl. */
static bool
is_of_musl(const struct elf *elf)
{
	return elf->interpreter != NULL &&
	       strstr(elf->interpreter, "/ld-musl-") != NULL;
}

static void
look_at_loader(struct report *report, const struct process *process,
    const struct census *census)
{
	const struct object *program = process->objects[0];
	const struct object *ours = census->of[MAKER_OURS];
	struct elf self;
	struct stat st;

	if (ours != NULL)
		look_at_rpath(report, process, ours);
	else if (census->copy == NULL && report->n_uses > 0)
		report_look(report, text_copy("who brings libevent"),
		    text_copy("it uses names of libevent's, and needs no "
			      "library that has them: what loads it has to "
			      "bring one"));
	if (ours != NULL && stat(path_of(program), &st) == 0 &&
	    (st.st_mode & (S_ISUID | S_ISGID)) != 0)
		report_look(report, text_copy("set-user-ID"),
		    text_copy("the loader does not look at LD_LIBRARY_PATH "
			      "for a program that is set-user-ID or "
			      "set-group-ID"));
	if (elf_open(&self, "/proc/self/exe") != ELF_IS_READ)
		return;
	if (!elf_is_same_machine(&self, &program->elf)) {
		char *machine = elf_machine_name(&program->elf);

		report_look(report, text_copy(machine),
		    text_format("it needs a libevcompat for its machine, %s",
			machine));
		free(machine);
	} else if (program->elf.interpreter != NULL &&
		   self.interpreter != NULL &&
		   is_of_musl(&program->elf) != is_of_musl(&self)) {
		report_look(report, text_copy("another C library"),
		    text_format("its loader is %s: it needs a libevcompat "
				"that was built for that C library",
			program->elf.interpreter));
	}
	elf_close(&self);
}

/* Whether the program is built for libevent 2 and no other. */
static bool
is_for_2(const struct census *census)
{
	return census->of[MAKER_OURS] == NULL &&
	       (census->of[MAKER_OF_2] != NULL ||
		   (census->copy != NULL && census->copy->copy == MAKER_OF_2));
}

/* Lists the functions of libevent 2 alone that it calls, or says: none. */
static void
note_names_of_2(struct report *report)
{
	struct strings names = {0};
	char *list;

	for (size_t i = 0; i < report->n_uses; i++)
		if ((name_flags(report->uses[i].name) &
			(NAME_OURS | NAME_OF_MACRO)) == 0)
			strings_add(&names, report->uses[i].name);
	list = strings_join(&names, ", ");
	if (names.n > 0)
		report_note(report,
		    text_format("libevent 2 alone has: %s", list));
	else if (report->n_uses > 0)
		report_note(report,
		    text_copy("libevent 1.4 has all the functions that it "
			      "uses: compiled again, with libevcompat's "
			      "headers, it may run"));
	free(list);
	strings_free(&names);
}

/* Whether no libevent is in the process, nor can be loaded later. */
static bool
has_no_event(const struct report *report, const struct census *census)
{
	return report->n_uses == 0 && census->copy == NULL &&
	       census->of[MAKER_OURS] == NULL &&
	       census->of[MAKER_OF_OTHERS] == NULL && report->looks.n == 0;
}

/* Whether the program uses a libevent; if not, *words get the reason. */
static bool
is_for_us(struct report *report, const struct process *process,
    const struct census *census, const char **words)
{
	if (process->objects[0]->maker != MAKER_NONE) {
		report->status = STATUS_NO_EVENT;
		*words = "is a libevent itself";
	} else if (is_for_2(census)) {
		report->status = STATUS_OF_2;
		*words = "needs libevent 2: not for us";
		note_names_of_2(report);
	} else if (has_no_event(report, census)) {
		report->status = STATUS_NO_EVENT;
		*words = "uses no libevent";
	}
	return report->status == STATUS_RUNS;
}

static void
judge(struct report *report, const struct process *process)
{
	struct census census = {0};
	const char *words = "";

	describe(report, process->objects[0]);
	take_census(report, process, &census);
	take_uses(report, process);
	look_at_libraries(report, process);
	if (is_for_us(report, process, &census, &words)) {
		judge_others(report, &census);
		judge_copy(report, &census);
		judge_libev(report, &census);
		judge_uses(report, &census);
		look_at_loader(report, process, &census);
		take_differences(report, process);
	}
	report_conclude(report, words);
}

static const char *
words_for(enum elf_result result)
{
	switch (result) {
	case ELF_IS_NONE:
		return "is no ELF file: neither a program nor a library";
	case ELF_IS_FOREIGN:
		return "is for a machine of another byte order";
	case ELF_IS_UNLINKED:
		return "is neither a program nor a shared library";
	case ELF_IS_DAMAGED:
		return "is damaged, or no ELF file that a loader would take";
	default:
		return strerror(errno);
	}
}

void
judge_file(struct report *report, const char *path)
{
	struct process process;
	enum elf_result result;

	*report = (struct report){.file = text_copy(path)};
	result = process_read(&process, path);
	if (result != ELF_IS_READ) {
		report->status = STATUS_UNREADABLE;
		report_conclude(report, words_for(result));
	} else {
		judge(report, &process);
		for (size_t i = 0; i < process.notes.n; i++)
			strings_add_once(&report->notes, process.notes.at[i]);
	}
	process_free(&process);
}
