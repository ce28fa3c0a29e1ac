/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * httpd: a web server for one folder.  It uses functions that libevent 1.4 does
 * not have; <evhttp.h> declares them if EVCOMPAT_HTTP is defined.
 *
 *	httpd [-a address] [-p port] [-t idle seconds] [-u] [-m megabytes]
 *	    [folder]
 *
 * A file is sent in pieces: the next one is read from the disk when the client
 * has received the last one, so that a large file and a slow client need no
 * more memory than a small file.  Uploads (-u) are written to the disk as they
 * arrive, under another name until they are complete.
 *
 * httpd_files.c has everything about files, and sees to it that no request
 * leaves the folder.
 *
 * /clock sends the time every second, ten times; /clock?n=3 sends it three
 * times.
 *
 * HUP prints statistics.  USR1 starts one more process that serves the same
 * port, but none of the open connections.  TERM or INT stops accepting, and the
 * program ends when its connections have closed; after some seconds it closes
 * them itself.
 */
#define EVCOMPAT_HTTP
#define _GNU_SOURCE
#include "httpd.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <netdb.h>
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GRACE 20 /* seconds that requests have to end, after TERM */
#define TICKS 10
#define WORKERS 64

struct clock {
	LIST_ENTRY(clock) next;
	struct evhttp_request *req;
	struct event tick;
	int ticks;	/* that are still to be sent */
	int is_sending; /* the last one is not written yet */
};

struct httpd_count count;
int closes_inherited;

static LIST_HEAD(, clock) clocks = LIST_HEAD_INITIALIZER(clocks);
static struct event_base *base;
static struct evhttp *http;
static struct evhttp_bound_socket *listener;
static struct event hup, usr1, term, intr;
/* After TERM: each 50 ms, whether the last connection has closed. */
static struct event end_timer;
static int end_checks;
static struct evbuffer *line; /* the text that is sent to a clock */
static int has_to_fork, is_stopping;
static pid_t workers[WORKERS]; /* the processes that this one has started */
static int n_workers, is_worker;

static const char *address = "127.0.0.1";
static int port, idle = 60, may_upload;
static ssize_t largest = -1; /* the limit of an upload, in bytes */

static void
print_prefix(void)
{
	if (is_worker)
		printf("httpd %ld: ", (long)getpid());
	else
		printf("httpd: ");
}

static void
print_statistics(void)
{
	print_prefix();
	printf("%lu requests, %d connections now\n", count.requests,
	    evhttp_get_connection_count(http));
	print_prefix();
	printf("%lu files were sent, %lu had not changed, %llu bytes\n",
	    count.files, count.unchanged, count.sent);
	print_prefix();
	printf("%lu files came, %llu bytes; the clock ticked %lu times\n",
	    count.uploads, count.received, count.ticks);
	print_prefix();
	printf("%lu requests failed, %lu were broken off\n", count.failed,
	    count.lost);
}

void
fail(struct evhttp_request *req, int code)
{
	count.failed++;
	evhttp_send_error(req, code, NULL);
}

static void
end_clock(struct clock *c)
{
	evtimer_del(&c->tick);
	LIST_REMOVE(c, next);
	free(c);
}

static void
clock_lost_cb(struct evhttp_connection *evcon, void *arg)
{
	struct clock *c = arg;

	(void)evcon;
	count.lost++;
	evhttp_request_free(c->req);
	end_clock(c);
}

static void
ticked_cb(struct evhttp_connection *evcon, void *arg)
{
	struct clock *c = arg;

	(void)evcon;
	c->is_sending = 0;
}

static void
tick_cb(int fd, short what, void *arg)
{
	static const struct timeval second = {1, 0};
	struct clock *c = arg;
	time_t now = time(NULL);
	char text[64];

	(void)fd;
	(void)what;
	if (c->ticks == 0 || is_stopping ||
	    evtimer_add(&c->tick, &second) == -1) {
		evhttp_connection_set_closecb(c->req->evcon, NULL, NULL);
		evhttp_send_reply_end(c->req);
		end_clock(c);
		return;
	}
	c->ticks--;
	if (c->is_sending)
		return;
	c->is_sending = 1;
	count.ticks++;
	strftime(text, sizeof(text), "%H:%M:%S", localtime(&now));
	evbuffer_add_printf(line, "%s\n", text);
	evhttp_send_reply_chunk_with_cb(c->req, line, ticked_cb, c);
}

static void
show_clock(struct evhttp_request *req)
{
	struct clock *c = calloc(1, sizeof(*c));
	struct evkeyvalq arguments;
	const char *n;

	if (c == NULL) {
		fail(req, 503);
		return;
	}
	evhttp_parse_query(evhttp_request_uri(req), &arguments);
	n = evhttp_find_header(&arguments, "n");
	c->ticks = n != NULL ? atoi(n) : TICKS;
	evhttp_clear_headers(&arguments);
	if (c->ticks < 0 || c->ticks > 86400)
		c->ticks = TICKS;
	c->req = req;
	evtimer_set(&c->tick, tick_cb, c);
	event_base_set(base, &c->tick);
	LIST_INSERT_HEAD(&clocks, c, next);
	evhttp_connection_set_closecb(req->evcon, clock_lost_cb, c);
	evhttp_add_header(req->output_headers, "Content-Type", "text/plain");
	evhttp_add_header(req->output_headers, "Cache-Control", "no-store");
	evhttp_send_reply_start(req, 200, "OK");
	tick_cb(-1, EV_TIMEOUT, c);
}

static int
new_request_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_set_header_cb(req, begin_upload_cb);
	evhttp_request_set_chunked_cb(req, upload_piece_cb);
	evhttp_request_set_error_cb(req, upload_failed_cb);
	return 0;
}

static void
request_cb(struct evhttp_request *req, void *arg)
{
	char *path;

	(void)arg;
	count.requests++;
	if (req->cb_arg != NULL) {
		finish_upload(req);
		return;
	}
	path = path_of(req);
	if (path == NULL)
		fail(req, 404);
	else if (strcmp(path, "/clock") == 0)
		show_clock(req);
	else
		send_file(req, path);
	free(path);
}

static void
hup_cb(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	print_statistics();
}

/* Has main() call fork(), when no callback is running. */
static void
usr1_cb(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	has_to_fork = 1;
	event_base_loopbreak(base);
}

/* Ends the loop once no connection is left, or GRACE is over. */
static void
check_end_cb(int fd, short what, void *arg)
{
	static const struct timeval while_stopping = {0, 50000};

	(void)fd;
	(void)what;
	(void)arg;
	if (evhttp_get_connection_count(http) == 0 ||
	    end_checks++ >= GRACE * 20 ||
	    evtimer_add(&end_timer, &while_stopping) == -1)
		event_base_loopbreak(base);
}

/*
 * Stops listening, and waits for the requests.  A second TERM or INT ends the
 * program.
 */
static void
stop_cb(int sig, short what, void *arg)
{
	struct clock *c, *next;
	int i;

	(void)what;
	(void)arg;
	print_prefix();
	printf("signal %d, %d connections may finish\n", sig,
	    evhttp_get_connection_count(http));
	is_stopping = 1;
	for (i = 0; i < n_workers; i++)
		kill(workers[i], SIGTERM);
	evhttp_del_accept_socket(http, listener);
	signal_del(&hup);
	signal_del(&usr1);
	signal_del(&term);
	signal_del(&intr);
	for (c = LIST_FIRST(&clocks); c != NULL; c = next) {
		next = LIST_NEXT(c, next);
		tick_cb(-1, EV_TIMEOUT, c);
	}
	check_end_cb(-1, EV_TIMEOUT, NULL);
}

/* Makes a server that does not listen yet. */
static void
make_server(void)
{
	unsigned methods = EVHTTP_METHOD_BIT(EVHTTP_REQ_GET) |
			   EVHTTP_METHOD_BIT(EVHTTP_REQ_HEAD);

	if (may_upload)
		methods |= EVHTTP_METHOD_BIT(EVHTTP_REQ_PUT) |
			   EVHTTP_METHOD_BIT(EVHTTP_REQ_POST);
	if ((http = evhttp_new(base)) == NULL)
		errx(1, "evhttp_new failed");
	evhttp_set_allowed_methods(http, methods);
	evhttp_set_max_body_size(http, largest);
	evhttp_set_timeout(http, idle);
	evhttp_set_newreqcb(http, new_request_cb, NULL);
	evhttp_set_gencb(http, request_cb, NULL);
}

static void
start_listening(void)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[NI_MAXHOST], number[NI_MAXSERV];

	listener = evhttp_bind_socket_with_handle(http, address, port);
	if (listener == NULL)
		err(1, "%s port %d", address, port);
	if (getsockname(evhttp_bound_socket_get_fd(listener),
		(struct sockaddr *)&ss, &len) == -1 ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), number,
		sizeof(number), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		errx(1, "the socket has no address");
	printf("httpd: listening on %s port %s\n", host, number);
}

/*
 * In a new process: closes its copies of the parent's connections, and keeps
 * only the listening socket.
 */
static void
set_up_worker(void)
{
	int fd;

	is_worker = 1;
	n_workers = 0;
	if (event_reinit(base) == -1 ||
	    (fd = dup(evhttp_bound_socket_get_fd(listener))) == -1)
		err(1, "a new process");
	closes_inherited = 1;
	evhttp_free(http);
	closes_inherited = 0;
	memset(&count, 0, sizeof(count));
	make_server();
	listener = evhttp_accept_socket_with_handle(http, fd);
	if (listener == NULL)
		err(1, "a new process");
}

static void
start_worker(void)
{
	pid_t pid;

	has_to_fork = 0;
	if (n_workers == WORKERS)
		return;
	fflush(stdout);
	pid = fork();
	if (pid == -1) {
		warn("fork");
	} else if (pid == 0) {
		set_up_worker();
	} else {
		printf("httpd: process %ld serves, too\n", (long)pid);
		workers[n_workers++] = pid;
	}
}

static void
add_signal(struct event *ev, int sig, void (*cb)(int, short, void *))
{
	signal_set(ev, sig, cb, NULL);
	if (signal_add(ev, NULL) == -1)
		err(1, "signal %d", sig);
}

static void
usage(FILE *out, int status)
{
	fprintf(out,
	    "usage: httpd [option ...] [folder]\n"
	    "Serves the files below the folder, which is . otherwise.\n"
	    "  -a, --address=A  listen on A and not on %s\n"
	    "  -p, --port=N     listen on port N; the system chooses "
	    "otherwise\n"
	    "  -t, --timeout=S  close connections that are idle for S seconds\n"
	    "  -u, --uploads    take files by PUT and POST\n"
	    "  -m, --max=N      of at most N megabytes\n"
	    "  -h, --help       print this\n"
	    "Signals: HUP prints statistics, USR1 starts one more process,\n"
	    "TERM and INT let requests in flight finish, and end.\n",
	    address);
	exit(status);
}

/* Whether it is a number that a port may have. */
static int
is_port(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0' &&
	       strlen(text) <= 5 && atoi(text) <= 65535;
}

/* Reads the command line.  Returns the folder. */
static const char *
parse(int argc, char **argv)
{
	static const struct option options[] = {
	    {"address", required_argument, NULL, 'a'},
	    {"help", no_argument, NULL, 'h'},
	    {"max", required_argument, NULL, 'm'},
	    {"port", required_argument, NULL, 'p'},
	    {"timeout", required_argument, NULL, 't'},
	    {"uploads", no_argument, NULL, 'u'},
	    {NULL, 0, NULL, 0},
	};
	int ch;

	while (
	    (ch = getopt_long(argc, argv, "a:hm:p:t:u", options, NULL)) != -1) {
		if (ch == 'a')
			address = optarg;
		else if (ch == 'h')
			usage(stdout, 0);
		else if (ch == 'm' && atol(optarg) > 0)
			largest = atol(optarg) * 1000000;
		else if (ch == 'p' && is_port(optarg))
			port = atoi(optarg);
		else if (ch == 't' && atoi(optarg) > 0)
			idle = atoi(optarg);
		else if (ch == 'u')
			may_upload = 1;
		else
			usage(stderr, 2);
	}
	if (optind < argc - 1)
		usage(stderr, 2);
	return optind < argc ? argv[optind] : ".";
}

/* Runs the loop until the end, in the child process, too. */
static void
run(void)
{
	do {
		if (has_to_fork)
			start_worker();
		if (event_base_dispatch(base) == -1)
			err(1, "event_base_dispatch");
	} while (has_to_fork);
}

int
main(int argc, char **argv)
{
	const char *folder = parse(argc, argv);

	setvbuf(stdout, NULL, _IOLBF, 0);
	open_root(folder);
	if ((base = event_init()) == NULL || (line = evbuffer_new()) == NULL)
		errx(1, "event_init failed");
	printf("httpd: libevent %s, waiting with %s\n", event_get_version(),
	    event_get_method());
	add_signal(&hup, SIGHUP, hup_cb);
	add_signal(&usr1, SIGUSR1, usr1_cb);
	add_signal(&term, SIGTERM, stop_cb);
	add_signal(&intr, SIGINT, stop_cb);
	evtimer_set(&end_timer, check_end_cb, NULL);
	make_server();
	start_listening();
	run();
	print_statistics();
	evhttp_free(http);
	while (n_workers > 0)
		waitpid(workers[--n_workers], NULL, 0);
	print_prefix();
	printf("good bye\n");
	evbuffer_free(line);
	close_root();
	event_base_free(base);
	return 0;
}
