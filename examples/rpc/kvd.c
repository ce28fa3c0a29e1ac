/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * kvd [-p PORT] TOKEN: a store of values by key, in memory, for kv.
 *
 * It shows the server of evrpc: calls that are answered at once; Await, whose
 * calls wait until somebody stores a value; an input hook, which refuses calls
 * without the token; and an end, after TERM, at which every call is answered.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include "kv.h"

struct value {
	TAILQ_ENTRY(value) next;
	struct entry *entry;
};

struct waiter {
	TAILQ_ENTRY(waiter) next;
	EVRPC_STRUCT(Await) * call;
};

static TAILQ_HEAD(, value) values = TAILQ_HEAD_INITIALIZER(values);
static TAILQ_HEAD(, waiter) waiters = TAILQ_HEAD_INITIALIZER(waiters);
static struct evhttp *http;
static struct evrpc_base *calls;
static long n_calls, n_refused;

static void *
must(void *pointer)
{
	if (pointer == NULL) {
		fprintf(stderr, "kvd: no memory\n");
		exit(1);
	}
	return pointer;
}

/* --- the store --- */

static struct entry *
find_value(const char *name)
{
	struct value *value;

	TAILQ_FOREACH (value, &values, next)
		if (strcmp(value->entry->name_data, name) == 0)
			return value->entry;
	return NULL;
}

static struct entry *
add_value(const char *name)
{
	struct value *value = must(calloc(1, sizeof(*value)));

	value->entry = must(entry_new());
	EVTAG_ASSIGN(value->entry, name, name);
	EVTAG_ASSIGN(value->entry, version, 0);
	TAILQ_INSERT_TAIL(&values, value, next);
	return value->entry;
}

static void
free_values(void)
{
	struct value *value;

	while ((value = TAILQ_FIRST(&values)) != NULL) {
		TAILQ_REMOVE(&values, value, next);
		entry_free(value->entry);
		free(value);
	}
}

/* --- the calls --- */

/* The value, if it is newer than the client's; else NULL. */
static struct entry *
find_newer(struct key *key)
{
	struct entry *entry = find_value(key->name_data);

	if (entry == NULL || !EVTAG_HAS(key, newer_than))
		return entry;
	return entry->version_data > key->newer_than_data ? entry : NULL;
}

static void
answer_await(EVRPC_STRUCT(Await) * call, struct entry *entry)
{
	if (entry != NULL)
		EVTAG_ASSIGN(call->reply, entry, entry);
	EVRPC_REQUEST_DONE(call);
}

/* Answers the Await calls for that value. */
static void
answer_waiters(struct entry *entry)
{
	struct waiter *waiter, *next;

	for (waiter = TAILQ_FIRST(&waiters); waiter != NULL; waiter = next) {
		next = TAILQ_NEXT(waiter, next);
		if (entry != NULL && find_newer(waiter->call->request) != entry)
			continue;
		TAILQ_REMOVE(&waiters, waiter, next);
		answer_await(waiter->call, entry);
		free(waiter);
	}
}

static void
put_cb(EVRPC_STRUCT(Put) * call, void *arg)
{
	struct entry *entry = find_value(call->request->name_data);
	ev_uint32_t version;

	(void)arg;
	n_calls++;
	if (entry == NULL)
		entry = add_value(call->request->name_data);
	version = entry->version_data + 1;
	EVTAG_ASSIGN(entry, value, call->request->value_data,
	    call->request->value_length);
	EVTAG_ASSIGN(entry, version, version);
	EVTAG_ASSIGN(call->reply, number, version);
	EVRPC_REQUEST_DONE(call);
	answer_waiters(entry);
}

static void
get_cb(EVRPC_STRUCT(Get) * call, void *arg)
{
	struct entry *entry = find_newer(call->request);

	(void)arg;
	n_calls++;
	if (entry != NULL)
		EVTAG_ASSIGN(call->reply, entry, entry);
	EVRPC_REQUEST_DONE(call);
}

static void
list_cb(EVRPC_STRUCT(List) * call, void *arg)
{
	const char *prefix = call->request->name_data;
	struct value *value;

	(void)arg;
	n_calls++;
	TAILQ_FOREACH (value, &values, next) {
		if (strncmp(value->entry->name_data, prefix, strlen(prefix)) !=
		    0)
			continue;
		must(EVTAG_ADD(call->reply, entries));
		EVTAG_ASSIGN(call->reply, entries,
		    EVTAG_LEN(call->reply, entries) - 1, value->entry);
	}
	EVRPC_REQUEST_DONE(call);
}

static void
await_cb(EVRPC_STRUCT(Await) * call, void *arg)
{
	struct entry *entry = find_newer(call->request);
	struct waiter *waiter;

	(void)arg;
	n_calls++;
	if (entry != NULL) {
		answer_await(call, entry);
		return;
	}
	waiter = must(calloc(1, sizeof(*waiter)));
	waiter->call = call;
	TAILQ_INSERT_TAIL(&waiters, waiter, next);
}

/* --- who may call --- */

static int
check_token(struct evhttp_request *req, struct evbuffer *payload, void *token)
{
	const char *given = evhttp_find_header(req->input_headers, KV_TOKEN);

	(void)payload;
	if (given != NULL && strcmp(given, token) == 0)
		return 0;
	n_refused++;
	printf("kvd: refused one from %s\n", req->remote_host);
	return -1;
}

/* --- the program --- */

/* Ends the server: answers the calls that wait, first. */
static void
end_cb(int signal_number, short what, void *arg)
{
	(void)what;
	(void)arg;
	printf("kvd: signal %d: %ld calls, %ld refused\n", signal_number,
	    n_calls, n_refused);
	answer_waiters(NULL);
	event_loopexit(NULL);
}

/* Makes the server; port 0 has the system choose. */
static int
listen_at(unsigned short port)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(port);
	if (fd == -1 || evutil_make_socket_nonblocking(fd) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 128) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1) {
		perror("kvd");
		exit(1);
	}
	printf("kvd: listening on 127.0.0.1 port %d\n", ntohs(sin.sin_port));
	return fd;
}

static void
register_calls(char *token)
{
	calls = must(evrpc_init(http));
	EVRPC_REGISTER(calls, Put, entry, version, put_cb, NULL);
	EVRPC_REGISTER(calls, Get, key, found, get_cb, NULL);
	EVRPC_REGISTER(calls, List, key, listing, list_cb, NULL);
	EVRPC_REGISTER(calls, Await, key, found, await_cb, NULL);
	must(evrpc_add_hook(calls, EVRPC_INPUT, check_token, token));
}

static void
unregister_calls(void)
{
	EVRPC_UNREGISTER(calls, Put);
	EVRPC_UNREGISTER(calls, Get);
	EVRPC_UNREGISTER(calls, List);
	EVRPC_UNREGISTER(calls, Await);
	evrpc_free(calls);
}

int
main(int argc, char **argv)
{
	struct event term;
	int port = 0, c;

	while ((c = getopt(argc, argv, "p:")) == 'p')
		port = atoi(optarg);
	if (c != -1 || optind != argc - 1) {
		fprintf(stderr, "usage: kvd [-p PORT] TOKEN\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	must(event_init());
	http = must(evhttp_new(NULL));
	register_calls(argv[optind]);
	evhttp_accept_socket(http, listen_at((unsigned short)port));
	signal_set(&term, SIGTERM, end_cb, NULL);
	signal_add(&term, NULL);
	event_dispatch();
	signal_del(&term);
	unregister_calls();
	evhttp_free(http);
	free_values();
	return 0;
}
