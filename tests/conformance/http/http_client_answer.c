/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: status lines and headers of answers.
 */
#include "support/queue.h"

#include "test.h"
#include "http_client.h"
#include "http_answer_table.h"

/*
 * The status line.
 */

#define EMPTY "Content-Length: 0\r\n\r\n"

static void
status_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	if (req != NULL)
		note("%d.%d '%s'", req->major, req->minor,
		    req->response_code_line);
}

static const struct answer good_lines[] = {
    {"1.1", "HTTP/1.1 200 OK\r\n" EMPTY, "a:200 1.1 'OK'"},
    {"1.0", "HTTP/1.0 200 OK\r\n" EMPTY, "a:200 1.0 'OK'"},
    {"several words", "HTTP/1.1 404 Not  Found \r\n" EMPTY,
	"a:404 1.1 'Not  Found '"},
    {"an empty reason", "HTTP/1.1 200 \r\n" EMPTY, "a:200 1.1 ''"},
    {"no reason", "HTTP/1.1 200\r\n" EMPTY, "a:200 1.1 ''"},
    {"the least code with a body", "HTTP/1.1 200 a\r\n" EMPTY, "a:200 1.1 'a'"},
    {"a code that nobody knows", "HTTP/1.1 799 b\r\n" EMPTY, "a:799 1.1 'b'"},
    {"the greatest code", "HTTP/1.1 999 c\r\n" EMPTY, "a:999 1.1 'c'"},
    {"bytes above 127", "HTTP/1.1 200 \xc3\xa9\xff\r\n" EMPTY,
	"a:200 1.1 '\xc3\xa9\xff'"},
    {"LF alone", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "a:200 1.1 'OK'"},
};

TEST(status_line_has_version_code_and_reason)
{
	check_table(good_lines, STAYS, WHOLE, status_cb);
}

static const struct answer bad_lines[] = {
    {"no such protocol", "ICY 200 OK\r\n" EMPTY, "a:NULL"},
    {"another protocol", "HTP/1.1 200 OK\r\n" EMPTY, "a:NULL"},
    {"lower case", "http/1.1 200 OK\r\n" EMPTY, "a:NULL"},
    {"one number as version", "HTTP/2 200 OK\r\n" EMPTY, "a:NULL"},
    {"code 0", "HTTP/1.1 0 OK\r\n" EMPTY, "a:NULL"},
    {"code 000", "HTTP/1.1 000 OK\r\n" EMPTY, "a:NULL"},
    {"a code of letters", "HTTP/1.1 abc OK\r\n" EMPTY, "a:NULL"},
    {"two blanks before the code", "HTTP/1.1  200 OK\r\n" EMPTY, "a:NULL"},
    {"no code", "HTTP/1.1\r\n" EMPTY, "a:NULL"},
    {"blank before it", " HTTP/1.1 200 OK\r\n" EMPTY, "a:NULL"},
    {"HTML", "<html>hello</html>\r\n\r\n", "a:NULL"},
    {"an empty line", "\r\nHTTP/1.1 200 OK\r\n" EMPTY, "a:NULL"},
    {"version 2.0", "HTTP/2.0 200 OK\r\n" EMPTY, "a:NULL"},
};

TEST(bad_status_line_fails_the_request)
{
	check_table(bad_lines, STAYS, WHOLE, note_answer_cb);
}

#define BAD_CODE "a code that is not three digits"

TEST(negative_code_fails_the_request, DIFFERS(V14, BAD_CODE),
    DIFFERS(V21, BAD_CODE))
{
	check_bytes("HTTP/1.1 -5 OK\r\n" EMPTY, "a:NULL", STAYS);
}

TEST(code_with_letters_after_it_fails_the_request, DIFFERS(V14, BAD_CODE),
    DIFFERS(V21, BAD_CODE))
{
	check_bytes("HTTP/1.1 200abc OK\r\n" EMPTY, "a:NULL", STAYS);
}

TEST(code_of_four_digits_fails_the_request, DIFFERS(V14, BAD_CODE),
    DIFFERS(V21, BAD_CODE))
{
	check_bytes("HTTP/1.1 1000 OK\r\n" EMPTY, "a:NULL", STAYS);
}

TEST(code_of_two_digits_fails_the_request, DIFFERS(V14, BAD_CODE),
    DIFFERS(V21, BAD_CODE))
{
	check_bytes("HTTP/1.1 20 OK\r\n" EMPTY, "a:NULL", STAYS);
}

TEST(version_0_9_fails_the_request, DIFFERS(V21, "accepts it"))
{
	check_bytes("HTTP/0.9 200 OK\r\n" EMPTY, "a:NULL", STAYS);
}

TEST(version_of_two_digits_fails_the_request, DIFFERS(V21, "accepts it"))
{
	check_bytes("HTTP/1.10 200 OK\r\n" EMPTY, "a:NULL", STAYS);
}

TEST(later_minor_version_is_taken_as_1_1,
    DIFFERS(V14, "accepts 1.0 and 1.1 alone"))
{
	check_bytes("HTTP/1.2 200 OK\r\n" EMPTY, "a:200", STAYS);
}

TEST(cr_in_the_status_line_fails_the_request, DIFFERS(V14, "CR ends the line"),
    DIFFERS(V21, "keeps it"))
{
	check_bytes("HTTP/1.1 200 a\rb: c\r\n" EMPTY, "a:NULL", STAYS);
}

/*
 * Headers.
 */

#define LINES(lines) "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" lines "\r\n"
#define SEEN(headers) "a:200 [Content-Length=0]" headers

static const struct answer good_headers[] = {
    {"none", LINES(""), SEEN("")},
    {"blanks before the value", LINES("A:b\r\nC: d\r\nE:   f\r\n"),
	SEEN(" [A=b] [C=d] [E=f]")},
    {"an empty value", LINES("A:\r\nB: \r\n"), SEEN(" [A=] [B=]")},
    {"the same twice", LINES("A: 1\r\na: 2\r\nA: 1\r\n"),
	SEEN(" [A=1] [a=2] [A=1]")},
    {"colons in the value", LINES("A: b:c: d\r\n"), SEEN(" [A=b:c: d]")},
    {"bytes above 127", LINES("A: \xc3\xa9\xff\r\n"),
	SEEN(" [A=\xc3\xa9\xff]")},
    {"control bytes", LINES("A: \1b\x7f\r\n"), SEEN(" [A=\1b\x7f]")},
    {"LF alone", LINES("A: b\nC: d\n"), SEEN(" [A=b] [C=d]")},
};

TEST(headers_are_seen_in_order_as_sent)
{
	check_table(good_headers, STAYS, WHOLE, headers_cb);
}

static const struct answer folded_headers[] = {
    {"by a tab", LINES("A: b\r\n\tc\r\n"), SEEN(" [A=b\tc]")},
    {"by blanks", LINES("A: b\r\n  c\r\n d\r\n"), SEEN(" [A=b  c d]")},
};

TEST(folded_headers_are_joined, DIFFERS(V21, "leaves one blank of a run"))
{
	check_table(folded_headers, STAYS, WHOLE, headers_cb);
}

static const struct answer bad_headers[] = {
    {"no colon", LINES("hello\r\n"), "a:NULL"},
    {"no colon, a long line", LINES("hello dear world and all\r\n"), "a:NULL"},
    {"folded first line", "HTTP/1.1 200 OK\r\n Content-Length: 0\r\n\r\n",
	"a:NULL"},
};

TEST(bad_header_fails_the_request)
{
	check_table(bad_headers, STAYS, WHOLE, note_answer_cb);
}

TEST(nul_in_a_header_name_fails_the_request)
{
	static const char bytes[] = LINES("A\0B: c\r\n");

	check_bytes_with(bytes, sizeof bytes - 1, "a:NULL", STAYS, WHOLE,
	    note_answer_cb);
}

TEST(nul_in_a_header_value_fails_the_request,
    DIFFERS(V14, "ends the value there"), DIFFERS(V21, "ends the value there"))
{
	static const char bytes[] = LINES("A: b\0c\r\n");

	check_bytes_with(bytes, sizeof bytes - 1, "a:NULL", STAYS, WHOLE,
	    note_answer_cb);
}

TEST(cr_in_a_header_value_fails_the_request, DIFFERS(V14, "CR ends the line"))
{
	check_bytes(LINES("A: b\rC: d\r\n"), "a:NULL", STAYS);
}

TEST(cr_in_a_header_name_fails_the_request)
{
	check_bytes(LINES("A\rB: d\r\n"), "a:NULL", STAYS);
}

TEST(blank_before_a_colon_fails_the_request, DIFFERS(V14, "keeps it"),
    DIFFERS(V21, "keeps it"))
{
	check_bytes(LINES("A : b\r\n"), "a:NULL", STAYS);
}

TEST(blank_in_a_header_name_fails_the_request, DIFFERS(V14, "keeps it"),
    DIFFERS(V21, "keeps it"))
{
	check_bytes(LINES("A b: c\r\n"), "a:NULL", STAYS);
}

TEST(empty_header_name_fails_the_request, DIFFERS(V14, "takes it"),
    DIFFERS(V21, "takes it"))
{
	check_bytes(LINES(": c\r\n"), "a:NULL", STAYS);
}

TEST(header_name_that_is_not_a_token_fails_the_request,
    DIFFERS(V14, "takes it"), DIFFERS(V21, "takes it"))
{
	check_bytes(LINES("(x): y\r\n"), "a:NULL", STAYS);
}

TEST(blanks_around_a_value_are_dropped,
    DIFFERS(V14, "keeps tabs, and what follows"), DIFFERS(V21, "keeps tabs"))
{
	static const char bytes[] = LINES("A:\tb \t\r\n");

	check_bytes_with(bytes, sizeof bytes - 1, SEEN(" [A=b]"), STAYS, WHOLE,
	    headers_cb);
}

/* A head that comes in pieces: as if in one. */
TEST(head_that_comes_byte_by_byte_is_read_the_same,
    DIFFERS(V14, "LF after CR in another piece is an empty line"))
{
	check_table(good_lines, STAYS, BYTEWISE, status_cb);
	check_table(good_headers, STAYS, BYTEWISE, headers_cb);
}

TEST(bad_head_that_comes_byte_by_byte_fails_the_request)
{
	check_table(bad_lines, STAYS, BYTEWISE, note_answer_cb);
}

/*
 * Size.
 */

static void
header_length_cb(struct evhttp_request *req, void *name)
{
	const char *value;

	note_answer_cb(req, name);
	value = evhttp_find_header(req->input_headers, "X-Long");
	note("%zu", strlen(value));
}

TEST(header_of_100000_bytes_is_accepted)
{
	char *bytes = repeat("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
			     "X-Long: ",
	    "x", 100000, "\r\n\r\n");

	check_bytes_with(bytes, strlen(bytes), "a:200 100000", STAYS, WHOLE,
	    header_length_cb);
	free(bytes);
}

#define NO_LIMIT "has no limit unless it is set"

TEST(header_of_a_million_bytes_fails_the_request, DIFFERS(V14, NO_LIMIT),
    DIFFERS(V21, NO_LIMIT))
{
	char *bytes = repeat("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
			     "X-Long: ",
	    "x", 1000000, "\r\n\r\n");

	check_bytes(bytes, "a:NULL", STAYS);
	free(bytes);
}

TEST(status_line_of_a_million_bytes_fails_the_request, DIFFERS(V14, NO_LIMIT),
    DIFFERS(V21, NO_LIMIT))
{
	char *bytes = repeat("HTTP/1.1 200 ", "x", 1000000, "\r\n" EMPTY);

	check_bytes(bytes, "a:NULL", STAYS);
	free(bytes);
}

/* Lines of 7 bytes, which do not put a CR at the end of what 1.4 reads at
 * once. */
static char *
many_headers(size_t n)
{
	return repeat("HTTP/1.1 200 OK\r\n", "A:  b\r\n", n, EMPTY);
}

TEST(answer_with_900_headers_is_accepted)
{
	char *bytes = many_headers(900);

	check_bytes(bytes, "a:200", STAYS);
	free(bytes);
}

TEST(answer_with_10000_headers_fails_the_request, DIFFERS(V14, NO_LIMIT),
    DIFFERS(V21, NO_LIMIT))
{
	char *bytes = many_headers(10000);

	check_bytes(bytes, "a:NULL", STAYS);
	free(bytes);
}
