/* SPDX-License-Identifier: BSD-3-Clause */
/* What httpget.c and httpget_urls.c share. */
#ifndef HTTPGET_H
#define HTTPGET_H

#include <sys/queue.h>

struct transfer {
	STAILQ_ENTRY(transfer) next; /* of those that wait */
	struct transfer *previous;   /* the one that was made before it */
	char *url;
	char *target;	   /* the path and query that are sent */
	char *name;	   /* of the file on disk */
	int fd;		   /* of the .part file; -1: closed */
	char why[96];	   /* the reason of a failure; "": none */
	struct conn *conn; /* that fetches it; NULL: none */
};

/* A connection to a server. */
struct conn {
	SLIST_ENTRY(conn) next;
	struct server *server;
	struct evhttp_connection *evcon;
	struct transfer *transfer; /* the current one; NULL: none */
};

struct server {
	SLIST_ENTRY(server) next;
	char *address;
	char *host; /* the value of the Host header */
	int port;
	STAILQ_HEAD(, transfer) waiting;
	SLIST_HEAD(, conn) connections;
};

SLIST_HEAD(servers, server);

/* --- httpget.c --- */

struct httpget_count {
	unsigned long total, complete, failed; /* files */
	unsigned long connections;
	unsigned long long bytes;
};

extern struct httpget_count count;
extern struct servers servers;

/* Prints an error about a URL. */
void say(const char *url, const char *what);

/* --- httpget_urls.c --- */

/* Adds a transfer to the server of a URL. */
void add_url(const char *url);

/* Adds the URLs in a file, one in each line; "-" is standard input. */
void read_urls(const char *path);

/* Frees all transfers. */
void free_transfers(void);

#endif
