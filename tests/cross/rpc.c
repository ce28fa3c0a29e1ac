/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One side of calls between two libraries, built with each of them.
 *
 *	rpc serve	writes "port N", and answers until it is killed
 *	rpc call N	makes calls to that port; 0 if all end as they should
 *
 * Store answers with code 200 and the parcel's dest; Half with a reply that is
 * not complete; Later like Store, after a while.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <signal.h>
#include <unistd.h>
#include <evhttp.h>

#include "../../bench/listen.h"
#include "parcel.h"

#define CONNECTIONS 10
#define CALLS 500

EVRPC_HEADER(Later, parcel, receipt)
EVRPC_GENERATE(Later, parcel, receipt)
EVRPC_HEADER(Unknown, parcel, receipt)
EVRPC_GENERATE(Unknown, parcel, receipt)

/* --- the server --- */

static void
store_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	(void)arg;
	receipt_set(call->reply, 200, call->request->dest);
	EVRPC_REQUEST_DONE(call);
}

static void
half_cb(EVRPC_STRUCT(Half) * call, void *arg)
{
	(void)arg;
	EVRPC_REQUEST_DONE(call);
}

static void
timer_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_cb(arg, NULL);
}

static void
later_cb(EVRPC_STRUCT(Later) * call, void *arg)
{
	struct timeval soon = {0, 1000};

	(void)arg;
	event_once(-1, EV_TIMEOUT, timer_cb, call, &soon);
}

static int
serve(void)
{
	struct evhttp *http = evhttp_new(NULL);
	struct evrpc_base *base = evrpc_init(http);

	EVRPC_REGISTER(base, Store, parcel, receipt, store_cb, NULL);
	EVRPC_REGISTER(base, Half, parcel, receipt, half_cb, NULL);
	EVRPC_REGISTER(base, Later, parcel, receipt, later_cb, NULL);
	if (evhttp_accept_socket(http, listen_anywhere()) == -1)
		return 1;
	return event_dispatch();
}

/* --- the client --- */

struct call {
	struct parcel *request;
	struct receipt *reply;
	int error;  /* that is expected */
	int status; /* of HTTP */
};

static int n_calls, n_ended, n_wrong;
static struct evrpc_pool *pool;

static void
ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *arg)
{
	struct call *call = arg;
	int code =
	    status->http_req == NULL ? -1 : status->http_req->response_code;
	int is_right = status->error == call->error && code == call->status;

	if (call->error == EVRPC_STATUS_ERR_NONE)
		is_right = is_right && reply->has_code && reply->code == 200 &&
			   strcmp(reply->text, request->dest) == 0;
	if (!is_right) {
		printf("error %d, HTTP %d instead of %d, %d\n", status->error,
		    code, call->error, call->status);
		n_wrong++;
	}
	parcel_free(request);
	receipt_free(reply);
	free(call);
	if (++n_ended == n_calls)
		event_loopexit(NULL);
}

/* Dest has that length. */
static struct call *
new_call(size_t len, int error, int status)
{
	struct call *call = calloc(1, sizeof *call);
	char *dest = calloc(1, len + 1);

	memset(dest, 'a' + n_calls % 26, len);
	call->request = parcel_new();
	parcel_set(call->request, dest, "seal");
	call->request->flags = (ev_uint32_t)n_calls;
	call->request->has_flags = n_calls % 2 == 0;
	call->reply = receipt_new();
	call->error = error;
	call->status = status;
	free(dest);
	n_calls++;
	return call;
}

#define MAKE(name, how)                                                        \
	do {                                                                   \
		struct call *made = how;                                       \
		EVRPC_MAKE_REQUEST(name, pool, made->request, made->reply,     \
		    ended_cb, made);                                           \
	} while (0)

static int
make_calls(int port)
{
	pool = evrpc_pool_new(NULL);
	evrpc_pool_set_timeout(pool, 30);
	for (int i = 0; i < CONNECTIONS; i++)
		evrpc_pool_add_connection(pool,
		    evhttp_connection_new("127.0.0.1", (unsigned short)port));
	for (int i = 0; i < CALLS; i++) {
		MAKE(Store, new_call((size_t)(i * 7), 0, 200));
		if (i % 5 == 0)
			MAKE(Later, new_call(3, 0, 200));
		if (i % 50 == 0) {
			MAKE(Half,
			    new_call(5, EVRPC_STATUS_ERR_BADPAYLOAD, 503));
			MAKE(Unknown,
			    new_call(5, EVRPC_STATUS_ERR_BADPAYLOAD, 404));
			MAKE(Store, new_call(300000, 0, 200));
		}
	}
	event_dispatch();
	printf("%d calls, %d wrong\n", n_ended, n_wrong);
	return n_ended != n_calls || n_wrong > 0;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	event_init();
	evtag_init();
	if (argc == 3 && strcmp(argv[1], "call") == 0)
		return make_calls(atoi(argv[2]));
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	fprintf(stderr, "usage: rpc serve | rpc call PORT\n");
	return 2;
}
