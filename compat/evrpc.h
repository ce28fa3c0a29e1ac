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
 * Client and server use EVRPC_HEADER(name, request, reply) for each call.  The
 * client uses EVRPC_GENERATE once, in one source file, and EVRPC_MAKE_REQUEST
 * to make a call.  The server uses EVRPC_REGISTER, and EVRPC_REQUEST_DONE to
 * reply.  The macros use <stdlib.h>, <string.h> and <stdio.h>, which the
 * program includes.
 *
 * A call NAME is an HTTP POST to "/.rpc.NAME" with the marshalled request as
 * its body.  The answer is 200 with the marshalled reply.  If there is no reply
 * the HTTP server answers 503 and closes the connection: for methods other than
 * POST, an empty body, a request that is incomplete or has bytes after it, a
 * hook that returns -1, and a reply that is incomplete.
 *
 * The event loop calls callbacks, hooks and the program's marshalling
 * functions, unless a comment says otherwise.  Callbacks and hooks may free
 * pool and base.  The functions that free an object ignore NULL.
 *
 * A program that defines EVCOMPAT_RPC before it includes this file for the
 * first time also sees names that 1.4 does not have: those of libevent 2.x that
 * are possible with 1.4's structs.  They are at the end.
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

/* The type of the argument of the server's callback for the call rpcname. */
#define EVRPC_STRUCT(rpcname) struct evrpc_req__##rpcname

/*
 * The first members of every EVRPC_STRUCT, for code that does not know the
 * types.  The call, and what it points to, is the program's from the callback
 * to EVRPC_REQUEST_DONE; the library frees all of it.  If the client closes the
 * connection meanwhile, that is not reported: http_req stays, and its evcon may
 * be NULL.
 */
struct evrpc_req_generic {
	void *request;
	void *reply;
	struct evrpc *rpc;
	struct evhttp_request *http_req;
	void (*done)(struct evrpc_req_generic *);
};

/*
 * Declares one call: its EVRPC_STRUCT, which has request and reply in the types
 * of the call, and the client's function for it.  done has the type that it has
 * in 1.4, which is not the function's: only EVRPC_REQUEST_DONE can call it.
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

/*
 * The HTTP request of a call.  The program may read its headers, and add to its
 * output_headers.  It must not answer, free or own the request.
 */
#define EVRPC_REQUEST_HTTP(req) ((req)->http_req)

/*
 * Sends the reply that the program has filled, and frees the call.  The program
 * has to use it once for each call, inside the callback or at any time later;
 * otherwise the client waits, and the call is never freed.  It calls the output
 * hooks.  If the reply is incomplete, or a hook returns -1, the client gets
 * 503.
 */
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
 * that arrives at base.  The callback, or the program at any time later, fills
 * the reply and uses EVRPC_REQUEST_DONE.  Without memory the macro ends the
 * program.
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
 * Makes a set of calls that the HTTP server answers.  Free it before the
 * server.  Returns NULL without memory.
 */
struct evrpc_base *evrpc_init(struct evhttp *server);

/*
 * Unregisters every call, frees all hooks and the base; the HTTP server stays.
 * Calls that the program has not answered stay the program's, which still has
 * to use EVRPC_REQUEST_DONE for each; if there were output hooks the client
 * then gets 503.  1.4 ends the program if a call is registered.
 */
void evrpc_free(struct evrpc_base *base);

/*
 * Registers rpc with its callback; EVRPC_REGISTER calls this function.  Takes
 * rpc, which is from malloc(3), as its uri is.  If a name is registered twice,
 * also on two bases of one HTTP server, the first registration is used.
 * Returns 0; -1 without memory, and rpc is freed.  Without memory in
 * evhttp_set_cb() that function logs a warning, the result is 0, and calls of
 * the name are answered with 404.
 */
int evrpc_register_rpc(struct evrpc_base *base, struct evrpc *rpc,
    void (*cb)(struct evrpc_req_generic *, void *), void *cb_arg);

/*
 * Removes the first registration of name.  Its rpc is freed when the program
 * has answered all calls of it.  Returns 0; -1 if there is none.
 */
int evrpc_unregister_rpc(struct evrpc_base *base, const char *name);

/*
 * The client
 */

/*
 * The result of a call: evrpc_status.error.
 *
 * NONE: the reply is complete.  The HTTP status is not checked.
 *
 * TIMEOUT: the timeout of the call or of the connection has expired, the
 * connection was reset, or the server has sent something that is not HTTP.
 *
 * BADPAYLOAD: the body is not a complete reply, as in an error page; or there
 * is no answer, because the server is not reachable or has closed the
 * connection: then the response_code of http_req is 0.
 *
 * UNSTARTED: nothing was sent: an output hook has returned -1, the local
 * address of the connection cannot be used, or there is no memory.
 *
 * HOOKABORTED: an input hook has returned -1.
 *
 * After all but NONE and UNSTARTED the reply is cleared.
 */
#define EVRPC_STATUS_ERR_NONE 0
#define EVRPC_STATUS_ERR_TIMEOUT 1
#define EVRPC_STATUS_ERR_BADPAYLOAD 2
#define EVRPC_STATUS_ERR_UNSTARTED 3
#define EVRPC_STATUS_ERR_HOOKABORTED 4

/*
 * http_req is NULL after TIMEOUT and UNSTARTED; otherwise its headers are valid
 * until the callback returns.
 */
struct evrpc_status {
	int error;
	struct evhttp_request *http_req;
};

/*
 * A client's call that waits or is in flight.  EVRPC_GENERATE fills it; it and
 * its name come from malloc(3), and the pool frees them.  A program that hides
 * struct event (EVENT_NO_STRUCT) has no use for it.
 */
#ifndef EVENT_NO_STRUCT
struct evrpc_request_wrapper {
	_EVENT_TQENTRY(evrpc_request_wrapper) next;

	struct evrpc_pool *pool;
	struct evhttp_connection *evcon;
	struct event ev_timeout;
	char *name;

	/* Called with the request, the reply and cb_arg. */
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
 * Defines the client's function of one call, which EVRPC_HEADER has declared.
 * It returns 0, and cb is called exactly once, unless the pool is freed first:
 * by the event loop, or by the function if nothing can be sent.  Without memory
 * for the call it calls cb with EVRPC_STATUS_ERR_UNSTARTED and returns -1.
 *
 * request and reply stay the caller's, who must not free them before cb is
 * called.  The request is marshalled when the call starts on a connection.  The
 * reply has to be new or cleared: a member that is set already makes it a
 * EVRPC_STATUS_ERR_BADPAYLOAD.
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

/* Makes the call name through pool; see EVRPC_GENERATE. */
#define EVRPC_MAKE_REQUEST(name, pool, request, reply, cb, cbarg)              \
	evrpc_send_request_##name(pool, request, reply, cb, cbarg)

/*
 * Queues the call ctx in its pool, and starts it if a connection is free; the
 * functions of EVRPC_GENERATE call this one.  Takes ctx.  Returns 0.
 */
int evrpc_make_request(struct evrpc_request_wrapper *ctx);

/*
 * Makes a pool of connections.  A call is sent over the first connection, in
 * the order of adding, that has no call.  If there is none, calls wait in
 * order.  base NULL is the current base.  Returns NULL without memory.
 */
struct evrpc_pool *evrpc_pool_new(struct event_base *base);

/*
 * Frees the pool, its connections and hooks, and the calls that wait or are in
 * flight, whose callbacks are not called.  The close callbacks of connections
 * are called.
 */
void evrpc_pool_free(struct evrpc_pool *pool);

/*
 * Adds a connection that was not used yet, and takes it.  If it has no base it
 * gets the pool's.  It keeps its own timeout unless the pool's is 0 or more
 * than 45 seconds.  May start a call.  Without memory a warning is logged, and
 * the connection stays the caller's.
 */
void evrpc_pool_add_connection(struct evrpc_pool *pool,
    struct evhttp_connection *evcon);

/*
 * Sets the timeout of calls in seconds, from their start on a connection; -1,
 * the default, and 0: none.  It applies to calls that start later.
 * All connections of the pool get the same timeout, too, by
 * evhttp_connection_set_timeout().
 */
void evrpc_pool_set_timeout(struct evrpc_pool *pool, int timeout_in_secs);

/*
 * Hooks
 */

/*
 * Whether a hook gets messages that are received or that are sent; with 1.4's
 * short names.
 */
enum EVRPC_HOOK_TYPE {
	EVRPC_INPUT,
	EVRPC_OUTPUT
};
#define INPUT EVRPC_INPUT
#define OUTPUT EVRPC_OUTPUT

/*
 * Has cb called for each message of an evrpc_base or evrpc_pool (vbase), after
 * the hooks that were added before.  It gets the HTTP request, the payload and
 * cb_arg.  An input hook gets the payload before it is unmarshalled, an output
 * hook after it was marshalled; each may change it.  An output hook may add to
 * the request's output_headers.  In a pool the request's evcon is NULL.
 *
 * -1 ends the call, and later hooks are not called.  A server answers 503
 * after both types, unless the hook has answered the request itself.  In a pool
 * an input hook ends it with EVRPC_STATUS_ERR_HOOKABORTED, and an output hook
 * with EVRPC_STATUS_ERR_UNSTARTED.  Any other number continues; a hook cannot
 * pause a call.
 *
 * Returns a handle for evrpc_remove_hook(); NULL without memory, or if
 * hook_type is invalid.
 */
void *evrpc_add_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type,
    int (*cb)(struct evhttp_request *, struct evbuffer *, void *),
    void *cb_arg);

/*
 * Removes and frees a hook.  Returns 1; 0 if handle is not one of vbase's hooks
 * of that type.
 */
int
evrpc_remove_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type, void *handle);

#ifdef EVCOMPAT_RPC

/*
 * What 1.4 does not have
 *
 * The rest is declared only if EVCOMPAT_RPC is defined, because a program for
 * 1.4 may have functions of these names.  Names and arguments are those of
 * libevent 2.1.  Hooks keep the arguments they have in 1.4.
 */

/* The members request and reply of a server's call.  Not in 1.4. */
void *evrpc_get_request(struct evrpc_req_generic *req);
void *evrpc_get_reply(struct evrpc_req_generic *req);

/* The member pool of a client's call.  Not in 1.4. */
struct evrpc_pool *evrpc_request_get_pool(struct evrpc_request_wrapper *ctx);

/*
 * The connection over which a message was received, or will be sent; NULL for a
 * server's that is closed.  ctx is the first argument of a hook, which is the
 * HTTP request.  Call it only inside the hook.  Not in 1.4.
 */
struct evhttp_connection *evrpc_hook_get_connection(void *ctx);

#endif /* EVCOMPAT_RPC */

#ifdef __cplusplus
}
#endif

#endif /* _EVRPC_H_ */
