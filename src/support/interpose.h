/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds out whether somebody else's event_* functions stand in front. */
#ifndef EVI_INTERPOSE_H
#define EVI_INTERPOSE_H

/*
 * libev's shared library carries an emulation of libevent, with another
 * struct event.  Where it stands before us on the program's link line, the
 * program's calls go there.  Says so through the log, and how to cure it.
 */
void evi_interpose_warn(void);

#endif
