/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side: messages that are not requests, and impossible answers. What
 * is not a request is not handed over, gets no answer, and harms nobody.
 */
#include "test.h"
#include "dns_server.h"

#include <stdlib.h>

static int ncalls;

static void
count_request_cb(struct evdns_server_request *req, void *arg)
{
	ncalls++;
	answer_empty_cb(req, arg);
}

/* A request that is right is answered. */
static void
check_serves(struct server *s)
{
	ncalls = 0;
	dns_server_ask(s, ASK_T);
	assert_int_equal(ncalls, 1);
	assert_reply(s->client, NOTHING_FOR_T);
}

/* These bytes are not handed over, and get no answer. */
static void
check_refuses(struct server *s, const void *bytes, size_t len)
{
	ncalls = 0;
	send_bytes(s->client, bytes, len);
	dns_server_pass(s);
	assert_int_equal(ncalls, 0);
	assert_no_reply(s->client);
	check_serves(s);
}

static void
check_refuses_hex(struct server *s, const char *request)
{
	static unsigned char bytes[PACKET];
	size_t len = unhex(request, bytes);

	printf("%s\n", request);
	check_refuses(s, bytes, len);
}

/*
 * Requests.
 */

TEST(request_that_is_cut_off_is_refused,
    DIFFERS(V21, "crashes on an empty datagram"))
{
	unsigned char bytes[100];
	size_t len = unhex(ASK_WWW, bytes);
	struct server s;

	dns_server_open(&s, count_request_cb);
	for (size_t i = 0; i < len; i++)
		check_refuses(&s, bytes, i);
	dns_server_close(&s);
}

TEST(reply_is_not_taken_for_a_request)
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s,
	    "1234 8000 0001 0000 0000 0000 0174 00 0001 0001");
	check_refuses_hex(&s,
	    "1234 8180 0001 0000 0000 0000 0174 00 0001 0001");
	check_refuses_hex(&s, "1234 8100 0000 0000 0000 0000");
	dns_server_close(&s);
}

TEST(request_with_fewer_questions_than_it_says_is_refused)
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s, "1234 0100 0001 0000 0000 0000");
	check_refuses_hex(&s, "1234 0100 ffff 0000 0000 0000");
	check_refuses_hex(&s, "1234 0100 ffff ffff ffff ffff");
	check_refuses_hex(&s,
	    "1234 0100 0002 0000 0000 0000 0174 00 0001 0001");
	check_refuses_hex(&s, "1234 0100 0002 0000 0000 0000 0174 00 0001 0001"
			      "0174 00 0001 00");
	check_refuses_hex(&s,
	    "1234 0100 ffff 0000 0000 0000 0174 00 0001 0001");
	dns_server_close(&s);
}

/* The datagram is full of questions, and its header says that there are
 * more. */
TEST(many_questions_and_one_more_are_refused)
{
	static unsigned char bytes[12 + 5 * 13000];
	struct server s;

	unhex("1234 0100 ffff 0000 0000 0000", bytes);
	for (size_t i = 12; i < sizeof(bytes); i += 5)
		unhex("00 0001 0001", bytes + i);
	dns_server_open(&s, count_request_cb);
	check_refuses(&s, bytes, 1500);
	check_refuses(&s, bytes, sizeof(bytes));
	dns_server_close(&s);
}

TEST(name_that_refers_to_itself_is_refused)
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s, HEADER "c00c 0001 0001");
	check_refuses_hex(&s, HEADER "0161 c00c 0001 0001");
	check_refuses_hex(&s, HEADER "c00e c00c 0001 0001");
	check_refuses_hex(&s, HEADER "0161 c010 0162 c00c 0001 0001");
	check_refuses_hex(&s, HEADER "c013 0001 0001 00 c00c");
	dns_server_close(&s);
}

TEST(name_that_refers_to_nowhere_is_refused)
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s, HEADER "ffff 0001 0001");
	check_refuses_hex(&s, HEADER "c012 0001 0001");
	check_refuses_hex(&s, HEADER "0161 c100 0001 0001");
	check_refuses_hex(&s, HEADER "c0");
	check_refuses_hex(&s, HEADER "0161 c0");
	dns_server_close(&s);
}

TEST(label_that_is_too_long_is_refused)
{
	unsigned char bytes[12 + 256 + 5];
	struct server s;

	unhex(HEADER, bytes);
	dns_server_open(&s, count_request_cb);
	for (size_t i = 64; i < 192; i++) {
		memset(bytes + 12, 'a', sizeof(bytes) - 12);
		bytes[12] = (unsigned char)i;
		unhex("00 0001 0001", bytes + 13 + i);
		check_refuses(&s, bytes, 13 + i + 5);
	}
	dns_server_close(&s);
}

TEST(label_that_ends_after_the_datagram_is_refused)
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s, HEADER "01");
	check_refuses_hex(&s, HEADER "0161");
	check_refuses_hex(&s, HEADER "0a61 00 0001 0001");
	check_refuses_hex(&s, HEADER "3f74 00 0001 0001");
	check_refuses_hex(&s, HEADER "0174 3f 0001 0001");
	dns_server_close(&s);
}

/* The name is written out, or ends in a reference to another one. */
TEST(name_of_more_than_255_bytes_is_refused,
    DIFFERS(V14, "names of up to 257 bytes are handed over"),
    DIFFERS(V21, "names of up to 257 bytes are handed over"))
{
	unsigned char bytes[400];
	struct server s;
	size_t len;

	dns_server_open(&s, count_request_cb);
	for (int n = 128; n < 131; n++) {
		len = unhex(HEADER, bytes);
		for (int i = 0; i < n; i++)
			len += unhex("0161", bytes + len);
		len += unhex("00 0001 0001", bytes + len);
		check_refuses(&s, bytes, len);
	}
	len = unhex("1234 0100 0002 0000 0000 0000", bytes);
	for (int i = 0; i < 127; i++)
		len += unhex("0161", bytes + len);
	len += unhex("00 0001 0001 0161 c00c 0001 0001", bytes + len);
	check_refuses(&s, bytes, len);
	dns_server_close(&s);
}

/* The program would take the name for another one. */
TEST(name_with_a_nul_byte_is_refused,
    DIFFERS(V14, "the name is handed over up to there"),
    DIFFERS(V21, "the name is handed over up to there"))
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s, HEADER "0100 00 0001 0001");
	check_refuses_hex(&s, HEADER "03740075 00 0001 0001");
	check_refuses_hex(&s, HEADER "0174 0100 00 0001 0001");
	dns_server_close(&s);
}

/* The program would take the name for one with more labels. */
TEST(name_with_a_dot_within_a_label_is_refused,
    DIFFERS(V14, "the reply is for another name, or malformed"),
    DIFFERS(V21, "the reply is for another name, or malformed"))
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	check_refuses_hex(&s, HEADER "03742e75 00 0001 0001");
	check_refuses_hex(&s, HEADER "012e 00 0001 0001");
	check_refuses_hex(&s, HEADER "022e74 00 0001 0001");
	check_refuses_hex(&s, HEADER "0174 0275 2e 00 0001 0001");
	check_refuses_hex(&s, HEADER "04742e2e75 00 0001 0001");
	check_refuses_hex(&s, HEADER "02742e 0175 00 0001 0001");
	dns_server_close(&s);
}

/* 1.4: it reads 1500 bytes of a datagram. */
TEST(long_datagram_is_served)
{
	static unsigned char bytes[65507];
	struct server s;

	dns_server_open(&s, count_request_cb);
	unhex(ASK_T, bytes);
	for (size_t i = 1; i < 4; i++) {
		send_bytes(s.client, bytes, i == 3 ? 65507 : i * 1500);
		dns_server_pass(&s);
		assert_reply(s.client, NOTHING_FOR_T);
	}
	assert_int_equal(ncalls, 3);
	dns_server_close(&s);
}

/* 290 questions about the root take more than 1500 bytes in the reply. */
TEST(questions_that_take_more_bytes_in_the_reply_are_cut,
    DIFFERS(V14, "not answered, and the request is not freed"),
    DIFFERS(V21, "not answered, and the request is not freed"))
{
	static unsigned char bytes[PACKET];
	struct server s;

	unhex("1234 0100 0122 0000 0000 0000", bytes);
	for (size_t i = 0; i < 290; i++)
		unhex("00 0001 0001", bytes + 12 + 5 * i);
	dns_server_open(&s, count_request_cb);
	send_bytes(s.client, bytes, 12 + 290 * 5);
	dns_server_pass(&s);
	assert_int_equal(take_reply(s.client, bytes), 512);
	assert_int_equal(bytes[2], 0x83);
	assert_int_equal(ncalls, 1);
	dns_server_close(&s);
}

/*
 * Answers.
 */

/* What add_cb() does with the request before it answers. */
static void (*add)(struct evdns_server_request *req);

static void
add_cb(struct evdns_server_request *req, void *arg)
{
	add(req);
	answer_empty_cb(req, arg);
}

/* The reply is one without records: the call has failed, and added nothing. */
static void
check_adds_nothing(void (*func)(struct evdns_server_request *req))
{
	struct server s;

	add = func;
	dns_server_open(&s, add_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

/* No record can be added that has this name, or has it as its data. */
static void
refuse_name(struct evdns_server_request *req, const char *name)
{
	printf("%.20s...\n", name);
	assert_int_equal(add_any(req, name), -1);
	assert_int_equal(evdns_server_request_add_cname_reply(req, "t", name,
			     1),
	    -1);
	assert_int_equal(evdns_server_request_add_ptr_reply(req, NULL, name,
			     "t", 1),
	    -1);
}

static void
add_names_with_long_labels(struct evdns_server_request *req)
{
	static char name[70000];

	for (size_t len = 64; len < sizeof(name); len = len * 3 / 2) {
		memset(name, 'a', len);
		name[len] = '\0';
		refuse_name(req, name);
		strcpy(name + len - 2, ".b");
		if (len > 65)
			refuse_name(req, name);
	}
}

TEST(label_of_more_than_63_bytes_cannot_be_added,
    DIFFERS(V14, "512 bytes are sent, of which most are arbitrary"),
    DIFFERS(V21, "512 bytes are sent, of which most are arbitrary"))
{
	check_adds_nothing(add_names_with_long_labels);
}

static void
add_long_names(struct evdns_server_request *req)
{
	static char name[70000];

	for (size_t len = 254; len < sizeof(name) - 1; len = len * 3 / 2) {
		for (size_t i = 0; i < len; i++)
			name[i] = i % 2 == 0 ? 'a' : '.';
		name[len - 1] = 'b';
		name[len] = '\0';
		refuse_name(req, name);
		memcpy(name + len, ".", 2);
		refuse_name(req, name);
	}
}

TEST(name_of_more_than_255_bytes_cannot_be_added,
    DIFFERS(V14, "malformed bytes are sent"),
    DIFFERS(V21, "malformed bytes are sent"))
{
	check_adds_nothing(add_long_names);
}

static void
add_names_with_empty_labels(struct evdns_server_request *req)
{
	static const char *names[] = {"a..b", ".a", "a..", "..", ".a.", "..a"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		refuse_name(req, names[i]);
}

TEST(name_with_an_empty_label_cannot_be_added,
    DIFFERS(V14, "malformed bytes are sent"),
    DIFFERS(V21, "malformed bytes are sent"))
{
	check_adds_nothing(add_names_with_empty_labels);
}

static void
add_root(struct evdns_server_request *req)
{
	assert_int_equal(add_any(req, "."), 0);
	assert_int_equal(evdns_server_request_add_cname_reply(req, "t", ".", 1),
	    0);
}

TEST(dot_alone_is_the_root, DIFFERS(V14, "malformed bytes are sent"),
    DIFFERS(V21, "malformed bytes are sent"))
{
	struct server s;

	add = add_root;
	dns_server_open(&s, add_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, "1234 8100 0001 0002 0000 0000 0174 00 0001 0001"
			       "00 0001 0001 00000001 0004 01020304"
			       "c00c 0005 0001 00000001 0002 c013");
	dns_server_close(&s);
}

static void
add_data_of_no_length(struct evdns_server_request *req)
{
	static const int wrong[] = {-1, -5, -2147483647 - 1};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(evdns_server_request_add_reply(req,
				     EVDNS_ANSWER_SECTION, "t", 1, 1, 1,
				     wrong[i], 0, "1234"),
		    -1);
}

TEST(data_of_less_than_no_bytes_cannot_be_added)
{
	check_adds_nothing(add_data_of_no_length);
}

static void
add_data_of_any_length(struct evdns_server_request *req)
{
	static char data[70000];

	for (int len = 65536; len < 70000; len += 500)
		assert_int_equal(evdns_server_request_add_reply(req,
				     EVDNS_ANSWER_SECTION, "t", 1, 1, 1, len, 0,
				     data),
		    -1);
	assert_int_equal(evdns_server_request_add_a_reply(req, "t", 16384, data,
			     1),
	    -1);
	assert_int_equal(evdns_server_request_add_aaaa_reply(req, "t", 4096,
			     data, 1),
	    -1);
}

TEST(data_of_more_than_65535_bytes_cannot_be_added,
    DIFFERS(V14, "the length is sent without its upper bits"),
    DIFFERS(V21, "the length is sent without its upper bits"))
{
	check_adds_nothing(add_data_of_any_length);
}

static void
add_no_number_of_addresses(struct evdns_server_request *req)
{
	static const int wrong[] = {-1, -100, 0x7fffffff, -2147483647 - 1};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(evdns_server_request_add_a_reply(req, "t",
				     wrong[i], "1234", 1),
		    -1);
		assert_int_equal(evdns_server_request_add_aaaa_reply(req, "t",
				     wrong[i], "1234567890123456", 1),
		    -1);
	}
}

TEST(invalid_number_of_addresses_is_an_error,
    DIFFERS(V14, "the lowest number, taken 16 times, is taken for none"))
{
	check_adds_nothing(add_no_number_of_addresses);
}

static void
add_two_reverse_names(struct evdns_server_request *req)
{
	struct in_addr in = {0};

	assert_int_equal(evdns_server_request_add_ptr_reply(req, &in,
			     "1.in-addr.arpa", "t", 1),
	    -1);
}

TEST(two_names_for_one_address_are_an_error, DIFFERS(V14, "ends the program"))
{
	check_adds_nothing(add_two_reverse_names);
}

static void
add_no_reverse_name(struct evdns_server_request *req)
{
	assert_int_equal(evdns_server_request_add_ptr_reply(req, NULL, NULL,
			     "t", 1),
	    -1);
}

TEST(no_name_for_an_address_is_an_error, DIFFERS(V14, "ends the program"))
{
	check_adds_nothing(add_no_reverse_name);
}

/*
 * Ports.
 */

TEST(port_for_tcp_is_null, DIFFERS(V14, "ends the program"))
{
	struct event_base *base = event_init();
	struct sockaddr_storage at;
	socklen_t len;
	int fd = local_socket(AF_INET, &at, &len);

	assert_null(evdns_add_server_port(fd, 1, answer_empty_cb, NULL));
	assert_true(is_open(fd));
	close(fd);
	event_base_free(base);
}

TEST(port_without_a_descriptor_is_null,
    DIFFERS(V14, "it is not NULL, and serves nobody"),
    DIFFERS(V21, "it is not NULL, and serves nobody"))
{
	struct event_base *base = event_init();

	assert_null(evdns_add_server_port(-1, 0, answer_empty_cb, NULL));
	assert_null(
	    evdns_add_server_port(closed_fd(), 0, answer_empty_cb, NULL));
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
	event_base_free(base);
}
