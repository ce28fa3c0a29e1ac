/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers to a client's requests.
 */
#ifndef EVI_HTTP_ANSWER_H
#define EVI_HTTP_ANSWER_H

#include "conn.h"

/* The role of a client's connections. */
extern const struct conn_role evi_answer_role
    __attribute__((visibility("hidden")));

#endif
