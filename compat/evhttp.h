/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP/1.x on an event base, both sides of it.
 *
 * A server is a struct evhttp with sockets it accepts from and callbacks by
 * path; each callback gets a request and owes it one answer.  A client is a
 * struct evhttp_connection that sends its requests one after the other and
 * hands each back when the answer is complete.  Both use the same struct
 * evhttp_request.
 *
 * Where a function takes a base, NULL means the current base, that of the last
 * event_init().  All objects of one base belong to the thread that runs it.
 * Callbacks run from the event loop, unless a function here says otherwise.
 */
#ifndef _EVHTTP_H_
#define _EVHTTP_H_

#include <event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Status codes of RFC 9110 that have a name in 1.4; any other number does. */
#define HTTP_OK 200
#define HTTP_NOCONTENT 204
#define HTTP_MOVEPERM 301
#define HTTP_MOVETEMP 302
#define HTTP_NOTMODIFIED 304
#define HTTP_BADREQUEST 400
#define HTTP_NOTFOUND 404
#define HTTP_SERVUNAVAIL 503

struct evhttp;
struct evhttp_connection;
struct evhttp_request;
struct evkeyvalq;

/*
 * The server
 */

/*
 * A server on base, without sockets or callbacks, that the caller frees with
 * evhttp_free().  NULL where there is no memory.
 */
struct evhttp *evhttp_new(struct event_base *base);

/*
 * Frees the server, its callbacks and its connections, and closes its sockets,
 * those it was given included.  Not from inside one of its callbacks.
 */
void evhttp_free(struct evhttp *http);

/*
 * Listens on address, a host name or number, and port, in host order, where 0
 * lets the system choose; address NULL is every address of the host.  The name
 * is looked up before the function returns.  May be called several times.
 * Returns 0, or -1.
 */
int evhttp_bind_socket(struct evhttp *http, const char *address,
    unsigned short port);

/*
 * Accepts from fd, a bound, listening, nonblocking socket.  Takes fd: it is
 * closed with the server.  Returns 0, or -1 and fd stays the caller's.
 */
int evhttp_accept_socket(struct evhttp *http, int fd);

/*
 * evhttp_new() on the current base and evhttp_bind_socket() in one.  Returns
 * NULL where either fails.
 */
struct evhttp *evhttp_start(const char *address, unsigned short port);

/*
 * Has cb called with arg for each request whose path, the URI as sent up to its
 * '?', is path, which is copied.  Of two for one path the first counts.  The
 * callback answers the request or keeps it to answer later.
 */
void evhttp_set_cb(struct evhttp *http, const char *path,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/* Undoes one evhttp_set_cb().  Returns 0, or -1 where path has no callback. */
int evhttp_del_cb(struct evhttp *http, const char *path);

/*
 * Has cb called with arg for each request that no path matches.  Without one,
 * or with cb NULL, they are answered with 404.
 */
void evhttp_set_gencb(struct evhttp *http,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Closes connections that say nothing, or take nothing, for that many seconds.
 * Counts for connections accepted from now on.
 */
void evhttp_set_timeout(struct evhttp *http, int timeout_in_secs);

/*
 * Answering a request.  Each ends in the request being sent and freed: after
 * send_error, send_reply and send_reply_end it is no longer the program's.
 *
 * reason is the text behind the code, not NULL.  databuf is the body and may be
 * NULL; its content is moved out, the buffer itself stays the caller's.
 * send_error makes a small HTML page of code and reason.
 *
 * start, any number of chunks and end answer with a body that comes in pieces:
 * chunked to an HTTP/1.1 client, ended by closing for an older one.  An empty
 * chunk is passed over.
 */
void
evhttp_send_error(struct evhttp_request *req, int error, const char *reason);
void evhttp_send_reply(struct evhttp_request *req, int code, const char *reason,
    struct evbuffer *databuf);
void evhttp_send_reply_start(struct evhttp_request *req, int code,
    const char *reason);
void
evhttp_send_reply_chunk(struct evhttp_request *req, struct evbuffer *databuf);
void evhttp_send_reply_end(struct evhttp_request *req);

/*
 * The request
 */

enum evhttp_cmd_type {
	EVHTTP_REQ_GET,
	EVHTTP_REQ_POST,
	EVHTTP_REQ_HEAD
};

/* Whether the other side sent us a request or a response. */
enum evhttp_request_kind {
	EVHTTP_REQUEST,
	EVHTTP_RESPONSE
};

/* Bits of evhttp_request.flags: the connection goes away with the request; the
 * request has a whole URL in its first line, as for a proxy. */
#define EVHTTP_REQ_OWN_CONNECTION 0x0001
#define EVHTTP_PROXY_REQUEST 0x0002

/*
 * A request and its answer.  Programs read it, and fill output_headers and
 * output_buffer before it is sent; the rest is the library's.  input_* is what
 * came from the other side, whichever it is.
 */
struct evhttp_request {
	_EVENT_TQENTRY(evhttp_request) next;

	struct evhttp_connection *evcon;
	int flags;

	struct evkeyvalq *input_headers;
	struct evkeyvalq *output_headers;

	char *remote_host; /* the client's address, as text; and its port */
	unsigned short remote_port;

	enum evhttp_request_kind kind;
	enum evhttp_cmd_type type;

	char *uri;
	char major; /* the HTTP version, 1 and 0 or 1 */
	char minor;

	int response_code; /* 0 where no answer came */
	char *response_code_line;

	struct evbuffer *input_buffer;
	ev_int64_t ntoread; /* bytes of the body to come; < 0: until the end */
	int chunked : 1;
	int userdone : 1;

	struct evbuffer *output_buffer;

	void (*cb)(struct evhttp_request *, void *);
	void *cb_arg;

	/* Called for each piece of a chunked answer where there is one. */
	void (*chunk_cb)(struct evhttp_request *, void *);
};

/*
 * A request for a client to fill and send.  cb is called once with arg, when
 * the answer is complete or will not come: then the request is NULL, or its
 * response_code is 0.  After it returns the library frees the request.  NULL
 * where there is no memory.
 */
struct evhttp_request *
evhttp_request_new(void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Has cb called for each piece of a chunked answer, which is in input_buffer
 * and dropped after the return; its second argument is the request's arg.
 */
void evhttp_request_set_chunked_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *));

/* Frees a request that was never sent. */
void evhttp_request_free(struct evhttp_request *req);

/* The connection of a request, which stays the library's; NULL if none. */
struct evhttp_connection *
evhttp_request_get_connection(struct evhttp_request *req);

/* The URI as the client sent it.  Lives as long as the request. */
const char *evhttp_request_uri(struct evhttp_request *req);

/*
 * The client
 */

/*
 * A connection to address, a host name or number that is copied, and port, in
 * host order.  Nothing is sent or looked up before the first request.  Belongs
 * to the caller, who frees it.  NULL where there is no memory.
 */
struct evhttp_connection *
evhttp_connection_new(const char *address, unsigned short port);

/* Closes and frees a connection, and with it the requests that wait on it. */
void evhttp_connection_free(struct evhttp_connection *evcon);

/* The base to use.  Only before the first request. */
void evhttp_connection_set_base(struct evhttp_connection *evcon,
    struct event_base *base);

/*
 * Our own end: an address, copied, and a port in host order.  Only before the
 * connection is made.
 */
void evhttp_connection_set_local_address(struct evhttp_connection *evcon,
    const char *address);
void evhttp_connection_set_local_port(struct evhttp_connection *evcon,
    unsigned short port);

/* How many seconds the other side may be silent; -1 is the default. */
void evhttp_connection_set_timeout(struct evhttp_connection *evcon,
    int timeout_in_secs);

/* How often to try again where a connection fails; -1 is without end. */
void
evhttp_connection_set_retries(struct evhttp_connection *evcon, int retry_max);

/* Has cb called with arg when the connection closes; NULL: nobody. */
void evhttp_connection_set_closecb(struct evhttp_connection *evcon,
    void (*cb)(struct evhttp_connection *, void *), void *arg);

/*
 * The other side's address, which lives as long as the connection, and port.
 */
void evhttp_connection_get_peer(struct evhttp_connection *evcon, char **address,
    unsigned short *port);

/*
 * Sends req for uri, which is copied, behind the requests already waiting.
 * Takes req.  Returns 0, and the request's callback will be called; -1 where
 * it could not begin.  The callback does not run inside where 0 is returned.
 */
int evhttp_make_request(struct evhttp_connection *evcon,
    struct evhttp_request *req, enum evhttp_cmd_type type, const char *uri);

/*
 * Headers
 *
 * A list of struct evkeyval in order.  Keys compare without regard to case.
 * Walking one takes <sys/queue.h> before this file.
 */

/* The value of the first header called key, or NULL.  It stays the list's. */
const char *
evhttp_find_header(const struct evkeyvalq *headers, const char *key);

/* Removes the first header called key.  Returns 0, or -1 where none is. */
int evhttp_remove_header(struct evkeyvalq *headers, const char *key);

/*
 * Appends a header; both strings are copied.  Returns 0, or -1 for a line break
 * in either that would begin another header, and for lack of memory.
 */
int evhttp_add_header(struct evkeyvalq *headers, const char *key,
    const char *value);

/* Removes and frees all headers, not the list. */
void evhttp_clear_headers(struct evkeyvalq *headers);

/*
 * Text
 *
 * The strings returned are the caller's to free(); NULL without memory.
 */

/* Writes what may not stand in a URI as %XX. */
char *evhttp_encode_uri(const char *uri);

/* The way back; a '+' behind the first '?' becomes a blank, too. */
char *evhttp_decode_uri(const char *uri);

/*
 * Makes headers a list of the arguments behind the '?' of uri, names and values
 * decoded.  What headers held before is not looked at; the caller clears it
 * with evhttp_clear_headers().  Stops at an argument without '='.
 */
void evhttp_parse_query(const char *uri, struct evkeyvalq *headers);

/* Writes < > " ' and & as HTML wants them. */
char *evhttp_htmlescape(const char *html);

#ifdef __cplusplus
}
#endif

#endif /* _EVHTTP_H_ */
