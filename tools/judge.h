/* SPDX-License-Identifier: BSD-3-Clause */
/* Judges whether a program will run with our library. */
#ifndef JUDGE_H
#define JUDGE_H

#include "report.h"

/*
 * Reads the program or shared library, and what it pulls in, and reports.  The
 * caller ends with report_free().
 */
void judge_file(struct report *report, const char *path);

#endif
