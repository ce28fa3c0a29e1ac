/* SPDX-License-Identifier: BSD-3-Clause */
/* Events of event_base_once(), which the library owns. */
#ifndef EVI_ONCE_H
#define EVI_ONCE_H

struct event_base;

/* Deletes and frees those of the base that have not fired. */
void evi_once_free(struct event_base *base);

#endif
