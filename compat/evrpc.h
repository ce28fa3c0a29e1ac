/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Remote calls over HTTP POST: a request and a reply, each a struct of the
 * program's that marshals itself into an evbuffer.
 *
 * For a struct type msg the macros expect these functions, as the event_rpcgen
 * of libevent writes them:
 *
 *	struct msg *msg_new(void);
 *	void msg_free(struct msg *);
 *	void msg_clear(struct msg *);
 *	void msg_marshal(struct evbuffer *, struct msg *);
 *	int msg_unmarshal(struct msg *, struct evbuffer *);	0 or -1
 *	int msg_complete(struct msg *);				0 or -1
 *
 * Both sides say EVRPC_HEADER(name, request, reply) for each call there is.
 * The client says EVRPC_GENERATE once, in one source file, and for a call
 * EVRPC_MAKE_REQUEST; the server says EVRPC_REGISTER, and for an answer
 * EVRPC_REQUEST_DONE.  The macros use <stdlib.h>, <string.h> and <stdio.h>,
 * which the program includes.
 */
#ifndef _EVRPC_H_
#define _EVRPC_H_

#include <event.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evhttp;
struct evhttp_connection;
struct evhttp_request;
struct evrpc_base;
struct evrpc_pool;
struct evrpc_req_generic;
struct evrpc_status;

/*
 * The server
 */

/* One kind of call that a server answers.  EVRPC_REGISTER fills it. */
struct evrpc {
	_EVENT_TQENTRY(evrpc) next;

	const char *uri; /* the name of the call, from malloc(3) */

	void *(*request_new)(void);
	void (*request_free)(void *);
	int (*request_unmarshal)(void *, struct evbuffer *);

	void *(*reply_new)(void);
	void (*reply_free)(void *);
	int (*reply_complete)(void *);
	void (*reply_marshal)(struct evbuffer *, void *);

	void (*cb)(struct evrpc_req_generic *, void *);
	void *cb_arg;

	struct evrpc_base *base;
};

/* The type in which a server's callback gets the call rpcname. */
#define EVRPC_STRUCT(rpcname) struct evrpc_req__##rpcname

/*
 * What every EVRPC_STRUCT begins with, for code that does not know the types.
 * done marshals the reply and sends it.
 */
struct evrpc_req_generic {
	void *request;
	void *reply;
	struct evrpc *rpc;
	struct evhttp_request *http_req;
	void (*done)(struct evrpc_req_generic *);
};

/*
 * Declares one call: its EVRPC_STRUCT, with the fields of evrpc_req_generic in
 * the types of the call, and the client's function for it.
 */
#define EVRPC_HEADER(rpcname, reqtype, replytype)                              \
	EVRPC_STRUCT(rpcname)                                                  \
	{                                                                      \
		struct reqtype *request;                                       \
		struct replytype *reply;                                       \
		struct evrpc *rpc;                                             \
		struct evhttp_request *http_req;                               \
		void (*done)(struct evrpc_status *, struct evrpc *, void *,    \
		    void *);                                                   \
	};                                                                     \
	int evrpc_send_request_##rpcname(struct evrpc_pool *,                  \
	    struct reqtype *, struct replytype *,                              \
	    void (*)(struct evrpc_status *, struct reqtype *,                  \
		struct replytype *, void *),                                   \
	    void *);

/* The HTTP request that brought a call. */
#define EVRPC_REQUEST_HTTP(req) ((req)->http_req)

/* Sends the reply that the server's callback has filled, and frees the call. */
#define EVRPC_REQUEST_DONE(req)                                                \
	do {                                                                   \
		struct evrpc_req_generic *evrpc_done_ =                        \
		    (struct evrpc_req_generic *)(req);                         \
		evrpc_done_->done(evrpc_done_);                                \
	} while (0)

/*
 * Fills a struct evrpc for the call name from reqtype to replytype.  Without
 * memory it ends the program, as it does in 1.4.
 */
#define EVRPC_REGISTER_OBJECT(rpc, name, reqtype, replytype)                   \
	do {                                                                   \
		if (((rpc)->uri = strdup(#name)) == NULL) {                    \
			fprintf(stderr, "no memory to register " #name "\n");  \
			exit(1);                                               \
		}                                                              \
		(rpc)->request_new = (void *(*)(void))reqtype##_new;           \
		(rpc)->request_free = (void (*)(void *))reqtype##_free;        \
		(rpc)->request_unmarshal =                                     \
		    (int (*)(void *, struct evbuffer *))reqtype##_unmarshal;   \
		(rpc)->reply_new = (void *(*)(void))replytype##_new;           \
		(rpc)->reply_free = (void (*)(void *))replytype##_free;        \
		(rpc)->reply_complete = (int (*)(void *))replytype##_complete; \
		(rpc)->reply_marshal =                                         \
		    (void (*)(struct evbuffer *, void *))replytype##_marshal;  \
	} while (0)

/*
 * Has callback called with an EVRPC_STRUCT(name) * and cbarg for each call name
 * that arrives at base.  The callback, or something later, fills the reply and
 * says EVRPC_REQUEST_DONE.  Without memory it ends the program.
 */
#define EVRPC_REGISTER(base, name, reqtype, replytype, callback, cbarg)        \
	do {                                                                   \
		struct evrpc *evrpc_new_ =                                     \
		    (struct evrpc *)calloc(1, sizeof(struct evrpc));           \
		if (evrpc_new_ == NULL) {                                      \
			fprintf(stderr, "no memory to register " #name "\n");  \
			exit(1);                                               \
		}                                                              \
		EVRPC_REGISTER_OBJECT(evrpc_new_, name, reqtype, replytype);   \
		evrpc_register_rpc(base, evrpc_new_,                           \
		    (void (*)(struct evrpc_req_generic *, void *))callback,    \
		    cbarg);                                                    \
	} while (0)

#define EVRPC_UNREGISTER(base, name) evrpc_unregister_rpc(base, #name)

/*
 * A set of calls that the HTTP server answers, to be freed before it is.  NULL
 * where there is no memory.  evrpc_free() unregisters every call and frees all
 * hooks; NULL is not allowed.
 */
struct evrpc_base *evrpc_init(struct evhttp *server);
void evrpc_free(struct evrpc_base *base);

/*
 * What EVRPC_REGISTER ends in.  Takes rpc, which comes from malloc(3), as its
 * uri does.  Returns 0.
 */
int evrpc_register_rpc(struct evrpc_base *base, struct evrpc *rpc,
    void (*cb)(struct evrpc_req_generic *, void *), void *cb_arg);

/* Forgets the call name and frees its rpc.  Returns 0; -1: no such call. */
int evrpc_unregister_rpc(struct evrpc_base *base, const char *name);

/*
 * The client
 */

/* How a call ended: evrpc_status.error. */
#define EVRPC_STATUS_ERR_NONE 0
#define EVRPC_STATUS_ERR_TIMEOUT 1
#define EVRPC_STATUS_ERR_BADPAYLOAD 2  /* the reply cannot be understood */
#define EVRPC_STATUS_ERR_UNSTARTED 3   /* nothing was sent */
#define EVRPC_STATUS_ERR_HOOKABORTED 4 /* a hook said no */

struct evrpc_status {
	int error;
	struct evhttp_request *http_req; /* for its headers; may be NULL */
};

/*
 * One call on its way.  EVRPC_GENERATE fills it; it and its name come from
 * malloc(3), and the pool frees them.  A program that hides struct event
 * (EVENT_NO_STRUCT) has no use for it.
 */
#ifndef EVENT_NO_STRUCT
struct evrpc_request_wrapper {
	_EVENT_TQENTRY(evrpc_request_wrapper) next;

	struct evrpc_pool *pool;
	struct evhttp_connection *evcon;
	struct event ev_timeout;
	char *name;

	/* Gets the request, the reply and cb_arg. */
	void (*cb)(struct evrpc_status *, void *, void *, void *);
	void *cb_arg;

	void *request;
	void *reply;

	void (*request_marshal)(struct evbuffer *, void *);
	void (*reply_clear)(void *);
	int (*reply_unmarshal)(void *, struct evbuffer *);
};
#else
struct evrpc_request_wrapper;
#endif

/*
 * Defines the client's function of one call, which EVRPC_HEADER declared.  It
 * returns 0, and cb will be called from the event loop, or was called already
 * where nothing could be sent; without memory it calls cb, too, with
 * EVRPC_STATUS_ERR_UNSTARTED, and returns -1.  request and reply stay the
 * caller's and must live until then.
 */
#define EVRPC_GENERATE(rpcname, reqtype, replytype)                            \
	int evrpc_send_request_##rpcname(struct evrpc_pool *pool,              \
	    struct reqtype *request, struct replytype *reply,                  \
	    void (*cb)(struct evrpc_status *, struct reqtype *,                \
		struct replytype *, void *),                                   \
	    void *cbarg)                                                       \
	{                                                                      \
		struct evrpc_request_wrapper *call =                           \
		    (struct evrpc_request_wrapper *)calloc(1, sizeof(*call));  \
		struct evrpc_status unstarted;                                 \
                                                                               \
		if (call != NULL && (call->name = strdup(#rpcname)) != NULL) { \
			call->pool = pool;                                     \
			call->cb = (void (*)(struct evrpc_status *, void *,    \
			    void *, void *))cb;                                \
			call->cb_arg = cbarg;                                  \
			call->request = (void *)request;                       \
			call->reply = (void *)reply;                           \
			call->request_marshal = (void (*)(struct evbuffer *,   \
			    void *))reqtype##_marshal;                         \
			call->reply_clear =                                    \
			    (void (*)(void *))replytype##_clear;               \
			call->reply_unmarshal = (int (*)(void *,               \
			    struct evbuffer *))replytype##_unmarshal;          \
			return evrpc_make_request(call);                       \
		}                                                              \
		free(call);                                                    \
		memset(&unstarted, 0, sizeof(unstarted));                      \
		unstarted.error = EVRPC_STATUS_ERR_UNSTARTED;                  \
		cb(&unstarted, request, reply, cbarg);                         \
		return -1;                                                     \
	}

/* Makes the call name through pool; arguments and return as just said. */
#define EVRPC_MAKE_REQUEST(name, pool, request, reply, cb, cbarg)              \
	evrpc_send_request_##name(pool, request, reply, cb, cbarg)

/*
 * What that ends in.  Takes ctx.  Returns 0; the callback is called inside
 * where nothing can be sent or a hook refuses.
 */
int evrpc_make_request(struct evrpc_request_wrapper *ctx);

/*
 * Connections to spread calls over; a call waits until one is free, and there
 * has to be one.  base NULL is the current base.  NULL where there is no
 * memory. evrpc_pool_free() frees connections and hooks, and needs every call
 * to be over.
 */
struct evrpc_pool *evrpc_pool_new(struct event_base *base);
void evrpc_pool_free(struct evrpc_pool *pool);

/* Adds a connection that was not used yet.  Takes it. */
void evrpc_pool_add_connection(struct evrpc_pool *pool,
    struct evhttp_connection *evcon);

/* Ends calls that take longer than that many seconds; -1, as at first: none. */
void evrpc_pool_set_timeout(struct evrpc_pool *pool, int timeout_in_secs);

/*
 * Hooks
 */

/* Whether a hook sees what arrives or what leaves; with 1.4's short names. */
enum EVRPC_HOOK_TYPE {
	EVRPC_INPUT,
	EVRPC_OUTPUT
};
#define INPUT EVRPC_INPUT
#define OUTPUT EVRPC_OUTPUT

/*
 * Has cb called with each message of an evrpc_base or evrpc_pool (vbase), after
 * those added before: the HTTP request, the payload, which it may change, and
 * cb_arg.  -1 from it ends the call with EVRPC_STATUS_ERR_HOOKABORTED, 0 lets
 * it pass.  Returns a handle for evrpc_remove_hook(), which returns 1 where it
 * found and removed the hook, otherwise 0.
 */
void *evrpc_add_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type,
    int (*cb)(struct evhttp_request *, struct evbuffer *, void *),
    void *cb_arg);
int
evrpc_remove_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type, void *handle);

#ifdef __cplusplus
}
#endif

#endif /* _EVRPC_H_ */
