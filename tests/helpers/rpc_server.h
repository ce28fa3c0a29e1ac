/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites of evrpc's server share: a server with the call Store, whose
 * handler notes the parcel's dest and answers at once, or keeps the call.
 */
#ifndef HELPERS_RPC_SERVER_H
#define HELPERS_RPC_SERVER_H

#include "http_server.h"
#include "rpc.h"
#include "rpc_golden.h"

struct rpc {
	struct server http;
	struct evrpc_base *base;
	struct client c;
	EVRPC_STRUCT(Store) * kept;
	bool keeps; /* the handler does not answer the next call */
};

#define POST_STORE(length) POST_TO("Store", length)
#define POST_TO(name, length)                                                  \
	"POST /.rpc." name " HTTP/1.1\r\nContent-Length: " length "\r\n\r\n"
#define STORE POST_STORE("12") GOLDEN_CRATE

void answer(EVRPC_STRUCT(Store) * call);

void store_cb(EVRPC_STRUCT(Store) * call, void *arg);

void rpc_open(struct rpc *r);

/* base is NULL where the test has freed it. */
void rpc_close(struct rpc *r);

/* Sends text, and expects these answers, in the words of answers(). */
void exchange(struct rpc *r, const char *text, const char *codes);

#define ACK "200:" GOLDEN_ACK

/* A call that the handler keeps. */
void rpc_keep(struct rpc *r);

#endif
