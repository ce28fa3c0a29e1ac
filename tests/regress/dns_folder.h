/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the resolver's files share: a folder of the test's own. */
#ifndef REGRESS_DNS_FOLDER_H
#define REGRESS_DNS_FOLDER_H

#include <stddef.h>

/*
 * folder_open() makes an empty folder; folder_close() removes it with its
 * contents.
 */
void folder_open(void);
void folder_close(void);

/* The path of a name in the folder.  It is valid until 8 more calls. */
const char *path_of(const char *name);

/* Writes a file of the folder in place, and makes it if it does not exist. */
void write_file(const char *name, const char *text);
void write_bytes(const char *name, const void *bytes, size_t len);

/* Opens a file in memory that has these bytes.  Returns its descriptor. */
int memory_file(char path[32], const void *bytes, size_t len);

/* Writes a new file and renames it to that name, as editors do. */
void replace_file(const char *name, const char *text);

/*
 * Has the resolver use "resolv.conf", "hosts" and "nsswitch.conf" of the folder
 * instead of the machine's.  They need not exist.
 */
void use_folder(void);

#endif
