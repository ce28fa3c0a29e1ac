/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hooks of an evrpc_base or evrpc_pool, which both begin with a struct
 * evi_hooks: evrpc_add_hook() gets either as a pointer to void.
 */
#ifndef EVI_RPC_HOOKS_H
#define EVI_RPC_HOOKS_H

#include "rpc.h"
#include "support/queue.h"

#include <stdbool.h>
#include <stdint.h>

TAILQ_HEAD(hookq, hook);

struct hooks {
	struct hookq input, output;
	uint64_t last_id;
};

void evi_hooks_init(struct hooks *hooks);

/* Frees all hooks.  A run of them that is in progress ends after this one. */
void evi_hooks_clear(struct hooks *hooks);

bool evi_hooks_has_output(const struct hooks *hooks);

/*
 * Calls the hooks of that type in the order of adding.  Returns 0; -1 as soon
 * as one of them does.  A hook may add and remove hooks, itself included, and
 * free whoever hooks belongs to; the caller keeps that in memory meanwhile.
 */
int evi_hooks_run(const struct hooks *hooks, enum EVRPC_HOOK_TYPE type,
    struct evhttp_request *req, struct evbuffer *payload);

#endif
