/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client of the bench of calls, built with each library from this one
 * source.
 *
 *	rpcclient port note|list calls connections
 *
 * As many calls are in flight as there are connections; after each reply the
 * next one starts.  Prints how many succeeded; the exit status is 1 if one
 * failed.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <event.h>
#include <evhttp.h>
#include <evrpc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

EVRPC_GENERATE(EchoNote, note, note)
EVRPC_GENERATE(EchoList, list, list)

#define ELEMENTS 100

static struct evrpc_pool *pool;
static struct note *note;
static struct list *list;
static int makes_lists;
static long left, in_flight, well;

static void make_call(void *reply);

static void
ended(struct evrpc_status *status, void *reply)
{
	if (status->error != EVRPC_STATUS_ERR_NONE) {
		fprintf(stderr, "rpcclient: error %d\n", status->error);
		exit(1);
	}
	well++;
	in_flight--;
	if (left > 0)
		make_call(reply);
	else if (in_flight == 0)
		event_loopexit(NULL);
}

static void
note_cb(struct evrpc_status *status, struct note *request, struct note *reply,
    void *arg)
{
	note_clear(reply);
	ended(status, reply);
}

static void
list_cb(struct evrpc_status *status, struct list *request, struct list *reply,
    void *arg)
{
	if (EVTAG_LEN(reply, notes) != ELEMENTS)
		abort();
	list_clear(reply);
	ended(status, reply);
}

static void
make_call(void *reply)
{
	left--;
	in_flight++;
	if (makes_lists)
		EVRPC_MAKE_REQUEST(EchoList, pool, list, reply, list_cb, NULL);
	else
		EVRPC_MAKE_REQUEST(EchoNote, pool, note, reply, note_cb, NULL);
}

static void
make_requests(void)
{
	int i;

	note = note_new();
	list = list_new();
	EVTAG_ASSIGN(note, text, "a small message");
	EVTAG_ASSIGN(note, number, 1000);
	for (i = 0; i < ELEMENTS; i++)
		copy_note(EVTAG_ADD(list, notes), note);
}

int
main(int argc, char **argv)
{
	int n, i;

	if (argc != 5) {
		fprintf(stderr, "usage: rpcclient port note|list calls "
				"connections\n");
		return 2;
	}
	makes_lists = strcmp(argv[2], "list") == 0;
	left = atol(argv[3]);
	n = atoi(argv[4]);
	signal(SIGPIPE, SIG_IGN);
	if (event_init() == NULL || (pool = evrpc_pool_new(NULL)) == NULL)
		return 1;
	evtag_init();
	make_requests();
	for (i = 0; i < n; i++)
		evrpc_pool_add_connection(pool,
		    evhttp_connection_new("127.0.0.1", atoi(argv[1])));
	for (i = 0; i < n && left > 0; i++)
		make_call(
		    makes_lists ? (void *)list_new() : (void *)note_new());
	event_dispatch();
	printf("ok=%ld\n", well);
	return 0;
}
