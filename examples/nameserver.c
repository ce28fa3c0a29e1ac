/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nameserver: answers DNS queries from a small file, over UDP on 127.0.0.1.  A
 * libevent 1.4 program on the second half of evdns.h.  It builds with the
 * -levent of any libevent.
 *
 *	nameserver [-p port] [-l number] zone
 *
 * Each line of the zone is NAME TTL TYPE DATA; a # begins a comment.
 *
 *	www.demo.test    300  A      192.0.2.1
 *	www.demo.test    300  AAAA   2001:db8::1
 *	web.demo.test    300  CNAME  www.demo.test
 *	192.0.2.1        300  PTR    www.demo.test
 *	many.demo.test   300  MANY   10.0.0.0
 *	slow.demo.test   0    DELAY  250
 *
 * MANY stands for 16 million names: n0.many.demo.test is 10.0.0.0, n258 is
 * 10.0.1.2, up to n16777215, and each of the addresses has its PTR.  DELAY is
 * how many milliseconds pass before queries for a name, and for all names below
 * it, are answered.
 *
 * With -l every number-th query is lost.  HUP prints statistics.  TERM or INT
 * stops reading queries; the program ends when the delayed answers are sent.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <err.h>
#include <event.h>
#include <evdns.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LONGEST 256	/* bytes of a name, with its NUL */
#define ALIASES 8	/* how many CNAMEs are followed for one question */
#define AUTHORITY 0x400 /* the bit AA in the flags of an answer */

/* Types of lines that are not types of the DNS, whose numbers are lower. */
enum {
	MANY = 0x10000,
	DELAY
};

static const struct {
	const char *word;
	int type;
} types[] = {
    {"A", EVDNS_TYPE_A},
    {"AAAA", EVDNS_TYPE_AAAA},
    {"CNAME", EVDNS_TYPE_CNAME},
    {"PTR", EVDNS_TYPE_PTR},
    {"MANY", MANY},
    {"DELAY", DELAY},
};

struct line {
	TAILQ_ENTRY(line) next;
	int type;
	int ttl;
	int delay;
	unsigned char address[16];
	char name[LONGEST];
	char target[LONGEST];
};

/* An answer that is delayed. */
struct late {
	struct event timer;
	struct evdns_server_request *req;
};

static TAILQ_HEAD(, line) zone = TAILQ_HEAD_INITIALIZER(zone);
static struct evdns_server_port *port;
static struct event hup, term, intr;
static unsigned long drop_every; /* each n-th query is dropped; 0: none */

static struct {
	unsigned long questions, lost, unknown, late, waiting;
} count;

static void
print_statistics(void)
{
	printf("nameserver: %lu questions, %lu of them lost, %lu about unknown "
	       "names\n",
	    count.questions, count.lost, count.unknown);
	printf("nameserver: %lu answers took their time, %lu wait now\n",
	    count.late, count.waiting);
}

/* Whether name is domain, or a name below it. */
static int
is_in(const char *name, const char *domain)
{
	size_t len = strlen(name), end = strlen(domain);

	return len >= end && strcasecmp(name + len - end, domain) == 0 &&
	       (len == end || name[len - end - 1] == '.');
}

/* The PTR name of an address. */
static void
reverse_name(char name[LONGEST], int family, const unsigned char *address)
{
	int i;

	if (family == AF_INET) {
		snprintf(name, LONGEST, "%u.%u.%u.%u.in-addr.arpa", address[3],
		    address[2], address[1], address[0]);
		return;
	}
	for (i = 15; i >= 0; i--)
		name +=
		    sprintf(name, "%x.%x.", address[i] & 15, address[i] >> 4);
	strcpy(name, "ip6.arpa");
}

/*
 * Makes the record of name that a MANY line stands for: the address of a name,
 * or the name of an address.  Returns whether there is one.
 */
static int
make_record(struct line *made, const struct line *many, const char *name)
{
	unsigned char *a = made->address;
	unsigned int n = 0, b, c, d;

	*made = *many;
	if (sscanf(name, "%*1[nN]%8u", &n) == 1) {
		made->type = EVDNS_TYPE_A;
		a[1] = n >> 16;
		a[2] = n >> 8;
		a[3] = n;
		n &= 0xffffff;
		snprintf(made->name, LONGEST, "n%u.%.230s", n, many->name);
	} else if (sscanf(name, "%3u.%3u.%3u.", &d, &c, &b) == 3) {
		made->type = EVDNS_TYPE_PTR;
		a[1] = b;
		a[2] = c;
		a[3] = d;
		n = a[1] << 16 | a[2] << 8 | a[3];
		reverse_name(made->name, AF_INET, a);
		snprintf(made->target, LONGEST, "n%u.%.230s", n, many->name);
	}
	return strcasecmp(made->name, name) == 0;
}

/* Adds a line to an answer, as a record of name. */
static void
add_line(struct evdns_server_request *req, const char *name, struct line *l)
{
	int failed = 0;

	if (l->type == EVDNS_TYPE_A)
		failed = evdns_server_request_add_a_reply(req, name, 1,
		    l->address, l->ttl);
	else if (l->type == EVDNS_TYPE_AAAA)
		failed = evdns_server_request_add_aaaa_reply(req, name, 1,
		    l->address, l->ttl);
	else if (l->type == EVDNS_TYPE_CNAME)
		failed = evdns_server_request_add_cname_reply(req, name,
		    l->target, l->ttl);
	else if (l->type == EVDNS_TYPE_PTR)
		failed = evdns_server_request_add_ptr_reply(req, NULL, name,
		    l->target, l->ttl);
	if (failed)
		err(1, NULL);
}

/*
 * Adds the records of a type that the zone has for name.  If there is a CNAME,
 * adds that, and sets *alias to its target.  Returns whether name exists, which
 * is also so if there are names below it.
 */
static int
add_lines(struct evdns_server_request *req, const char *name, int type,
    const char **alias)
{
	struct line *l, *record, made;
	int known = 0;

	*alias = NULL;
	TAILQ_FOREACH (l, &zone, next) {
		if (l->type == DELAY)
			continue;
		record =
		    l->type == MANY && make_record(&made, l, name) ? &made : l;
		known |= is_in(record->name, name);
		if (strcasecmp(record->name, name) != 0)
			continue;
		if (record->type == type || type == EVDNS_QTYPE_ALL) {
			add_line(req, name, record);
		} else if (record->type == EVDNS_TYPE_CNAME) {
			add_line(req, name, record);
			*alias = record->target;
		}
	}
	return known;
}

/* Makes an answer.  Returns its response code. */
static int
fill_in(struct evdns_server_request *req)
{
	const struct evdns_server_question *q;
	const char *name, *alias;
	int known, aliases = 0;

	if (req->nquestions != 1)
		return DNS_ERR_FORMAT;
	q = req->questions[0];
	if (q->dns_question_class != EVDNS_CLASS_INET)
		return DNS_ERR_REFUSED;
	if (q->type == EVDNS_QTYPE_AXFR)
		return DNS_ERR_NOTIMPL;
	req->flags |= AUTHORITY;
	for (name = q->name;; name = alias) {
		known = add_lines(req, name, q->type, &alias);
		if (alias == NULL || ++aliases > ALIASES)
			break;
	}
	if (known)
		return DNS_ERR_NONE;
	count.unknown++;
	return DNS_ERR_NOTEXIST;
}

/* Sends an answer; the library frees the request even if that fails. */
static void
answer(struct evdns_server_request *req)
{
	if (evdns_server_request_respond(req, fill_in(req)) < 0)
		warn("an answer was not sent");
}

static void
late_cb(int fd, short what, void *arg)
{
	struct late *late = arg;

	(void)fd;
	(void)what;
	answer(late->req);
	free(late);
	count.waiting--;
}

/* Keeps a request until its delay is over; it may be answered at any time. */
static void
answer_late(struct evdns_server_request *req, int delay)
{
	struct timeval tv = {delay / 1000, delay % 1000 * 1000};
	struct late *late = malloc(sizeof(*late));

	if (late == NULL)
		err(1, NULL);
	late->req = req;
	evtimer_set(&late->timer, late_cb, late);
	if (evtimer_add(&late->timer, &tv) == -1)
		err(1, "evtimer_add");
	count.late++;
	count.waiting++;
}

static int
delay_of(const char *name)
{
	struct line *l;
	int delay = 0;

	TAILQ_FOREACH (l, &zone, next)
		if (l->type == DELAY && is_in(name, l->name))
			delay += l->delay;
	return delay;
}

static void
request_cb(struct evdns_server_request *req, void *arg)
{
	int delay = 0;

	(void)arg;
	count.questions++;
	if (drop_every > 0 && count.questions % drop_every == 0) {
		count.lost++;
		evdns_server_request_drop(req);
		return;
	}
	if (req->nquestions > 0)
		delay = delay_of(req->questions[0]->name);
	if (delay > 0)
		answer_late(req, delay);
	else
		answer(req);
}

static void
hup_cb(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	print_statistics();
}

/*
 * Stops reading questions.  The delayed answers are still sent, for which the
 * port stays open; then the loop ends.  A second TERM or INT ends the program.
 */
static void
stop_cb(int sig, short what, void *arg)
{
	(void)what;
	(void)arg;
	printf("nameserver: signal %d, %lu answers wait\n", sig, count.waiting);
	evdns_close_server_port(port);
	signal_del(&hup);
	signal_del(&term);
	signal_del(&intr);
}

static void
drop_final_dot(char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
}

/* Parses the type and the data of a line, whose name was read. */
static int
read_data(struct line *l, const char *type, const char *data)
{
	size_t i;

	l->type = 0;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, type) == 0)
			l->type = types[i].type;
	switch (l->type) {
	case EVDNS_TYPE_A:
	case MANY:
		return inet_pton(AF_INET, data, l->address) == 1;
	case EVDNS_TYPE_AAAA:
		return inet_pton(AF_INET6, data, l->address) == 1;
	case EVDNS_TYPE_PTR:
		if (inet_pton(AF_INET, l->name, l->address) == 1)
			reverse_name(l->name, AF_INET, l->address);
		else if (inet_pton(AF_INET6, l->name, l->address) == 1)
			reverse_name(l->name, AF_INET6, l->address);
		/* FALLTHROUGH */
	case EVDNS_TYPE_CNAME:
		snprintf(l->target, sizeof(l->target), "%s", data);
		drop_final_dot(l->target);
		return 1;
	case DELAY:
		return sscanf(data, "%d", &l->delay) == 1 && l->delay >= 0;
	default:
		return 0;
	}
}

static void
read_zone(const char *path)
{
	FILE *file = fopen(path, "r");
	char text[1024], type[8], data[LONGEST];
	struct line *l;
	int fields, number = 0;

	if (file == NULL)
		err(1, "%s", path);
	while (fgets(text, sizeof(text), file) != NULL) {
		number++;
		text[strcspn(text, "#")] = '\0';
		if ((l = calloc(1, sizeof(*l))) == NULL)
			err(1, NULL);
		fields = sscanf(text, "%255s %d %7s %255s", l->name, &l->ttl,
		    type, data);
		if (fields < 1) {
			free(l);
			continue;
		}
		drop_final_dot(l->name);
		if (fields != 4 || !read_data(l, type, data))
			errx(1, "%s:%d: not understood", path, number);
		TAILQ_INSERT_TAIL(&zone, l, next);
	}
	if (ferror(file))
		err(1, "%s", path);
	fclose(file);
}

static void
free_zone(void)
{
	struct line *l;

	while ((l = TAILQ_FIRST(&zone)) != NULL) {
		TAILQ_REMOVE(&zone, l, next);
		free(l);
	}
}

/* Makes the port; the library closes the socket with it. */
static void
listen_on(int number)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	sin.sin_port = htons(number);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    evutil_make_socket_nonblocking(fd) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "port %d", number);
	if ((port = evdns_add_server_port(fd, 0, request_cb, NULL)) == NULL)
		errx(1, "evdns_add_server_port failed");
	printf("nameserver: listening on %s port %d\n", inet_ntoa(sin.sin_addr),
	    ntohs(sin.sin_port));
}

static void
add_signal(struct event *ev, int sig, void (*cb)(int, short, void *))
{
	signal_set(ev, sig, cb, NULL);
	if (signal_add(ev, NULL) == -1)
		err(1, "signal %d", sig);
}

static void
usage(void)
{
	errx(2, "usage: nameserver [-p port] [-l number] zone");
}

/* Reads the command line.  Returns the port. */
static int
parse(int argc, char **argv)
{
	int ch, number = 0;

	while ((ch = getopt(argc, argv, "l:p:")) != -1) {
		if (ch == 'l' && atoi(optarg) > 0)
			drop_every = atoi(optarg);
		else if (ch == 'p')
			number = atoi(optarg);
		else
			usage();
	}
	if (optind != argc - 1)
		usage();
	return number;
}

int
main(int argc, char **argv)
{
	int number = parse(argc, argv);
	struct event_base *base;

	setvbuf(stdout, NULL, _IOLBF, 0);
	read_zone(argv[optind]);
	if ((base = event_init()) == NULL)
		errx(1, "event_init failed");
	printf("nameserver: libevent %s, waiting with %s\n",
	    event_get_version(), event_get_method());
	add_signal(&hup, SIGHUP, hup_cb);
	add_signal(&term, SIGTERM, stop_cb);
	add_signal(&intr, SIGINT, stop_cb);
	listen_on(number);

	if (event_dispatch() == -1)
		err(1, "event_dispatch");
	print_statistics();
	printf("nameserver: good bye\n");
	free_zone();
	event_base_free(base);
	return 0;
}
