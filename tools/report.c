/* SPDX-License-Identifier: BSD-3-Clause */
/* Collects what is found out, and derives the verdict. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

/* A verdict names at most this many findings, and counts the others. */
#define BRIEFS_MAX 5
/* It names at most this many functions of one difference. */
#define NAMES_MAX 3

static void
add(struct findings *findings, char *brief, char *text)
{
	findings->at = text_realloc(findings->at,
	    (findings->n + 1) * sizeof(*findings->at));
	findings->at[findings->n++] = (struct finding){brief, text, 0};
}

void
report_problem(struct report *report, char *brief, char *text)
{
	add(&report->problems, brief, text);
}

void
report_look(struct report *report, char *brief, char *text)
{
	for (size_t i = 0; i < report->looks.n; i++)
		if (strcmp(report->looks.at[i].brief, brief) == 0) {
			report->looks.at[i].n_more++;
			free(brief);
			free(text);
			return;
		}
	add(&report->looks, brief, text);
}

void
report_drop_look(struct report *report, const char *brief)
{
	struct findings *looks = &report->looks;

	for (size_t i = 0; i < looks->n; i++)
		if (strcmp(looks->at[i].brief, brief) == 0) {
			free(looks->at[i].brief);
			free(looks->at[i].text);
			looks->n--;
			memmove(&looks->at[i], &looks->at[i + 1],
			    (looks->n - i) * sizeof(*looks->at));
			return;
		}
}

void
report_note(struct report *report, char *text)
{
	strings_add_once(&report->notes, text);
	free(text);
}

/* The index of the name in the uses, or where it is to be inserted. */
static size_t
place_of(const struct report *report, const char *name)
{
	size_t low = 0, high = report->n_uses;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(report->uses[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
report_uses(const struct report *report, const char *name)
{
	size_t place = place_of(report, name);

	return place < report->n_uses &&
	       strcmp(report->uses[place].name, name) == 0;
}

void
report_use(struct report *report, const char *name, const char *user,
    const char *giver)
{
	size_t place = place_of(report, name);

	if (report_uses(report, name))
		return;
	report->uses = text_realloc(report->uses,
	    (report->n_uses + 1) * sizeof(*report->uses));
	memmove(&report->uses[place + 1], &report->uses[place],
	    (report->n_uses - place) * sizeof(*report->uses));
	report->n_uses++;
	report->uses[place] = (struct use){
	    .name = text_copy(name),
	    .flags = name_flags(name),
	    .user = text_copy(user),
	    .giver = giver != NULL ? text_copy(giver) : NULL,
	};
}

void
report_differences(struct report *report, const struct strings *used)
{
	for (size_t i = 0; i < n_differences; i++) {
		struct touched touched = {
		    .text = differences[i].text,
		    .is_worth_a_look = differences[i].is_worth_a_look,
		};

		touched.n_first =
		    difference_touches(&differences[i], used, &touched.why);
		if (touched.n_first == 0)
			continue;
		report->touched = text_realloc(report->touched,
		    (report->n_touched + 1) * sizeof(*report->touched));
		report->touched[report->n_touched++] = touched;
	}
}

/* "a with b with c and others" */
static char *
brief_of(const struct touched *touched)
{
	struct strings first = touched->why;
	char *joined, *brief;

	first.n = touched->n_first < NAMES_MAX ? touched->n_first : NAMES_MAX;
	joined = strings_join(&first, " with ");
	brief = text_format("%s%s", joined,
	    first.n < touched->n_first ? " and others" : "");
	free(joined);
	return brief;
}

/* The briefs of all entries to look at: findings, then differences. */
static struct strings
briefs_of_looks(const struct report *report)
{
	struct strings briefs = {0};

	for (size_t i = 0; i < report->looks.n; i++)
		strings_add_once(&briefs, report->looks.at[i].brief);
	for (size_t i = 0; i < report->n_touched; i++) {
		const struct touched *touched = &report->touched[i];
		char *brief;

		if (!touched->is_worth_a_look)
			continue;
		brief = brief_of(touched);
		strings_add_once(&briefs, brief);
		free(brief);
	}
	return briefs;
}

/* The first few briefs, and the number of others; the caller frees it. */
static char *
enumerate(const struct strings *briefs, const char *separator)
{
	struct strings first = *briefs;
	char *joined, *all;

	if (first.n > BRIEFS_MAX)
		first.n = BRIEFS_MAX;
	joined = strings_join(&first, separator);
	if (first.n == briefs->n)
		return joined;
	all = text_format("%s and %zu more", joined, briefs->n - first.n);
	free(joined);
	return all;
}

static char *
verdict_of_problems(const struct report *report)
{
	struct strings briefs = {0};
	char *list, *verdict;

	for (size_t i = 0; i < report->problems.n; i++)
		strings_add_once(&briefs, report->problems.at[i].brief);
	list = enumerate(&briefs, "; ");
	verdict = text_format("will not run as it is: %s", list);
	free(list);
	strings_free(&briefs);
	return verdict;
}

void
report_conclude(struct report *report, const char *words)
{
	struct strings briefs;
	char *list;

	if (report->status != STATUS_RUNS) {
		report->verdict = text_copy(words);
		return;
	}
	if (report->problems.n > 0) {
		report->status = STATUS_FAILS;
		report->verdict = verdict_of_problems(report);
		return;
	}
	briefs = briefs_of_looks(report);
	if (briefs.n > 0) {
		report->status = STATUS_LOOK;
		list = enumerate(&briefs, ", ");
		report->verdict = text_format("will run; look at %s", list);
		free(list);
	} else {
		report->verdict = text_copy("will run");
	}
	strings_free(&briefs);
}

static void
free_findings(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->at[i].brief);
		free(findings->at[i].text);
	}
	free(findings->at);
}

void
report_free(struct report *report)
{
	free(report->file);
	free(report->kind);
	free(report->verdict);
	strings_free(&report->wants);
	strings_free(&report->notes);
	free_findings(&report->problems);
	free_findings(&report->looks);
	for (size_t i = 0; i < report->n_uses; i++) {
		free(report->uses[i].name);
		free(report->uses[i].user);
		free(report->uses[i].giver);
	}
	free(report->uses);
	for (size_t i = 0; i < report->n_touched; i++)
		strings_free(&report->touched[i].why);
	free(report->touched);
	*report = (struct report){0};
}
