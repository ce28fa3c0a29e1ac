/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hooks of an evrpc_base or evrpc_pool.  Both begin with a struct hooks, as
 * evrpc_add_hook() gets either as a pointer to void.
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

/* Initializes empty lists. */
void evi_hooks_init(struct hooks *hooks);

/* Frees all hooks.  If a hook calls it, evi_hooks_run() calls no hook after
 * that one. */
void evi_hooks_clear(struct hooks *hooks);

/* Whether there are hooks of type EVRPC_OUTPUT. */
bool evi_hooks_has_output(const struct hooks *hooks);

/*
 * Calls the hooks of that type, in the order in which they were added.  Returns
 * 0; -1 as soon as one returns that.  A hook may add and remove hooks, also
 * itself, and free the base or pool, whose memory the caller keeps until this
 * function returns.
 */
int evi_hooks_run(const struct hooks *hooks, enum EVRPC_HOOK_TYPE type,
    struct evhttp_request *req, struct evbuffer *payload);

#endif
