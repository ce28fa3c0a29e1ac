/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the fields of an HTTP head decide where the body ends, and what they say
 * about the connection.
 */
#include <stdio.h>

#include <string.h>

#include "http/framer.h"
#include "edge.h"
#include "http_bytes.h"
#include "test.h"

#define CL "Content-Length: "
#define TE "Transfer-Encoding: "
#define NL "\r\n"

/* Gives the fields of a head to the framer. */
static void
read_fields(const char *head, struct framer *framer)
{
	size_t len = strlen(head), scanned = 0;
	struct field field;
	struct span line;
	ssize_t n;

	evi_framer_begin(framer);
	for (; len > 0; head += n, len -= (size_t)n) {
		n = evi_head_next_line(head, len, &scanned, &line);
		assert_true(n > 0);
		/* Each value ends at a page without access. */
		line.data = at_edge(line.data, line.len);
		switch (evi_head_parse_field(line, &field)) {
		case EVI_FIELD_NEW:
			evi_framer_add_field(framer, &field);
			break;
		case EVI_FIELD_FOLD:
			evi_framer_add_fold(framer, &field);
			break;
		default:
			fail_msg("no field: %s", head);
		}
	}
}

static const char *
describe(const struct body_framing *body)
{
	static const char *const names[] = {"none", "length", "chunked", "eof",
	    "bad", "unsupported"};
	static char text[80];
	int n = snprintf(text, sizeof text, "%s", names[body->framing]);

	if (body->framing == EVI_BODY_LENGTH)
		n += snprintf(text + n, sizeof text - (size_t)n, " %lld",
		    (long long)body->length);
	else
		assert_int_equal(body->length, 0);
	snprintf(text + n, sizeof text - (size_t)n, "%s%s",
	    body->is_last ? " last" : "", body->has_both ? " both" : "");
	return text;
}

/* Whether the head is bad, whatever fields follow. */
static bool
is_bad(const struct framer *framer)
{
	return framer->has_bad_length || framer->has_bad_coding ||
	       framer->has_bad_host || framer->has_bad_connection;
}

static const char *
request(const char *head, int minor)
{
	struct framer framer;
	struct body_framing body;

	read_fields(head, &framer);
	evi_framer_decide_request(&framer, minor, &body);
	if (is_bad(&framer))
		assert_int_equal(body.framing, EVI_BODY_BAD);
	return describe(&body);
}

static const char *
response(const char *head, bool to_head, int code, int minor)
{
	struct framer framer;
	struct body_framing body;

	read_fields(head, &framer);
	evi_framer_decide_response(&framer, to_head, code, minor, &body);
	return describe(&body);
}

/* Each head of a list that NULL ends gives the expected text. */
static void
all_are(const char *expected, const char *const *heads)
{
	for (; *heads != NULL; heads++)
		if (strcmp(request(*heads, 1), expected) != 0)
			fail_msg("%s is %s, not %s", *heads, request(*heads, 1),
			    expected);
}

#define ALL_ARE(expected, ...)                                                 \
	all_are(expected, (const char *const[]){__VA_ARGS__, NULL})

/*
 * Content-Length.
 */

TEST(http_request_without_length_or_coding_has_no_body)
{
	ALL_ARE("none", "", "Host: a" NL, "Connection: close" NL,
	    "Connection: x" NL, "Content_Length: 5" NL);
	assert_string_equal(request("", 0), "none");
}

TEST(http_length_is_a_number)
{
	ALL_ARE("length 5", CL "5" NL, "content-length:5" NL, CL "05" NL,
	    CL "5 " NL, CL "\t5 \t" NL, CL "000000000000000000000005" NL);
	ALL_ARE("length 0", CL "0" NL, CL "00" NL);
	assert_string_equal(request(CL "5" NL, 0), "length 5");
}

TEST(http_length_that_is_not_a_number_is_bad)
{
	ALL_ARE("bad", CL NL, CL " " NL, CL "-1" NL, CL "-0" NL, CL "+5" NL,
	    CL "5a" NL, CL "abc" NL, CL "0x5" NL, CL "0o5" NL, CL "1_0" NL,
	    CL "5;" NL, CL "5." NL, CL "1 0" NL, CL "1\t0" NL,
	    CL "\x01"
	       "5" NL,
	    CL "5\x0b" NL, CL "5\x7f" NL, CL "\xff" NL, CL "5," NL, CL ",5" NL,
	    CL "\"5\"" NL);
}

TEST(http_length_has_63_bits)
{
	ALL_ARE("length 9223372036854775807", CL "9223372036854775807" NL,
	    CL "009223372036854775807" NL);
	ALL_ARE("bad", CL "9223372036854775808" NL,
	    CL "18446744073709551615" NL, CL "18446744073709551621" NL,
	    CL "99999999999999999999" NL,
	    CL "100000000000000000000000000000000000000000000000005" NL);
}

TEST(http_length_given_twice_says_the_same)
{
	ALL_ARE("length 5", CL "5" NL CL "5" NL, CL "5" NL CL "05" NL,
	    CL "5" NL "A: b" NL CL "5" NL CL "5" NL);
	ALL_ARE("bad", CL "5" NL CL "6" NL, CL "5" NL CL "5" NL CL "6" NL,
	    CL "5" NL CL NL, CL NL CL "5" NL, CL "x" NL CL "5" NL,
	    CL "5" NL CL "x" NL, CL "-1" NL CL "-1" NL, CL NL CL NL);
}

/* As in 1.4; RFC 9110 8.6 allows that. */
TEST(http_length_in_a_list_is_bad)
{
	ALL_ARE("bad", CL "5,5" NL, CL "5, 5" NL, CL "5, 6" NL,
	    CL "5, 5, 5" NL);
}

TEST(http_length_may_stand_in_a_folded_line)
{
	ALL_ARE("length 5", CL NL " 5" NL, CL "5" NL " " NL,
	    CL NL "\t" NL " 5 " NL, CL NL " 5" NL CL "5" NL);
	ALL_ARE("bad", CL "5" NL " 5" NL, CL "1" NL " 0" NL, CL NL " " NL,
	    CL NL " 5" NL " 5" NL, CL NL CL "5" NL " 5" NL, CL "5" NL " ,5" NL,
	    CL "5" NL CL NL " 6" NL);
	ALL_ARE("length 5", "A: b" NL " 6" NL CL "5" NL "A: b" NL " 6" NL);
}

/*
 * Transfer-Encoding.
 */

TEST(http_chunked_is_known_in_any_case)
{
	ALL_ARE("chunked", TE "chunked" NL, TE "CHUNKED" NL, TE "cHunkeD" NL,
	    "TRANSFER-ENCODING:chunked" NL, TE "\tchunked \t" NL);
}

TEST(http_chunked_is_the_last_coding)
{
	ALL_ARE("chunked", TE "gzip, chunked" NL, TE "gzip,chunked" NL,
	    TE "gzip \t,\t chunked" NL, TE "a,b,c,chunked" NL);
	ALL_ARE("bad", TE "chunked, gzip" NL, TE "chunked, chunked" NL,
	    TE "chunked, identity" NL, TE "gzip, chunked, gzip" NL,
	    TE "chunked,gzip,chunked" NL);
}

TEST(http_other_codings_are_not_supported)
{
	ALL_ARE("unsupported", TE "gzip" NL, TE "xchunked" NL,
	    TE "chunkedchunked" NL, TE "chunke" NL, TE "chunked2" NL,
	    TE "gzip, deflate" NL);
	ALL_ARE("unsupported last both", TE "xchunked" NL CL "5" NL,
	    CL "5" NL TE "gzip" NL);
}

TEST(http_identity_is_bad)
{
	ALL_ARE("bad", TE "identity" NL, TE "Identity" NL,
	    TE "gzip, identity" NL, TE "identity, chunked" NL,
	    TE "identity, identity" NL);
	ALL_ARE("bad", TE "identity" NL CL "5" NL);
}

TEST(http_codings_in_two_lines_are_bad)
{
	ALL_ARE("bad", TE "chunked" NL TE "chunked" NL,
	    TE "gzip" NL TE "chunked" NL, TE "chunked" NL TE "identity" NL,
	    TE NL TE "chunked" NL, TE "chunked" NL TE NL, TE NL TE NL TE NL);
}

TEST(http_codings_that_are_not_a_list_of_tokens_are_bad)
{
	ALL_ARE("bad", TE NL, TE " " NL, TE "," NL, TE ",chunked" NL,
	    TE "chunked," NL, TE "gzip,,chunked" NL, TE "gzip chunked" NL,
	    TE "chunked gzip" NL, TE "x chunked" NL, TE "\"chunked\"" NL,
	    TE "chunked;a=b" NL, TE "gzip;q=1, chunked" NL, TE "chunked;" NL,
	    TE "\x01"
	       "chunked" NL,
	    TE "\x0b"
	       "chunked" NL,
	    TE "chunked\x0c" NL, TE "chunked\x7f" NL,
	    TE "\xff"
	       "chunked" NL,
	    TE "[chunked]" NL,
	    TE "chun\x80"
	       "ked" NL);
}

TEST(http_codings_may_continue_in_a_folded_line)
{
	ALL_ARE("chunked", TE NL " chunked" NL, TE "gzip," NL "\tchunked" NL,
	    TE "gzip" NL " ,chunked" NL, TE "chunked" NL " " NL);
	ALL_ARE("bad", TE "chun" NL " ked" NL, TE "chunked" NL " abc" NL,
	    TE "chunked" NL " ,gzip" NL, TE "gzip" NL " chunked" NL,
	    TE "chunked" NL " ," NL, TE NL " " NL,
	    TE NL CL "5" NL " chunked" NL, TE "chunked" NL "\t\x01" NL);
	ALL_ARE("chunked", TE "chunked" NL "A: b" NL " gzip" NL);
}

TEST(http_coding_overrides_the_length)
{
	ALL_ARE("chunked last both", CL "5" NL TE "chunked" NL,
	    TE "chunked" NL CL "5" NL, CL "5" NL TE "gzip, chunked" NL);
	ALL_ARE("bad", TE NL CL "5" NL, CL "5" NL TE "chunked,gzip" NL,
	    CL "x" NL TE "chunked" NL, CL NL TE "chunked" NL,
	    CL "5" NL CL "6" NL TE "chunked" NL);
}

TEST(http_chunked_request_of_http_1_0_is_the_last)
{
	assert_string_equal(request(TE "chunked" NL, 0), "chunked last");
	assert_string_equal(request(TE "chunked" NL CL "5" NL, 0),
	    "chunked last both");
}

/*
 * Host.
 */

TEST(http_host_may_have_a_port)
{
	ALL_ARE("none", "Host: a" NL, "Host: a.b-c_d~e.example" NL,
	    "Host: localhost:8080" NL, "Host: a:" NL, "Host: 127.0.0.1:80" NL,
	    "Host: 0.0.0.0=5000" NL, "Host: [::1]" NL, "Host: [::1]:80" NL,
	    "Host: [2001:db8::ffff:192.0.2.33]:8080" NL, "Host: [::]" NL,
	    "Host: a%20b:1" NL, "Host: !$&'()*+,;=" NL, "Host: 1" NL,
	    "Host: [ABCD:ABCD:ABCD:ABCD:ABCD:ABCD:192.168.158.190]" NL);
}

TEST(http_host_may_be_empty_or_missing)
{
	ALL_ARE("none", "Host:" NL, "Host: " NL, "Host:\t" NL, "A: b" NL);
}

TEST(http_host_that_is_invalid_is_bad)
{
	ALL_ARE("bad", "Host: a b" NL, "Host: a b" NL CL "5" NL, "Host: c@d" NL,
	    "Host: a/b" NL, "Host: a:80/b" NL, "Host: a:8x" NL,
	    "Host: a:80:80" NL, "Host: :80" NL, "Host: a:-1" NL, "Host: a?b" NL,
	    "Host: a#b" NL, "Host: a\\b" NL, "Host: \"a\"" NL, "Host: <a>" NL,
	    "Host: a^b" NL, "Host: a, b" NL, "Host: a\tb" NL, "Host: a\x01" NL,
	    "Host: a\x7f" NL, "Host: \xc3\xbc.example" NL, "Host: a%2" NL,
	    "Host: a%" NL, "Host: a%2x" NL, "Host: a%x2" NL);
}

TEST(http_host_in_brackets_is_an_ipv6_address)
{
	ALL_ARE("bad", "Host: []" NL, "Host: [" NL, "Host: ]" NL,
	    "Host: [::1" NL, "Host: ::1" NL, "Host: [::1]x" NL,
	    "Host: [::1]80" NL, "Host: [a]" NL, "Host: [127.0.0.1]" NL,
	    "Host: [::1::]" NL, "Host: [::g]" NL,
	    "Host: [1:2:3:4:5:6:7:8:9]" NL, "Host: [::1]:x" NL,
	    "Host: [[::1]]" NL, "Host: x[::1]" NL, "Host: [::1%25eth0]" NL,
	    "Host: [::\x01]" NL,
	    "Host: [0000000:0000:0000:0000:0000:0000:0000:0000:00001]" NL);
}

TEST(http_host_given_twice_is_bad)
{
	ALL_ARE("bad", "Host: a" NL "Host: a" NL, "Host: a" NL "Host: b" NL,
	    "Host:" NL "Host:" NL, "Host: a" NL "A: b" NL "host:" NL);
}

TEST(http_host_may_stand_in_a_folded_line)
{
	ALL_ARE("none", "Host:" NL " a" NL, "Host: a" NL " " NL);
	ALL_ARE("bad", "Host: a" NL " b" NL, "Host: a" NL " :80" NL,
	    "Host:" NL " a@b" NL, "Host:" NL " a" NL " b" NL);
}

/*
 * Connection, Proxy-Connection, Expect.
 */

/* The flags after a head of HTTP/1.minor, as text. */
static const char *
flags(const char *head, int minor)
{
	static char text[120];
	struct framer framer;
	struct body_framing body;

	read_fields(head, &framer);
	evi_framer_decide_request(&framer, minor, &body);
	snprintf(text, sizeof text, "%s%s%s%s%s%s%s",
	    framer.closes ? "close " : "", framer.keeps_alive ? "keep " : "",
	    framer.proxy_closes ? "proxy-close " : "",
	    framer.proxy_keeps_alive ? "proxy-keep " : "",
	    framer.expects_continue ? "continue " : "",
	    framer.expects_other ? "other " : "",
	    body.framing == EVI_BODY_BAD ? "bad " : "");
	return text;
}

#define FLAGS(expected, head) assert_string_equal(flags(head, 1), expected)

TEST(http_connection_is_a_list)
{
	FLAGS("close ", "Connection: close" NL);
	FLAGS("close ", "connection:CLOSE" NL);
	FLAGS("keep ", "Connection: Keep-Alive" NL);
	FLAGS("close ", "Connection: foo, close" NL);
	FLAGS("close ", "Connection: TE,close\t,, x" NL);
	FLAGS("close keep ", "Connection: close, keep-alive" NL);
	FLAGS("", "Connection: closed, xclose, keep-alive-x, upgrade" NL);
	FLAGS("", "Connection: close x" NL);
	FLAGS("", "Connection:" NL);
	FLAGS("", "X-Connection: close" NL);
}

TEST(http_connection_continues_over_all_lines)
{
	FLAGS("close ", "Connection: TE" NL "Connection: close" NL);
	FLAGS("close ", "Connection: close" NL "A: b" NL "Connection: x" NL);
	FLAGS("close keep ",
	    "Connection: close" NL "Connection: keep-alive" NL);
	FLAGS("close ", "Connection:" NL " close" NL);
	FLAGS("close ", "Connection: foo," NL " close" NL);
	FLAGS("", "Connection: foo" NL "A: b" NL " close" NL);
}

TEST(http_connection_has_no_control_bytes)
{
	FLAGS("bad ", "Connection: \x01" NL);
	FLAGS("close bad ", "Connection: close, \x1f" NL);
	FLAGS("close bad ", "Connection: close" NL "\t\x7f" NL);
	FLAGS("", "Connection: a\tb\x80" NL);
}

TEST(http_proxy_connection_field_counts_for_proxies_alone)
{
	FLAGS("proxy-close ", "Proxy-Connection: x, Close" NL);
	FLAGS("proxy-keep ", "Proxy-Connection: keep-alive" NL);
	FLAGS("close proxy-keep ",
	    "Proxy-Connection: keep-alive" NL "Connection: close" NL);
}

TEST(http_expect_other_than_100_continue_is_reported)
{
	FLAGS("continue ", "Expect: 100-continue" NL);
	FLAGS("continue ", "expect: 100-Continue" NL);
	FLAGS("other ", "Expect: 200-ok" NL);
	FLAGS("other ", "Expect: 100-continue x" NL);
	FLAGS("continue other ", "Expect: 100-continue, x" NL);
	FLAGS("continue other ", "Expect: x" NL "Expect: 100-continue" NL);
	FLAGS("continue ", "Expect:" NL " 100-continue" NL);
	FLAGS("", "Expect:" NL);
}

TEST(http_expect_100_of_http_1_0_is_ignored)
{
	assert_string_equal(flags("Expect: 100-continue" NL, 0), "");
	assert_string_equal(flags("Expect: x" NL, 0), "other ");
}

TEST(http_bad_request_is_recognized_before_its_head_ends)
{
	struct framer framer;

	read_fields(CL "5" NL CL NL TE NL "Host:" NL, &framer);
	assert_false(is_bad(&framer));
	read_fields(CL "5" NL CL "6" NL, &framer);
	assert_true(is_bad(&framer));
	read_fields(TE "chunked, x" NL, &framer);
	assert_true(is_bad(&framer));
	read_fields("Host: a b" NL, &framer);
	assert_true(is_bad(&framer));
	read_fields("Connection: \x01" NL, &framer);
	assert_true(is_bad(&framer));
	evi_framer_begin(&framer);
	assert_false(is_bad(&framer));
}

/*
 * Answers.
 */

#define ANSWER(expected, head)                                                 \
	assert_string_equal(response(head, false, 200, 1), expected)

TEST(http_answer_ends_by_length_coding_or_eof)
{
	ANSWER("length 5", CL "5" NL);
	ANSWER("chunked", TE "chunked" NL);
	ANSWER("chunked", TE "gzip, chunked" NL);
	ANSWER("eof last", "");
	ANSWER("eof last", "Connection: keep-alive" NL);
	ANSWER("chunked last both", TE "gzip, chunked" NL CL "5" NL);
	assert_string_equal(response(CL "5" NL, false, 200, 0), "length 5");
	assert_string_equal(response(TE "chunked" NL, false, 200, 0),
	    "chunked last");
}

/* RFC 9112 6.3; 1.4 does so, too, if there is no length. */
TEST(http_answer_in_another_coding_ends_with_the_connection)
{
	ANSWER("eof last", TE "gzip" NL);
	ANSWER("eof last", TE "identity" NL);
	ANSWER("eof last both", TE "identity" NL CL "5" NL);
}

TEST(http_answer_with_bad_framing_is_bad)
{
	ANSWER("bad", CL "+2" NL);
	ANSWER("bad", CL NL);
	ANSWER("bad", CL "5" NL CL "6" NL);
	ANSWER("bad", TE NL);
	ANSWER("bad", TE "chunked, gzip" NL);
	ANSWER("bad", TE "chunked" NL TE "chunked" NL);
	ANSWER("bad", "Connection: \x01" NL);
}

TEST(http_answer_may_have_any_host)
{
	ANSWER("length 5", "Host: a b" NL "Host: c" NL CL "5" NL);
}

TEST(http_some_answers_have_no_body_whatever_they_say)
{
	static const char *const heads[] = {"", CL "5" NL, TE "chunked" NL,
	    CL "5" NL TE "chunked" NL, CL "x" NL, TE "gzip" NL, NULL};
	static const int codes[] = {100, 101, 103, 199, 204, 304};

	for (const char *const *head = heads; *head != NULL; head++) {
		assert_string_equal(response(*head, true, 200, 1), "none");
		for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
			assert_string_equal(response(*head, false, codes[i], 1),
			    "none");
	}
	assert_string_equal(response(CL "5" NL, false, 205, 1), "length 5");
}
