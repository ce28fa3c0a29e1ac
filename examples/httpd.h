/* SPDX-License-Identifier: BSD-3-Clause */
/* What httpd.c and httpd_files.c share. */
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
	unsigned long lost;   /* the client closed before the end */
	unsigned long long sent, received;
};

extern struct httpd_count count;

/*
 * Set in a child process while it closes its copies of the parent's
 * connections: no file is removed then.
 */
extern int closes_inherited;

/* Answers with an error page, and counts the request as failed. */
void fail(struct evhttp_request *req, int code);

/* --- httpd_files.c --- */

/* Sets the folder to serve.  Ends the program if there is no such folder. */
void open_root(const char *folder);
void close_root(void);

/*
 * Returns the decoded path of a request, which the caller frees; NULL if it has
 * a NUL in it, or without memory.
 */
char *path_of(struct evhttp_request *req);

/* Answers with the file at path. */
void send_file(struct evhttp_request *req, const char *path);

/*
 * The callbacks of an upload.  After the head of a PUT or POST request its
 * cb_arg is the upload; that of other requests is NULL.
 */
int begin_upload_cb(struct evhttp_request *req, void *arg);
void upload_piece_cb(struct evhttp_request *req, void *arg);
void upload_failed_cb(enum evhttp_request_error error, void *arg);

/* The body is complete: the file gets its name, and the client its answer. */
void finish_upload(struct evhttp_request *req);

#endif
