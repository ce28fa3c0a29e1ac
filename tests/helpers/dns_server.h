/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the server side share: a port, and a client that sends
 * bytes and looks at the bytes that come back.  Bytes are written in
 * hexadecimal, with blanks wherever they help.
 */
#ifndef HELPERS_DNS_SERVER_H
#define HELPERS_DNS_SERVER_H

#include <sys/types.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <event.h>
#include <evdns.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

/* Some requests, with the id 1234 and RD. */
#define HEADER "1234 0100 0001 0000 0000 0000"
#define ASK_WWW HEADER "03777777 076578616d706c65 03636f6d 00 0001 0001"
#define ASK_T HEADER "0174 00 0001 0001"
#define ASK_U HEADER "0175 00 0001 0001"

/* T and U answered without records. */
#define NOTHING_FOR_T "1234 8100 0001 0000 0000 0000 0174 00 0001 0001"
#define NOTHING_FOR_U "1234 8100 0001 0000 0000 0000 0175 00 0001 0001"

#define PACKET 65536 /* bytes: room for any message */

struct server {
	struct event_base *base;
	struct evdns_server_port *port;
	int fd;	    /* the port's, which closes it */
	int client; /* is connected to it */
};

/* Writes the bytes of a hexadecimal text to out, and returns how many. */
size_t unhex(const char *text, unsigned char *out);

/* A UDP socket on loopback, at a port of the kernel's choice, and its
 * address. */
int local_socket(int family, struct sockaddr_storage *at, socklen_t *len);

/* A UDP socket that is connected to the address of fd. */
int client_of(int fd);

/* Opens a port and its client on a new current base; cb gets the server as
 * its argument. */
void dns_server_open_at(struct server *s, int family,
    evdns_request_callback_fn_type cb);

void dns_server_open(struct server *s, evdns_request_callback_fn_type cb);

/* Closes all that is open. s->port is NULL where the test has closed it. */
void dns_server_close(struct server *s);

/* One pass that does not wait.  As opposed to one_pass(), the loop need not
 * have an event left. */
void dns_server_pass(struct server *s);

void send_bytes(int client, const void *bytes, size_t len);

void send_hex(int client, const char *text);

/* The next reply; its length, or -1 where there is none. */
ssize_t take_reply(int client, unsigned char bytes[PACKET]);

void assert_reply(int client, const char *expected);

void assert_no_reply(int client);

/* Sends a request and makes one pass. */
void dns_server_ask(struct server *s, const char *request);

/* The same, with this id instead of the text's. */
void dns_server_ask_as(struct server *s, int id, const char *request);

void assert_reply_as(int client, int id, const char *expected);

/* Adds an A record to the answer section, 1.2.3.4, which tests need not look
 * at.  Returns 0 or -1. */
int add_any(struct evdns_server_request *req, const char *name);

/* A callback that answers without records. */
void answer_empty_cb(struct evdns_server_request *req, void *arg);

int is_open(int fd);

#endif
