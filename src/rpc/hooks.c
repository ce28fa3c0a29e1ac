/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hooks: functions of the program, called with each message before it is
 * unmarshalled, or after it was marshalled.
 */
#include "hooks.h"

#include <stdlib.h>

struct hook {
	TAILQ_ENTRY(hook) next;
	uint64_t id; /* increases along the list */
	int (*cb)(struct evhttp_request *, struct evbuffer *, void *);
	void *cb_arg;
};

/* The list of hooks of that type; NULL if the type is unknown. */
static struct hookq *
list_of(struct hooks *hooks, enum EVRPC_HOOK_TYPE type)
{
	if (type == EVRPC_INPUT)
		return &hooks->input;
	return type == EVRPC_OUTPUT ? &hooks->output : NULL;
}

void
evi_hooks_init(struct hooks *hooks)
{
	TAILQ_INIT(&hooks->input);
	TAILQ_INIT(&hooks->output);
	hooks->last_id = 0;
}

void *
evrpc_add_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type,
    int (*cb)(struct evhttp_request *, struct evbuffer *, void *), void *cb_arg)
{
	struct hooks *hooks = vbase;
	struct hookq *list = list_of(hooks, hook_type);
	struct hook *hook = list != NULL ? calloc(1, sizeof *hook) : NULL;

	if (hook == NULL)
		return NULL;
	hook->id = ++hooks->last_id;
	hook->cb = cb;
	hook->cb_arg = cb_arg;
	TAILQ_INSERT_TAIL(list, hook, next);
	return hook;
}

int
evrpc_remove_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type, void *handle)
{
	struct hookq *list = list_of(vbase, hook_type);
	struct hook *hook;

	if (list == NULL)
		return 0;
	TAILQ_FOREACH (hook, list, next)
		if (hook == handle) {
			TAILQ_REMOVE(list, hook, next);
			free(hook);
			return 1;
		}
	return 0;
}

static void
clear_list(struct hookq *list)
{
	struct hook *hook;

	while ((hook = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, hook, next);
		free(hook);
	}
}

void
evi_hooks_clear(struct hooks *hooks)
{
	clear_list(&hooks->input);
	clear_list(&hooks->output);
}

bool
evi_hooks_has_output(const struct hooks *hooks)
{
	return !TAILQ_EMPTY(&hooks->output);
}

/* The first hook that was added after the one with that id, or NULL. */
static const struct hook *
next_after(const struct hookq *list, uint64_t id)
{
	const struct hook *hook;

	TAILQ_FOREACH (hook, list, next)
		if (hook->id > id)
			return hook;
	return NULL;
}

int
evi_hooks_run(const struct hooks *hooks, enum EVRPC_HOOK_TYPE type,
    struct evhttp_request *req, struct evbuffer *payload)
{
	const struct hookq *list =
	    type == EVRPC_INPUT ? &hooks->input : &hooks->output;
	const struct hook *hook;
	uint64_t id = 0;

	/* A hook may remove any hook, so only its id is kept while it runs. */
	while ((hook = next_after(list, id)) != NULL) {
		id = hook->id;
		if (hook->cb(req, payload, hook->cb_arg) == -1)
			return -1;
	}
	return 0;
}
