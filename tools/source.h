/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes of a program's sources when they are compiled with our headers. */
#ifndef SOURCE_H
#define SOURCE_H

#include "report.h"

/*
 * Reads the C and C++ files below the folder, or one file, and reports: which
 * headers, functions and members of libevent's they name.  Links are not
 * followed.  What stands inside #if may be for another libevent, so that it
 * alone decides nothing.  The caller ends with report_free().
 */
void source_check(struct report *report, const char *path);

#endif
