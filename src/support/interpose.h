/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds another libevent in the process. */
#ifndef EVI_INTERPOSE_H
#define EVI_INTERPOSE_H

/*
 * Logs a warning with the names of the files if the program, or a library that
 * it uses, calls another libevent than it was compiled for:
 *
 *  - The dynamic linker finds the event_*() functions in another library first.
 *    That may be another libevent; or libev, whose shared library has an
 *    emulation of libevent with another struct event: then the warning says
 *    what to link.
 *  - Another libevent was loaded after this library.
 *
 * Checks only if a file was loaded since the last check.  The library also
 * checks by itself: when it is loaded, and when the program sets a log
 * callback.
 */
void evi_interpose_check(void);

#endif
