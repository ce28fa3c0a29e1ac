/* SPDX-License-Identifier: BSD-3-Clause */
/* What a file's path leads through. */
#ifndef EVI_HOPS_H
#define EVI_HOPS_H

/*
 * Calls visit for each directory on the way to path, symbolic links followed,
 * with the name that is looked up there next, and at last with the file itself
 * and NULL for a name.  Each name is looked up after the call that names it, so
 * that a change is either seen or found.  It ends early where there is no such
 * name.  path is absolute.  Returns 0, or -1 as soon as visit does.
 */
int evi_hops_walk(const char *path,
    int (*visit)(void *arg, const char *directory, const char *name),
    void *arg);

#endif
