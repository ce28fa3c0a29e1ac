/* SPDX-License-Identifier: BSD-3-Clause */
/* evcompat-check(1): finds out whether a program will run with libevcompat. */
#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>

#include "elf_file.h"
#include "judge.h"
#include "report.h"
#include "source.h"

enum action {
	CHECK_FILES,
	CHECK_SOURCES,
	PRINT_INTERPRETER
};

static void
usage(FILE *out)
{
	fputs("usage: evcompat-check [-qv] [--json] FILE...\n"
	      "       evcompat-check [-qv] [--json] --source DIR...\n",
	    out);
}

/* Prints the loader that a program names, for evcompat-run. */
static int
print_interpreter(const char *path)
{
	struct elf elf;

	if (elf_open(&elf, path) != ELF_IS_READ)
		return STATUS_UNREADABLE;
	if (elf.interpreter != NULL)
		puts(elf.interpreter);
	elf_close(&elf);
	return 0;
}

struct choices {
	enum action action;
	enum report_form form;
	bool json;
	bool help;
};

/* Checks one file or folder; returns its status. */
static int
check(const char *path, const struct choices *choices)
{
	struct report report;
	int status;

	if (choices->action == CHECK_SOURCES)
		source_check(&report, path);
	else
		judge_file(&report, path);
	if (choices->json)
		report_json(stdout, &report);
	else
		report_print(stdout, &report, choices->form);
	status = report.status;
	report_free(&report);
	return status;
}

/* Checks all of them; returns the greatest status. */
static int
check_all(char **paths, int n, const struct choices *choices)
{
	int greatest = 0;

	if (choices->json)
		fputs("[\n", stdout);
	for (int i = 0; i < n; i++) {
		int status;

		if (i > 0 && choices->json)
			fputs(",\n", stdout);
		status = check(paths[i], choices);
		if (status > greatest)
			greatest = status;
	}
	if (choices->json)
		fputs("\n]\n", stdout);
	if (fflush(stdout) != 0)
		err(EX_IOERR, "standard output");
	return greatest;
}

/* Reads the options.  Returns false at an unknown one. */
static bool
read_options(int argc, char **argv, struct choices *choices)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"interpreter", no_argument, NULL, 'i'},
	    {"json", no_argument, NULL, 'j'},
	    {"quiet", no_argument, NULL, 'q'},
	    {"source", no_argument, NULL, 's'},
	    {"verbose", no_argument, NULL, 'v'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "hqv", options, NULL)) != -1)
		if (c == 'h')
			choices->help = true;
		else if (c == 'i')
			choices->action = PRINT_INTERPRETER;
		else if (c == 'j')
			choices->json = true;
		else if (c == 'q')
			choices->form = REPORT_QUIET;
		else if (c == 's')
			choices->action = CHECK_SOURCES;
		else if (c == 'v')
			choices->form = REPORT_FULL;
		else
			return false;
	return true;
}

int
main(int argc, char **argv)
{
	struct choices choices = {.form = REPORT_PLAIN};
	bool are_good = read_options(argc, argv, &choices);

	if (are_good && choices.help) {
		usage(stdout);
		return 0;
	}
	if (!are_good || optind == argc) {
		usage(stderr);
		return STATUS_USAGE;
	}
	if (choices.action == PRINT_INTERPRETER)
		return print_interpreter(argv[optind]);
	return check_all(&argv[optind], argc - optind, &choices);
}
