/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the resolver's files share: a folder of the test's own. */
#ifndef REGRESS_DNS_FOLDER_H
#define REGRESS_DNS_FOLDER_H

#include <stddef.h>

/* Makes it, empty, and removes it with all that is in it. */
void folder_open(void);
void folder_close(void);

/* The path of a name in it; lasts until some more have been asked for. */
const char *path_of(const char *name);

/* Writes a file in place, made if need be, and closes it. */
void write_file(const char *name, const char *text);
void write_bytes(const char *name, const void *bytes, size_t len);

/* Opens a file in memory that has these bytes.  Returns its descriptor. */
int memory_file(char path[32], const void *bytes, size_t len);

/* Writes another file and gives it that name. */
void replace_file(const char *name, const char *text);

/* Puts the files "resolv.conf", "hosts", "nsswitch.conf" in there, which need
 * not exist, in the place of the machine's. */
void use_folder(void);

#endif
