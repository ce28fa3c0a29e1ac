/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the server side.  The first byte of the input says how many bytes
 * describe the answer; the bytes after those are sent as a request, which a
 * reader of this file parses as well.
 *
 * 1. read_request() reads the bytes that are sent into `asked`.
 * 2. answer_cb() is the program's callback: check_request() compares what it
 *    gets with `asked`, and add_record() makes the answer from the input.
 * 3. check_reply() reads the reply record by record, and compares each with
 *    what was added; the C library reads it as well.
 */
#include "fuzz.h"

#include <sys/types.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <arpa/nameser.h>

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <event.h>
#include <evdns.h>

#define REQUEST_MAX 1500
#define REFERENCES_MAX 128 /* in a name */
#define RECORDS_MAX 40
#define NAME_ROOM 300
#define SIZE_14 1400 /* bytes; 1.4 cannot make a longer reply */

/* A name in wire format, without pointers. */
struct name {
	uint8_t bytes[NS_MAXCDNAME];
	size_t len;
};

struct question {
	struct name name;
	unsigned int type, class;
};

/* What a record has to be when it is read back. */
struct record {
	int section;
	struct name name;
	unsigned int type, class;
	unsigned long ttl;
	bool is_name;
	struct name target;
	uint8_t data[NAME_ROOM];
	size_t len;
};

static struct {
	const uint8_t *msg;
	size_t len;
	bool is_request;
	bool is_strange; /* 1.4 may answer differently */
	int nquestions;
	struct question questions[REQUEST_MAX / 5];
} asked;

static struct {
	int calls;
	bool is_answered;
	int flags;
	int nrecords;
	size_t size; /* bytes of the answer without compression */
	struct record records[RECORDS_MAX];
} answered;

static int client;

/*
 * Names.
 */

static unsigned int
get16(const uint8_t *p)
{
	return (unsigned int)(p[0] << 8 | p[1]);
}

static unsigned long
get32(const uint8_t *p)
{
	return (unsigned long)get16(p) << 16 | get16(p + 2);
}

/*
 * Reads a name.  Returns how many bytes it has in the message, or -1.  The C
 * library's function stops where it has looked at as many bytes as there are,
 * which is too early for a name that is made of the same bytes several times.
 */
static int
read_name(const uint8_t *msg, size_t len, size_t at, struct name *out)
{
	int references = 0, taken = -1;
	size_t start = at, n;

	out->len = 0;
	while (at < len) {
		n = msg[at];
		if (n >= 0xc0) {
			if (at + 2 > len || ++references > REFERENCES_MAX)
				return -1;
			if (taken == -1)
				taken = (int)(at + 2 - start);
			at = get16(msg + at) & 0x3fff;
			continue;
		}
		if (n > 63 || at + 1 + n > len || out->len + 1 + n > 255)
			return -1;
		memcpy(out->bytes + out->len, msg + at, 1 + n);
		out->len += 1 + n;
		at += 1 + n;
		if (n == 0)
			return taken == -1 ? (int)(at - start) : taken;
	}
	return -1;
}

/* Converts text to a name; false if it is not a name. */
static bool
text_to_name(const char *text, struct name *out)
{
	size_t n;

	out->len = 0;
	if (strcmp(text, ".") == 0)
		text = "";
	while (*text != '\0') {
		n = strcspn(text, ".");
		if (n == 0 || n > 63 || out->len + n + 2 > 255)
			return false;
		out->bytes[out->len++] = (uint8_t)n;
		memcpy(out->bytes + out->len, text, n);
		out->len += n;
		text += n;
		if (*text == '.')
			text++;
	}
	out->bytes[out->len++] = 0;
	return true;
}

static bool
is_same_name(const struct name *one, const struct name *other)
{
	return one->len == other->len &&
	       memcmp(one->bytes, other->bytes, one->len) == 0;
}

/*
 * Converts a name to text; false if that text would be another name, or none.
 */
static bool
name_to_text(const struct name *name, char *text)
{
	struct name back;
	size_t n = 0;

	for (const uint8_t *p = name->bytes; *p != 0; p += 1 + *p) {
		if (n > 0)
			text[n++] = '.';
		memcpy(text + n, p + 1, *p);
		n += *p;
	}
	text[n] = '\0';
	return text_to_name(text, &back) && is_same_name(name, &back);
}

/*
 * The request.
 */

static bool
read_questions(void)
{
	size_t at = NS_HFIXEDSZ;
	char text[NAME_ROOM];

	for (int i = 0; i < asked.nquestions; i++) {
		struct question *q = &asked.questions[i];
		int n = at < asked.len
			    ? read_name(asked.msg, asked.len, at, &q->name)
			    : -1;

		asked.is_strange = n == -1;
		if (n == -1 || asked.len - at - (size_t)n < NS_QFIXEDSZ)
			return false;
		at += (size_t)n;
		q->type = get16(asked.msg + at);
		q->class = get16(asked.msg + at + 2);
		at += NS_QFIXEDSZ;
		if (!name_to_text(&q->name, text)) {
			asked.is_strange = true;
			return false;
		}
	}
	return true;
}

static void
read_request(const uint8_t *msg, size_t len)
{
	asked.msg = msg;
	asked.len = len < REQUEST_MAX ? len : REQUEST_MAX;
	asked.is_strange = false;
	asked.nquestions = 0;
	asked.is_request = len >= NS_HFIXEDSZ && !(msg[2] & 0x80);
	if (asked.is_request)
		asked.nquestions = (int)get16(msg + 4);
	if (asked.is_request)
		asked.is_request = read_questions();
}

/* Checks that the library gives the callback the questions that were sent. */
static void
check_request(const struct evdns_server_request *req)
{
	char text[NAME_ROOM];

	CHECK(asked.is_request);
	CHECK(req->flags == (int)(get16(asked.msg + 2) & 0x0110));
	CHECK(req->nquestions == asked.nquestions);
	for (int i = 0; i < req->nquestions; i++) {
		const struct question *q = &asked.questions[i];

		CHECK(name_to_text(&q->name, text));
		CHECK(strcmp(req->questions[i]->name, text) == 0);
		CHECK(req->questions[i]->type == (int)q->type);
		CHECK(req->questions[i]->class == (int)q->class);
	}
}

/*
 * The answer.
 */

/*
 * Text of a name that may share parts with other names, so that it is
 * compressed.
 */
static void
take_name(const struct evdns_server_request *req, char *text)
{
	static const char *some[] = {"", ".", "a", "a.b", "b.", "example.com",
	    "www.example.com", "EXAMPLE.com"};
	const char *other = "";
	size_t n = take(16);

	if (req->nquestions > 0)
		other = req->questions[take((unsigned)req->nquestions)]->name;
	if (n < 8) {
		strcpy(text, some[n]);
	} else if (n < 12) { /* the end of a question, or all of it */
		strcpy(text, other + take((unsigned)strlen(other) + 1));
	} else if (n < 14) { /* something before it */
		text[0] = (char)take(256);
		text[1] = '.';
		strcpy(text + 2, other);
	} else { /* any bytes */
		n = take(2) ? take(256) : take(8);
		for (size_t i = 0; i < n; i++)
			text[i] = (char)take(256);
		text[n] = '\0';
	}
	if (take(8) == 0)
		strcat(text, ".");
}

static void
add_record(struct evdns_server_request *req)
{
	struct record *r = &answered.records[answered.nrecords];
	char name[NAME_ROOM], target[NAME_ROOM];
	bool is_good;
	int ttl;

	take_name(req, name);
	r->section = (int)take(5) - 1;
	r->type = (unsigned)take_16();
	r->class = (unsigned)take_16();
	ttl = (int)((unsigned)take_16() << 16 | (unsigned)take_16());
	r->ttl = (unsigned)ttl;
	r->is_name = take(2);
	is_good =
	    text_to_name(name, &r->name) && r->section >= 0 && r->section < 3;
	r->len = 0;
	if (r->is_name) {
		take_name(req, target);
		is_good = text_to_name(target, &r->target) && is_good;
	} else {
		r->len = take(4) ? take(8) : take(256);
		for (size_t i = 0; i < r->len; i++)
			r->data[i] = (uint8_t)take(256);
	}
	if (IS_14 && (!is_good || strcmp(name, ".") == 0 ||
			 (r->is_name && strcmp(target, ".") == 0)))
		return;
	answered.size += NAME_ROOM + r->len + r->target.len;
	if (IS_14 && answered.size > SIZE_14)
		return;
	begin("a record for %s", name);
	expect("adding it",
	    evdns_server_request_add_reply(req, r->section, name, (int)r->type,
		(int)r->class, ttl, (int)r->len, r->is_name,
		r->is_name ? target : (const char *)r->data),
	    is_good ? 0 : -1);
	answered.nrecords += is_good;
}

static void
answer_cb(struct evdns_server_request *req, void *arg)
{
	int err, n = (int)take(RECORDS_MAX + 1);

	(void)arg;
	answered.calls++;
	check_request(req);
	while (n-- > 0 && fuzz_has_more(INT_MAX))
		add_record(req);
	if (take(8) == 1)
		req->flags = (int)take_16();
	err = (int)take(18) - 1;
	answered.flags = 0x8000 | req->flags | err;
	answered.is_answered = take(16) != 1;
	if (!answered.is_answered) {
		CHECK(evdns_server_request_drop(req) == 0);
	} else if (err == -1 || err == 16) {
		CHECK(evdns_server_request_respond(req, err) < 0);
		answered.flags = 0x8000 | req->flags | 7;
		CHECK(evdns_server_request_respond(req, 7) == 0);
	} else {
		CHECK(evdns_server_request_respond(req, err) == 0);
	}
}

/*
 * The reply.
 */

struct reader {
	const uint8_t *msg;
	size_t len, at;
	bool is_cut; /* no more can be read, and need not be */
};

/*
 * Whether n more bytes follow; if not, the reply must have been truncated here.
 */
static bool
has(struct reader *r, size_t n)
{
	if (r->len - r->at >= n)
		return true;
	CHECK(r->is_cut);
	return false;
}

static bool
check_name(struct reader *r, const struct name *expected)
{
	struct name name;
	int n = r->at < r->len ? read_name(r->msg, r->len, r->at, &name) : -1;

	if (n == -1) {
		CHECK(r->is_cut);
		return false;
	}
	CHECK(is_same_name(&name, expected));
	r->at += (size_t)n;
	return true;
}

static bool
check_question(struct reader *r, const struct question *q)
{
	if (!check_name(r, &q->name) || !has(r, NS_QFIXEDSZ))
		return false;
	CHECK(get16(r->msg + r->at) == q->type);
	CHECK(get16(r->msg + r->at + 2) == q->class);
	r->at += NS_QFIXEDSZ;
	return true;
}

static bool
check_record(struct reader *r, const struct record *record)
{
	size_t len, end;

	if (!check_name(r, &record->name) || !has(r, NS_RRFIXEDSZ))
		return false;
	CHECK(get16(r->msg + r->at) == record->type);
	CHECK(get16(r->msg + r->at + 2) == record->class);
	CHECK(get32(r->msg + r->at + 4) == record->ttl);
	len = get16(r->msg + r->at + 8);
	r->at += NS_RRFIXEDSZ;
	end = r->at + len;
	if (record->is_name) {
		CHECK(len <= record->target.len + 1);
		if (!check_name(r, &record->target))
			return false;
		CHECK(r->at == end);
		return true;
	}
	CHECK(len == record->len);
	if (!has(r, len))
		return false;
	if (len > 0)
		CHECK(memcmp(r->msg + r->at, record->data, len) == 0);
	r->at = end;
	return true;
}

/*
 * The C library reads all of it, and finds nothing after it.  Its functions
 * are in a library that nothing else is linked with.
 */
static void
check_whole(const uint8_t *msg, size_t len)
{
	static int (*initparse)(const uint8_t *, int, ns_msg *);
	static int (*parserr)(ns_msg *, ns_sect, int, ns_rr *);
	ns_msg whole;
	ns_rr rr;

	if (initparse == NULL) {
		void *library = dlopen("libresolv.so.2", RTLD_NOW);

		CHECK(library != NULL);
		initparse = dlsym(library, "ns_initparse");
		parserr = dlsym(library, "ns_parserr");
		CHECK(initparse != NULL && parserr != NULL);
	}
	CHECK(initparse(msg, (int)len, &whole) == 0);
	for (int s = 0; s < ns_s_max; s++)
		for (int i = 0; i < ns_msg_count(whole, s); i++)
			CHECK(parserr(&whole, (ns_sect)s, i, &rr) == 0);
}

static void
check_header(const uint8_t *msg, bool is_cut)
{
	unsigned int counts[3] = {0, 0, 0};
	unsigned int flags = answered.flags & 0xffff;

	for (int i = 0; i < answered.nrecords; i++)
		counts[answered.records[i].section]++;
	CHECK(memcmp(msg, asked.msg, 2) == 0);
	CHECK(get16(msg + 2) == (is_cut ? flags | 0x0200 : flags));
	CHECK((int)get16(msg + 4) == asked.nquestions);
	for (int i = 0; i < 3; i++)
		CHECK(get16(msg + 6 + 2 * i) == counts[i]);
}

static void
check_reply(const uint8_t *msg, size_t len)
{
	struct reader r = {msg, len, NS_HFIXEDSZ, false};
	bool continues = true;

	CHECK(len >= NS_HFIXEDSZ && len <= 512);
	/* TC may be one of the flags that were set, too. */
	r.is_cut = len == 512 && (msg[2] & 2);
	check_header(msg, r.is_cut);
	for (int i = 0; continues && i < asked.nquestions; i++)
		continues = check_question(&r, &asked.questions[i]);
	for (int s = 0; s < 3; s++)
		for (int i = 0; continues && i < answered.nrecords; i++)
			if (answered.records[i].section == s)
				continues =
				    check_record(&r, &answered.records[i]);
	if (r.is_cut)
		return;
	CHECK(r.at == len);
	check_whole(msg, len);
}

static struct event_base *
start(void)
{
	struct event_base *base = event_init();
	int fd[2];

	CHECK(base != NULL);
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fd) == 0);
	CHECK(evdns_add_server_port(fd[0], 0, answer_cb, NULL) != NULL);
	client = fd[1];
	return base;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event_base *base;
	uint8_t reply[1024];
	size_t about;
	ssize_t n;

	if (base == NULL)
		base = start();
	if (size == 0)
		return 0;
	about = data[0] < size ? data[0] : size - 1;
	fuzz_start(data + 1, about);
	read_request(data + 1 + about, size - 1 - about);
	if (IS_14 && asked.is_strange)
		return 0;
	answered.calls = 0;
	answered.nrecords = 0;
	answered.size = asked.len;
	begin("a request of %zu bytes", asked.len);
	CHECK(send(client, data + 1 + about, size - 1 - about, 0) != -1);
	expect("the loop", event_base_loop(base, EVLOOP_NONBLOCK), 0);
	expect("the callback's calls", answered.calls, asked.is_request);
	n = recv(client, reply, sizeof reply, 0);
	CHECK((n != -1) == (asked.is_request && answered.is_answered));
	if (n != -1)
		check_reply(reply, (size_t)n);
	return 0;
}
