/* SPDX-License-Identifier: BSD-3-Clause */
/*
 *	kv [-c CONNECTIONS] [-t SECONDS] [-k TOKEN] PORT COMMAND...
 *
 *	put NAME VALUE ...	stores values
 *	get NAME ...		prints values
 *	list PREFIX		prints the values whose names begin with it
 *	await NAME [VERSION]	prints a value once it exists, or is newer
 *	fill PREFIX COUNT	stores many values, and checks them
 *
 * A client of kvd.  It shows the client of evrpc: a pool with several
 * connections, over which all calls of a command are in flight together; an
 * output hook, which adds the token; a timeout; and the members of an
 * evrpc_status.
 */
#include <signal.h>
#include <unistd.h>

#include "kv.h"

EVRPC_GENERATE(Put, entry, version)
EVRPC_GENERATE(Get, key, found)
EVRPC_GENERATE(List, key, listing)
EVRPC_GENERATE(Await, key, found)

static struct evrpc_pool *pool;
static int n_in_flight, has_failed;

static void *
must(void *pointer)
{
	if (pointer == NULL) {
		fprintf(stderr, "kv: no memory\n");
		exit(1);
	}
	return pointer;
}

/* --- the ends of calls --- */

static const char *
error_name(int error)
{
	static const char *const names[] = {"it went well", "it took too long",
	    "no reply that makes sense", "nothing was sent",
	    "a hook refused it"};

	return names[error];
}

/* Whether a call has its reply; prints an error if not. */
static int
has_reply(const char *call, const char *name, struct evrpc_status *status)
{
	if (--n_in_flight == 0)
		event_loopexit(NULL);
	if (status->error == EVRPC_STATUS_ERR_NONE)
		return 1;
	fprintf(stderr, "kv: %s %s: %s", call, name, error_name(status->error));
	if (status->http_req != NULL && status->http_req->response_code != 0)
		fprintf(stderr, " (HTTP %d)", status->http_req->response_code);
	fprintf(stderr, "\n");
	has_failed = 1;
	return 0;
}

static void
print_entry(struct entry *entry)
{
	printf("%s %u %.*s\n", entry->name_data, (unsigned)entry->version_data,
	    (int)entry->value_length, (char *)entry->value_data);
}

/* Prints the version, if quiet is NULL. */
static void
put_cb(struct evrpc_status *status, struct entry *request,
    struct version *reply, void *quiet)
{
	if (has_reply("put", request->name_data, status) && quiet == NULL)
		printf("%s %u\n", request->name_data,
		    (unsigned)reply->number_data);
	entry_free(request);
	version_free(reply);
}

static void
found_cb(struct evrpc_status *status, struct key *request, struct found *reply,
    void *call)
{
	if (has_reply(call, request->name_data, status)) {
		if (EVTAG_HAS(reply, entry))
			print_entry(reply->entry_data);
		else
			printf("%s: not there\n", request->name_data);
	}
	key_free(request);
	found_free(reply);
}

/* Prints the entries; if count is not NULL, stores their number instead. */
static void
list_cb(struct evrpc_status *status, struct key *request, struct listing *reply,
    void *count)
{
	int i;

	if (has_reply("list", request->name_data, status)) {
		for (i = 0; count == NULL && i < EVTAG_LEN(reply, entries); i++)
			print_entry(reply->entries_data[i]);
		if (count != NULL)
			*(int *)count = EVTAG_LEN(reply, entries);
	}
	key_free(request);
	listing_free(reply);
}

/* --- calls --- */

static void
make_put(const char *name, const char *value, void *quiet)
{
	struct entry *entry = must(entry_new());

	EVTAG_ASSIGN(entry, name, name);
	EVTAG_ASSIGN(entry, value, (const ev_uint8_t *)value,
	    (ev_uint32_t)strlen(value));
	n_in_flight++;
	EVRPC_MAKE_REQUEST(Put, pool, entry, must(version_new()), put_cb,
	    quiet);
}

static struct key *
new_key(const char *name)
{
	struct key *key = must(key_new());

	EVTAG_ASSIGN(key, name, name);
	n_in_flight++;
	return key;
}

static void
make_get(const char *name)
{
	EVRPC_MAKE_REQUEST(Get, pool, new_key(name), must(found_new()),
	    found_cb, (void *)"get");
}

static void
make_list(const char *prefix, int *count)
{
	EVRPC_MAKE_REQUEST(List, pool, new_key(prefix), must(listing_new()),
	    list_cb, count);
}

static void
make_await(const char *name, const char *version)
{
	struct key *key = new_key(name);

	if (version != NULL)
		EVTAG_ASSIGN(key, newer_than, (ev_uint32_t)atoi(version));
	EVRPC_MAKE_REQUEST(Await, pool, key, must(found_new()), found_cb,
	    (void *)"await");
}

/* --- commands --- */

static void
fill(const char *prefix, int count)
{
	static char quiet[] = "quiet";
	int i, there = 0;
	char name[200];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s%d", prefix, i);
		make_put(name, "any value", quiet);
	}
	event_dispatch();
	make_list(prefix, &there);
	event_dispatch();
	printf("%d of %d are there\n", there, count);
	if (there != count)
		has_failed = 1;
}

/* Starts the calls of a command.  Returns 0 for an unknown command. */
static int
run_command(int argc, char **argv)
{
	int i;

	if (strcmp(argv[0], "put") == 0 && argc >= 3 && argc % 2 == 1) {
		for (i = 1; i < argc; i += 2)
			make_put(argv[i], argv[i + 1], NULL);
	} else if (strcmp(argv[0], "get") == 0 && argc >= 2) {
		for (i = 1; i < argc; i++)
			make_get(argv[i]);
	} else if (strcmp(argv[0], "list") == 0 && argc == 2) {
		make_list(argv[1], NULL);
	} else if (strcmp(argv[0], "await") == 0 && (argc == 2 || argc == 3)) {
		make_await(argv[1], argv[2]);
	} else if (strcmp(argv[0], "fill") == 0 && argc == 3) {
		fill(argv[1], atoi(argv[2]));
		return 1;
	} else {
		return 0;
	}
	if (n_in_flight > 0)
		event_dispatch();
	return 1;
}

/* --- the pool --- */

static int
add_token(struct evhttp_request *req, struct evbuffer *payload, void *token)
{
	(void)payload;
	return evhttp_add_header(req->output_headers, KV_TOKEN, token);
}

static void
open_pool(int port, int connections, int timeout, char *token)
{
	pool = must(evrpc_pool_new(NULL));
	while (connections-- > 0)
		evrpc_pool_add_connection(pool,
		    must(evhttp_connection_new("127.0.0.1",
			(unsigned short)port)));
	evrpc_pool_set_timeout(pool, timeout);
	if (token != NULL)
		must(evrpc_add_hook(pool, EVRPC_OUTPUT, add_token, token));
}

static int
usage(void)
{
	fprintf(stderr, "usage: kv [-c CONNECTIONS] [-t SECONDS] [-k TOKEN] "
			"PORT COMMAND...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	int connections = 4, timeout = 30, is_known, c;
	char *token = NULL;

	while ((c = getopt(argc, argv, "c:t:k:")) != -1) {
		if (c == 'c')
			connections = atoi(optarg);
		else if (c == 't')
			timeout = atoi(optarg);
		else if (c == 'k')
			token = optarg;
		else
			return usage();
	}
	if (argc - optind < 2)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	must(event_init());
	evtag_init();
	open_pool(atoi(argv[optind]), connections, timeout, token);
	is_known = run_command(argc - optind - 1, argv + optind + 1);
	evrpc_pool_free(pool);
	return is_known ? has_failed : usage();
}
