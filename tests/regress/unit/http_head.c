/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The head of an HTTP message, read line by line.  Each head of the tables is
 * read whole, byte by byte and in random pieces, always up to a page without
 * access, and must give the same result.
 */
#include <stdio.h>

#include <string.h>

#include "http/head.h"
#include "edge.h"
#include "http_bytes.h"
#include "test.h"

static char said[4096];

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	size_t len = strlen(said);
	va_list ap;

	va_start(ap, format);
	vsnprintf(said + len, sizeof said - len, format, ap);
	va_end(ap);
}

static void
say_span(struct span span)
{
	for (size_t i = 0; i < span.len; i++)
		say("%c", span.data[i]);
}

/* Reads a first line and notes its parts; false if it is bad. */
typedef bool first_line(struct span line);

static bool
request(struct span line)
{
	struct request_line out;

	if (evi_head_parse_request(line, &out) == -1)
		return false;
	say("%d(", out.method);
	say_span(out.method_name);
	say(") 1.%d <", out.minor);
	say_span(out.uri);
	say(">");
	return true;
}

static bool
status(struct span line)
{
	struct status_line out;

	if (evi_head_parse_status(line, &out) == -1)
		return false;
	say("1.%d %d <", out.minor, out.code);
	say_span(out.reason);
	say(">");
	return true;
}

/* Notes what a line after the first is; false if it is the last one. */
static bool
field(struct span line)
{
	struct field out;

	switch (evi_head_parse_field(line, &out)) {
	case EVI_FIELD_NEW:
		say(" ");
		say_span(out.name);
		if (out.id != EVI_HEADER_OTHER)
			say("(%d)", out.id);
		say("=<");
		say_span(out.value);
		say(">");
		return true;
	case EVI_FIELD_FOLD:
		say("+<");
		say_span(out.value);
		say(">");
		return true;
	case EVI_FIELD_END:
		say(" end");
		return false;
	default:
		say(" bad");
		return false;
	}
}

/*
 * Notes the parts of a head that arrives in this way; returns its length in
 * bytes.
 */
static size_t
read_head(const char *head, size_t len, first_line *first, int way)
{
	size_t at = 0, given = 0, scanned = 0;
	unsigned int seed = 0;
	struct span line;
	bool is_first = true, continues = true;
	ssize_t n = 0;

	said[0] = '\0';
	while (continues && (n != 0 || given < len)) {
		if (n == 0)
			given = next_given(way, &seed, given, len);
		n = evi_head_next_line(at_edge(head + at, given - at),
		    given - at, &scanned, &line);
		if (n == 0)
			continue;
		continues = n > 0 && (is_first ? first(line) : field(line));
		if (n < 0 || (is_first && !continues))
			say("bad");
		is_first = false;
		at += n > 0 ? (size_t)n : 0;
	}
	return at;
}

struct head {
	const char *head;
	const char *said;
};

static void
check(const struct head *heads, size_t n, first_line *first)
{
	for (size_t i = 0; i < n; i++) {
		for (int way = 0; way < WAYS; way++) {
			read_head(heads[i].head, strlen(heads[i].head), first,
			    way);
			if (strcmp(said, heads[i].said) != 0)
				fail_msg("way %d, %s: is %s, not %s", way,
				    heads[i].head, said, heads[i].said);
		}
	}
}

#define CHECK(first, ...)                                                      \
	check((const struct head[]){__VA_ARGS__},                              \
	    sizeof((const struct head[]){__VA_ARGS__}) / sizeof(struct head),  \
	    first)

/*
 * First lines.
 */

TEST(http_request_line_has_a_method_a_uri_and_a_version)
{
	CHECK(request, {"GET / HTTP/1.1\n", "0(GET) 1.1 </>"},
	    {"GET / HTTP/1.0\r\n", "0(GET) 1.0 </>"},
	    {"GET http://h:80/a?b#c HTTP/1.1\n",
		"0(GET) 1.1 <http://h:80/a?b#c>"},
	    {"GET * HTTP/1.1\n", "0(GET) 1.1 <*>"},
	    {"GET /\"<>\\^`{|}\x80\xff HTTP/1.1\n",
		"0(GET) 1.1 </\"<>\\^`{|}\x80\xff>"});
}

TEST(http_methods_are_known_by_their_number)
{
	CHECK(request, {"GET / HTTP/1.1\n", "0(GET) 1.1 </>"},
	    {"POST / HTTP/1.1\n", "1(POST) 1.1 </>"},
	    {"HEAD / HTTP/1.1\n", "2(HEAD) 1.1 </>"},
	    {"PUT / HTTP/1.1\n", "3(PUT) 1.1 </>"},
	    {"DELETE / HTTP/1.1\n", "4(DELETE) 1.1 </>"},
	    {"OPTIONS * HTTP/1.1\n", "5(OPTIONS) 1.1 <*>"},
	    {"TRACE / HTTP/1.1\n", "6(TRACE) 1.1 </>"},
	    {"CONNECT h:1 HTTP/1.1\n", "7(CONNECT) 1.1 <h:1>"},
	    {"PATCH / HTTP/1.1\n", "8(PATCH) 1.1 </>"},
	    {"get / HTTP/1.1\n", "-1(get) 1.1 </>"},
	    {"Get / HTTP/1.1\n", "-1(Get) 1.1 </>"},
	    {"GETS / HTTP/1.1\n", "-1(GETS) 1.1 </>"},
	    {"GE / HTTP/1.1\n", "-1(GE) 1.1 </>"},
	    {"!#$%&'*+-.^_`|~ / HTTP/1.1\n", "-1(!#$%&'*+-.^_`|~) 1.1 </>"});
}

TEST(http_request_line_may_have_an_empty_uri)
{
	CHECK(request, {"GET  HTTP/1.1\r\n", "0(GET) 1.1 <>"});
}

TEST(http_request_line_has_single_blanks)
{
	CHECK(request, {"GET HTTP/1.1\n", "bad"}, {"GET   HTTP/1.1\n", "bad"},
	    {"GET  / HTTP/1.1\n", "bad"}, {"GET /  HTTP/1.1\n", "bad"},
	    {" GET / HTTP/1.1\n", "bad"}, {"GET / HTTP/1.1 \n", "bad"},
	    {"GET\t/ HTTP/1.1\n", "bad"}, {"GET /\tHTTP/1.1\n", "bad"},
	    {"GET /a b HTTP/1.1\n", "bad"},
	    {"GET /aaaaaaaaaaaaaaaa b HTTP/1.1\n", "bad"});
}

TEST(http_request_line_without_one_of_its_parts_is_bad)
{
	CHECK(request, {"\n", "bad"}, {"\r\n", "bad"}, {"G\n", "bad"},
	    {"GET\n", "bad"}, {"GET /\n", "bad"}, {" / HTTP/1.1\n", "bad"},
	    {"/ HTTP/1.1\n", "bad"}, {"HTTP/1.1\n", "bad"},
	    {" HTTP/1.1\n", "bad"}, {"   \r\n", "bad"});
}

TEST(http_request_line_has_a_token_for_a_method)
{
	CHECK(request, {"G(T / HTTP/1.1\n", "bad"},
	    {"\"GET\" / HTTP/1.1\n", "bad"}, {"G\x80T / HTTP/1.1\n", "bad"},
	    {"G\x01T / HTTP/1.1\n", "bad"}, {"GET:/ / HTTP/1.1\n", "bad"});
}

TEST(http_version_is_one_point_something)
{
	CHECK(request, {"GET / HTTP/1.2\n", "0(GET) 1.1 </>"},
	    {"GET / HTTP/1.9\n", "0(GET) 1.1 </>"}, {"GET / HTTP/0.9\n", "bad"},
	    {"GET / HTTP/2.0\n", "bad"}, {"GET / HTTP/1.10\n", "bad"},
	    {"GET / HTTP/01.1\n", "bad"}, {"GET / HTTP/1.\n", "bad"},
	    {"GET / HTTP/1\n", "bad"}, {"GET / HTTP/ 1.1\n", "bad"},
	    {"GET / HTTP/1.a\n", "bad"}, {"GET / http/1.1\n", "bad"},
	    {"GET / HTTP 1.1\n", "bad"}, {"GET / HTTP/1.:\n", "bad"},
	    {"GET / ICE/1.10\n", "bad"}, {"PRI * HTTP/2.0\r\n", "bad"});
}

TEST(http_status_line_has_a_version_a_code_and_a_reason)
{
	CHECK(status, {"HTTP/1.1 200 OK\n", "1.1 200 <OK>"},
	    {"HTTP/1.0 404 Not Found\r\n", "1.0 404 <Not Found>"},
	    {"HTTP/1.3 999 x\n", "1.1 999 <x>"},
	    {"HTTP/1.1 100 \xc3\x9c\x01\n", "1.1 100 <\xc3\x9c\x01>"});
}

TEST(http_status_line_may_lack_its_reason)
{
	CHECK(status, {"HTTP/1.1 200\n", "1.1 200 <>"},
	    {"HTTP/1.1 200 \r\n", "1.1 200 <>"});
}

TEST(http_reason_keeps_its_blanks)
{
	CHECK(status, {"HTTP/1.1 200  O K \t\r\n", "1.1 200 < O K \t>"});
}

TEST(http_status_code_has_three_digits)
{
	CHECK(status, {"HTTP/1.1 20\n", "bad"}, {"HTTP/1.1 2\n", "bad"},
	    {"HTTP/1.1 \n", "bad"}, {"HTTP/1.1\n", "bad"}, {"\n", "bad"},
	    {"HTTP/1.1 0\n", "bad"}, {"HTTP/1.1 000 x\n", "bad"},
	    {"HTTP/1.1 099 x\n", "bad"}, {"HTTP/1.1 1000 x\n", "bad"},
	    {"HTTP/1.1 -50 x\n", "bad"}, {"HTTP/1.1 +20 x\n", "bad"},
	    {"HTTP/1.1 abc x\n", "bad"}, {"HTTP/1.1 20a x\n", "bad"},
	    {"HTTP/1.1 2a0 x\n", "bad"}, {"HTTP/1.1 200x\n", "bad"},
	    {"HTTP/1.1 200\tx\n", "bad"}, {"HTTP/1.1  200 x\n", "bad"},
	    {"HTTP/1.1\t200 x\n", "bad"});
}

TEST(http_status_line_is_of_http_1)
{
	CHECK(status, {"HTTP/2 200 OK\n", "bad"}, {"HTTP/2.0 200 OK\n", "bad"},
	    {"HTTP/0.9 200 OK\n", "bad"}, {"http/1.1 200 OK\n", "bad"},
	    {"ICY 200 OK\n", "bad"}, {"ICY/1.10 200 OK\n", "bad"},
	    {" HTTP/1.1 200 OK\n", "bad"}, {"HTTP/1.10 200 OK\n", "bad"});
}

/*
 * Fields.
 */

#define GET "GET / HTTP/1.1\r\n"
#define GOT "0(GET) 1.1 </>"

TEST(http_fields_have_a_name_and_a_value)
{
	CHECK(request, {GET "\r\n", GOT " end"},
	    {GET "A: b\r\n\r\n", GOT " A=<b> end"},
	    {GET "A:b\r\nB:c d\r\n\r\n", GOT " A=<b> B=<c d> end"},
	    {GET "A:\r\nB: \r\nC: \t \r\n\r\n", GOT " A=<> B=<> C=<> end"},
	    {GET "A: b\r\na: c\r\n\r\n", GOT " A=<b> a=<c> end"},
	    {GET "A: b:c\r\n\r\n", GOT " A=<b:c> end"},
	    {GET "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n",
		GOT " !#$%&'*+-.^_`|~09azAZ=<b> end"});
}

TEST(http_value_has_no_blanks_around_it)
{
	CHECK(request, {GET "A:   b\r\n\r\n", GOT " A=<b> end"},
	    {GET "A: \t b \t\r\n\r\n", GOT " A=<b> end"},
	    {GET "A:\tb\tc\t\r\n\r\n", GOT " A=<b\tc> end"});
}

TEST(http_value_may_have_most_control_bytes)
{
	CHECK(request,
	    {GET "A: \x01\x1f\x7f\x80\xff\r\n\r\n",
		GOT " A=<\x01\x1f\x7f\x80\xff> end"},
	    {GET "A: a\x0b\x0c\x0e\r\n\r\n", GOT " A=<a\x0b\x0c\x0e> end"});
}

TEST(http_headers_that_the_library_reads_are_known_in_any_case)
{
	CHECK(request,
	    {GET "Content-Length: 5\r\n\r\n", GOT " Content-Length(1)=<5> end"},
	    {GET "transfer-ENCODING: x\r\n\r\n",
		GOT " transfer-ENCODING(2)=<x> end"},
	    {GET "CONNECTION: x\r\n\r\n", GOT " CONNECTION(3)=<x> end"},
	    {GET "Proxy-Connection: x\r\n\r\n",
		GOT " Proxy-Connection(4)=<x> end"},
	    {GET "hoSt: x\r\n\r\n", GOT " hoSt(5)=<x> end"},
	    {GET "Expect: x\r\n\r\n", GOT " Expect(6)=<x> end"});
}

TEST(http_headers_that_are_almost_known_are_others)
{
	CHECK(request,
	    {GET "Content_Length: 5\r\n\r\n", GOT " Content_Length=<5> end"},
	    {GET "Content-Lengt: 5\r\n\r\n", GOT " Content-Lengt=<5> end"},
	    {GET "Content-Lengths: 5\r\n\r\n", GOT " Content-Lengths=<5> end"},
	    {GET "Transfer_Encoding: x\r\n\r\n",
		GOT " Transfer_Encoding=<x> end"},
	    {GET "Accept: x\r\nUser-Agent: y\r\nHosT.: z\r\n\r\n",
		GOT " Accept=<x> User-Agent=<y> HosT.=<z> end"});
}

TEST(http_folded_line_is_given_as_it_is)
{
	CHECK(request, {GET "A: b\r\n\tc\r\n\r\n", GOT " A=<b>+<\tc> end"},
	    {GET "A: b \r\n  c \t\r\n \r\n\r\n", GOT " A=<b>+<  c \t>+< > end"},
	    {GET "A:\r\n b\r\nC: d\r\n\r\n", GOT " A=<>+< b> C=<d> end"},
	    {GET "A: b\n c\n\n", GOT " A=<b>+< c> end"},
	    {GET " A: b\r\n\r\n", GOT "+< A: b> end"});
}

TEST(http_field_has_a_token_and_a_colon)
{
	CHECK(request, {GET "A\r\n\r\n", GOT " bad"},
	    {GET "A : b\r\n\r\n", GOT " bad"},
	    {GET "A\t: b\r\n\r\n", GOT " bad"},
	    {GET "A b: c\r\n\r\n", GOT " bad"}, {GET ": b\r\n\r\n", GOT " bad"},
	    {GET ":\r\n\r\n", GOT " bad"}, {GET "(A): b\r\n\r\n", GOT " bad"},
	    {GET "\"A\": b\r\n\r\n", GOT " bad"},
	    {GET "A[: b\r\n\r\n", GOT " bad"},
	    {GET "A@: b\r\n\r\n", GOT " bad"},
	    {GET "A\x01: b\r\n\r\n", GOT " bad"},
	    {GET "A\x7f: b\r\n\r\n", GOT " bad"},
	    {GET "\xc3\x9c: b\r\n\r\n", GOT " bad"},
	    {GET "Transfer-Encoding : chunked\r\n\r\n", GOT " bad"},
	    {GET "GET / HTTP/1.1\r\n\r\n", GOT " bad"});
}

/*
 * Lines.
 */

TEST(http_line_ends_in_cr_lf_or_lf)
{
	CHECK(request,
	    {"GET / HTTP/1.1\nA: b\r\nC: d\n\n", GOT " A=<b> C=<d> end"},
	    {GET "A: b\n\r\n", GOT " A=<b> end"},
	    {GET "A: b\r\n\n", GOT " A=<b> end"});
}

TEST(http_cr_without_lf_is_refused)
{
	CHECK(request, {"GET / HTTP/1.1\rA: b\r\n\r\n", "bad"},
	    {"GET /\r HTTP/1.1\r\n\r\n", "bad"},
	    {"GET / HTTP/1.1\r\r\n\r\n", "bad"}, {"\rGET /", "bad"},
	    {GET "A: b\rc\r\n\r\n", GOT "bad"},
	    {GET "A\r: b\r\n\r\n", GOT "bad"},
	    {GET "A: b\r\r\n\r\n", GOT "bad"},
	    {GET "A: b\rC: d\r\n\r\n", GOT "bad"},
	    {GET "A: b\r\n\r\r\n", GOT " A=<b>bad"},
	    {GET "A: b\r\n\rX", GOT " A=<b>bad"},
	    {GET "A: b\n\rC: d\r\n\r\n", GOT " A=<b>bad"});
}

TEST(http_nul_is_refused)
{
	static const char heads[][32] = {
	    "GET /\0 HTTP/1.1\r\n\r\n",
	    "GET / HTTP/1.1\0\r\n\r\n",
	    "\0GET / HTTP/1.1\r\n\r\n",
	    "GET / HTTP/1.1\r\nA\0: b\r\n\r\n",
	    "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
	    "GET / HTTP/1.1\r\nA: b\0\r\n\r\n",
	    "GET / HTTP/1.1\r\nA: b\r\0\n\r\n",
	    "GET / HTTP/1.1\r\n\0\r\n",
	};

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		for (int way = 0; way < WAYS; way++) {
			read_head(heads[i], sizeof heads[i], request, way);
			assert_string_equal(said + strlen(said) - 3, "bad");
		}
	}
}

TEST(http_nul_and_cr_are_refused_before_the_line_ends)
{
	CHECK(request, {"GET /\r ", "bad"}, {GET "A: \rb", GOT "bad"},
	    {"GET /\r", ""}, {"GET / HTTP/1.1\r", ""});
	read_head("GET /\0", 6, request, WHOLE);
	assert_string_equal(said, "bad");
}

TEST(http_head_is_no_longer_than_its_empty_line)
{
	static const char head[] = GET "A: b\r\n\r\nGET / HTTP/1.1\r\n\r\n";

	for (int way = 0; way < WAYS; way++)
		assert_int_equal(read_head(head, sizeof head - 1, request, way),
		    sizeof GET "A: b\r\n\r\n" - 1);
}
