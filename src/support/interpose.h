/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds out whether there is another libevent in the process. */
#ifndef EVI_INTERPOSE_H
#define EVI_INTERPOSE_H

#include <stdbool.h>

/*
 * Warns through the log, naming the files, of what makes a program call another
 * library than it was compiled for:
 *
 *  - The event_*() functions that it reaches are somebody else's: of libev,
 * whose shared library carries an emulation of libevent with another struct
 * event (then it says how to cure it), or of another libevent that comes first.
 *  - Another libevent is loaded beside us, by a library that the program uses.
 *
 * Looks only if something was loaded since the last time, or if the log is
 * another one now (again).
 */
void evi_interpose_warn(bool again);

#endif
