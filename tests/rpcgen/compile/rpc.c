/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generated structs as request and reply of a call.  This is only compiled, in
 * GNU C11, as the macros of evrpc.h need strdup(3).
 */
#include "store.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <evhttp.h>
#include <evrpc.h>

EVRPC_HEADER(put, widget, ack);
EVRPC_GENERATE(put, widget, ack)

void put_cb(EVRPC_STRUCT(put) * rpc, void *arg);
void done_cb(struct evrpc_status *status, struct widget *request,
    struct ack *reply, void *arg);
int start(struct evrpc_base *base, struct evrpc_pool *pool,
    struct widget *request, struct ack *reply);

void
put_cb(EVRPC_STRUCT(put) * rpc, void *arg)
{
	(void)arg;
	EVTAG_ASSIGN(rpc->reply, code, rpc->request->weight_data);
	EVRPC_REQUEST_DONE(rpc);
}

void
done_cb(struct evrpc_status *status, struct widget *request, struct ack *reply,
    void *arg)
{
	(void)request;
	*(int *)arg = status->error == 0 && EVTAG_HAS(reply, code);
}

int
start(struct evrpc_base *base, struct evrpc_pool *pool, struct widget *request,
    struct ack *reply)
{
	static int result;

	EVRPC_REGISTER(base, put, widget, ack, put_cb, NULL);
	return EVRPC_MAKE_REQUEST(put, pool, request, reply, done_cb, &result);
}
