/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the loader finds a shared library: glibc's ld.so(8), or musl's. */
#ifndef SEARCH_H
#define SEARCH_H

#include "elf_file.h"

/*
 * Opens the library that `needer`, which is in the process of `program`, needs
 * by this name: DT_RPATH, LD_LIBRARY_PATH of our own environment, DT_RUNPATH,
 * the loader's configuration, its directories, as the loader does; what is for
 * another machine is passed over.  glibc's cache is not read, but the
 * configuration that it is made of.
 *
 * true: *found is open, and the caller closes it.
 */
bool search_library(const char *name, const struct elf *needer,
    const struct elf *program, struct elf *found);

/*
 * As search_library(), but by DT_RPATH alone, which comes before
 * LD_LIBRARY_PATH.
 */
bool search_rpath(const char *name, const struct elf *needer,
    const struct elf *program, struct elf *found);

#endif
