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
 * Inside a callback everything may be freed: its request, the connection, the
 * server.  The functions that free take NULL, and do nothing.
 *
 * Nothing here may be called with NULL, unless its comment says so.
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
 * evhttp_free().  Base NULL is looked up each time it is needed.  Returns NULL
 * where there is no memory.
 */
struct evhttp *evhttp_new(struct event_base *base);

/*
 * Frees the server, its callbacks, its connections and their requests, also
 * those that the program has not answered yet, and closes its sockets, those it
 * was given included.  Calls the close callback of each connection before it
 * returns.  May be called inside any callback, also that of a request.
 */
void evhttp_free(struct evhttp *http);

/*
 * Listens on address, a host name or number, and port, in host order, where 0
 * lets the system choose; address NULL is every IPv4 address of the host.  The
 * name is looked up before the function returns.  May be called several times.
 * Returns 0, or -1 with errno.
 */
int evhttp_bind_socket(struct evhttp *http, const char *address,
    unsigned short port);

/*
 * Accepts from fd, a bound, listening, nonblocking socket of any family.  Takes
 * fd: it is closed with the server.  Returns 0; or -1, also where fd is no such
 * socket, and fd stays the caller's.
 */
int evhttp_accept_socket(struct evhttp *http, int fd);

/*
 * evhttp_new() on the current base and evhttp_bind_socket() in one.  Returns
 * NULL where either fails.
 */
struct evhttp *evhttp_start(const char *address, unsigned short port);

/*
 * Has cb called with arg for each request whose path, the URI as sent up to its
 * '?', is path byte for byte: nothing is decoded, and "/x" is not "/x/".  Path
 * is copied.  Of two for one path the first counts.  The callback answers the
 * request or keeps it to answer later.
 */
void evhttp_set_cb(struct evhttp *http, const char *path,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/* Undoes the first evhttp_set_cb() of path.  Returns 0; -1 without one. */
int evhttp_del_cb(struct evhttp *http, const char *path);

/*
 * Has cb called with arg for each request that no path matches.  Without one,
 * or with cb NULL, they are answered with 404.
 */
void evhttp_set_gencb(struct evhttp *http,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Closes connections that say nothing, or take nothing, for that many seconds;
 * the head of a request has to be complete within that time since its first
 * byte.  0 is without end, -1 the default of 50 seconds; other negative numbers
 * are as -1.  No time passes while the program owes an answer.  Counts for
 * connections accepted from now on.
 */
void evhttp_set_timeout(struct evhttp *http, int timeout_in_secs);

/*
 * Answering a request.  send_error, send_reply and send_reply_end take it: the
 * library frees it once the answer is written.  Nothing is written, no callback
 * runs and nothing is freed before they return, so that the request can be read
 * until the program is back in the loop; after that it is gone.
 *
 * reason is the text after the code, NULL for the usual one.  databuf is the
 * body and may be NULL; its content is moved out, and the buffer itself stays
 * the caller's.  What is in the request's output_buffer goes out before it.
 * send_error drops the program's output_headers, sends a small HTML page of
 * code and reason, and closes the connection.
 *
 * start, any number of chunks and end answer with a body that comes in pieces:
 * chunked to an HTTP/1.1 client, ended by closing for an older one.  An empty
 * chunk is passed over.  Chunk and end look at the request's member chunked
 * each time: a program that clears it after start sends the bytes as they are,
 * and no end.  Chunk or end without start begin with start(200, "OK").
 *
 * A client that goes away while the program owes the answer is noticed when
 * something is written; then the member evcon becomes NULL, after the close
 * callback.  The program ends the request all the same: chunk and start do
 * nothing and leave databuf as it is; send_error, send_reply and send_reply_end
 * free the request at once, as evhttp_request_free() does.  A second answer to
 * a request is ignored.
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

/*
 * What the other side sends us, or sent us last.  RESPONSE for a new request,
 * and for a server's once its answer has been begun; REQUEST in a server's
 * callback, and in a client's where the request was never sent.
 */
enum evhttp_request_kind {
	EVHTTP_REQUEST,
	EVHTTP_RESPONSE
};

/*
 * Bits of evhttp_request.flags: a server's request, whose connection is the
 * library's; the request has a whole URL in its first line, as for a proxy, and
 * a client sets this before it sends it.
 */
#define EVHTTP_REQ_OWN_CONNECTION 0x0001
#define EVHTTP_PROXY_REQUEST 0x0002

/*
 * A request and its answer.  Made by the library alone, which has more of it
 * after these members: it cannot be copied.  Programs read it, and fill
 * output_headers and output_buffer before it is sent.  They may also change
 * what is looked at when the answer is made: Connection and Proxy-Connection in
 * input_headers, major and minor, and chunked; and flags, cb, cb_arg and
 * chunk_cb of a client's request.  The rest is the library's.  input_* is what
 * came from the other side, whichever it is.
 */
struct evhttp_request {
	_EVENT_TQENTRY(evhttp_request) next;

	struct evhttp_connection *evcon; /* NULL: none, or it is closed */
	int flags;

	struct evkeyvalq *input_headers;
	struct evkeyvalq *output_headers;

	/* The client's address, as a number, and port; NULL and 0 in a client.
	 * "localhost" and 0 where it came over a Unix socket. */
	char *remote_host;
	unsigned short remote_port;

	enum evhttp_request_kind kind;
	enum evhttp_cmd_type type;

	char *uri;  /* as sent, not decoded */
	char major; /* the HTTP version, 1 and 0 or 1 */
	char minor;

	int response_code;	  /* 0: no answer came, or none was given yet */
	char *response_code_line; /* the text after it, may be "" */

	struct evbuffer *input_buffer;
	ev_int64_t ntoread; /* bytes of the body to come; < 0: until the end */
	int chunked : 1;    /* the body is; not 0 means yes, as it may be -1 */
	int userdone : 1;   /* the whole answer has been given */

	struct evbuffer *output_buffer;

	void (*cb)(struct evhttp_request *, void *);
	void *cb_arg;

	/* See evhttp_request_set_chunked_cb(). */
	void (*chunk_cb)(struct evhttp_request *, void *);
};

/*
 * A request for a client to fill and send.  cb, which may be NULL, is called
 * once with arg, when the answer is complete or will not come.  The request is
 * NULL where the connection was reset, was silent for too long or said what is
 * not HTTP; its response_code is 0 where no connection could be made, or it was
 * closed before an answer began.  After the callback returns the library frees
 * the request.  Returns NULL where there is no memory.
 */
struct evhttp_request *
evhttp_request_new(void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Has cb called for each chunk of a chunked answer once it is complete: it is
 * in input_buffer, alone, and is dropped after the return.  The second argument
 * is the request's cb_arg.  Without a call all bodies that are not chunked come
 * to the request's callback in input_buffer, as always.  It is otherwise for a
 * request with a header callback and for a server's, see
 * evhttp_request_set_header_cb().
 */
void evhttp_request_set_chunked_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *));

/*
 * Frees a request that is the program's: it was never sent, make_request
 * returned -1 for it, or it is a server's and its evcon is NULL.  A server's
 * that could still be answered loses its connection, which is closed.  NULL is
 * ignored.
 */
void evhttp_request_free(struct evhttp_request *req);

/* The request's member evcon. */
struct evhttp_connection *
evhttp_request_get_connection(struct evhttp_request *req);

/*
 * The request's member uri: what the client sent, or what make_request was
 * given; NULL before that.  Lives as long as the request.
 */
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

/*
 * Closes and frees a connection, and with it the requests on it: their
 * callbacks are not called.  The close callback is, before the function
 * returns, if the connection was made.  A server's connection may be freed as
 * well, with its request.  May be called inside any callback.
 */
void evhttp_connection_free(struct evhttp_connection *evcon);

/*
 * The base to use.  Only once, and before the first request; else the call is
 * ignored, and logged.
 */
void evhttp_connection_set_base(struct evhttp_connection *evcon,
    struct event_base *base);

/*
 * Our own end: an address, copied, and a port in host order; NULL and 0 leave
 * it to the system.  Only while there is no connection; else the call is
 * ignored, and logged.
 */
void evhttp_connection_set_local_address(struct evhttp_connection *evcon,
    const char *address);
void evhttp_connection_set_local_port(struct evhttp_connection *evcon,
    unsigned short port);

/*
 * How many seconds connecting may take, and the other side may say nothing, or
 * take nothing, while a request is sent or answered.  0 is without end; -1 is
 * the default: 45, 50 and 50 seconds.  May also be called for a server's
 * connection, inside the callback of its request.
 */
void evhttp_connection_set_timeout(struct evhttp_connection *evcon,
    int timeout_in_secs);

/*
 * How often to try again where connecting fails, 0 being the default; -1 is
 * without end.  The first wait is 2 seconds long, and each one twice as long as
 * the one before it, up to an hour.
 */
void
evhttp_connection_set_retries(struct evhttp_connection *evcon, int retry_max);

/*
 * Has cb called with arg once each time the connection, having been made, is
 * closed by either side; cb NULL: nobody.  There is one such callback, and it
 * stays for later requests.  A client's is called before that of the request
 * that this ends; a server's before the request is freed.
 */
void evhttp_connection_set_closecb(struct evhttp_connection *evcon,
    void (*cb)(struct evhttp_connection *, void *), void *arg);

/*
 * The other side's address and port: those that a client's connection was made
 * for, or the client's in numbers for a server's.  The string lives as long as
 * the connection.
 */
void evhttp_connection_get_peer(struct evhttp_connection *evcon, char **address,
    unsigned short *port);

/*
 * Sends req for uri, which is copied, after the requests already waiting: one
 * at a time, the next when the answer to the one before it is complete. Headers
 * go out as they were added; nothing but Content-Length is added, neither Host
 * nor Connection.  Takes req.
 *
 * Returns 0, and the request's callback will be called exactly once, never
 * inside, unless the connection is freed first.  A name that is unknown or a
 * server that is not there is reported so.  Returns -1 where type or uri cannot
 * be sent, the address or port of our own end cannot be used, or req is on a
 * connection already: then the request is never sent and has no callback.  It
 * stays valid until the connection is freed, and the program may, but need not,
 * free it before.
 *
 * A request on a connection that was used before, which turns out to be closed
 * and from which no byte came, is sent once more over a new one, if it is GET
 * or HEAD.
 */
int evhttp_make_request(struct evhttp_connection *evcon,
    struct evhttp_request *req, enum evhttp_cmd_type type, const char *uri);

/*
 * Headers
 *
 * A list of struct evkeyval in order.  Keys compare without regard to the case
 * of ASCII letters.  Walking one takes <sys/queue.h> before this file.  A list
 * of the program's own, set up by TAILQ_INIT(), will do as well; so will
 * elements that it makes: the element, its key and its value come from
 * malloc(3), each by itself.
 */

/* The value of the first header called key, or NULL.  It stays the list's. */
const char *
evhttp_find_header(const struct evkeyvalq *headers, const char *key);

/* Removes the first header called key.  Returns 0, or -1 where none is. */
int evhttp_remove_header(struct evkeyvalq *headers, const char *key);

/*
 * Appends a header; both strings are copied.  Nothing is replaced.  Returns 0;
 * -1 for a CR or LF in the key, for one in the value that no blank or tab comes
 * after, but for other CR and LF, and for lack of memory.  No other byte is
 * looked at.
 */
int evhttp_add_header(struct evkeyvalq *headers, const char *key,
    const char *value);

/* Removes and frees all headers, not the list, which can be used again. */
void evhttp_clear_headers(struct evkeyvalq *headers);

/*
 * Text
 *
 * The strings returned are the caller's to free(); NULL without memory.
 */

/*
 * Writes each byte as %XX but ASCII letters, digits and !$'()*+,-./:=@_~ ; so
 * '?', '&', ';', '#' and '%' are written as %XX, too.
 */
char *evhttp_encode_uri(const char *uri);

/*
 * The way back.  A '+' after the first '?' that is not written as %3F becomes a
 * blank, too.  What is not a '%' with two hex digits stays as it is.  %00 ends
 * the string.
 */
char *evhttp_decode_uri(const char *uri);

/*
 * Makes headers a list of the arguments after the first '?' of uri, which '&'
 * separates: the key up to the first '=', as it is, and the value decoded, with
 * '+' for a blank.  Ends at an argument without '=', with what came before it;
 * an empty one, as in "a=b&&c=d", is such, but for one after the last '&'.
 *
 * What headers held before is not looked at, and not freed; it need not even be
 * a list.  The caller clears it with evhttp_clear_headers() in the end.  Where
 * there is no memory the list is empty.
 */
void evhttp_parse_query(const char *uri, struct evkeyvalq *headers);

/*
 * Writes < > " ' and & as &lt; &gt; &quot; &#039; and &amp; ; also the & of
 * what is written so already.
 */
char *evhttp_htmlescape(const char *html);

#ifdef __cplusplus
}
#endif

#endif /* _EVHTTP_H_ */
