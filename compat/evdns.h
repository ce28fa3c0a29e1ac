/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asking the DNS, and answering, without waiting.
 *
 * There is one resolver in a process, on the current base (that of the last
 * event_init()), and it has three ways to come by its nameservers: evdns_init()
 * reads the system's resolv.conf, evdns_resolv_conf_parse() any such file, and
 * the evdns_nameserver_* functions take them one by one.  A resolver with a
 * nameserver keeps the event loop alive until evdns_shutdown().
 *
 * The second half is a small nameserver: a socket, a callback for each request,
 * and functions that put an answer together.
 *
 * All of it belongs to the thread that runs the loop.
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
 * Asking
 */

/*
 * How a request ended.  Those below 65 are the response codes of RFC 1035; the
 * others say that there was no complete answer.
 */
#define DNS_ERR_NONE 0
#define DNS_ERR_FORMAT 1       /* the server did not understand us */
#define DNS_ERR_SERVERFAILED 2 /* the server could not find out */
#define DNS_ERR_NOTEXIST 3     /* there is no such name */
#define DNS_ERR_NOTIMPL 4      /* the server does not do such requests */
#define DNS_ERR_REFUSED 5      /* the server does not want to */
#define DNS_ERR_TRUNCATED 65   /* the answer was cut short */
#define DNS_ERR_UNKNOWN 66     /* the name has nothing of the kind asked for */
#define DNS_ERR_TIMEOUT 67     /* no server answered */
#define DNS_ERR_SHUTDOWN 68    /* evdns_shutdown() came first */

/* What the addresses of an answer are: struct in_addr, char *, in6_addr. */
#define DNS_IPv4_A 1
#define DNS_PTR 2
#define DNS_IPv6_AAAA 3

/* The flag of evdns_resolve_ipv4/6: leave the search list alone.  Two names. */
#define DNS_QUERY_NO_SEARCH 1
#define DNS_NO_SEARCH 1

/* What to take from a resolv.conf, or to let an option change. */
#define DNS_OPTION_SEARCH 1	 /* search, domain, ndots */
#define DNS_OPTION_NAMESERVERS 2 /* nameserver */
#define DNS_OPTION_MISC 4	 /* all other options */
#define DNS_OPTIONS_ALL 7

/*
 * Receives the outcome of one request, once, unless evdns_shutdown(0) drops it.
 *
 * result is one of DNS_ERR_*.  With DNS_ERR_NONE, addresses holds count items
 * of the kind that type names: DNS_IPv4_A is an array of 4-byte addresses and
 * DNS_IPv6_AAAA one of 16-byte addresses, both in network order; DNS_PTR is an
 * array of one char *, the host's name.  ttl is how long they may be kept, in
 * seconds, the least of all records.  With any other result there is nothing in
 * the rest.  addresses belongs to the resolver and is gone after the return;
 * arg is what the request was given.
 *
 * It runs from the event loop, never inside the call that made the request, or
 * inside evdns_shutdown() with DNS_ERR_SHUTDOWN.  It may call any function of
 * this file.
 */
typedef void (*evdns_callback_type)(int result, char type, int count, int ttl,
    void *addresses, void *arg);

/*
 * Sets the resolver up from /etc/resolv.conf.  Needs a current base.  Returns
 * 0, or what evdns_resolv_conf_parse() returns.
 */
int evdns_init(void);

/*
 * Ends the resolver: nameservers and search list are forgotten, ndots too but
 * no other option, and the loop is no longer kept alive by it.  All requests
 * end with their callback called inside this function, DNS_ERR_SHUTDOWN its
 * result, where fail_requests is not 0, and without a word where it is; so do
 * those that such a callback makes.  The resolver may be set up again
 * afterwards, or inside a callback.
 */
void evdns_shutdown(int fail_requests);

/*
 * The words for a DNS_ERR_* code: a static string, also for codes that do not
 * exist.
 */
const char *evdns_err_to_string(int err);

/*
 * Adds a nameserver by its IPv4 address, in network order; its port is 53.
 * Returns 0, 3 where the address is there already, or another positive number
 * where it cannot be used.
 */
int evdns_nameserver_add(unsigned long int address);

/*
 * Adds a nameserver by the text of its address: "192.0.2.1", with a port
 * "192.0.2.1:5353".  IPv6 goes as "2001:db8::1", "[2001:db8::1]:5353" and, for
 * a link-local address, with a scope as in "fe80::1%eth0".  Returns 0, 3 where
 * that address is there already, 4 where the text is not an address, or another
 * positive number where it cannot be used.
 */
int evdns_nameserver_ip_add(const char *ip_as_string);

/* How many nameservers there are. */
int evdns_count_nameservers(void);

/*
 * Removes all nameservers.  All requests wait, those in flight, too; nothing is
 * lost, and new ones may be made.  They are sent after
 * evdns_resume(), to the nameservers added in between, or with the next request
 * that is made once there is one.  Both return 0.
 */
int evdns_clear_nameservers_and_suspend(void);
int evdns_resume(void);

/*
 * Asks for the addresses of name, IPv4 or IPv6.  Unless flags says
 * DNS_QUERY_NO_SEARCH, a name with fewer dots than ndots is tried with each
 * domain of the search list before it is tried by itself, and any other name
 * the other way round.  name is copied; ptr is handed to the callback and not
 * touched.  Returns 0 and the callback will be called, or not 0 and it will
 * not.
 */
int evdns_resolve_ipv4(const char *name, int flags,
    evdns_callback_type callback, void *ptr);
int evdns_resolve_ipv6(const char *name, int flags,
    evdns_callback_type callback, void *ptr);

/*
 * Asks for the name of the host with address in, which is copied.  flags has no
 * meaning here.  Return and callback as above; the answer's type is DNS_PTR.
 */
int evdns_resolve_reverse(const struct in_addr *in, int flags,
    evdns_callback_type callback, void *ptr);
int evdns_resolve_reverse_ipv6(const struct in6_addr *in, int flags,
    evdns_callback_type callback, void *ptr);

/*
 * Sets one option from its resolv.conf spelling, colon included where it has a
 * value: "ndots:", "timeout:" (seconds for an answer, 5), "attempts:" (tries
 * for a request, 3), "max-timeouts:" (time-outs in a row, with nothing received
 * from the server in between, that mark it down: 1, and 3 in 1.4),
 * "max-inflight:" (requests in flight at once, 64, but for those that have had
 * no answer for half a second), and without a value "rotate", "use-vc",
 * "edns0".  flags says which kinds of options may change, DNS_OPTION_SEARCH for
 * ndots and DNS_OPTION_MISC for the others; one of another kind, or one that is
 * not known, is passed over.  val is copied.
 * Returns 0, or -1 where val is not a number that the option can have.
 */
int evdns_set_option(const char *option, const char *val, int flags);

/*
 * Reads filename, a file as resolv.conf(5) describes it, and takes from it what
 * flags (DNS_OPTION_*) says.  Where it names no domain to search, that of the
 * host's own name is taken.  Returns 0, or
 * 1  it cannot be opened
 * 2  it cannot be looked at
 * 3  it is longer than 65535 bytes
 * 4  there is no memory
 * 5  it cannot be read
 * 6  it names no nameserver: 127.0.0.1 was taken
 */
int evdns_resolv_conf_parse(int flags, const char *const filename);

/*
 * The search list.  clear empties it.  add puts a domain (copied, leading dots
 * dropped) before those that are there.  ndots_set says how many dots make a
 * name be tried by itself first; 1 by default.  Requests in flight keep the
 * list that they began with.
 */
void evdns_search_clear(void);
void evdns_search_add(const char *domain);
void evdns_search_ndots_set(const int ndots);

/*
 * Where the resolver's messages go: fn gets is_warning, 0 or not, and the text,
 * which is gone after the return.  NULL, as at the start and after
 * evdns_shutdown(), drops them.
 */
typedef void (*evdns_debug_log_fn_type)(int is_warning, const char *msg);
void evdns_set_log_fn(evdns_debug_log_fn_type fn);

/*
 * 1.4 takes the ids of its queries from fn here.  Ours are random whatever fn
 * is: the function does nothing but say so once in the log.
 */
void evdns_set_transaction_id_fn(ev_uint16_t (*fn)(void));

/*
 * Answering
 */

/* Where in the answer a record belongs. */
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
 * One request.  It belongs to the callback from the moment it is handed over
 * until respond or drop ends it; the program reads it and changes
 * none of it but flags.
 */
struct evdns_server_request {
	int flags; /* the header's flag bits, sent back with the answer */
	int nquestions;
	struct evdns_server_question **questions;
};

/* name is as long as it needs to be, as it was sent, and ends in NUL. */
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
 * user_data.  The answer may be sent inside or at any later time.
 */
typedef void (
    *evdns_request_callback_fn_type)(struct evdns_server_request *, void *);

/*
 * Serves requests that arrive at fd, a bound, nonblocking UDP socket, on the
 * current base.  Takes fd: it is closed with the port.  is_tcp must be 0.
 * Returns the port, or NULL.
 */
struct evdns_server_port *evdns_add_server_port(int fd, int is_tcp,
    evdns_request_callback_fn_type callback, void *user_data);

/*
 * Stops serving: no more requests are handed over.  Socket and port go away
 * with the last request that is still waiting for its answer, at once where
 * there is none.
 */
void evdns_close_server_port(struct evdns_server_port *port);

/*
 * Adds one record to the answer: the name it is about, its type and class, the
 * seconds it may be kept, and its data: with is_name 0, datalen bytes at data;
 * otherwise data is a domain name, ended by NUL, and datalen counts for
 * nothing.  All is copied.  Returns 0, or -1 where section is none of the
 * three, a name is not a domain name (labels of at most 63 bytes, 255 in all),
 * datalen is not in 0 to 65535, or memory is short.
 */
int evdns_server_request_add_reply(struct evdns_server_request *req,
    int section, const char *name, int type, int dns_class, int ttl,
    int datalen, int is_name, const char *data);

/*
 * The usual records of the answer section.  a and aaaa: n addresses, 4 or 16
 * bytes each in network order, starting at addrs; each is a record of its own
 * (1.4: all of them are one, which only evdns understands).  ptr: hostname is
 * what the address in is called; where in is NULL inaddr_name is the name asked
 * for ("4.3.2.1.in-addr.arpa"), and one of the two is NULL.  cname: name is
 * another name for cname.  Returns as add_reply; of several addresses all are
 * added, or none.
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
 * frees the request.  An answer of more than 512 bytes is truncated, with TC
 * set.  Returns 0, 1 where it is sent when the socket has room, or -1
 * where err is none of those: then the request stays the program's.
 */
int evdns_server_request_respond(struct evdns_server_request *req, int err);

/* Frees the request and sends nothing.  Returns 0. */
int evdns_server_request_drop(struct evdns_server_request *req);

/*
 * Who asks: copies the address to sa, which has room for addr_len bytes, and
 * returns its length; -1 where the room is too small.
 */
int evdns_server_request_get_requesting_addr(struct evdns_server_request *req,
    struct sockaddr *sa, int addr_len);

#ifdef __cplusplus
}
#endif

#endif /* EVENTDNS_H */
