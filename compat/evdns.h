/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A resolver and a nameserver that do not block.
 *
 * A process has one resolver, on the current base (that of the last
 * event_init()).  It gets its nameservers from the system's resolv.conf
 * (evdns_init()), from any other file of that format
 * (evdns_resolv_conf_parse()), or one by one (evdns_nameserver_*()).  A
 * resolver with a nameserver keeps the event loop alive until evdns_shutdown().
 *
 * The second half is a small nameserver: a socket, a callback for each request,
 * and functions that make an answer.
 *
 * Only the thread that runs the loop may call these functions.
 */
#ifndef EVENTDNS_H
#define EVENTDNS_H

#include <evutil.h>

#ifdef __cplusplus
extern "C" {
#endif

struct in_addr;
struct in6_addr;
struct sockaddr;

/*
 * The resolver
 */

/*
 * The result of a request.  Numbers below 65 are the response codes of RFC
 * 1035; the resolver itself finds the others.
 */
#define DNS_ERR_NONE 0
#define DNS_ERR_FORMAT 1       /* the server did not understand the request */
#define DNS_ERR_SERVERFAILED 2 /* the server has failed */
#define DNS_ERR_NOTEXIST 3     /* the name does not exist */
#define DNS_ERR_NOTIMPL 4      /* the server does not support such requests */
#define DNS_ERR_REFUSED 5      /* the server refuses to answer */
#define DNS_ERR_TRUNCATED 65   /* the answer was truncated */
#define DNS_ERR_UNKNOWN 66     /* the name has no record of that type */
#define DNS_ERR_TIMEOUT 67     /* no server answered */
#define DNS_ERR_SHUTDOWN 68    /* evdns_shutdown() was called */

/* The type of an answer, and so of its addresses. */
#define DNS_IPv4_A 1	/* struct in_addr */
#define DNS_PTR 2	/* char * */
#define DNS_IPv6_AAAA 3 /* struct in6_addr */

/* A flag of evdns_resolve_ipv4/6: do not use the search list.  Two names. */
#define DNS_QUERY_NO_SEARCH 1
#define DNS_NO_SEARCH 1

/* What to read from a resolv.conf, and which options may be changed. */
#define DNS_OPTION_SEARCH 1	 /* search, domain, ndots */
#define DNS_OPTION_NAMESERVERS 2 /* nameserver */
#define DNS_OPTION_MISC 4	 /* all other options */
#define DNS_OPTIONS_ALL 7

/*
 * Receives the result of one request.  It is called once, unless
 * evdns_shutdown(0) drops the request.
 *
 * result is one of DNS_ERR_*.  With DNS_ERR_NONE, addresses is an array of
 * count elements.  With the type DNS_IPv4_A they are 4-byte addresses, and with
 * DNS_IPv6_AAAA 16-byte addresses, in network order; with DNS_PTR there is one
 * char *, the host's name.  ttl is the smallest time to live of the records, in
 * seconds.  If result is an error, the values of type, count, ttl and addresses
 * have no meaning.  addresses is the resolver's, and valid until the callback
 * returns.  arg is the ptr of the request.
 *
 * The event loop calls it, never the function that makes the request; with
 * DNS_ERR_SHUTDOWN evdns_shutdown() does.  It may call any function of this
 * file.
 */
typedef void (*evdns_callback_type)(int result, char type, int count, int ttl,
    void *addresses, void *arg);

/*
 * Configures the resolver from /etc/resolv.conf.  Needs a current base.
 * Returns 0, or what evdns_resolv_conf_parse() returns.
 */
int evdns_init(void);

/*
 * Ends the resolver: removes the nameservers, the search list and ndots but no
 * other option, and does not keep the loop alive any more.  All requests end,
 * also those that callbacks make meanwhile.  If fail_requests is not 0, the
 * function calls their callbacks with DNS_ERR_SHUTDOWN; if it is 0, they are
 * not called.  The resolver may be configured again afterwards, or inside a
 * callback.
 */
void evdns_shutdown(int fail_requests);

/*
 * A text for a DNS_ERR_* code: a static string, also for unknown codes.
 */
const char *evdns_err_to_string(int err);

/*
 * Adds a nameserver by its IPv4 address, in network order; its port is 53.
 * Returns 0; 3 if the resolver has that address already; another positive
 * number if it cannot be used.
 */
int evdns_nameserver_add(unsigned long int address);

/*
 * Adds a nameserver by the text of its address: "192.0.2.1", with a port
 * "192.0.2.1:5353".  IPv6 addresses are written "2001:db8::1",
 * "[2001:db8::1]:5353" and, if they are link-local, with a scope,
 * "fe80::1%eth0".  Returns 0; 3 if the resolver has that address already; 4 if
 * the text is not an address; another positive number if it cannot be used.
 */
int evdns_nameserver_ip_add(const char *ip_as_string);

/* How many nameservers there are. */
int evdns_count_nameservers(void);

/*
 * evdns_clear_nameservers_and_suspend() removes all nameservers.  All requests
 * wait, also those in flight; none is lost, and new ones may be made.
 * evdns_resume() sends them to the nameservers that were added meanwhile; so
 * does the next request, if there is a nameserver.  Both return 0.
 */
int evdns_clear_nameservers_and_suspend(void);
int evdns_resume(void);

/*
 * Resolve name to its IPv4 or IPv6 addresses.  Unless flags is
 * DNS_QUERY_NO_SEARCH, a name with fewer dots than ndots is tried with each
 * domain of the search list and then by itself; any other name is tried by
 * itself first.  For a name of the hosts file, localhost and the text of an
 * address no server is asked.  name is copied; ptr is passed to the callback.
 * Return 0 if the callback will be called; another number if not.
 */
int evdns_resolve_ipv4(const char *name, int flags,
    evdns_callback_type callback, void *ptr);
int evdns_resolve_ipv6(const char *name, int flags,
    evdns_callback_type callback, void *ptr);

/*
 * Resolve an address, which is copied, to the host's name.  flags has no
 * meaning.  The result and the callback are those of evdns_resolve_ipv4(); the
 * answer's type is DNS_PTR.
 */
int evdns_resolve_reverse(const struct in_addr *in, int flags,
    evdns_callback_type callback, void *ptr);
int evdns_resolve_reverse_ipv6(const struct in6_addr *in, int flags,
    evdns_callback_type callback, void *ptr);

/*
 * Sets one option by its name in resolv.conf, with a colon if it has a value:
 * - "ndots:", 1 by default, see evdns_search_ndots_set()
 * - "timeout:", 5 by default: seconds that a server has for an answer; at least
 *   1
 * - "attempts:", 3 by default, 1 to 255: a request fails after this many
 *   time-outs, or one for each server if those are more
 * - "max-timeouts:", 1 by default (1.4: 3), 1 to 255: after this many time-outs
 *   without a message from it, a server is marked down
 * - "max-inflight:", 64 by default, 1 to 65000: requests in flight at once; a
 *   request that has had no answer for half a second does not count
 * - "rotate", "use-vc", "edns0": as in resolv.conf; they need no value
 *
 * flags says which kinds of options may change, DNS_OPTION_SEARCH for ndots and
 * DNS_OPTION_MISC for the others; an option of another kind, or an unknown one,
 * is ignored.  val is copied.  A number out of an option's range becomes the
 * nearest one in it.  Returns 0, or -1 if val is not a number, is negative or
 * above INT_MAX.
 */
int evdns_set_option(const char *option, const char *val, int flags);

/*
 * Reads a file in the format of resolv.conf(5), and uses of it what flags
 * (DNS_OPTION_*) says.  If it has no domain to search, the domain of the host's
 * own name is used.  Returns 0, or
 *	1  the file cannot be opened
 *	2  stat(2) of the file fails
 *	3  the file is longer than 65535 bytes
 *	4  there is no memory
 *	5  the file cannot be read
 *	6  the file has no nameserver, and 127.0.0.1 is used
 */
int evdns_resolv_conf_parse(int flags, const char *const filename);

/*
 * The search list.  clear empties it.  add puts a copy of domain, without the
 * dots around it, before the others.  A name with at least ndots dots, 1 by
 * default, is tried by itself first.  Requests in flight use the list that they
 * began with.
 */
void evdns_search_clear(void);
void evdns_search_add(const char *domain);
void evdns_search_ndots_set(const int ndots);

/*
 * Has fn called with each message of the resolver.  is_warning is 1 for a
 * warning and 0 otherwise; msg is valid until fn returns.  With NULL, the
 * default and the state after evdns_shutdown(), messages are dropped.
 */
typedef void (*evdns_debug_log_fn_type)(int is_warning, const char *msg);
void evdns_set_log_fn(evdns_debug_log_fn_type fn);

/*
 * 1.4 gets the ids of its queries from fn.  Here they are random: the function
 * only logs that, once (event_set_log_callback()).
 */
void evdns_set_transaction_id_fn(ev_uint16_t (*fn)(void));

/*
 * The nameserver
 */

/* The section of the answer that a record is in. */
#define EVDNS_ANSWER_SECTION 0
#define EVDNS_AUTHORITY_SECTION 1
#define EVDNS_ADDITIONAL_SECTION 2

/* Types of records, of questions, and the one class, from RFC 1035 and 3596. */
#define EVDNS_TYPE_A 1
#define EVDNS_TYPE_NS 2
#define EVDNS_TYPE_CNAME 5
#define EVDNS_TYPE_SOA 6
#define EVDNS_TYPE_PTR 12
#define EVDNS_TYPE_MX 15
#define EVDNS_TYPE_TXT 16
#define EVDNS_TYPE_AAAA 28
#define EVDNS_QTYPE_AXFR 252
#define EVDNS_QTYPE_ALL 255
#define EVDNS_CLASS_INET 1

struct evdns_server_port;
struct evdns_server_question;

/*
 * One request.  It is the program's from the callback to
 * evdns_server_request_respond() or _drop().  The program may change flags
 * alone.
 */
struct evdns_server_request {
	int flags; /* the header's flag bits, sent back with the answer */
	int nquestions;
	struct evdns_server_question **questions;
};

/*
 * One question.  name is spelled as in the request and ends in NUL; it is
 * longer than its declaration says.
 */
struct evdns_server_question {
	int type;
#ifdef __cplusplus
	int dns_question_class;
#else
	int class;
#define dns_question_class class
#endif
	char name[1];
};

/*
 * Receives each request from the event loop; the second argument is the port's
 * user_data.  The program answers inside the callback or at any time later.
 */
typedef void (
    *evdns_request_callback_fn_type)(struct evdns_server_request *, void *);

/*
 * Serves requests that are received on fd, a bound, nonblocking UDP socket, on
 * the current base.  fd is the port's, and closed with it.  Returns the port;
 * NULL if is_tcp is not 0, if the base cannot watch fd, or without memory: then
 * fd stays the program's.
 */
struct evdns_server_port *evdns_add_server_port(int fd, int is_tcp,
    evdns_request_callback_fn_type callback, void *user_data);

/*
 * Stops serving: the callback is not called any more.  The socket is closed and
 * the port freed when all requests are answered or dropped; at once if there
 * are none.
 */
void evdns_close_server_port(struct evdns_server_port *port);

/*
 * Adds one record to the answer: its name, type, class, time to live in
 * seconds, and data.  With is_name 0 the data is datalen bytes at data;
 * otherwise data is a domain name that ends in NUL, and datalen is ignored.
 * All is copied.  Returns 0; -1 if section is not one of the three, if a name
 * is not a domain name (labels of at most 63 bytes, 255 in all), if datalen is
 * not in 0 to 65535, or without memory.
 */
int evdns_server_request_add_reply(struct evdns_server_request *req,
    int section, const char *name, int type, int dns_class, int ttl,
    int datalen, int is_name, const char *data);

/*
 * Add the usual records to the answer section.  a and aaaa: n addresses at
 * addrs, 4 or 16 bytes each in network order; each is a record of its own (1.4:
 * all are in one record, which only evdns understands).  ptr: hostname is the
 * name of the address in, or, if in is NULL, of inaddr_name
 * ("4.3.2.1.in-addr.arpa"); one of the two must be NULL.  cname: name is an
 * alias of cname.  Return what evdns_server_request_add_reply() does; of
 * several addresses all are added, or none.
 */
int evdns_server_request_add_a_reply(struct evdns_server_request *req,
    const char *name, int n, void *addrs, int ttl);
int evdns_server_request_add_aaaa_reply(struct evdns_server_request *req,
    const char *name, int n, void *addrs, int ttl);
int evdns_server_request_add_ptr_reply(struct evdns_server_request *req,
    struct in_addr *in, const char *inaddr_name, const char *hostname, int ttl);
int evdns_server_request_add_cname_reply(struct evdns_server_request *req,
    const char *name, const char *cname, int ttl);

/*
 * Sends the answer with the response code err, 0 to 15 as in DNS_ERR_*, and
 * frees the request.  An answer of more than 512 bytes is truncated and has TC
 * set.  Returns 0; 1 if it will be sent when the socket has room; -1 if err is
 * not in that range, and the request stays the program's.
 */
int evdns_server_request_respond(struct evdns_server_request *req, int err);

/* Frees the request and sends nothing.  Returns 0. */
int evdns_server_request_drop(struct evdns_server_request *req);

/*
 * Copies the client's address to sa, which has addr_len bytes.  Returns the
 * length of the address; -1 if addr_len is too small.
 */
int evdns_server_request_get_requesting_addr(struct evdns_server_request *req,
    struct sockaddr *sa, int addr_len);

#ifdef __cplusplus
}
#endif

#endif /* EVENTDNS_H */
