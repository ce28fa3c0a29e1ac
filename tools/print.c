/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints reports: for people, and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "report.h"

/* A word for the kind of a name, by its flags. */
static const char *
class_of(unsigned flags)
{
	if ((flags & NAME_PUBLIC) != 0)
		return "public";
	if ((flags & NAME_OF_MACRO) != 0)
		return "macro";
	if ((flags & NAME_OURS) != 0)
		return "internal";
	if ((flags & NAME_INTERNAL) != 0)
		return "left out";
	if ((flags & NAME_LATER) != 0)
		return "later";
	if ((flags & NAME_OF_21) != 0)
		return "libevent 2";
	return "unknown";
}

/* Whether 1.4 exports the name without declaring it, and ours does, too. */
static bool
is_internal(const struct use *use)
{
	return (use->flags & NAME_OURS) != 0 &&
	       (use->flags & (NAME_PUBLIC | NAME_OF_MACRO)) == 0;
}

static void
print_findings(FILE *out, const char *head, const struct findings *findings)
{
	if (findings->n > 0)
		fprintf(out, "  %s:\n", head);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *it = &findings->at[i];
		char *line;

		if (it->n_more == 0) {
			text_wrap(out, "    - ", it->text);
			continue;
		}
		line = text_format("%s (and %zu more)", it->text, it->n_more);
		text_wrap(out, "    - ", line);
		free(line);
	}
}

static void
print_count(FILE *out, const struct report *report)
{
	struct strings internals = {0};
	size_t n_have = 0;
	char *line;

	for (size_t i = 0; i < report->n_uses; i++) {
		const struct use *use = &report->uses[i];

		n_have += (use->flags & (NAME_OURS | NAME_OF_MACRO)) != 0;
		if (is_internal(use))
			strings_add(&internals, use->name);
	}
	if (report->n_uses > 0)
		fprintf(out,
		    "  uses %zu name%s of libevent's; libevcompat has "
		    "%s%zu\n",
		    report->n_uses, report->n_uses == 1 ? "" : "s",
		    n_have == report->n_uses ? "all " : "", n_have);
	if (internals.n > 0) {
		line = strings_join(&internals, ", ");
		text_wrap(out,
		    "  internals of libevent 1.4, here as well: ", line);
		free(line);
	}
	strings_free(&internals);
}

static void
print_touched(FILE *out, const struct touched *touched)
{
	char *why = strings_join(&touched->why, ", ");
	char *line = text_format("%s: %s", why, touched->text);

	text_wrap(out, "    - ", line);
	free(line);
	free(why);
}

/* The rows that are worth a look, or the others; returns how many. */
static size_t
print_differences(FILE *out, const struct report *report, bool worth_a_look)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_touched; i++) {
		const struct touched *touched = &report->touched[i];

		if (touched->is_worth_a_look != worth_a_look)
			continue;
		if (n++ == 0)
			fprintf(out, "  %s libevent 1.4, by what it uses:\n",
			    worth_a_look ? "different from"
					 : "hardly different from");
		print_touched(out, touched);
	}
	return n;
}

static void
print_uses(FILE *out, const struct report *report)
{
	for (size_t i = 0; i < report->n_uses; i++) {
		const struct use *use = &report->uses[i];

		fprintf(out, "    %-40s %-10s ", use->name,
		    class_of(use->flags));
		text_print(out, use->giver != NULL ? use->giver : "nobody");
		fputs(", for ", out);
		text_print(out, use->user);
		putc('\n', out);
	}
}

static void
print_small(FILE *out, const struct report *report, enum report_form form)
{
	size_t n = 0;

	if (form == REPORT_FULL) {
		print_differences(out, report, false);
		print_uses(out, report);
		return;
	}
	for (size_t i = 0; i < report->n_touched; i++)
		n += !report->touched[i].is_worth_a_look;
	if (n > 0)
		fprintf(out,
		    "  and %zu difference%s that a program hardly "
		    "notices: see -v\n",
		    n, n == 1 ? "" : "s");
}

void
report_print(FILE *out, const struct report *report, enum report_form form)
{
	text_print(out, report->file);
	fputs(": ", out);
	text_print(out, report->verdict);
	putc('\n', out);
	if (form == REPORT_QUIET)
		return;
	if (report->kind != NULL)
		text_wrap(out, "  ", report->kind);
	for (size_t i = 0; i < report->wants.n; i++)
		text_wrap(out, "  wants ", report->wants.at[i]);
	print_count(out, report);
	print_findings(out, "why not", &report->problems);
	print_findings(out, "look at", &report->looks);
	if (report->status <= STATUS_FAILS) {
		print_differences(out, report, true);
		print_small(out, report, form);
	} else if (form == REPORT_FULL) {
		print_uses(out, report);
	}
	for (size_t i = 0; i < report->notes.n; i++)
		text_wrap(out, "  note: ", report->notes.at[i]);
}

/* Prints a member of a JSON object up to its value. */
static void
json_key(FILE *out, const char *key)
{
	fprintf(out, ",\n    \"%s\": ", key);
}

static void
json_strings(FILE *out, const char *key, const struct strings *list)
{
	json_key(out, key);
	putc('[', out);
	for (size_t i = 0; i < list->n; i++) {
		fputs(i > 0 ? ", " : "", out);
		text_json(out, list->at[i]);
	}
	putc(']', out);
}

static void
json_findings(FILE *out, const char *key, const struct findings *findings)
{
	json_key(out, key);
	putc('[', out);
	for (size_t i = 0; i < findings->n; i++) {
		fputs(i > 0 ? ",\n      {\"brief\": " : "\n      {\"brief\": ",
		    out);
		text_json(out, findings->at[i].brief);
		fputs(", \"text\": ", out);
		text_json(out, findings->at[i].text);
		fprintf(out, ", \"more\": %zu}", findings->at[i].n_more);
	}
	putc(']', out);
}

static void
json_uses(FILE *out, const struct report *report)
{
	json_key(out, "symbols");
	putc('[', out);
	for (size_t i = 0; i < report->n_uses; i++) {
		const struct use *use = &report->uses[i];
		bool have = (use->flags & (NAME_OURS | NAME_OF_MACRO)) != 0;

		fputs(i > 0 ? ",\n      {\"name\": " : "\n      {\"name\": ",
		    out);
		text_json(out, use->name);
		fprintf(out, ", \"have\": %s, \"class\": \"%s\", \"user\": ",
		    have ? "true" : "false", class_of(use->flags));
		text_json(out, use->user);
		fputs(", \"giver\": ", out);
		if (use->giver != NULL)
			text_json(out, use->giver);
		else
			fputs("null", out);
		putc('}', out);
	}
	putc(']', out);
}

static void
json_differences(FILE *out, const struct report *report)
{
	json_key(out, "differences");
	putc('[', out);
	for (size_t i = 0; i < report->n_touched; i++) {
		const struct touched *touched = &report->touched[i];

		fprintf(out, "%s\n      {\"look\": %s, \"functions\": [",
		    i > 0 ? "," : "",
		    touched->is_worth_a_look ? "true" : "false");
		for (size_t j = 0; j < touched->why.n; j++) {
			fputs(j > 0 ? ", " : "", out);
			text_json(out, touched->why.at[j]);
		}
		fputs("], \"text\": ", out);
		text_json(out, touched->text);
		putc('}', out);
	}
	putc(']', out);
}

void
report_json(FILE *out, const struct report *report)
{
	fputs("  {\n    \"file\": ", out);
	text_json(out, report->file);
	json_key(out, "kind");
	text_json(out, report->kind != NULL ? report->kind : "");
	json_key(out, "status");
	fprintf(out, "%d", report->status);
	json_key(out, "verdict");
	text_json(out, report->verdict);
	json_strings(out, "wants", &report->wants);
	json_findings(out, "problems", &report->problems);
	json_findings(out, "looks", &report->looks);
	json_differences(out, report);
	json_uses(out, report);
	json_strings(out, "notes", &report->notes);
	fputs("\n  }", out);
}
