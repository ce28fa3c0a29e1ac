/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The layout that programs built for libevent 1.4.15 have compiled into them:
 * sizes, offsets and constants, as measured on x86-64 and i386.  Nothing here
 * runs; a wrong size does not compile.  The file is compiled for both machines,
 * with and without <sys/queue.h> before it.  Where a time_t is longer than a
 * long no libevent 1.4 exists, and structs may have other sizes.
 */
#define EVCOMPAT_HTTP

#include <stddef.h>

#include <event.h>
#include <evutil.h>
#include <evdns.h>
#include <evhttp.h>
#include <evrpc.h>

#if __SIZEOF_POINTER__ == 8
#define PICK(lp64, ilp32) (lp64)
#else
#define PICK(lp64, ilp32) (ilp32)
#endif

#define IS_LIKE_14 (sizeof(time_t) == sizeof(long))

#define SIZE(type, lp64, ilp32)                                                \
	_Static_assert(!IS_LIKE_14 ||                                          \
			   sizeof(struct type) == PICK(lp64, ilp32),           \
	    "size of struct " #type)

#define IS_AT(type, member, offset, size)                                      \
	(offsetof(struct type, member) == (offset) &&                          \
	    sizeof(((struct type *)0)->member) == (size))

/* Offset and size where pointers have 8 bytes, and where they have 4. */
#define FIELD(type, member, offset64, size64, offset32, size32)                \
	_Static_assert(!IS_LIKE_14 ||                                          \
			   PICK(IS_AT(type, member, offset64, size64),         \
			       IS_AT(type, member, offset32, size32)),         \
	    "place of " #type "." #member)

#define VALUE(name, value) _Static_assert((name) == (value), "value of " #name)

SIZE(event, 128, 72);
FIELD(event, ev_next, 0, 16, 0, 8);
FIELD(event, ev_active_next, 16, 16, 8, 8);
FIELD(event, ev_signal_next, 32, 16, 16, 8);
FIELD(event, min_heap_idx, 48, 4, 24, 4);
FIELD(event, ev_base, 56, 8, 28, 4);
FIELD(event, ev_fd, 64, 4, 32, 4);
FIELD(event, ev_events, 68, 2, 36, 2);
FIELD(event, ev_ncalls, 70, 2, 38, 2);
FIELD(event, ev_pncalls, 72, 8, 40, 4);
FIELD(event, ev_timeout, 80, 16, 44, 8);
FIELD(event, ev_pri, 96, 4, 52, 4);
FIELD(event, ev_callback, 104, 8, 56, 4);
FIELD(event, ev_arg, 112, 8, 60, 4);
FIELD(event, ev_res, 120, 4, 64, 4);
FIELD(event, ev_flags, 124, 4, 68, 4);

SIZE(evkeyval, 32, 16);
FIELD(evkeyval, next, 0, 16, 0, 8);
FIELD(evkeyval, key, 16, 8, 8, 4);
FIELD(evkeyval, value, 24, 8, 12, 4);

SIZE(evbuffer, 56, 28);
FIELD(evbuffer, buffer, 0, 8, 0, 4);
FIELD(evbuffer, orig_buffer, 8, 8, 4, 4);
FIELD(evbuffer, misalign, 16, 8, 8, 4);
FIELD(evbuffer, totallen, 24, 8, 12, 4);
FIELD(evbuffer, off, 32, 8, 16, 4);
FIELD(evbuffer, cb, 40, 8, 20, 4);
FIELD(evbuffer, cbarg, 48, 8, 24, 4);

SIZE(event_watermark, 16, 8);
FIELD(event_watermark, low, 0, 8, 0, 4);
FIELD(event_watermark, high, 8, 8, 4, 4);

SIZE(bufferevent, 360, 200);
FIELD(bufferevent, ev_base, 0, 8, 0, 4);
FIELD(bufferevent, ev_read, 8, 128, 4, 72);
FIELD(bufferevent, ev_write, 136, 128, 76, 72);
FIELD(bufferevent, input, 264, 8, 148, 4);
FIELD(bufferevent, output, 272, 8, 152, 4);
FIELD(bufferevent, wm_read, 280, 16, 156, 8);
FIELD(bufferevent, wm_write, 296, 16, 164, 8);
FIELD(bufferevent, readcb, 312, 8, 172, 4);
FIELD(bufferevent, writecb, 320, 8, 176, 4);
FIELD(bufferevent, errorcb, 328, 8, 180, 4);
FIELD(bufferevent, cbarg, 336, 8, 184, 4);
FIELD(bufferevent, timeout_read, 344, 4, 188, 4);
FIELD(bufferevent, timeout_write, 348, 4, 192, 4);
FIELD(bufferevent, enabled, 352, 2, 196, 2);

SIZE(evhttp_request, 152, 88);
FIELD(evhttp_request, next, 0, 16, 0, 8);
FIELD(evhttp_request, evcon, 16, 8, 8, 4);
FIELD(evhttp_request, flags, 24, 4, 12, 4);
FIELD(evhttp_request, input_headers, 32, 8, 16, 4);
FIELD(evhttp_request, output_headers, 40, 8, 20, 4);
FIELD(evhttp_request, remote_host, 48, 8, 24, 4);
FIELD(evhttp_request, remote_port, 56, 2, 28, 2);
FIELD(evhttp_request, kind, 60, 4, 32, 4);
FIELD(evhttp_request, type, 64, 4, 36, 4);
FIELD(evhttp_request, uri, 72, 8, 40, 4);
FIELD(evhttp_request, major, 80, 1, 44, 1);
FIELD(evhttp_request, minor, 81, 1, 45, 1);
FIELD(evhttp_request, response_code, 84, 4, 48, 4);
FIELD(evhttp_request, response_code_line, 88, 8, 52, 4);
FIELD(evhttp_request, input_buffer, 96, 8, 56, 4);
FIELD(evhttp_request, ntoread, 104, 8, 60, 8);
FIELD(evhttp_request, output_buffer, 120, 8, 72, 4);
FIELD(evhttp_request, cb, 128, 8, 76, 4);
FIELD(evhttp_request, cb_arg, 136, 8, 80, 4);
FIELD(evhttp_request, chunk_cb, 144, 8, 84, 4);

SIZE(evrpc, 104, 52);
FIELD(evrpc, next, 0, 16, 0, 8);
FIELD(evrpc, uri, 16, 8, 8, 4);
FIELD(evrpc, request_new, 24, 8, 12, 4);
FIELD(evrpc, request_free, 32, 8, 16, 4);
FIELD(evrpc, request_unmarshal, 40, 8, 20, 4);
FIELD(evrpc, reply_new, 48, 8, 24, 4);
FIELD(evrpc, reply_free, 56, 8, 28, 4);
FIELD(evrpc, reply_complete, 64, 8, 32, 4);
FIELD(evrpc, reply_marshal, 72, 8, 36, 4);
FIELD(evrpc, cb, 80, 8, 40, 4);
FIELD(evrpc, cb_arg, 88, 8, 44, 4);
FIELD(evrpc, base, 96, 8, 48, 4);

SIZE(evrpc_req_generic, 40, 20);
FIELD(evrpc_req_generic, request, 0, 8, 0, 4);
FIELD(evrpc_req_generic, reply, 8, 8, 4, 4);
FIELD(evrpc_req_generic, rpc, 16, 8, 8, 4);
FIELD(evrpc_req_generic, http_req, 24, 8, 12, 4);
FIELD(evrpc_req_generic, done, 32, 8, 16, 4);

SIZE(evrpc_status, 16, 8);
FIELD(evrpc_status, error, 0, 4, 0, 4);
FIELD(evrpc_status, http_req, 8, 8, 4, 4);

SIZE(evrpc_request_wrapper, 224, 120);
FIELD(evrpc_request_wrapper, next, 0, 16, 0, 8);
FIELD(evrpc_request_wrapper, pool, 16, 8, 8, 4);
FIELD(evrpc_request_wrapper, evcon, 24, 8, 12, 4);
FIELD(evrpc_request_wrapper, ev_timeout, 32, 128, 16, 72);
FIELD(evrpc_request_wrapper, name, 160, 8, 88, 4);
FIELD(evrpc_request_wrapper, cb, 168, 8, 92, 4);
FIELD(evrpc_request_wrapper, cb_arg, 176, 8, 96, 4);
FIELD(evrpc_request_wrapper, request, 184, 8, 100, 4);
FIELD(evrpc_request_wrapper, reply, 192, 8, 104, 4);
FIELD(evrpc_request_wrapper, request_marshal, 200, 8, 108, 4);
FIELD(evrpc_request_wrapper, reply_clear, 208, 8, 112, 4);
FIELD(evrpc_request_wrapper, reply_unmarshal, 216, 8, 116, 4);

SIZE(evdns_server_request, 16, 12);
FIELD(evdns_server_request, flags, 0, 4, 0, 4);
FIELD(evdns_server_request, nquestions, 4, 4, 4, 4);
FIELD(evdns_server_request, questions, 8, 8, 8, 4);

SIZE(evdns_server_question, 12, 12);
FIELD(evdns_server_question, type, 0, 4, 0, 4);
FIELD(evdns_server_question, dns_question_class, 4, 4, 4, 4);
FIELD(evdns_server_question, name, 8, 1, 8, 1);
/* The heads of queues, where they are complete. */
#ifdef TAILQ_ENTRY
SIZE(event_list, 16, 8);
FIELD(event_list, tqh_first, 0, 8, 0, 4);
FIELD(event_list, tqh_last, 8, 8, 4, 4);
SIZE(evkeyvalq, 16, 8);
FIELD(evkeyvalq, tqh_first, 0, 8, 0, 4);
FIELD(evkeyvalq, tqh_last, 8, 8, 4, 4);
#endif

VALUE(EVLIST_TIMEOUT, 0x01);
VALUE(EVLIST_INSERTED, 0x02);
VALUE(EVLIST_SIGNAL, 0x04);
VALUE(EVLIST_ACTIVE, 0x08);
VALUE(EVLIST_INTERNAL, 0x10);
VALUE(EVLIST_INIT, 0x80);
VALUE(EVLIST_ALL, 0xf09f);

VALUE(EV_TIMEOUT, 0x01);
VALUE(EV_READ, 0x02);
VALUE(EV_WRITE, 0x04);
VALUE(EV_SIGNAL, 0x08);
VALUE(EV_PERSIST, 0x10);

VALUE(EVLOOP_ONCE, 0x01);
VALUE(EVLOOP_NONBLOCK, 0x02);

VALUE(_EVENT_LOG_DEBUG, 0);
VALUE(_EVENT_LOG_MSG, 1);
VALUE(_EVENT_LOG_WARN, 2);
VALUE(_EVENT_LOG_ERR, 3);

VALUE(EVBUFFER_READ, 0x01);
VALUE(EVBUFFER_WRITE, 0x02);
VALUE(EVBUFFER_EOF, 0x10);
VALUE(EVBUFFER_ERROR, 0x20);
VALUE(EVBUFFER_TIMEOUT, 0x40);

VALUE(EVBUFFER_EOL_ANY, 0);
VALUE(EVBUFFER_EOL_CRLF, 1);
VALUE(EVBUFFER_EOL_CRLF_STRICT, 2);
VALUE(EVBUFFER_EOL_LF, 3);

VALUE(_EVENT_NUMERIC_VERSION, 0x01040f00);
VALUE(_EVENT_SIZEOF_SHORT, sizeof(short));
VALUE(_EVENT_SIZEOF_INT, sizeof(int));
VALUE(_EVENT_SIZEOF_LONG, sizeof(long));
VALUE(_EVENT_SIZEOF_LONG_LONG, sizeof(long long));

VALUE(DNS_ERR_NONE, 0);
VALUE(DNS_ERR_FORMAT, 1);
VALUE(DNS_ERR_SERVERFAILED, 2);
VALUE(DNS_ERR_NOTEXIST, 3);
VALUE(DNS_ERR_NOTIMPL, 4);
VALUE(DNS_ERR_REFUSED, 5);
VALUE(DNS_ERR_TRUNCATED, 65);
VALUE(DNS_ERR_UNKNOWN, 66);
VALUE(DNS_ERR_TIMEOUT, 67);
VALUE(DNS_ERR_SHUTDOWN, 68);

VALUE(DNS_IPv4_A, 1);
VALUE(DNS_PTR, 2);
VALUE(DNS_IPv6_AAAA, 3);

VALUE(DNS_QUERY_NO_SEARCH, 1);
VALUE(DNS_NO_SEARCH, 1);

VALUE(DNS_OPTION_SEARCH, 1);
VALUE(DNS_OPTION_NAMESERVERS, 2);
VALUE(DNS_OPTION_MISC, 4);
VALUE(DNS_OPTIONS_ALL, 7);

VALUE(EVDNS_ANSWER_SECTION, 0);
VALUE(EVDNS_AUTHORITY_SECTION, 1);
VALUE(EVDNS_ADDITIONAL_SECTION, 2);

VALUE(EVDNS_TYPE_A, 1);
VALUE(EVDNS_TYPE_NS, 2);
VALUE(EVDNS_TYPE_CNAME, 5);
VALUE(EVDNS_TYPE_SOA, 6);
VALUE(EVDNS_TYPE_PTR, 12);
VALUE(EVDNS_TYPE_MX, 15);
VALUE(EVDNS_TYPE_TXT, 16);
VALUE(EVDNS_TYPE_AAAA, 28);
VALUE(EVDNS_QTYPE_AXFR, 252);
VALUE(EVDNS_QTYPE_ALL, 255);
VALUE(EVDNS_CLASS_INET, 1);

VALUE(EVHTTP_REQ_GET, 0);
VALUE(EVHTTP_REQ_POST, 1);
VALUE(EVHTTP_REQ_HEAD, 2);
/* The rest are ours, the first two in the numbers of early 2.0. */
VALUE(EVHTTP_REQ_PUT, 3);
VALUE(EVHTTP_REQ_DELETE, 4);
VALUE(EVHTTP_REQ_OPTIONS, 5);
VALUE(EVHTTP_REQ_TRACE, 6);
VALUE(EVHTTP_REQ_CONNECT, 7);
VALUE(EVHTTP_REQ_PATCH, 8);
VALUE(EVHTTP_METHOD_BIT(EVHTTP_REQ_PATCH), 0x100);
VALUE(EVREQ_HTTP_TIMEOUT, 0);
VALUE(EVREQ_HTTP_EOF, 1);
VALUE(EVREQ_HTTP_INVALID_HEADER, 2);
VALUE(EVREQ_HTTP_BUFFER_ERROR, 3);
VALUE(EVREQ_HTTP_REQUEST_CANCEL, 4);
VALUE(EVREQ_HTTP_DATA_TOO_LONG, 5);
VALUE(EVHTTP_URI_NONCONFORMANT, 1);
VALUE(EVHTTP_REQUEST, 0);
VALUE(EVHTTP_RESPONSE, 1);
VALUE(EVHTTP_REQ_OWN_CONNECTION, 0x0001);
VALUE(EVHTTP_PROXY_REQUEST, 0x0002);

VALUE(HTTP_OK, 200);
VALUE(HTTP_NOCONTENT, 204);
VALUE(HTTP_MOVEPERM, 301);
VALUE(HTTP_MOVETEMP, 302);
VALUE(HTTP_NOTMODIFIED, 304);
VALUE(HTTP_BADREQUEST, 400);
VALUE(HTTP_NOTFOUND, 404);
VALUE(HTTP_SERVUNAVAIL, 503);

VALUE(EVRPC_STATUS_ERR_NONE, 0);
VALUE(EVRPC_STATUS_ERR_TIMEOUT, 1);
VALUE(EVRPC_STATUS_ERR_BADPAYLOAD, 2);
VALUE(EVRPC_STATUS_ERR_UNSTARTED, 3);
VALUE(EVRPC_STATUS_ERR_HOOKABORTED, 4);

VALUE(EVRPC_INPUT, 0);
VALUE(EVRPC_OUTPUT, 1);
VALUE(INPUT, 0);
VALUE(OUTPUT, 1);
