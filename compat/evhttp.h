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
 *
 * A program that defines EVCOMPAT_HTTP before it includes this file for the
 * first time, <evrpc.h> included, sees names that 1.4 does not have, too:
 * those of libevent 2.x that fit 1.4's structs.  They stand at the end.
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
 * those that the program has not answered yet, and closes its sockets, those
 * it was given included.  Calls the close callback of each connection before
 * it returns.  A client that is still sending what the server has refused may
 * lose the answer to that.  May be called inside any callback, also that of a
 * request.
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
 * Accepts from fd, a bound, listening, nonblocking socket of any family.
 * Takes fd: it is closed with the server.  Returns 0; or -1, also where fd is
 * no such socket, and fd stays the caller's.
 */
int evhttp_accept_socket(struct evhttp *http, int fd);

/*
 * evhttp_new() on the current base and evhttp_bind_socket() in one.  Returns
 * NULL where either fails.
 */
struct evhttp *evhttp_start(const char *address, unsigned short port);

/*
 * Has cb called with arg for each request whose path, the URI as sent up to
 * its '?', is path byte for byte: nothing is decoded, and "/x" is not "/x/".
 * Path is copied.  Of two for one path the first counts.  The callback
 * answers the request or keeps it to answer later.
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
 * Closes connections that say nothing, or take nothing, for that many
 * seconds; the head of a request has to be complete within that time since
 * its first byte.  0 is without end, -1 the default of 50 seconds; other
 * negative numbers are as -1.  No time passes while the program owes an
 * answer.  Counts for connections accepted from now on.
 */
void evhttp_set_timeout(struct evhttp *http, int timeout_in_secs);

/*
 * Answering a request.  send_error, send_reply and send_reply_end take it:
 * the library frees it once the answer is written.  Nothing is written, no
 * callback runs and nothing is freed before they return, so that the request
 * can be read until the program is back in the loop; after that it is gone.
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
 * nothing and leave databuf as it is; send_error, send_reply and
 * send_reply_end free the request at once, as evhttp_request_free() does.  A
 * second answer to a request is ignored; send_error or send_reply after start
 * break the answer off: the connection is closed after what was given of it.
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

/*
 * Methods.  Those after HEAD are seen where EVCOMPAT_HTTP is defined alone, so
 * that a switch of a 1.4 program is complete.  libevent 2.x has bits instead;
 * see EVHTTP_METHOD_BIT().
 */
enum evhttp_cmd_type {
	EVHTTP_REQ_GET,
	EVHTTP_REQ_POST,
	EVHTTP_REQ_HEAD
#ifdef EVCOMPAT_HTTP
	    ,
	EVHTTP_REQ_PUT,
	EVHTTP_REQ_DELETE,
	EVHTTP_REQ_OPTIONS,
	EVHTTP_REQ_TRACE,
	EVHTTP_REQ_CONNECT,
	EVHTTP_REQ_PATCH
#endif
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
 * library's; the request has a whole URL in its first line, as for a proxy,
 * and a client sets this before it sends it.
 */
#define EVHTTP_REQ_OWN_CONNECTION 0x0001
#define EVHTTP_PROXY_REQUEST 0x0002

/*
 * A request and its answer.  Made by the library alone, which has more of it
 * after these members: it cannot be copied.  Programs read it, and fill
 * output_headers and output_buffer before it is sent.  They may also change
 * what is looked at when the answer is made: Connection and Proxy-Connection
 * in input_headers, major and minor, and chunked; cb_arg, which all callbacks
 * of a request get; and flags, cb and chunk_cb of a client's request.  The rest
 * is the library's.  input_* is what came from the other side, whichever it is.
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
 * once with arg, when the answer is complete or will not come.  The request
 * is NULL where the connection was reset, was silent for too long or said
 * what is not HTTP; its response_code is 0 where no connection could be made,
 * or it was closed before an answer began.  After the callback returns the
 * library frees the request.  Returns NULL where there is no memory.
 */
struct evhttp_request *
evhttp_request_new(void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Has cb called for each chunk of a chunked answer once it is complete: it is
 * in input_buffer, alone, and is dropped after the return.  The second
 * argument is the request's cb_arg.  Without a call all bodies that are not
 * chunked come to the request's callback in input_buffer, as always.  It is
 * otherwise for a request with a header callback and for a server's, see
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
 *
 * A name is looked up from the loop, by a resolver of the connection's own that
 * reads the machine's files; 1.4 blocks in getaddrinfo(3).  Addresses of both
 * families are tried, as RFC 8305 has it: the next one after 250 ms without an
 * answer from the one before.
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
 * without end.  The first wait is 2 seconds long, and each one twice as long
 * as the one before it, up to an hour.
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
 * at a time, the next when the answer to the one before it is complete.
 * Headers go out as they were added; nothing but Content-Length is added,
 * neither Host nor Connection.  Takes req.
 *
 * Returns 0, and the request's callback will be called exactly once, never
 * inside, unless the connection is freed first.  A name that is unknown or a
 * server that is not there is reported so.  Returns -1 where type or uri
 * cannot be sent, the address or port of our own end cannot be used, or req
 * is on a connection already: then the request is never sent and has no
 * callback.  It stays valid until the connection is freed, and the program
 * may, but need not, free it before.
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
 * Appends a header; both strings are copied.  Nothing is replaced.  Returns
 * 0; -1 for a CR or LF in the key, for one in the value that no blank or tab
 * comes after, but for other CR and LF, and for lack of memory.  No other
 * byte is looked at.
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
 * The way back.  A '+' after the first '?' that is not written as %3F becomes
 * a blank, too.  What is not a '%' with two hex digits stays as it is.  %00
 * ends the string.
 */
char *evhttp_decode_uri(const char *uri);

/*
 * Makes headers a list of the arguments after the first '?' of uri, which '&'
 * separates: the key up to the first '=', as it is, and the value decoded,
 * with '+' for a blank.  Ends at an argument without '=', with what came
 * before it; an empty one, as in "a=b&&c=d", is such, but for one after the
 * last '&'.
 *
 * What headers held before is not looked at, and not freed; it need not even
 * be a list.  The caller clears it with evhttp_clear_headers() in the end.
 * Where there is no memory the list is empty.
 */
void evhttp_parse_query(const char *uri, struct evkeyvalq *headers);

/*
 * Writes < > " ' and & as &lt; &gt; &quot; &#039; and &amp; ; also the & of
 * what is written so already.
 */
char *evhttp_htmlescape(const char *html);

#ifdef EVCOMPAT_HTTP

/*
 * What 1.4 does not have
 *
 * The rest is declared only where EVCOMPAT_HTTP is defined, since a program
 * for 1.4 may have functions of these names.  The names and arguments are
 * those of libevent 2.1, or of 2.2 where the comment says so.  What 2.x
 * changed in 1.4's own functions is not here: evhttp_set_cb() and
 * evhttp_parse_query() return nothing.
 */

struct evhttp_bound_socket;
struct evhttp_uri;
struct evdns_base;
struct sockaddr;

/*
 * Members of a request
 *
 * What they return stays the request's.  The output buffer and both lists may
 * be changed by the program as the members may.  Not in 1.4.
 */
const char *evhttp_request_get_uri(const struct evhttp_request *req);
enum evhttp_cmd_type
evhttp_request_get_command(const struct evhttp_request *req);
int evhttp_request_get_response_code(const struct evhttp_request *req);
const char *
evhttp_request_get_response_code_line(const struct evhttp_request *req);
struct evkeyvalq *evhttp_request_get_input_headers(struct evhttp_request *req);
struct evkeyvalq *evhttp_request_get_output_headers(struct evhttp_request *req);
struct evbuffer *evhttp_request_get_input_buffer(struct evhttp_request *req);
struct evbuffer *evhttp_request_get_output_buffer(struct evhttp_request *req);

/*
 * The host that a server's request is for, without the port: of an absolute
 * URI, else of the header Host.  NULL where there is neither, or no memory.
 * Lives as long as the request.  Not in 1.4.
 */
const char *evhttp_request_get_host(struct evhttp_request *req);

/*
 * Members of a connection: its base, which may be the current one; the server
 * that accepted it, NULL for a client's; and the address of the other side,
 * NULL while there is no connection, which lives until the connection is
 * closed.  Not in 1.4.
 */
struct event_base *evhttp_connection_get_base(struct evhttp_connection *evcon);
struct evhttp *evhttp_connection_get_server(struct evhttp_connection *evcon);
const struct sockaddr *
evhttp_connection_get_addr(struct evhttp_connection *evcon);

/*
 * Limits
 *
 * In bytes; a negative number is no limit.  A server's count for connections
 * that it accepts from then on, and a connection's, which may be a server's,
 * from its next request on.
 */

/*
 * The head of a message, its first line included: 128 KB at first, and 1,000
 * fields, folded lines counted.  The number of fields goes along, one for each
 * 128 bytes and at least 1,000; a negative size is no limit for either.  A
 * server answers 431, or 414 where the request line alone is longer, and
 * closes; a client's request fails with EVREQ_HTTP_DATA_TOO_LONG.  Not in 1.4,
 * which has no limit.
 */
void evhttp_set_max_headers_size(struct evhttp *http, ssize_t max_headers_size);
void evhttp_connection_set_max_headers_size(struct evhttp_connection *evcon,
    ssize_t new_max_headers_size);

/*
 * The body of a message: without limit at first.  A server answers 413, which
 * the client gets to read, and closes; no handler is called.  A client's
 * request fails with EVREQ_HTTP_DATA_TOO_LONG.  Not in 1.4.
 */
void evhttp_set_max_body_size(struct evhttp *http, ssize_t max_body_size);
void evhttp_connection_set_max_body_size(struct evhttp_connection *evcon,
    ssize_t new_max_body_size);

/*
 * At most this many connections at once; 0, as at first, and negative numbers
 * are no limit.  One that is over it is answered with 503 and closed.  As in
 * 2.2; not in 1.4.
 */
void evhttp_set_max_connections(struct evhttp *http, int max_connections);

/*
 * How many connections the server has now, those of its virtual hosts
 * included.  As in 2.2; not in 1.4.
 */
int evhttp_get_connection_count(struct evhttp *http);

/*
 * Methods
 */

/* The bit of a method in the mask below.  Neither in 1.4 nor in 2.x. */
#define EVHTTP_METHOD_BIT(type) (1u << (type))

/*
 * The methods that handlers get, as a mask: EVHTTP_METHOD_BIT(EVHTTP_REQ_GET)
 * | EVHTTP_METHOD_BIT(EVHTTP_REQ_PUT) and so on.  Until the first call they
 * are GET, POST and HEAD, and any other is answered with 400, as in 1.4; from
 * then on with 501 where the method is unknown, and with 405 and the header
 * Allow where it is known but not in the mask.
 *
 * Beware: in libevent 2.x the methods themselves are bits, and a mask is
 * EVHTTP_REQ_GET | EVHTTP_REQ_PUT.  Here that compiles and is another mask.
 *
 * All methods but GET and HEAD are read as POST is: the handler is called when
 * the body is there, and there is none without Content-Length and
 * Transfer-Encoding.  CONNECT is never matched to a path: the generic callback
 * gets it, and may take the connection over by evcompat_http_take().  Our
 * client adds Content-Length to POST, PUT and PATCH, and to others that have a
 * body; it refuses CONNECT.  Not in 1.4.
 */
void evhttp_set_allowed_methods(struct evhttp *http, ev_uint16_t methods);

/*
 * Bodies piece by piece
 */

/*
 * evhttp_send_reply_chunk(), after which cb is called once with the request's
 * connection and arg, from the loop, when all that was given so far has been
 * written: the time to give the next piece, or the end.  cb NULL: nobody.  It
 * is not called if the connection is lost before.  A later call of this, or
 * of evhttp_send_reply_chunk(), replaces a callback that was not called yet,
 * and evhttp_send_reply_end() drops it.  With an empty databuf it is called
 * when what came before is written.  Not in 1.4.
 */
void evhttp_send_reply_chunk_with_cb(struct evhttp_request *req,
    struct evbuffer *databuf, void (*cb)(struct evhttp_connection *, void *),
    void *arg);

/*
 * Has cb called with a new request and arg as soon as the first byte of one
 * has come, before anything of it is known, so that the program can set
 * callbacks on it.  It returns 0; a negative number closes the connection.
 * cb NULL, as at first: nobody.  As in 2.2; not in 1.4.
 */
void evhttp_set_newreqcb(struct evhttp *http,
    int (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Has cb called with the request and its cb_arg when the head of a message is
 * complete, and nothing of its body is in input_buffer yet.  A negative number
 * closes the connection; 0 continues.  Not in 1.4.
 *
 * In a client the answer's code and headers are known.  From then on the body
 * comes through the chunked callback piece by piece, whatever its framing;
 * what that leaves in input_buffer is dropped after each call.
 *
 * In a server, where the callback is set by that of evhttp_set_newreqcb(),
 * method, URI and headers are known.  Only if it returns 0 a client that asked
 * is sent 100 Continue.  The chunked callback then gets the body in pieces of
 * at most 64 KB.  What it leaves in input_buffer stays there, and reading
 * pauses while that much is there; it resumes once the program has drained
 * some, at whatever time.  While it pauses, a callback of input_buffer's own,
 * set by evbuffer_setcb(), is replaced.  When the body is complete the handler
 * is called as usual, with what was not drained.
 *
 * Both callbacks may answer a server's request at once: the rest of the body
 * is then read and dropped, within bounds, and no handler is called.  If the
 * client goes away in the middle, the chunked callback is not called any
 * more: the error callback is, with EVREQ_HTTP_EOF, then that of the
 * connection, and then the request is freed, or its evcon is NULL if the
 * program owns it.
 */
void evhttp_request_set_header_cb(struct evhttp_request *req,
    int (*cb)(struct evhttp_request *, void *));

/*
 * Whose a request is, and how it ends
 */

/*
 * Makes the request the program's, which frees it with evhttp_request_free():
 * the library does not do so after the callback or the answer.  is_owned
 * returns 1 for such a request, else 0.  Not in 1.4.
 */
void evhttp_request_own(struct evhttp_request *req);
int evhttp_request_is_owned(struct evhttp_request *req);

/*
 * Takes a client's request back: its callback is not called, and it is freed,
 * unless the program owns it.  If it has been begun the connection is closed,
 * its error callback is called inside with EVREQ_HTTP_REQUEST_CANCEL, and the
 * requests after it are sent over a new one.  May be called inside the chunked
 * and the header callback, not once the request's own has been called.  Not in
 * 1.4.
 */
void evhttp_cancel_request(struct evhttp_request *req);

/*
 * Has a client's connection freed by the library, once none of its requests is
 * left, after the callback of the last one.  Not in 1.4.
 */
void evhttp_connection_free_on_completion(struct evhttp_connection *evcon);

/* Why a request failed.  Not in 1.4. */
enum evhttp_request_error {
	EVREQ_HTTP_TIMEOUT,	   /* the other side was silent for too long */
	EVREQ_HTTP_EOF,		   /* it closed the connection, or took none */
	EVREQ_HTTP_INVALID_HEADER, /* it said what is not HTTP */
	EVREQ_HTTP_BUFFER_ERROR,   /* reading or writing failed */
	EVREQ_HTTP_REQUEST_CANCEL, /* evhttp_cancel_request() was called */
	EVREQ_HTTP_DATA_TOO_LONG   /* the head or body is over the limit */
};

/*
 * Has cb called with the reason and the request's cb_arg if the request fails,
 * before the request's own callback.  NULL: nobody.  Not in 1.4.
 */
void evhttp_request_set_error_cb(struct evhttp_request *req,
    void (*cb)(enum evhttp_request_error, void *));

/*
 * Has cb called with the request and cb_arg when the answer to a server's
 * request has been written whole, before the request is freed.  NULL: nobody.
 * Not in 1.4.
 */
void evhttp_request_set_on_complete_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *), void *cb_arg);

/*
 * Sockets that a server accepts from
 */

/*
 * evhttp_bind_socket() and evhttp_accept_socket(), that return what the
 * functions below take; NULL for failure.  It is the server's, and ends with
 * it or by evhttp_del_accept_socket().  Not in 1.4.
 */
struct evhttp_bound_socket *evhttp_bind_socket_with_handle(struct evhttp *http,
    const char *address, ev_uint16_t port);
struct evhttp_bound_socket *
evhttp_accept_socket_with_handle(struct evhttp *http, int fd);

/* The descriptor, which stays the server's.  Not in 1.4. */
int evhttp_bound_socket_get_fd(struct evhttp_bound_socket *bound_socket);

/*
 * Stops accepting from a socket and closes it.  Once the last one is gone the
 * server is about to end: answers carry Connection: close, idle connections
 * are closed, and the others with their answers.  The program waits until
 * evhttp_get_connection_count() is 0, and frees the server.  Not in 1.4.
 */
void evhttp_del_accept_socket(struct evhttp *http,
    struct evhttp_bound_socket *bound_socket);

/*
 * Calls function with each socket and argument, before it returns.  The
 * function must not add or remove any.  Not in 1.4.
 */
typedef void
evhttp_bound_socket_foreach_fn(struct evhttp_bound_socket *, void *);
void evhttp_foreach_bound_socket(struct evhttp *http,
    evhttp_bound_socket_foreach_fn *function, void *argument);

/*
 * Time
 */

/*
 * evhttp_set_timeout() and evhttp_connection_set_timeout() with a struct
 * timeval, which is copied; NULL is the default, and 0 without end.  Not in
 * 1.4.
 */
void evhttp_set_timeout_tv(struct evhttp *http, const struct timeval *tv);
void evhttp_connection_set_timeout_tv(struct evhttp_connection *evcon,
    const struct timeval *tv);

/*
 * How long to wait before connecting is tried again for the first time; NULL
 * is the default of 2 seconds.  See evhttp_connection_set_retries().  Not in
 * 1.4.
 */
void evhttp_connection_set_initial_retry_tv(struct evhttp_connection *evcon,
    const struct timeval *tv);

/*
 * Construction
 */

/*
 * evhttp_connection_new() and evhttp_connection_set_base() in one.  dnsbase
 * has to be NULL, as there is no struct evdns_base here: else NULL is
 * returned.  Not in 1.4.
 */
struct evhttp_connection *evhttp_connection_base_new(struct event_base *base,
    struct evdns_base *dnsbase, const char *address, ev_uint16_t port);

/*
 * Which addresses of a host name count: AF_INET, AF_INET6, or AF_UNSPEC, the
 * default, for both.  For the next time that the connection is made.  Not in
 * 1.4.
 */
void evhttp_connection_set_family(struct evhttp_connection *evcon, int family);

/*
 * Servers for several hosts
 */

/*
 * Adds vhost, a server with callbacks and without sockets, for the requests
 * whose host matches pattern: '*' stands for any characters, none included,
 * '?' for one, and case does not count.  Takes vhost, which is freed with http
 * unless it is removed before.  A virtual host may have virtual hosts itself;
 * the first that matches counts, and it has to answer whatever path is asked
 * for.  Returns 0; -1 where vhost has sockets or belongs to a server already,
 * or there is no memory.  Not in 1.4.
 */
int evhttp_add_virtual_host(struct evhttp *http, const char *pattern,
    struct evhttp *vhost);

/*
 * Removes vhost, which is the caller's again.  Returns 0, or -1 where it is
 * not one of http's.  Not in 1.4.
 */
int evhttp_remove_virtual_host(struct evhttp *http, struct evhttp *vhost);

/*
 * Another name for a server, or a virtual host: requests whose host is alias,
 * without regard to case, are its own, before any pattern is looked at.
 * alias is copied.  Return 0; -1 where there is no memory, or no such alias
 * to remove.  Not in 1.4.
 */
int evhttp_add_server_alias(struct evhttp *http, const char *alias);
int evhttp_remove_server_alias(struct evhttp *http, const char *alias);

/*
 * The Content-Type of an answer that has a body and for which the program set
 * none: "text/html; charset=ISO-8859-1" at first; NULL adds none.  The string
 * is not copied and has to live as long as the server.  Not in 1.4.
 */
void
evhttp_set_default_content_type(struct evhttp *http, const char *content_type);

/*
 * More text
 */

/*
 * Writes each byte as %XX but ASCII letters, digits and -._~ ; a blank as '+'
 * if space_to_plus is not 0.  size is the length of str, which may have NULs
 * in it then; negative means up to its NUL.  The string returned is the
 * caller's to free(); NULL where there is no memory.  Not in 1.4.
 */
char *evhttp_uriencode(const char *str, ssize_t size, int space_to_plus);

/*
 * The way back: %XX in either case; '+' is a blank if decode_plus is not 0;
 * what is not a '%' with two hex digits stays as it is.  Where size_out is not
 * NULL it gets the length of what is returned, which may have NULs in it and
 * one after it.  The string returned is the caller's to free(); NULL where
 * there is no memory.  Not in 1.4.
 */
char *evhttp_uridecode(const char *uri, int decode_plus, size_t *size_out);

/*
 * Makes headers a list of the arguments of query, which is what follows the
 * '?' of a URI, as evhttp_parse_query() does: values decoded, keys not.  What
 * headers held before is not looked at.  Returns 0, for an empty query, too;
 * -1 for an argument without '=' or with an empty key, and where there is no
 * memory: then the list is empty.  A '&' at the end is fine.  Not in 1.4.
 */
int evhttp_parse_query_str(const char *query, struct evkeyvalq *headers);

/*
 * URIs
 *
 * A struct evhttp_uri has the parts of a URI, or of a reference that is
 * relative to one, by RFC 3986:
 *
 *	scheme://userinfo@host:port/path?query#fragment
 *
 * A part is a string as it stands in the URI, not decoded, or NULL where it
 * is not there: "?" has an empty query, and "/" none.  The path is never NULL
 * after parsing, but may be "".  The host is "" in "file:///x", has its
 * brackets if it is an IPv6 address, and is NULL without "//".
 *
 * libevent 2.1 is not as RFC 3986 has it, and this is, in two things: an
 * address "[v1.]" is refused and "[V1.a]" is not; and evhttp_uri_join()
 * refuses parts that together would be read as others.  And
 * evhttp_uri_set_port() refuses what is above 65535, which neither parses.
 */

/*
 * Takes bytes in path, query and fragment that RFC 3986 does not allow, but
 * for the '?' and '#' that begin the next part.  Not in 1.4.
 */
#define EVHTTP_URI_NONCONFORMANT 0x01

/* A URI without any part; NULL where there is no memory.  Not in 1.4. */
struct evhttp_uri *evhttp_uri_new(void);

/* Frees it and its parts; NULL is ignored.  Not in 1.4. */
void evhttp_uri_free(struct evhttp_uri *uri);

/*
 * Takes a URI, or a relative reference, apart.  flags is EVHTTP_URI_* or 0.
 * Returns NULL where it is not as RFC 3986 has it, or there is no memory; the
 * caller frees it with evhttp_uri_free().  Not in 1.4.
 */
struct evhttp_uri *
evhttp_uri_parse_with_flags(const char *source_uri, unsigned flags);

/* The same with flags 0.  Not in 1.4. */
struct evhttp_uri *evhttp_uri_parse(const char *source_uri);

/* Changes what the functions below allow.  Not in 1.4. */
void evhttp_uri_set_flags(struct evhttp_uri *uri, unsigned flags);

/*
 * The parts, which live until they are set or the URI is freed; NULL, and port
 * -1, where they are not there.  Not in 1.4.
 */
const char *evhttp_uri_get_scheme(const struct evhttp_uri *uri);
const char *evhttp_uri_get_userinfo(const struct evhttp_uri *uri);
const char *evhttp_uri_get_host(const struct evhttp_uri *uri);
int evhttp_uri_get_port(const struct evhttp_uri *uri);
const char *evhttp_uri_get_path(const struct evhttp_uri *uri);
const char *evhttp_uri_get_query(const struct evhttp_uri *uri);
const char *evhttp_uri_get_fragment(const struct evhttp_uri *uri);

/*
 * Set a part, which is copied; NULL, and port -1, takes it out.  Return 0; -1
 * where it may not stand in a URI as that part, or there is no memory, and the
 * part is as before.  Not in 1.4.
 */
int evhttp_uri_set_scheme(struct evhttp_uri *uri, const char *scheme);
int evhttp_uri_set_userinfo(struct evhttp_uri *uri, const char *userinfo);
int evhttp_uri_set_host(struct evhttp_uri *uri, const char *host);
int evhttp_uri_set_port(struct evhttp_uri *uri, int port);
int evhttp_uri_set_path(struct evhttp_uri *uri, const char *path);
int evhttp_uri_set_query(struct evhttp_uri *uri, const char *query);
int evhttp_uri_set_fragment(struct evhttp_uri *uri, const char *fragment);

/*
 * Writes the parts as one URI and a NUL to buf, which has limit bytes, and
 * returns buf.  Without a host, userinfo and port are left out.  Returns NULL
 * where limit is too small, or the parts together would be another URI.  Not
 * in 1.4.
 */
char *evhttp_uri_join(struct evhttp_uri *uri, char *buf, size_t limit);

#endif /* EVCOMPAT_HTTP */

#ifdef __cplusplus
}
#endif

#endif /* _EVHTTP_H_ */
