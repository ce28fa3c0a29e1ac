/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the server side of libevent 1.4.15 sends: requests, what a program adds
 * to its answer, and the bytes that come of it, recorded.
 */
#ifndef CONFORMANCE_DNS_SERVER_GOLDEN_H
#define CONFORMANCE_DNS_SERVER_GOLDEN_H

#include "dns_server.h"

struct golden_record {
	int section;
	const char *name;
	int type;
	int class;
	int ttl;
	int is_name;
	int len;
	const char *data;
};

struct golden {
	const char *what;
	const char *request;
	int flags; /* for set_flags(), which -1 leaves out */
	int err;
	struct golden_record records[8];
	const char *reply;
};

/* A section of a record, and its data. */
#define A EVDNS_ANSWER_SECTION
#define N EVDNS_AUTHORITY_SECTION
#define X EVDNS_ADDITIONAL_SECTION
#define DATA(bytes) 0, sizeof(bytes) - 1, bytes
#define NAME(text) 1, -1, text
#define L61 "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmno"
#define L63 L61 "pq"

/* The header. */
static const struct golden golden_flags[] = {
    {"no record, no error", ASK_WWW, -1, 0, {{0}},
	"1234 8100 0001 0000 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"},
    {"a name that is not there", ASK_WWW, -1, 3,
	{{N, "example.com", 6, 1, 60, DATA("soa")}},
	"1234 8103 0001 0000 0001 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"c010 0006 0001 0000003c 0003 736f61"},
    {"AA is the program's to set", ASK_WWW, 0x0500, 0,
	{{A, "www.example.com", 1, 1, 300, DATA("\1\2\3\4")}},
	"1234 8500 0001 0001 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"c00c 0001 0001 0000012c 0004 01020304"},
    {"all flags that there are", ASK_T, 0xffff, 0, {{0}},
	"1234 ffff 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"no flags", ASK_T, 0, 0, {{0}},
	"1234 8000 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"more flags than there are", ASK_T, 0x7fff0000, 0, {{0}},
	"1234 8000 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"the response code is added to what the flags have there", ASK_T, 0x6, 9,
	{{0}},
	"1234 800f 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"RD and CD come back, nothing else does",
	"1234 7fff 0001 0000 0000 0000 0174 00 0001 0001", -1, 0, {{0}},
	"1234 8110 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"another kind of request (OPCODE 5) is one like others",
	"1234 2800 0001 0000 0000 0000 0174 00 0006 0001", -1, 0, {{0}},
	"1234 8000 0001 0000 0000 0000"
	"0174 00 0006 0001"},
};

/* Names, and where they are referred to. */
static const struct golden golden_names[] = {
    {"one address; the question's name is not written again", ASK_WWW, -1, 0,
	{{A, "www.example.com", 1, 1, 300, DATA("\1\2\3\4")}},
	"1234 8100 0001 0001 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"c00c 0001 0001 0000012c 0004 01020304"},
    {"three sections, each in the order of adding", ASK_WWW, -1, 0,
	{{X, "ns1.example.com", 1, 1, 7, DATA("\1\2\3\4")},
	    {N, "example.com", 2, 1, 60, NAME("ns1.example.com")},
	    {N, "example.com", 2, 1, 61, NAME("ns2.example.com")},
	    {A, "www.example.com", 5, 1, 5, NAME("web.example.com")},
	    {A, "web.example.com", 1, 1, 6, DATA("\5\6\7\10")},
	    {X, "ns2.example.com", 1, 1, 8, DATA("\1\2\3\5")}},
	"1234 8100 0001 0002 0002 0002"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"c00c 0005 0001 00000005 0006 03776562c010"
	"c02d 0001 0001 00000006 0004 05060708"
	"c010 0002 0001 0000003c 0006 036e7331c010"
	"c010 0002 0001 0000003d 0006 036e7332c010"
	"c04f 0001 0001 00000007 0004 01020304"
	"c061 0001 0001 00000008 0004 01020305"},
    {"names that end as others do", ASK_WWW, -1, 0,
	{{A, "example.com", 1, 1, 1, DATA("1")}, {A, "com", 1, 1, 1, DATA("2")},
	    {A, "a.www.example.com", 1, 1, 1, DATA("3")},
	    {A, "b.a.www.example.com", 1, 1, 1, DATA("4")},
	    {A, "www.example.com.au", 1, 1, 1, DATA("5")},
	    {A, "com.au", 1, 1, 1, DATA("6")}},
	"1234 8100 0001 0006 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"c010 0001 0001 00000001 0001 31"
	"c018 0001 0001 00000001 0001 32"
	"0161 c00c 0001 0001 00000001 0001 33"
	"0162 c03b 0001 0001 00000001 0001 34"
	"03777777 076578616d706c65 03636f6d 026175 00 0001 0001 "
	"00000001 0001 35"
	"c065 0001 0001 00000001 0001 36"},
    {"a name within a label is no end of it", ASK_WWW, -1, 0,
	{{A, "ww.example.com", 1, 1, 1, DATA("1")},
	    {A, "xexample.com", 1, 1, 1, DATA("2")},
	    {A, "om", 1, 1, 1, DATA("3")}},
	"1234 8100 0001 0003 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"027777 c010 0001 0001 00000001 0001 31"
	"08786578616d706c65 c018 0001 0001 00000001 0001 32"
	"026f6d 00 0001 0001 00000001 0001 33"},
    {"other capitals are another name", ASK_WWW, -1, 0,
	{{A, "WWW.example.com", 1, 1, 1, DATA("1")},
	    {A, "www.Example.com", 1, 1, 1, DATA("2")},
	    {A, "x.EXAMPLE.COM", 1, 1, 1, DATA("3")},
	    {A, "y.EXAMPLE.COM", 1, 1, 1, DATA("4")}},
	"1234 8100 0001 0004 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"03575757 c010 0001 0001 00000001 0001 31"
	"03777777 074578616d706c65 c018 0001 0001 00000001 0001 32"
	"0178 074558414d504c45 03434f4d 00 0001 0001 00000001 0001 33"
	"0179 c04d 0001 0001 00000001 0001 34"},
    {"the root in records, with another question", ASK_T, -1, 0,
	{{A, "", 2, 1, 1, NAME("ns.t")}, {A, "", 2, 1, 1, NAME("")},
	    {A, "t", 2, 1, 1, NAME("")}},
	"1234 8100 0001 0003 0000 0000"
	"0174 00 0001 0001"
	"00 0002 0001 00000001 0005 026e73c00c"
	"c013 0002 0001 00000001 0002 c013"
	"c00c 0002 0001 00000001 0002 c013"},
    {"with a dot at the end it is another name than without", ASK_WWW, -1, 0,
	{{A, "www.example.com.", 1, 1, 1, DATA("1")},
	    {A, "www.example.com.", 1, 1, 1, DATA("2")},
	    {A, "example.com.", 1, 1, 1, DATA("3")},
	    {A, "net.", 1, 1, 1, DATA("4")},
	    {A, "example.com", 1, 1, 1, DATA("5")}},
	"1234 8100 0001 0005 0000 0000"
	"03777777 076578616d706c65 03636f6d 00 0001 0001"
	"03777777 076578616d706c65 03636f6d 00 0001 0001 00000001 0001 "
	"31"
	"c021 0001 0001 00000001 0001 32"
	"c025 0001 0001 00000001 0001 33"
	"036e6574 c031 0001 0001 00000001 0001 34"
	"c010 0001 0001 00000001 0001 35"},
    {"labels of any bytes, none of them an escape", ASK_T, -1, 0,
	{{A, "a\\.b c\1\377*.T", 1, 1, 1, DATA("1")},
	    {A, "\\065.T", 1, 1, 1, DATA("2")}},
	"1234 8100 0001 0002 0000 0000"
	"0174 00 0001 0001"
	"02615c 0662206301ff2a 0154 00 0001 0001 00000001 0001 31"
	"045c303635 c01d 0001 0001 00000001 0001 32"},
    {"a label of 63 bytes", ASK_T, -1, 0,
	{{A, L63 ".t", 1, 1, 1, DATA("1")}, {A, L63 ".t", 1, 1, 1, DATA("2")}},
	"1234 8100 0001 0002 0000 0000"
	"0174 00 0001 0001"
	"3f303132333435363738396162636465666768696a6b6c6d6e6f7071727374"
	"75767778797a303132333435363738396162636465666768696a6b6c6d6e6f"
	"7071 c00c 0001 0001 00000001 0001 31"
	"c013 0001 0001 00000001 0001 32"},
    {"a name of 255 bytes", ASK_T, -1, 0,
	{{A, L63 "." L63 "." L63 "." L61, 1, 1, 1, DATA("1")}},
	"1234 8100 0001 0001 0000 0000"
	"0174 00 0001 0001"
	"3f303132333435363738396162636465666768696a6b6c6d6e6f7071727374"
	"75767778797a303132333435363738396162636465666768696a6b6c6d6e6f"
	"7071 "
	"3f303132333435363738396162636465666768696a6b6c6d6e6f7071727374"
	"75767778797a303132333435363738396162636465666768696a6b6c6d6e6f"
	"7071 "
	"3f303132333435363738396162636465666768696a6b6c6d6e6f7071727374"
	"75767778797a303132333435363738396162636465666768696a6b6c6d6e6f"
	"7071 "
	"3d303132333435363738396162636465666768696a6b6c6d6e6f7071727374"
	"75767778797a303132333435363738396162636465666768696a6b6c6d6e6f "
	"00 0001 0001 00000001 0001 31"},
};

/* The data of records, type, class and ttl. */
static const struct golden golden_data[] = {
    {"the root, asked for and in data", HEADER "00 0002 0001", -1, 0,
	{{A, "", 2, 1, 1, NAME("")}, {A, "a.", 2, 1, 1, NAME("a.")},
	    {A, "a", 2, 1, 1, NAME("a.")}},
	"1234 8100 0001 0003 0000 0000"
	"00 0002 0001"
	"c00c 0002 0001 00000001 0002 c00c"
	"0161 c00c 0002 0001 00000001 0002 c01f"
	"0161 00 0002 0001 00000001 0002 c01f"},
    {"names as data refer to others, and are referred to", ASK_T, -1, 0,
	{{A, "t", 5, 1, 1, NAME("host.example.com")},
	    {A, "host.example.com", 12, 1, 1, NAME("t")},
	    {A, "www.example.com", 2, 1, 1, NAME("ns.host.example.com")},
	    {A, "ns.host.example.com", 2, 1, 1, NAME("www.example.com")}},
	"1234 8100 0001 0004 0000 0000"
	"0174 00 0001 0001"
	"c00c 0005 0001 00000001 0012 "
	"04686f7374076578616d706c6503636f6d00"
	"c01f 000c 0001 00000001 0002 c00c"
	"03777777 c024 0002 0001 00000001 0005 026e73c01f"
	"c04f 0002 0001 00000001 0002 c03f"},
    {"names as data, whatever the type", ASK_T, -1, 0,
	{{A, "t", 1, 1, 1, NAME("a.t")}, {A, "t", 16, 1, 1, NAME("a.t")}},
	"1234 8100 0001 0002 0000 0000"
	"0174 00 0001 0001"
	"c00c 0001 0001 00000001 0004 0161c00c"
	"c00c 0010 0001 00000001 0002 c01f"},
    {"data that are not a name are left alone", ASK_T, -1, 0,
	{{A, "t", 16, 1, 12, DATA("\5hello")},
	    {A, "t", 2, 1, 12, DATA("\1t\0")},
	    {A, "t", 15, 1, 12, DATA("\0\12\4mail\1t\0")}},
	"1234 8100 0001 0003 0000 0000"
	"0174 00 0001 0001"
	"c00c 0010 0001 0000000c 0006 0568656c6c6f"
	"c00c 0002 0001 0000000c 0003 017400"
	"c00c 000f 0001 0000000c 000a 000a046d61696c017400"},
    {"an IPv6 address", HEADER "0174 00 001c 0001", -1, 0,
	{{A, "t", 28, 1, 9, DATA("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1")}},
	"1234 8100 0001 0001 0000 0000"
	"0174 00 001c 0001"
	"c00c 001c 0001 00000009 0010 20010db8000000000000000000000001"},
    {"type, class and ttl at the ends of their ranges", ASK_T, -1, 0,
	{{A, "t", 0, 0, 0, DATA("1")},
	    {A, "t", 65535, 65535, 0x7fffffff, DATA("2")},
	    {A, "t", 65537, 65538, -1, DATA("3")},
	    {A, "t", -1, -1, -2147483647 - 1, DATA("4")}},
	"1234 8100 0001 0004 0000 0000"
	"0174 00 0001 0001"
	"c00c 0000 0000 00000000 0001 31"
	"c00c ffff ffff 7fffffff 0001 32"
	"c00c 0001 0002 ffffffff 0001 33"
	"c00c ffff ffff 80000000 0001 34"},
};

/* What is asked, and how. */
static const struct golden golden_questions[] = {
    {"the question's capitals are kept", HEADER "0377577702654d00 0001 0001",
	-1, 0,
	{{A, "wWw.eM", 1, 1, 1, DATA("1")}, {A, "www.em", 1, 1, 1, DATA("2")}},
	"1234 8100 0001 0002 0000 0000"
	"03775777 02654d 00 0001 0001"
	"c00c 0001 0001 00000001 0001 31"
	"03777777 02656d 00 0001 0001 00000001 0001 32"},
    {"two questions",
	"1234 0100 0002 0000 0000 0000 0174 00 0001 0001"
	"0175 0174 00 001c 0003",
	-1, 0, {{A, "u.t", 1, 1, 1, DATA("1")}},
	"1234 8100 0002 0001 0000 0000"
	"0174 00 0001 0001"
	"0175 c00c 001c 0003"
	"c013 0001 0001 00000001 0001 31"},
    {"one question twice",
	"1234 0100 0002 0000 0000 0000 0174 00 0001 0001"
	"0174 00 0001 0001",
	-1, 0, {{0}},
	"1234 8100 0002 0000 0000 0000"
	"0174 00 0001 0001"
	"c00c 0001 0001"},
    {"a question that refers to another",
	"1234 0100 0002 0000 0000 0000 0174 00 0001 0001"
	"0175 c00c 0010 0001",
	-1, 0, {{A, "u.t", 16, 1, 1, DATA("1")}},
	"1234 8100 0002 0001 0000 0000"
	"0174 00 0001 0001"
	"0175 c00c 0010 0001"
	"c013 0010 0001 00000001 0001 31"},
    {"a question that refers to what comes later",
	HEADER "c012 0001 0001 03667764 0178 00", -1, 0,
	{{A, "fwd.x", 1, 1, 1, DATA("1")}},
	"1234 8100 0001 0001 0000 0000"
	"03667764 0178 00 0001 0001"
	"c00c 0001 0001 00000001 0001 31"},
    {"a question that refers to the header",
	"1234 0001 0001 0000 0000 0000 c004 0001 0001", -1, 0, {{0}},
	"1234 8000 0001 0000 0000 0000"
	"00 0001 0001"},
    {"records in the request, EDNS's too, are not looked at",
	"1234 0100 0001 ffff 0000 0001 0174 00 0001 0001"
	"00 0029 1000 00008000 0000",
	-1, 0, {{0}},
	"1234 8100 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"bytes after the question are not looked at", ASK_T "ffff ffff ff", -1, 0,
	{{0}},
	"1234 8100 0001 0000 0000 0000"
	"0174 00 0001 0001"},
    {"another type and class", HEADER "0174 00 00ff 00ff", -1, 0,
	{{A, "t", 255, 255, 1, DATA("1")}},
	"1234 8100 0001 0001 0000 0000"
	"0174 00 00ff 00ff"
	"c00c 00ff 00ff 00000001 0001 31"},
};

/* A record without data. */
static const struct golden golden_empty_data[] = {
    {"empty data", ASK_T, -1, 0,
	{{A, "t", 16, 1, 12, DATA("")}, {A, "t", 16, 1, 12, DATA("1")}},
	"1234 8100 0001 0002 0000 0000"
	"0174 00 0001 0001"
	"c00c 0010 0001 0000000c 0000"
	"c00c 0010 0001 0000000c 0001 31"},
};

/* A request without a question. */
static const struct golden golden_no_question[] = {
    {"no question", "1234 0100 0000 0000 0000 0000", -1, 0,
	{{A, "t", 1, 1, 1, DATA("1")}},
	"1234 8100 0000 0001 0000 0000"
	"0174 00 0001 0001 00000001 0001 31"},
};

#endif
