/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dnslookup: looks up names, and the names of addresses, all at once.  A
 * libevent 1.4 program on the first half of evdns.h.  It builds with the
 * -levent of any libevent.
 *
 *	dnslookup [-46nv] [-f file] [-t seconds]
 *	    [-c resolv.conf] [-o option[:value]] [-s server[:port]] name ...
 *
 * The name - stands for the names on standard input, one in each line; each is
 * looked up as soon as it is read.  Prints each answer as NAME TTL TYPE DATA.
 *
 *	-4 -6	looks up IPv4 or IPv6 addresses only
 *	-n	does not use the search list
 *	-v	prints the log messages of the resolver
 *	-f	forks when half of the answers have arrived; the child looks
 *		that half up again, and writes all its answers to the file
 *	-t	stops after this many seconds; the default is 60
 *	-s	adds a nameserver
 *	-c	reads this file, but its nameservers only if there are none
 *		yet; without -s and -c the system's resolv.conf is read
 *	-o	sets an option, as the options line of such a file does
 *
 * -s, -c and -o take effect in the order in which they are given.  The status
 * is 0 if there was an answer for every name, in the child process, too.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <err.h>
#include <event.h>
#include <evdns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind {
	IPV4,
	IPV6,
	REVERSE
};

static const char *const types[] = {"A", "AAAA", "PTR"};

struct question {
	struct name *name;
	enum kind kind;
	int waiting;
};

struct name {
	TAILQ_ENTRY(name) next;
	struct question questions[2];
	int nquestions;
	int found;
	char text[];
};

static TAILQ_HEAD(, name) names = TAILQ_HEAD_INITIALIZER(names);
static struct event_base *base;
static struct event reader;   /* of standard input, if that is a pipe */
static struct event deadline; /* for all names together */
static struct evbuffer *input;
static struct timeval start_time, limit = {60, 0};
static const char *who = "dnslookup";
static const char *child_file; /* of -f; NULL after the fork */
static pid_t child;
static int families = 3; /* bits: 1 is IPv4, 2 is IPv6 */
static int query_flags;
static int may_get_names = 1; /* from standard input */

static struct {
	unsigned long questions, waiting, answers;
} count;

/*
 * Ends the loop when all answers have arrived, or main() has to fork.  The loop
 * would not end by itself, as there are nameservers.
 */
static void
end_loop_if_due(void)
{
	if (!may_get_names &&
	    (count.waiting == 0 ||
		(child_file != NULL && count.waiting <= count.questions / 2)))
		event_loopbreak();
}

static void
finish(struct question *q, int found)
{
	q->waiting = 0;
	q->name->found |= found;
	count.waiting--;
	count.answers += found;
	end_loop_if_due();
}

static void
print_answer(const struct question *q, int ttl, const char *data)
{
	printf("%s %d %s %s\n", q->name->text, ttl, types[q->kind], data);
}

static void
print_addresses(const struct question *q, int ttl, int n, const char *address,
    int family, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	for (; n > 0; n--, address += size)
		print_answer(q, ttl,
		    inet_ntop(family, address, text, sizeof(text)));
}

static void
answer_cb(int result, char type, int n, int ttl, void *addresses, void *arg)
{
	struct question *q = arg;

	if (result != DNS_ERR_NONE)
		printf("%s %s: %s (%d)\n", q->name->text, types[q->kind],
		    evdns_err_to_string(result), result);
	else if (type == DNS_IPv4_A)
		print_addresses(q, ttl, n, addresses, AF_INET, 4);
	else if (type == DNS_IPv6_AAAA)
		print_addresses(q, ttl, n, addresses, AF_INET6, 16);
	else if (type == DNS_PTR)
		print_answer(q, ttl, *(char **)addresses);
	finish(q, result == DNS_ERR_NONE);
}

/*
 * Starts a lookup.  Its callback is called later, from the loop; if it cannot
 * be started, not at all.
 */
static void
ask(struct question *q)
{
	const char *text = q->name->text;
	struct in6_addr in6;
	struct in_addr in;
	int refused;

	q->waiting = 1;
	count.waiting++;
	if (q->kind == IPV4)
		refused = evdns_resolve_ipv4(text, query_flags, answer_cb, q);
	else if (q->kind == IPV6)
		refused = evdns_resolve_ipv6(text, query_flags, answer_cb, q);
	else if (inet_pton(AF_INET, text, &in) == 1)
		refused = evdns_resolve_reverse(&in, query_flags, answer_cb, q);
	else if (inet_pton(AF_INET6, text, &in6) == 1)
		refused =
		    evdns_resolve_reverse_ipv6(&in6, query_flags, answer_cb, q);
	else
		refused = 1;
	if (refused) {
		printf("%s %s: cannot be asked for\n", text, types[q->kind]);
		finish(q, 0);
	}
}

static void
add_question(struct name *name, enum kind kind)
{
	struct question *q = &name->questions[name->nquestions++];

	q->name = name;
	q->kind = kind;
	count.questions++;
	ask(q);
}

static int
is_address(const char *text)
{
	struct in6_addr either;

	return inet_pton(AF_INET, text, &either) == 1 ||
	       inet_pton(AF_INET6, text, &either) == 1;
}

static void
add_name(const char *text)
{
	struct name *name = calloc(1, sizeof(*name) + strlen(text) + 1);

	if (name == NULL)
		err(1, NULL);
	strcpy(name->text, text);
	TAILQ_INSERT_TAIL(&names, name, next);
	if (is_address(text)) {
		add_question(name, REVERSE);
		return;
	}
	if (families & 1)
		add_question(name, IPV4);
	if (families & 2)
		add_question(name, IPV6);
}

static long
ms_since(const struct timeval *then)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (now.tv_sec - then->tv_sec) * 1000 +
	       (now.tv_usec - then->tv_usec) / 1000;
}

/*
 * Forks while lookups are in flight.  Child and parent both have to get the
 * answers to those; the child repeats the others.
 */
static void
fork_child(void)
{
	const char *file = child_file;
	struct name *name;
	int i;

	child_file = NULL;
	fprintf(stderr, "%s: forks, and waits for %lu answers\n", who,
	    count.waiting);
	if ((child = fork()) == -1)
		err(1, "fork");
	if (child > 0)
		return;
	if (event_reinit(base) == -1)
		errx(1, "event_reinit failed");
	if (freopen(file, "w", stdout) == NULL)
		err(1, "%s", file);
	setvbuf(stdout, NULL, _IOLBF, 0);
	who = "dnslookup, the child";
	gettimeofday(&start_time, NULL);
	count.answers = 0;
	may_get_names = 1;
	TAILQ_FOREACH (name, &names, next) {
		name->found = 0;
		for (i = 0; i < name->nquestions; i++)
			if (!name->questions[i].waiting)
				ask(&name->questions[i]);
	}
	may_get_names = 0;
}

/* Reads the lines that have arrived. */
static void
read_cb(int fd, short what, void *arg)
{
	char *line;
	int n = evbuffer_read(input, fd, -1);

	(void)what;
	(void)arg;
	if (n == -1)
		err(1, "standard input");
	if (n == 0) /* the last line may have no newline */
		evbuffer_add(input, "\n", 1);
	while ((line = evbuffer_readline(input)) != NULL) {
		if (*line != '\0')
			add_name(line);
		free(line);
	}
	if (n == 0) {
		event_del(&reader);
		may_get_names = 0;
		end_loop_if_due();
	}
}

/* A regular file can be read at any time, so no event is needed. */
static void
read_names(void)
{
	struct stat st;

	if ((input = evbuffer_new()) == NULL || fstat(0, &st) == -1)
		err(1, "standard input");
	event_set(&reader, 0, EV_READ | EV_PERSIST, read_cb, NULL);
	if (S_ISREG(st.st_mode))
		while (may_get_names)
			read_cb(0, EV_READ, NULL);
	else if (event_add(&reader, NULL) == -1)
		err(1, "standard input");
}

/* Ends all lookups; their callbacks get DNS_ERR_SHUTDOWN. */
static void
deadline_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fprintf(stderr, "%s: not done after %ld seconds\n", who,
	    (long)limit.tv_sec);
	child_file = NULL;
	evdns_shutdown(1);
	event_loopbreak();
}

static void
log_cb(int is_warning, const char *message)
{
	fprintf(stderr, "%s: %s%s\n", who, is_warning ? "warning: " : "",
	    message);
}

static void
read_resolv_conf(const char *path)
{
	int what = DNS_OPTIONS_ALL;

	if (evdns_count_nameservers() > 0)
		what &= ~DNS_OPTION_NAMESERVERS;
	switch (evdns_resolv_conf_parse(what, path)) {
	case 0:
	case 6: /* no nameserver in the file: 127.0.0.1 is used */
		break;
	case 1:
		err(1, "%s", path);
	default:
		errx(1, "%s cannot be used", path);
	}
}

/* "timeout:3" is the option "timeout:" with the value "3". */
static void
set_option(const char *text)
{
	char name[32];
	size_t len = strcspn(text, ":");

	len += text[len] == ':';
	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	if (evdns_set_option(name, text + len, DNS_OPTIONS_ALL) == -1)
		errx(1, "%s: no such value", text);
}

static void
usage(void)
{
	errx(2, "usage: dnslookup [-46nv] [-f file] [-t seconds] "
		"[-c resolv.conf]\n"
		"    [-o option[:value]] [-s server[:port]] name ...");
}

static void
parse(int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "46c:f:no:s:t:v")) != -1) {
		if (ch == '4')
			families = 1;
		else if (ch == '6')
			families = 2;
		else if (ch == 'c')
			read_resolv_conf(optarg);
		else if (ch == 'f')
			child_file = optarg;
		else if (ch == 'n')
			query_flags = DNS_QUERY_NO_SEARCH;
		else if (ch == 'o')
			set_option(optarg);
		else if (ch == 's' && evdns_nameserver_ip_add(optarg) != 0)
			errx(1, "%s cannot be used", optarg);
		else if (ch == 't' && atoi(optarg) > 0)
			limit.tv_sec = atoi(optarg);
		else if (ch == 'v')
			evdns_set_log_fn(log_cb);
		else if (ch != 's')
			usage();
	}
	if (optind == argc)
		usage();
}

/* Returns whether every name was found, in the child process, too. */
static int
report(void)
{
	unsigned long asked = 0, not_found = 0;
	struct name *name;
	int status;

	TAILQ_FOREACH (name, &names, next) {
		asked++;
		not_found += !name->found;
	}
	fprintf(stderr,
	    "%s: %lu names, %lu questions, %lu answered, "
	    "%lu names not found, %ld ms\n",
	    who, asked, count.questions, count.answers, not_found,
	    ms_since(&start_time));
	if (child > 0 && (waitpid(child, &status, 0) == -1 || status != 0))
		return 0;
	return !may_get_names && not_found == 0;
}

static void
clean_up(void)
{
	struct name *name;

	while ((name = TAILQ_FIRST(&names)) != NULL) {
		TAILQ_REMOVE(&names, name, next);
		free(name);
	}
	if (input != NULL)
		evbuffer_free(input);
	event_base_free(base);
}

static void
run(void)
{
	if ((may_get_names || count.waiting > 0) && event_dispatch() == -1)
		err(1, "event_dispatch");
}

int
main(int argc, char **argv)
{
	int i, reads_input = 0, succeeded;

	setvbuf(stdout, NULL, _IOLBF, 0);
	gettimeofday(&start_time, NULL);
	if ((base = event_init()) == NULL)
		errx(1, "event_init failed");
	parse(argc, argv);
	if (evdns_count_nameservers() == 0)
		evdns_init();
	if (evdns_count_nameservers() == 0)
		errx(1, "there is no nameserver");
	evtimer_set(&deadline, deadline_cb, NULL);
	if (evtimer_add(&deadline, &limit) == -1)
		err(1, "evtimer_add");

	for (i = optind; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			reads_input = 1;
		else
			add_name(argv[i]);
	}
	if (reads_input) {
		read_names();
	} else {
		may_get_names = 0;
		end_loop_if_due();
	}
	run();
	if (child_file != NULL) {
		fork_child();
		run();
	}
	evdns_shutdown(0);
	succeeded = report();
	clean_up();
	return succeeded ? 0 : 1;
}
