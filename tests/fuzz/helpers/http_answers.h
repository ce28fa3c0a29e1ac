/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The answers that http_server.c's client has received: reads them and compares
 * them with the exchanges of the handlers.  Each answer has to be complete, and
 * the answers have to be in the order of the requests.
 */
#ifndef FUZZ_HTTP_ANSWERS_H
#define FUZZ_HTTP_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_EXCHANGES 64
#define MAX_GOT ((size_t)16 << 20)

struct evhttp_request;

/* A request that a handler got, and the answer it gave. */
struct exchange {
	struct evhttp_request *req; /* while the program may use it */
	bool is_head;		    /* its method */
	bool is_error;		    /* answered by evhttp_send_error() */
	bool is_owned;
	bool is_begun, is_given;
	int code;
	size_t len;   /* of the body */
	unsigned due; /* in this pass it is answered */
	int chunks_left;
	int how; /* enum act: the way in which it is answered later */
};

extern struct exchange exchanges[MAX_EXCHANGES];
extern unsigned n_exchanges;
extern bool may_be_cut; /* the connection ended before all was sent */
extern bool got_eof;
extern char got[MAX_GOT + 1];
extern size_t got_len;

/* A hash of what has to be the same however the input is split. */
extern uint64_t seen;

/* Begins a run: nothing is received or seen. */
void answers_begin(void);

/* Adds bytes to a hash, or a string with its end. */
void fold(uint64_t *hash, const void *data, size_t len);

void fold_string(uint64_t *hash, const char *s);

/* The bytes of an answer's body, which depend on its exchange. */
char body_byte(unsigned id, size_t i);

/* Checks all answers that were received; those before the last are complete. */
void check_answers(void);

#endif
