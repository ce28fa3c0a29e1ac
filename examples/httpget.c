/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * httpget: fetches many files over few connections.  It uses functions that
 * libevent 1.4 does not have; <evhttp.h> declares them if EVCOMPAT_HTTP is
 * defined.
 *
 *	httpget [-nqv] [-j connections] [-o folder] [-f folder] [-t seconds]
 *	    [-r retries] [-i file] [URL ...]
 *
 * Each server has up to -j connections.  A connection requests one file after
 * the other, and writes each piece to the disk as it arrives, to a file whose
 * name ends in .part until it is complete.  The last part of a URL is the name
 * of its file.
 *
 * With -f the process forks when half of the files are complete.  The child
 * does not use the parent's connections: it fetches the other files over new
 * ones, to a folder of its own.
 *
 * The status is 0 if all files are complete, 1 if not, and 2 for a wrong usage.
 */
#define EVCOMPAT_HTTP
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <event.h>
#include <evhttp.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "httpget.h"

struct httpget_count count;
struct servers servers = SLIST_HEAD_INITIALIZER(servers);

static struct event_base *base;
static struct event progress;
static struct timeval start_time;
static const char *who = "httpget";
static int folder = AT_FDCWD;
static pid_t child;

static const char *child_folder; /* the folder of the child process (-f) */
static int connections = 4, timeout = 30, retries;
static int discards_bodies, is_quiet, is_verbose, shows_progress;

static double
seconds(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return now.tv_sec - start_time.tv_sec +
	       (now.tv_usec - start_time.tv_usec) / 1000000.0;
}

/* Prints progress, in place of what was printed before. */
static void
show_progress(void)
{
	double passed = seconds();

	fprintf(stderr, "\r%lu of %lu files, %lu failed, %.1f MB, %.1f MB/s ",
	    count.complete, count.total, count.failed, count.bytes / 1e6,
	    passed > 0 ? count.bytes / 1e6 / passed : 0);
}

static void
progress_cb(int fd, short what, void *arg)
{
	static const struct timeval often = {0, 200000};

	(void)fd;
	(void)what;
	(void)arg;
	show_progress();
	evtimer_add(&progress, &often);
}

void
say(const char *url, const char *what)
{
	fprintf(stderr, "%s%s: %s: %s\n", shows_progress ? "\r\033[K" : "", who,
	    url, what);
}

/* Whether the loop has to return to main(), to fork or to end. */
static int
is_over(void)
{
	unsigned long done = count.complete + count.failed;

	return done == count.total ||
	       (child_folder != NULL && child == 0 && done >= count.total / 2);
}

/* Opens the .part file. */
static int
open_part(struct transfer *t)
{
	char part[300];

	if (discards_bodies)
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	snprintf(part, sizeof(part), "%s.part", t->name);
	return openat(folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0644);
}

/* Ends a transfer: renames the complete file, or removes the rest of one. */
static void
close_part(struct transfer *t)
{
	char part[300];

	if (t->fd == -1)
		return;
	if (close(t->fd) == -1 && t->why[0] == '\0')
		snprintf(t->why, sizeof(t->why), "%s", strerror(errno));
	t->fd = -1;
	if (discards_bodies)
		return;
	snprintf(part, sizeof(part), "%s.part", t->name);
	if (t->why[0] != '\0')
		unlinkat(folder, part, 0);
	else if (renameat(folder, part, folder, t->name) == -1)
		snprintf(t->why, sizeof(t->why), "%s", strerror(errno));
}

static void start_next(struct conn *conn);

static void
finish(struct transfer *t)
{
	struct conn *conn = t->conn;

	close_part(t);
	t->conn = NULL;
	conn->transfer = NULL;
	if (t->why[0] != '\0') {
		count.failed++;
		say(t->url, t->why);
	} else {
		count.complete++;
		if (is_verbose)
			say(t->url, t->name);
	}
	if (is_over())
		event_base_loopbreak(base);
	start_next(conn);
}

/* The head of the answer is complete. */
static int
head_cb(struct evhttp_request *req, void *arg)
{
	struct transfer *t = arg;

	if (req->response_code != HTTP_OK)
		return 0; /* the body is an error page */
	t->fd = open_part(t);
	if (t->fd != -1)
		return 0;
	snprintf(t->why, sizeof(t->why), "%s: %s", t->name, strerror(errno));
	return -1;
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

static void
piece_cb(struct evhttp_request *req, void *arg)
{
	struct transfer *t = arg;
	size_t len = EVBUFFER_LENGTH(req->input_buffer);

	if (t->fd == -1)
		return;
	count.bytes += len;
	if (write_all(t->fd, EVBUFFER_DATA(req->input_buffer), len) == 0)
		return;
	snprintf(t->why, sizeof(t->why), "%s: %s", t->name, strerror(errno));
	evhttp_cancel_request(req);
	finish(t);
}

static void
error_cb(enum evhttp_request_error error, void *arg)
{
	static const char *const texts[] = {
	    [EVREQ_HTTP_TIMEOUT] = "the server was silent for too long",
	    [EVREQ_HTTP_EOF] = "there is no connection, or it ended too early",
	    [EVREQ_HTTP_INVALID_HEADER] = "the answer is not HTTP",
	    [EVREQ_HTTP_BUFFER_ERROR] = "the connection broke",
	    [EVREQ_HTTP_DATA_TOO_LONG] = "the head of the answer is too long",
	    [EVREQ_HTTP_REQUEST_CANCEL] = "cancelled",
	};
	struct transfer *t = arg;

	if (t->why[0] == '\0')
		snprintf(t->why, sizeof(t->why), "%s", texts[error]);
}

static void
done_cb(struct evhttp_request *req, void *arg)
{
	struct transfer *t = arg;

	if (t->why[0] == '\0' && (req == NULL || req->response_code == 0))
		snprintf(t->why, sizeof(t->why), "no answer");
	else if (t->why[0] == '\0' && req->response_code != HTTP_OK)
		snprintf(t->why, sizeof(t->why), "%d %s", req->response_code,
		    req->response_code_line);
	finish(t);
}

/* Sends the request for the current transfer of a connection. */
static int
ask(struct conn *conn)
{
	struct transfer *t = conn->transfer;
	struct evhttp_request *req = evhttp_request_new(done_cb, t);

	if (req == NULL ||
	    evhttp_add_header(req->output_headers, "Host",
		conn->server->host) == -1 ||
	    evhttp_add_header(req->output_headers, "User-Agent", "httpget") ==
		-1)
		err(1, "a request");
	evhttp_request_set_header_cb(req, head_cb);
	evhttp_request_set_chunked_cb(req, piece_cb);
	evhttp_request_set_error_cb(req, error_cb);
	return evhttp_make_request(conn->evcon, req, EVHTTP_REQ_GET, t->target);
}

/* Sends the next waiting request, if the connection is free. */
static void
start_next(struct conn *conn)
{
	struct server *server = conn->server;
	struct transfer *t = STAILQ_FIRST(&server->waiting);

	if (t == NULL)
		return;
	STAILQ_REMOVE_HEAD(&server->waiting, next);
	t->conn = conn;
	conn->transfer = t;
	if (ask(conn) == -1) {
		snprintf(t->why, sizeof(t->why), "it cannot be asked for");
		finish(t);
	}
}

static void
open_connection(struct conn *conn)
{
	conn->evcon = evhttp_connection_base_new(base, NULL,
	    conn->server->address, conn->server->port);
	if (conn->evcon == NULL)
		err(1, "a connection");
	evhttp_connection_set_timeout(conn->evcon, timeout);
	evhttp_connection_set_retries(conn->evcon, retries);
	count.connections++;
}

/* Opens connections: at most one for each file. */
static void
start_server(struct server *server)
{
	struct conn *conn;
	int i;

	for (i = 0; i < connections && !STAILQ_EMPTY(&server->waiting); i++) {
		if ((conn = calloc(1, sizeof(*conn))) == NULL)
			err(1, "a connection");
		conn->server = server;
		SLIST_INSERT_HEAD(&server->connections, conn, next);
		open_connection(conn);
		start_next(conn);
	}
}

/*
 * In the child process: closes the connections and files of the parent, and
 * starts again.
 */
static void
start_in_child(struct server *server)
{
	struct conn *conn;
	struct transfer *t;

	SLIST_FOREACH (conn, &server->connections, next) {
		evhttp_connection_free(conn->evcon);
		t = conn->transfer;
		conn->transfer = NULL;
		open_connection(conn);
		if (t == NULL)
			continue;
		if (t->fd != -1)
			close(t->fd);
		t->fd = -1;
		STAILQ_INSERT_HEAD(&server->waiting, t, next);
	}
	SLIST_FOREACH (conn, &server->connections, next)
		if (conn->transfer == NULL)
			start_next(conn);
}

static void
use_folder(const char *path)
{
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1)
		err(1, "%s", path);
}

static void
fork_child(void)
{
	static char name[32];
	struct server *server;

	fflush(stdout);
	child = fork();
	if (child == -1)
		err(1, "fork");
	if (child > 0)
		return;
	snprintf(name, sizeof(name), "httpget %ld", (long)getpid());
	who = name;
	if (event_reinit(base) == -1)
		errx(1, "event_reinit failed");
	if (shows_progress)
		evtimer_del(&progress);
	shows_progress = 0;
	use_folder(child_folder);
	child_folder = NULL;
	count.total -= count.complete + count.failed;
	count.complete = count.failed = count.connections = count.bytes = 0;
	SLIST_FOREACH (server, &servers, next)
		start_in_child(server);
}

static void
usage(FILE *out, int status)
{
	fprintf(out,
	    "usage: httpget [option ...] URL ...\n"
	    "Fetches files, several at a time.\n"
	    "  -j, --jobs=N      over up to N connections to each server (%d)\n"
	    "  -o, --output=DIR  to this folder, which is . otherwise\n"
	    "  -i, --input=FILE  those that FILE names as well, - for stdin\n"
	    "  -n, --nothing     keep nothing of what comes\n"
	    "  -t, --timeout=S   fail after S seconds of silence (%d)\n"
	    "  -r, --retries=N   try to connect N times more (%d)\n"
	    "  -f, --fork=DIR    divide when half is there; the child fetches\n"
	    "                    the rest to DIR\n"
	    "  -v, --verbose     name each file that comes\n"
	    "  -q, --quiet       print nothing but what fails\n"
	    "  -h, --help        print this\n"
	    "The status is 0 if all came, 1 if not, 2 for a wrong call.\n",
	    connections, timeout, retries);
	exit(status);
}

/* Stores an option.  Returns 0 if it is unknown, or its value is wrong. */
static int
set_option(int ch)
{
	if (ch == 'f')
		child_folder = optarg;
	else if (ch == 'h')
		usage(stdout, 0);
	else if (ch == 'i')
		read_urls(optarg);
	else if (ch == 'j' && atoi(optarg) > 0)
		connections = atoi(optarg);
	else if (ch == 'n')
		discards_bodies = 1;
	else if (ch == 'o')
		use_folder(optarg);
	else if (ch == 'q')
		is_quiet = 1;
	else if (ch == 'r' && atoi(optarg) >= 0)
		retries = atoi(optarg);
	else if (ch == 't' && atoi(optarg) > 0)
		timeout = atoi(optarg);
	else if (ch == 'v')
		is_verbose = 1;
	else
		return 0;
	return 1;
}

static void
parse(int argc, char **argv)
{
	static const struct option options[] = {
	    {"fork", required_argument, NULL, 'f'},
	    {"help", no_argument, NULL, 'h'},
	    {"input", required_argument, NULL, 'i'},
	    {"jobs", required_argument, NULL, 'j'},
	    {"nothing", no_argument, NULL, 'n'},
	    {"output", required_argument, NULL, 'o'},
	    {"quiet", no_argument, NULL, 'q'},
	    {"retries", required_argument, NULL, 'r'},
	    {"timeout", required_argument, NULL, 't'},
	    {"verbose", no_argument, NULL, 'v'},
	    {NULL, 0, NULL, 0},
	};
	int ch;

	while ((ch = getopt_long(argc, argv, "f:hi:j:no:qr:t:v", options,
		    NULL)) != -1)
		if (!set_option(ch))
			usage(stderr, 2);
	for (; optind < argc; optind++)
		add_url(argv[optind]);
	if (count.total == 0)
		usage(stderr, 2);
}

/* Runs the loop until all transfers have ended, in the child process, too. */
static void
run(void)
{
	struct server *server;

	SLIST_FOREACH (server, &servers, next)
		start_server(server);
	while (count.complete + count.failed < count.total) {
		if (event_base_dispatch(base) != 0)
			errx(1, "nothing happens any more");
		if (child_folder != NULL && child == 0 && is_over())
			fork_child();
	}
}

/* Returns whether all files are complete, in the child process, too. */
static int
report(void)
{
	int status;

	if (shows_progress) {
		show_progress();
		fputc('\n', stderr);
	}
	if (!is_quiet)
		fprintf(stderr,
		    "%s: %lu of %lu files came, %lu failed; %llu bytes over "
		    "%lu connections in %.1f s\n",
		    who, count.complete, count.total, count.failed, count.bytes,
		    count.connections, seconds());
	if (child > 0 && (waitpid(child, &status, 0) == -1 || status != 0))
		return 0;
	return count.failed == 0;
}

static void
free_server(struct server *server)
{
	struct conn *conn;

	while ((conn = SLIST_FIRST(&server->connections)) != NULL) {
		SLIST_REMOVE_HEAD(&server->connections, next);
		evhttp_connection_free(conn->evcon);
		free(conn);
	}
	free(server->address);
	free(server->host);
	free(server);
}

static void
clean_up(void)
{
	struct server *server;

	while ((server = SLIST_FIRST(&servers)) != NULL) {
		SLIST_REMOVE_HEAD(&servers, next);
		free_server(server);
	}
	free_transfers();
	if (shows_progress)
		evtimer_del(&progress);
	event_base_free(base);
}

int
main(int argc, char **argv)
{
	int succeeded;

	gettimeofday(&start_time, NULL);
	parse(argc, argv);
	if ((base = event_init()) == NULL)
		errx(1, "event_init failed");
	shows_progress = !is_quiet && isatty(STDERR_FILENO);
	evtimer_set(&progress, progress_cb, NULL);
	if (shows_progress)
		progress_cb(-1, EV_TIMEOUT, NULL);
	run();
	succeeded = report();
	clean_up();
	return succeeded ? 0 : 1;
}
