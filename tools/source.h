/* SPDX-License-Identifier: BSD-3-Clause */
/* Judges whether a program's sources will compile and run with our headers. */
#ifndef SOURCE_H
#define SOURCE_H

#include "report.h"

/*
 * Reads the C and C++ files below the folder, or one file, and reports: which
 * headers, functions and members of libevent's they name.  Links are not
 * followed.  Code inside #if may be for another libevent, and does not decide
 * the verdict alone.  The caller ends with report_free().
 */
void source_check(struct report *report, const char *path);

#endif
