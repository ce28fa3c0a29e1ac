/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of httpd for files, which are sent or uploaded.
 *
 * No request leaves the folder: open_folder() opens a path part by part, no
 * part may begin with a dot, and no symbolic link is followed.
 */
#define EVCOMPAT_HTTP
#define _GNU_SOURCE
#include "httpd.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536 /* bytes of a file that are read at once */

struct download {
	struct evhttp_request *req;
	int fd;
};

struct upload {
	int dir;       /* of the folder of the new file */
	int fd;	       /* of the temporary file */
	char temp[48]; /* its name */
	char *name;    /* the name of the complete file */
};

static int root;	      /* the descriptor of the folder that is served */
static struct evbuffer *body; /* of the answer that is being made */

/* The status code for an errno. */
static int
status_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return 404;
	case EACCES:
	case EPERM:
		return 403;
	case EISDIR:
	case ENOTEMPTY:
	case EEXIST:
		return 409;
	case ENOSPC:
	case EDQUOT:
		return 507;
	default:
		return 500;
	}
}

/* The request may have a whole URL; only its path counts. */
char *
path_of(struct evhttp_request *req)
{
	const char *sent = evhttp_request_uri(req);
	struct evhttp_uri *uri = NULL;
	char *encoded, *path;
	size_t len = 0;

	if (sent[0] != '/') {
		uri =
		    evhttp_uri_parse_with_flags(sent, EVHTTP_URI_NONCONFORMANT);
		sent = uri != NULL ? evhttp_uri_get_path(uri) : "";
	}
	encoded = strndup(sent, strcspn(sent, "?#"));
	if (uri != NULL)
		evhttp_uri_free(uri);
	path = encoded != NULL ? evhttp_uridecode(encoded, 0, &len) : NULL;
	free(encoded);
	if (path != NULL && strlen(path) != len) {
		free(path);
		path = NULL;
	}
	return path;
}

/*
 * Opens the folder that the last part of path is in, and stores that part.
 * Changes path.  Returns -1 with errno if there is no such folder.
 */
static int
open_folder(char *path, char **name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int dir = openat(root, ".", flags), next;
	char *part;

	*name = NULL;
	while (dir != -1 && (part = strsep(&path, "/")) != NULL) {
		if (part[0] == '\0')
			continue;
		next = dir;
		if (part[0] == '.') {
			errno = ENOENT;
			next = -1;
		} else if (*name != NULL) {
			next = openat(dir, *name, flags);
		}
		if (next != dir)
			close(dir);
		dir = next;
		*name = part;
	}
	if (dir != -1 && *name == NULL) {
		close(dir);
		errno = EISDIR;
		return -1;
	}
	return dir;
}

/* Opens a regular file for reading; for a folder, its index.html. */
static int
open_file(const char *path, struct stat *st)
{
	char full[8192], *name;
	int dir, fd = -1;

	if (snprintf(full, sizeof(full), "%s%s", path,
		path[0] == '\0' || path[strlen(path) - 1] == '/'
		    ? "/index.html"
		    : "") >= (int)sizeof(full)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((dir = open_folder(full, &name)) == -1)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close(dir);
	if (fd != -1 && (fstat(fd, st) == -1 || !S_ISREG(st->st_mode))) {
		close(fd);
		errno = ENOENT;
		return -1;
	}
	return fd;
}

static const char *
type_of(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
	    {".css", "text/css"},
	    {".gif", "image/gif"},
	    {".html", "text/html; charset=utf-8"},
	    {".jpg", "image/jpeg"},
	    {".js", "text/javascript"},
	    {".json", "application/json"},
	    {".pdf", "application/pdf"},
	    {".png", "image/png"},
	    {".svg", "image/svg+xml"},
	    {".txt", "text/plain; charset=utf-8"},
	};
	const char *dot = strrchr(path, '.');
	size_t i;

	if (dot == NULL)
		return path[0] == '\0' || path[strlen(path) - 1] == '/'
			   ? "text/html; charset=utf-8"
			   : "application/octet-stream";
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(dot, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* The one form of a date that senders may use (RFC 9110 5.6.7). */
#define DATE "%a, %d %b %Y %H:%M:%S GMT"

/* Whether the client has the current version of the file. */
static int
has_not_changed(struct evhttp_request *req, time_t changed)
{
	const char *since =
	    evhttp_find_header(req->input_headers, "If-Modified-Since");
	const char *end;
	struct tm tm = {0};

	if (since == NULL)
		return 0;
	end = strptime(since, DATE, &tm);
	return end != NULL && *end == '\0' && changed <= timegm(&tm);
}

/*
 * Starts the answer with a Content-Length, as the body comes in pieces: without
 * one an HTTP/1.1 client would get chunks.
 */
static void
describe(struct evhttp_request *req, const char *path, const struct stat *st)
{
	char text[64];
	struct tm tm;

	if (gmtime_r(&st->st_mtime, &tm) != NULL &&
	    strftime(text, sizeof(text), DATE, &tm) > 0)
		evhttp_add_header(req->output_headers, "Last-Modified", text);
	evhttp_add_header(req->output_headers, "Content-Type", type_of(path));
	snprintf(text, sizeof(text), "%lld", (long long)st->st_size);
	evhttp_add_header(req->output_headers, "Content-Length", text);
}

/*
 * Reads the next piece of the file.  Returns its length; 0 at the end, -1 for
 * an error.
 */
static ssize_t
read_piece(int fd)
{
	static char piece[PIECE];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n > 0 && evbuffer_add(body, piece, n) == -1)
		return -1;
	if (n > 0)
		count.sent += n;
	return n;
}

/* The client has closed before the end of the file. */
static void
download_lost_cb(struct evhttp_connection *evcon, void *arg)
{
	struct download *d = arg;

	(void)evcon;
	count.lost++;
	close(d->fd);
	evhttp_request_free(d->req);
	free(d);
}

static void
send_piece_cb(struct evhttp_connection *evcon, void *arg)
{
	struct download *d = arg;
	ssize_t n = read_piece(d->fd);

	if (n > 0) {
		evhttp_send_reply_chunk_with_cb(d->req, body, send_piece_cb, d);
		return;
	}
	if (n == -1) {
		warn("a file was not sent whole");
		evhttp_connection_free(evcon); /* the client sees that */
		return;
	}
	count.files++;
	evhttp_connection_set_closecb(evcon, NULL, NULL);
	evhttp_send_reply_end(d->req);
	close(d->fd);
	free(d);
}

static void
send_in_pieces(struct evhttp_request *req, int fd)
{
	struct download *d = malloc(sizeof(*d));

	if (d == NULL) {
		close(fd);
		fail(req, 503);
		return;
	}
	d->req = req;
	d->fd = fd;
	evhttp_connection_set_closecb(req->evcon, download_lost_cb, d);
	evhttp_send_reply_start(req, 200, "OK");
	send_piece_cb(req->evcon, d);
}

static void
send_whole(struct evhttp_request *req, int fd)
{
	ssize_t n = read_piece(fd);

	close(fd);
	if (n == -1) {
		evhttp_clear_headers(req->output_headers);
		fail(req, 500);
		return;
	}
	/* The file may have become shorter. */
	evhttp_remove_header(req->output_headers, "Content-Length");
	count.files++;
	evhttp_send_reply(req, 200, "OK", body);
}

void
send_file(struct evhttp_request *req, const char *path)
{
	struct stat st;
	int fd = open_file(path, &st);

	if (fd == -1) {
		fail(req, errno == EISDIR ? 404 : status_of(errno));
		return;
	}
	describe(req, path, &st);
	if (has_not_changed(req, st.st_mtime)) {
		count.unchanged++;
		evhttp_send_reply(req, 304, "Not Modified", NULL);
		close(fd);
	} else if (req->type == EVHTTP_REQ_HEAD) {
		evhttp_send_reply(req, 200, "OK", NULL);
		close(fd);
	} else if (st.st_size <= PIECE) {
		send_whole(req, fd);
	} else {
		send_in_pieces(req, fd);
	}
}

static void
free_upload(struct upload *u)
{
	if (u->fd != -1)
		close(u->fd);
	if (u->dir != -1)
		close(u->dir);
	free(u->name);
	free(u);
}

/* Removes an incomplete file. */
static void
drop_upload(struct upload *u)
{
	if (u->fd != -1 && !closes_inherited)
		unlinkat(u->dir, u->temp, 0);
	free_upload(u);
}

/* Makes an upload.  Returns NULL with errno. */
static struct upload *
new_upload(char *path)
{
	static unsigned long number;
	struct upload *u = calloc(1, sizeof(*u));
	char *name;
	int error;

	if (u == NULL)
		return NULL;
	u->fd = -1;
	u->dir = open_folder(path, &name);
	if (u->dir != -1 && (u->name = strdup(name)) != NULL) {
		snprintf(u->temp, sizeof(u->temp), ".upload-%ld-%lu",
		    (long)getpid(), number++);
		u->fd = openat(u->dir, u->temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	}
	if (u->fd == -1) {
		error = errno;
		free_upload(u);
		errno = error;
		return NULL;
	}
	return u;
}

int
begin_upload_cb(struct evhttp_request *req, void *arg)
{
	char *path;

	(void)arg;
	if (req->type != EVHTTP_REQ_PUT && req->type != EVHTTP_REQ_POST)
		return 0;
	errno = ENOENT;
	path = path_of(req);
	req->cb_arg = path != NULL ? new_upload(path) : NULL;
	if (req->cb_arg == NULL) {
		count.requests++;
		fail(req, status_of(errno));
	}
	free(path);
	return 0;
}

static int
write_all(int fd, const unsigned char *data, size_t len)
{
	ssize_t n = 0;

	for (; len > 0; data += n, len -= n)
		if ((n = write(fd, data, len)) == -1)
			return -1;
	return 0;
}

/* Other methods have no upload: their bodies are ignored. */
void
upload_piece_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = arg;
	struct evbuffer *in = req->input_buffer;
	size_t len = EVBUFFER_LENGTH(in);

	if (u != NULL && write_all(u->fd, EVBUFFER_DATA(in), len) == -1) {
		warn("an upload could not be written");
		req->cb_arg = NULL;
		count.requests++;
		fail(req, status_of(errno));
		drop_upload(u);
	} else if (u != NULL) {
		count.received += len;
	}
	evbuffer_drain(in, len);
}

void
upload_failed_cb(enum evhttp_request_error error, void *arg)
{
	(void)error;
	if (arg == NULL)
		return;
	count.lost++;
	drop_upload(arg);
}

void
finish_upload(struct evhttp_request *req)
{
	struct upload *u = req->cb_arg;
	struct stat st;
	int is_new = fstatat(u->dir, u->name, &st, AT_SYMLINK_NOFOLLOW) == -1;

	req->cb_arg = NULL;
	if (renameat(u->dir, u->temp, u->dir, u->name) == -1) {
		fail(req, status_of(errno));
		drop_upload(u);
		return;
	}
	count.uploads++;
	free_upload(u);
	if (is_new)
		evhttp_send_reply(req, 201, "Created", NULL);
	else
		evhttp_send_reply(req, 204, "No Content", NULL);
}

void
open_root(const char *folder)
{
	root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root == -1)
		err(1, "%s", folder);
	if ((body = evbuffer_new()) == NULL)
		err(1, "evbuffer_new");
}

void
close_root(void)
{
	evbuffer_free(body);
	close(root);
}
