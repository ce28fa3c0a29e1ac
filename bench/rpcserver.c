/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server of the bench of calls, built with each library from this one
 * source.  Prints "port N", and serves until it is killed.  Both calls return
 * a copy of their message.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <event.h>
#include <evhttp.h>
#include <evrpc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "listen.h"

static void
echo_note_cb(EVRPC_STRUCT(EchoNote) * call, void *arg)
{
	copy_note(call->reply, call->request);
	EVRPC_REQUEST_DONE(call);
}

static void
echo_list_cb(EVRPC_STRUCT(EchoList) * call, void *arg)
{
	struct note *from;
	int i;

	for (i = 0; i < EVTAG_LEN(call->request, notes); i++) {
		if (EVTAG_GET(call->request, notes, i, &from) == -1)
			abort();
		copy_note(EVTAG_ADD(call->reply, notes), from);
	}
	EVRPC_REQUEST_DONE(call);
}

int
main(void)
{
	struct evrpc_base *base;
	struct evhttp *http;

	signal(SIGPIPE, SIG_IGN);
	if (event_init() == NULL || (http = evhttp_new(NULL)) == NULL ||
	    (base = evrpc_init(http)) == NULL)
		return 1;
	EVRPC_REGISTER(base, EchoNote, note, note, echo_note_cb, NULL);
	EVRPC_REGISTER(base, EchoList, list, list, echo_list_cb, NULL);
	if (evhttp_accept_socket(http, listen_anywhere()) == -1)
		return 1;
	return event_dispatch();
}
