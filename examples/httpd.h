/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two files of httpd know of each other. */
#ifndef HTTPD_H
#define HTTPD_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <event.h>
#include <evhttp.h>

/* --- httpd.c --- */

struct httpd_count {
	unsigned long requests, files, unchanged, uploads, ticks;
	unsigned long failed; /* answered with an error */
	unsigned long lost;   /* the client went in the middle */
	unsigned long long sent, received;
};

extern struct httpd_count count;

/* A child closes what belongs to its parent, and removes no file. */
extern int is_leaving;

/* Answers with an error page. */
void fail(struct evhttp_request *req, int code);

/* --- httpd_files.c --- */

/* The folder to serve; ends the program if there is none. */
void open_root(const char *folder);
void close_root(void);

/*
 * The path that a request is for, decoded, which the caller frees.  NULL if it
 * has a NUL in it, or there is none.
 */
char *path_of(struct evhttp_request *req);

/* Answers with the file at path. */
void send_file(struct evhttp_request *req, const char *path);

/*
 * Callbacks of a request.  With the head of a PUT or POST an upload begins, and
 * the request's cb_arg is it; without one cb_arg is NULL.
 */
int begin_upload_cb(struct evhttp_request *req, void *arg);
void upload_piece_cb(struct evhttp_request *req, void *arg);
void upload_failed_cb(enum evhttp_request_error error, void *arg);

/* The body is complete: the file gets its name, and the client its answer. */
void finish_upload(struct evhttp_request *req);

#endif
