/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP/1.x on an event base: server and client.
 *
 * A server is a struct evhttp, which has sockets and a callback for each path;
 * a callback gets a request and has to answer it once.  A client is a struct
 * evhttp_connection, which sends its requests one after the other and calls the
 * callback of each when its answer is complete.  Both use the same struct
 * evhttp_request.
 *
 * For a base argument NULL means the current base, that of the last
 * event_init().  Only the thread that runs a base may use its objects.  The
 * event loop calls the callbacks, unless a comment says otherwise.  A callback
 * may free everything: its request, the connection, the server.  The functions
 * that free an object ignore NULL.
 *
 * No other argument may be NULL, unless a comment says so.
 *
 * A program that defines EVCOMPAT_HTTP before it includes this file for the
 * first time also sees names that 1.4 does not have: those of libevent 2.x that
 * are possible with 1.4's structs.  They are at the end.
 */
#ifndef _EVHTTP_H_
#define _EVHTTP_H_

#include <event.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Status codes of RFC 9110 that have a name in 1.4.  Any other number is valid.
 */
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
 * Makes a server on base, without sockets and callbacks.  The caller frees it
 * with evhttp_free().  With base NULL the current base is used each time that
 * one is needed.  Returns NULL without memory.
 */
struct evhttp *evhttp_new(struct event_base *base);

/*
 * Frees the server, its callbacks, its connections and their requests, also
 * those that the program has not answered yet, and closes its sockets, also
 * those of evhttp_accept_socket().  Calls the close callback of each connection
 * before it returns.  A client that is still sending a request that the server
 * has refused may not receive the answer.  May be called inside any callback,
 * also that of a request.
 */
void evhttp_free(struct evhttp *http);

/*
 * Listens on address, a host name or number, and port, in host order.  With
 * port 0 the system chooses one; address NULL is every IPv4 address of the
 * host.  The name is resolved before the function returns.  May be called
 * several times.  Returns 0, or -1 with errno.
 */
int evhttp_bind_socket(struct evhttp *http, const char *address,
    unsigned short port);

/*
 * Accepts from fd, a bound, listening, nonblocking socket of any family.  Takes
 * fd: it is closed with the server.  Returns 0; -1 if fd is not such a socket
 * or without memory, and fd stays the caller's.
 */
int evhttp_accept_socket(struct evhttp *http, int fd);

/*
 * Calls evhttp_new() on the current base and evhttp_bind_socket().  Returns
 * NULL if one of them fails.
 */
struct evhttp *evhttp_start(const char *address, unsigned short port);

/*
 * Has cb called with arg for each request whose path, the URI as sent up to its
 * '?', is path byte for byte: nothing is decoded, and "/x" is not "/x/". Path
 * is copied.  If a path has two callbacks, the first one is called.  The
 * callback answers the request, or the program answers it later.  Without
 * memory a warning is logged, and the callback is not set.
 */
void evhttp_set_cb(struct evhttp *http, const char *path,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Removes the first callback of path.  Returns 0; -1 if there is none.
 * evcompat_http_del_cb() removes a certain one.
 */
int evhttp_del_cb(struct evhttp *http, const char *path);

/*
 * Has cb called with arg for each request whose path has no callback.  Without
 * cb, or with NULL, the library answers them with 404.
 */
void evhttp_set_gencb(struct evhttp *http,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Closes connections on which no byte was received, or could be sent, for
 * timeout_in_secs seconds; the head of a request has to be complete within the
 * same time after its first byte.  0: no timeout; a negative number: the
 * default of 50 seconds.  The timeout does not run while the program has a
 * request to answer.  It applies to connections that are accepted after the
 * call.
 */
void evhttp_set_timeout(struct evhttp *http, int timeout_in_secs);

/*
 * Answer a request.  evhttp_send_error(), evhttp_send_reply() and
 * evhttp_send_reply_end() take the request: the library frees it when the
 * answer is written.  They do not write, call a callback or free anything
 * before they return, so the program may read the request until it returns to
 * the loop.  Without memory for the answer the connection is closed.
 *
 * reason is the text after the code; NULL: the usual one.  databuf is the body
 * and may be NULL; its content is moved, and the buffer stays the caller's.
 * The content of the request's output_buffer is sent before that of databuf.
 * send_error drops the program's output_headers, sends a small HTML page with
 * code and reason, and closes the connection.
 *
 * start, any number of chunks and end send a body in pieces: chunked to an
 * HTTP/1.1 client; to an older one, until the connection is closed.  An empty
 * chunk is ignored.  Chunk and end read the request's member chunked each time:
 * if the program clears it after start, the bytes are sent without framing.
 * Chunk or end without start call start(200, "OK") first.
 *
 * If the client closes the connection before its request is answered, the
 * library notices that when it writes; then the close callback is called and
 * the member evcon set to NULL.  The program still has to end the request:
 * chunk and start do nothing and leave databuf as it is; send_error, send_reply
 * and send_reply_end free the request at once, as evhttp_request_free() does.
 * A second answer to a request is ignored; send_error or send_reply after start
 * end the answer: the connection is closed after the bytes that were given.
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
 * Methods.  Those after HEAD are declared only if EVCOMPAT_HTTP is defined, so
 * that a switch in a 1.4 program is complete.  In libevent 2.x they are bits;
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
 * Which message the library handles now: REQUEST in a server's callback until
 * the answer begins, and in a client's until the request is sent; RESPONSE
 * afterwards, and in the result of evhttp_request_new().
 */
enum evhttp_request_kind {
	EVHTTP_REQUEST,
	EVHTTP_RESPONSE
};

/*
 * Flags of evhttp_request.flags.  OWN_CONNECTION: a server's request, whose
 * connection is the library's.  PROXY_REQUEST: the first line has an absolute
 * URI, as for a proxy; a client sets the flag before it sends the request.
 */
#define EVHTTP_REQ_OWN_CONNECTION 0x0001
#define EVHTTP_PROXY_REQUEST 0x0002

/*
 * A request and its answer.  Only the library makes one, and it has more
 * members after these: a program must not copy it.  Programs read it, and fill
 * output_headers and output_buffer before it is sent.  They may also change
 * what the library reads when it makes the answer: Connection and
 * Proxy-Connection in input_headers, major and minor, and chunked; cb_arg,
 * which all callbacks of a request get; and flags, cb and chunk_cb of a
 * client's request.  The other members are the library's.  input_* are
 * received, in server and client.
 */
struct evhttp_request {
	_EVENT_TQENTRY(evhttp_request) next;

	struct evhttp_connection *evcon; /* NULL: none, or it is closed */
	int flags;

	struct evkeyvalq *input_headers;
	struct evkeyvalq *output_headers;

	/*
	 * The client's numeric address and its port; NULL and 0 in a client;
	 * "localhost" and 0 over a Unix socket.
	 */
	char *remote_host;
	unsigned short remote_port;

	enum evhttp_request_kind kind;
	enum evhttp_cmd_type type;

	char *uri;  /* as in the request line, not decoded */
	char major; /* the HTTP version, 1 and 0 or 1 */
	char minor;

	int response_code;	  /* 0: no answer came, or none was given yet */
	char *response_code_line; /* the text after the code, may be "" */

	struct evbuffer *input_buffer;
	ev_int64_t ntoread; /* bytes of the body to come; < 0: until EOF */
	int chunked : 1;    /* the body has chunks; true may be -1 */
	int userdone : 1;   /* the whole answer has been given */

	struct evbuffer *output_buffer;

	void (*cb)(struct evhttp_request *, void *);
	void *cb_arg;

	/* See evhttp_request_set_chunked_cb(). */
	void (*chunk_cb)(struct evhttp_request *, void *);
};

/*
 * Makes a request for a client to fill and send.  cb, which may be NULL, is
 * called once with arg, when the answer is complete or the request has failed.
 * cb gets NULL for the request if the connection was reset or timed out, or the
 * server has sent something that is not HTTP; it gets the request with the
 * response_code 0 if no connection could be made, or the server has closed the
 * connection before an answer began.  The library frees the request after the
 * callback.  Returns NULL without memory.
 */
struct evhttp_request *
evhttp_request_new(void (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Has cb called for each chunk of a chunked answer when it is complete:
 * input_buffer has the chunk alone, which is dropped after the return.  The
 * second argument is the request's cb_arg.  A body that is not chunked is in
 * input_buffer when the request's callback is called, and cb is not called.
 * For a request with a header callback, and for a server's, see
 * evhttp_request_set_header_cb().
 */
void evhttp_request_set_chunked_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *));

/*
 * Frees a request that is the program's: it was never sent,
 * evhttp_make_request() returned -1 for it, or it is a server's and its evcon
 * is NULL.  If it is a server's that could still be answered, its connection is
 * closed.  NULL is ignored.
 */
void evhttp_request_free(struct evhttp_request *req);

/* The request's member evcon. */
struct evhttp_connection *
evhttp_request_get_connection(struct evhttp_request *req);

/*
 * The request's member uri: what the client has sent, or the argument of
 * evhttp_make_request(); NULL before that.  Valid until the request is freed.
 */
const char *evhttp_request_uri(struct evhttp_request *req);

/*
 * The client
 */

/*
 * Makes a connection to address, a host name or number that is copied, and
 * port, in host order.  Nothing is sent or resolved before the first request.
 * The caller frees the connection.  Returns NULL without memory.
 *
 * The loop resolves a name, with a resolver that reads the system's
 * configuration; 1.4 blocks in getaddrinfo(3).  Addresses of both families are
 * tried according to RFC 8305: the next one after 250 ms without a connection
 * to the previous one.
 */
struct evhttp_connection *
evhttp_connection_new(const char *address, unsigned short port);

/*
 * Closes and frees a connection and its requests, whose callbacks are not
 * called.  If the connection was made, the close callback is called before the
 * function returns.  A server's connection may be freed as well, with its
 * request.  May be called inside any callback.
 */
void evhttp_connection_free(struct evhttp_connection *evcon);

/*
 * Sets the base.  It may be called once, before the first request; any other
 * call is ignored and logged.
 */
void evhttp_connection_set_base(struct evhttp_connection *evcon,
    struct event_base *base);

/*
 * Set the local address, which is copied, and the local port, in host order.
 * With NULL and 0 the system chooses.  While the connection is being made, or
 * exists, the call is ignored and logged.  If the address is a host name,
 * connecting blocks until getaddrinfo(3) has resolved it.
 */
void evhttp_connection_set_local_address(struct evhttp_connection *evcon,
    const char *address);
void evhttp_connection_set_local_port(struct evhttp_connection *evcon,
    unsigned short port);

/*
 * Sets the timeout in seconds: for connecting to one address; and, while a
 * request is sent or answered, for the next byte to arrive, and for the next
 * byte to be sent.  0: none; a negative number: the defaults, 45, 50 and 50
 * seconds.  May also be called for a server's connection, inside the callback
 * of its request.
 */
void evhttp_connection_set_timeout(struct evhttp_connection *evcon,
    int timeout_in_secs);

/*
 * Sets how many times connecting is retried; 0, the default: never; -1: without
 * limit.  The first retry is after 2 seconds; each delay is twice as long as
 * the previous one, up to an hour.
 */
void
evhttp_connection_set_retries(struct evhttp_connection *evcon, int retry_max);

/*
 * Has cb called with arg each time that the connection, after it was made, is
 * closed by either side; cb NULL removes the callback.  A connection has one,
 * for all requests.  In a client cb is called before the callback of the
 * request that fails because of the close; in a server, before the request is
 * freed.
 */
void evhttp_connection_set_closecb(struct evhttp_connection *evcon,
    void (*cb)(struct evhttp_connection *, void *), void *arg);

/*
 * Stores the peer's address and port: for a client's connection, the arguments
 * of evhttp_connection_new(); for a server's, the client's numeric address, or
 * "localhost" and 0 over a Unix socket.  The string is valid until the
 * connection is freed.
 */
void evhttp_connection_get_peer(struct evhttp_connection *evcon, char **address,
    unsigned short *port);

/*
 * Sends req for uri, which is copied.  A connection sends one request at a
 * time, and the next one when the answer is complete.  Headers are sent in the
 * order of adding; the library adds only Content-Length, neither Host nor
 * Connection.  Takes req.
 *
 * Returns 0, even if the name is unknown or the server is not reachable: the
 * loop will call the request's callback exactly once, unless the connection is
 * freed first.  Returns -1 if type or uri cannot be sent, if the local
 * address or port cannot be used, or without memory: then the request is not
 * sent and its callback not called.  It stays valid until the connection is
 * freed; the program may, but need not, free it before.  Also returns -1, and
 * changes nothing, if req is on a connection already, if its callback is
 * running, or if evcon is a server's.
 *
 * If the connection was used before, and is closed before any byte of the
 * answer was received, a GET or HEAD is sent once more over a new connection.
 */
int evhttp_make_request(struct evhttp_connection *evcon,
    struct evhttp_request *req, enum evhttp_cmd_type type, const char *uri);

/*
 * Headers
 *
 * A list of struct evkeyval in order.  Keys compare without regard to the case
 * of ASCII letters.  To walk a list, include <sys/queue.h> before this file.  A
 * program may make a list with TAILQ_INIT(), and elements: the element, its key
 * and its value are from malloc(3) each.
 */

/*
 * Returns the value of the first header with that key, or NULL.  The string
 * belongs to the list.
 */
const char *
evhttp_find_header(const struct evkeyvalq *headers, const char *key);

/*
 * Removes the first header with that key.  Returns 0, or -1 if there is none.
 */
int evhttp_remove_header(struct evkeyvalq *headers, const char *key);

/*
 * Appends a header; both strings are copied.  It replaces no other.  Returns 0;
 * -1 if the key has a CR or LF, if the value has a run of CR and LF without a
 * blank or tab after it, or without memory.  No other byte is checked.
 */
int evhttp_add_header(struct evkeyvalq *headers, const char *key,
    const char *value);

/* Removes and frees all headers, not the list, which can be used again. */
void evhttp_clear_headers(struct evkeyvalq *headers);

/*
 * Text
 *
 * The caller frees the strings that are returned with free(3).  They are NULL
 * without memory.
 */

/*
 * Encodes each byte as %XX except ASCII letters, digits and !$'()*+,-./:=@_~ ;
 * so '?', '&', ';', '#' and '%' are encoded, too.
 */
char *evhttp_encode_uri(const char *uri);

/*
 * Decodes %XX.  A '+' after the first '?' becomes a blank; %3F does not count
 * as a '?'.  A '%' without two hex digits is not changed.  %00 ends the string.
 */
char *evhttp_decode_uri(const char *uri);

/*
 * Makes headers a list of the arguments after the first '?' of uri, which '&'
 * separates.  The key is what is before the first '=', not decoded; the value
 * is decoded, with '+' for a blank.  The list ends before the first argument
 * without '=', which may be an empty one, as in "a=b&&c=d"; but a '&' at the
 * end is ignored.
 *
 * The old content of headers is neither read nor freed; it need not be a list.
 * The caller clears the list with evhttp_clear_headers().  Without memory the
 * list is empty.
 */
void evhttp_parse_query(const char *uri, struct evkeyvalq *headers);

/*
 * Replaces < > " ' and & by &lt; &gt; &quot; &#039; and &amp; ; also the & of
 * such a text.
 */
char *evhttp_htmlescape(const char *html);

#ifdef EVCOMPAT_HTTP

/*
 * What 1.4 does not have
 *
 * The rest is declared only if EVCOMPAT_HTTP is defined, because a program for
 * 1.4 may have functions of these names.  Names and arguments are those of
 * libevent 2.1, or of 2.2 if the comment says so.  The functions of 1.4 are not
 * changed as they are in 2.x: evhttp_set_cb() and evhttp_parse_query() return
 * nothing.
 */

struct evhttp_bound_socket;
struct evhttp_uri;
struct evdns_base;
struct sockaddr;

/*
 * Members of a request
 *
 * What they return is the request's.  The program may change the output buffer
 * and both lists as it may change the members.  Not in 1.4.
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
 * The host of a server's request, without the port: that of an absolute URI, or
 * else of the header Host.  NULL if there is neither, or no memory.  Valid
 * until the request is freed.  Not in 1.4.
 */
const char *evhttp_request_get_host(struct evhttp_request *req);

/*
 * Members of a connection: its base, which may be the current one; the server
 * that has accepted it, NULL for a client's; and the peer's address, NULL while
 * the connection is not made, valid until it is closed.  Not in 1.4.
 */
struct event_base *evhttp_connection_get_base(struct evhttp_connection *evcon);
struct evhttp *evhttp_connection_get_server(struct evhttp_connection *evcon);
const struct sockaddr *
evhttp_connection_get_addr(struct evhttp_connection *evcon);

/*
 * Limits
 *
 * The unit is a byte; a negative number: no limit.  A limit of a server applies
 * to the connections that it accepts after the call.  A limit of a connection,
 * a client's or a server's, applies to its next requests.
 */

/*
 * Limits the head of a message with its first line; by default, to 128 KB and
 * 1,000 fields, with folded lines counted.  With a new size the number of
 * fields is one for each 128 bytes, but at least 1,000; a negative size removes
 * both limits.  A server answers 431, or 414 if the request line alone is
 * longer, and closes the connection; a client's request fails with
 * EVREQ_HTTP_DATA_TOO_LONG.  Not in 1.4, which has no limit.
 */
void evhttp_set_max_headers_size(struct evhttp *http, ssize_t max_headers_size);
void evhttp_connection_set_max_headers_size(struct evhttp_connection *evcon,
    ssize_t new_max_headers_size);

/*
 * Limits the body of a message; there is no limit by default.  A server answers
 * 413, and closes the connection; before that it reads and drops some of what
 * the client still sends, so that the client can read the answer.  The path's
 * callback is not called.  A client's request fails with
 * EVREQ_HTTP_DATA_TOO_LONG.  Not in 1.4.
 */
void evhttp_set_max_body_size(struct evhttp *http, ssize_t max_body_size);
void evhttp_connection_set_max_body_size(struct evhttp_connection *evcon,
    ssize_t new_max_body_size);

/*
 * Limits the number of connections; 0, the default, and negative numbers: no
 * limit.  A connection above the limit is answered with 503 and closed.  As in
 * 2.2; not in 1.4.
 */
void evhttp_set_max_connections(struct evhttp *http, int max_connections);

/*
 * How many connections the server and its virtual hosts have.  As in 2.2; not
 * in 1.4.
 */
int evhttp_get_connection_count(struct evhttp *http);

/*
 * Methods
 */

/*
 * The bit of a method in evhttp_set_allowed_methods()'s mask.  Neither in 1.4
 * nor in 2.x.
 */
#define EVHTTP_METHOD_BIT(type) (1u << (type))

/*
 * Sets the methods that callbacks get, as a mask:
 * EVHTTP_METHOD_BIT(EVHTTP_REQ_GET) | EVHTTP_METHOD_BIT(EVHTTP_REQ_PUT) and so
 * on.  Before the first call they are GET, POST and HEAD, and other methods are
 * answered with 400, as in 1.4.  Afterwards an unknown method is answered with
 * 501, and one that is not in the mask with 405 and the header Allow.
 *
 * Note: in libevent 2.x the methods themselves are bits, and a mask is
 * EVHTTP_REQ_GET | EVHTTP_REQ_PUT.  Here that compiles, but is another mask.
 *
 * Requests with methods other than GET and HEAD are read as POST is: the
 * callback is called when the body is complete, and a request without
 * Content-Length and Transfer-Encoding has none.  The generic callback gets
 * CONNECT, and may take over the connection with evcompat_http_take().  This
 * library's client adds Content-Length to POST, PUT and PATCH, and to others
 * that have a body; it refuses CONNECT.  Not in 1.4.
 */
void evhttp_set_allowed_methods(struct evhttp *http, ev_uint16_t methods);

/*
 * Bodies piece by piece
 */

/*
 * evhttp_send_reply_chunk() with a callback: the loop calls cb once with the
 * request's connection and arg, when all that was given so far is written, so
 * that the program gives the next piece, or the end.  cb NULL: none.  It is not
 * called if the connection is closed before.  A later call of this function, or
 * of evhttp_send_reply_chunk(), replaces a callback that was not called yet,
 * and evhttp_send_reply_end() drops it.  With an empty databuf it is called
 * when the previous pieces are written.  Not in 1.4.
 */
void evhttp_send_reply_chunk_with_cb(struct evhttp_request *req,
    struct evbuffer *databuf, void (*cb)(struct evhttp_connection *, void *),
    void *arg);

/*
 * Has cb called with a new request and arg when its first byte was received, so
 * that the program can set callbacks on the request; nothing else of it is
 * known.  cb returns 0; a negative number closes the connection.  cb NULL, the
 * default: none.  As in 2.2; not in 1.4.
 */
void evhttp_set_newreqcb(struct evhttp *http,
    int (*cb)(struct evhttp_request *, void *), void *arg);

/*
 * Has cb called with the request and its cb_arg when the head of a message is
 * complete, before any of its body is in input_buffer.  If cb returns a
 * negative number the connection is closed; 0 continues.  Not in 1.4.
 *
 * In a client the answer's code and headers are known.  From then on the
 * chunked callback gets the body in pieces, with any framing; what it does not
 * remove from input_buffer is dropped after each call.
 *
 * In a server, the callback is set in that of evhttp_set_newreqcb(); method,
 * URI and headers are known.  If it returns 0, 100 Continue is sent to a client
 * that expects it.  The chunked callback then gets the body in pieces of at
 * most 64 KB.  What it does not remove from input_buffer stays there.  Reading
 * pauses until the program drains some of it, at any time.  While it pauses,
 * the library uses evbuffer_setcb() of input_buffer.  When the body is complete
 * the path's callback is called as usual, with what was not drained.
 *
 * Both callbacks may answer a server's request at once: then the rest of the
 * body is read and dropped, up to 1 MB, and the path's callback is not called;
 * with a longer body the connection is closed after the answer.  If the client
 * closes the connection before the body is complete, the chunked callback is
 * not called again.  The error callback is called with EVREQ_HTTP_EOF, then the
 * close callback of the connection; then the request is freed or, if the
 * program owns it, its evcon is set to NULL.
 */
void evhttp_request_set_header_cb(struct evhttp_request *req,
    int (*cb)(struct evhttp_request *, void *));

/*
 * Ownership and end of a request
 */

/*
 * Makes the request the program's, which frees it with evhttp_request_free();
 * the library does not free it after the callback or the answer.
 * evhttp_request_is_owned() returns 1 for such a request, else 0.  Not in 1.4.
 */
void evhttp_request_own(struct evhttp_request *req);
int evhttp_request_is_owned(struct evhttp_request *req);

/*
 * Cancels a client's request: its callback is not called, and it is freed,
 * unless the program owns it.  If it has begun, the connection is closed, the
 * function calls the error callback with EVREQ_HTTP_REQUEST_CANCEL, and the
 * requests after it are sent over a new connection.  May be called inside the
 * chunked and the header callback; not when the request's callback was called.
 * Not in 1.4.
 */
void evhttp_cancel_request(struct evhttp_request *req);

/*
 * Has the library free a client's connection after the callback of its last
 * request.  Not in 1.4.
 */
void evhttp_connection_free_on_completion(struct evhttp_connection *evcon);

/* Why a request failed.  Not in 1.4. */
enum evhttp_request_error {
	EVREQ_HTTP_TIMEOUT, /* the timeout has expired */
	EVREQ_HTTP_EOF,	    /* the peer has closed or refused the connection */
	EVREQ_HTTP_INVALID_HEADER, /* the peer has sent invalid HTTP */
	EVREQ_HTTP_BUFFER_ERROR,   /* reading or writing failed; or no memory */
	EVREQ_HTTP_REQUEST_CANCEL, /* evhttp_cancel_request() was called */
	EVREQ_HTTP_DATA_TOO_LONG   /* the head or body is over the limit */
};

/*
 * Has cb called with the reason and the request's cb_arg if the request fails,
 * before the request's callback.  NULL: none.  Not in 1.4.
 */
void evhttp_request_set_error_cb(struct evhttp_request *req,
    void (*cb)(enum evhttp_request_error, void *));

/*
 * Has cb called with the request and cb_arg when the answer to a server's
 * request was written completely, before the request is freed.  NULL: none.
 * Not in 1.4.
 */
void evhttp_request_set_on_complete_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *), void *cb_arg);

/*
 * A server's sockets
 */

/*
 * evhttp_bind_socket() and evhttp_accept_socket() with a handle for the
 * functions below as their result; NULL if they fail.  The handle is the
 * server's, and valid until evhttp_free() or evhttp_del_accept_socket().  Not
 * in 1.4.
 */
struct evhttp_bound_socket *evhttp_bind_socket_with_handle(struct evhttp *http,
    const char *address, ev_uint16_t port);
struct evhttp_bound_socket *
evhttp_accept_socket_with_handle(struct evhttp *http, int fd);

/* The socket's descriptor, which is the server's.  Not in 1.4. */
int evhttp_bound_socket_get_fd(struct evhttp_bound_socket *bound_socket);

/*
 * Closes a socket.  After the last one the server closes its connections: idle
 * ones at once, the others after the answer, which has Connection: close.  The
 * program waits until evhttp_get_connection_count() is 0 and frees the server.
 * Not in 1.4.
 */
void evhttp_del_accept_socket(struct evhttp *http,
    struct evhttp_bound_socket *bound_socket);

/*
 * Calls function with each socket and argument.  function must not add or
 * remove sockets.  Not in 1.4.
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
 * timeval, which is copied; NULL: the default; 0: no timeout.  Not in 1.4.
 */
void evhttp_set_timeout_tv(struct evhttp *http, const struct timeval *tv);
void evhttp_connection_set_timeout_tv(struct evhttp_connection *evcon,
    const struct timeval *tv);

/*
 * Sets the delay of the first retry of connecting; NULL: the default of 2
 * seconds.  See evhttp_connection_set_retries().  Not in 1.4.
 */
void evhttp_connection_set_initial_retry_tv(struct evhttp_connection *evcon,
    const struct timeval *tv);

/*
 * Construction
 */

/*
 * Calls evhttp_connection_new() and evhttp_connection_set_base().  dnsbase has
 * to be NULL, because this library has no struct evdns_base; otherwise the
 * result is NULL.  Not in 1.4.
 */
struct evhttp_connection *evhttp_connection_base_new(struct event_base *base,
    struct evdns_base *dnsbase, const char *address, ev_uint16_t port);

/*
 * Sets which addresses of a host name are used: AF_INET, AF_INET6, or
 * AF_UNSPEC, the default, for both.  It takes effect the next time that the
 * connection is made.  Not in 1.4.
 */
void evhttp_connection_set_family(struct evhttp_connection *evcon, int family);

/*
 * Virtual hosts
 */

/*
 * Adds vhost, a server with callbacks and without sockets, for the requests
 * whose host matches pattern: '*' matches any number of characters, '?' one;
 * case is ignored.  Takes vhost, which is freed with http unless it is removed
 * before.  A virtual host may have virtual hosts.  The first one that matches
 * gets the request, with any path.  Returns 0; -1 if vhost has sockets or
 * belongs to a server already, is http or a server above it, or without memory.
 * Not in 1.4.
 */
int evhttp_add_virtual_host(struct evhttp *http, const char *pattern,
    struct evhttp *vhost);

/*
 * Removes vhost, which is the caller's again.  Returns 0, or -1 if it is not
 * one of http's.  Not in 1.4.
 */
int evhttp_remove_virtual_host(struct evhttp *http, struct evhttp *vhost);

/*
 * Add and remove another name of a server, or a virtual host.  It gets the
 * requests whose host is alias, without regard to case; aliases are compared
 * before patterns.  alias is copied.  Return 0; -1 without memory, or if there
 * is no such alias.  Not in 1.4.
 */
int evhttp_add_server_alias(struct evhttp *http, const char *alias);
int evhttp_remove_server_alias(struct evhttp *http, const char *alias);

/*
 * Sets the Content-Type of answers that have a body and for which the program
 * has set none; the default is "text/html; charset=ISO-8859-1"; NULL: none.
 * The string is not copied and has to be valid until the server is freed.  Not
 * in 1.4.
 */
void
evhttp_set_default_content_type(struct evhttp *http, const char *content_type);

/*
 * More text
 */

/*
 * Encodes each byte as %XX except ASCII letters, digits and -._~ ; a blank as
 * '+' if space_to_plus is not 0.  size is the length of str, which may contain
 * NULs; negative: up to its NUL.  The caller frees the result with free(3);
 * NULL without memory.  Not in 1.4.
 */
char *evhttp_uriencode(const char *str, ssize_t size, int space_to_plus);

/*
 * Decodes %XX, with digits in either case, and '+' as a blank if decode_plus is
 * not 0.  A '%' without two hex digits is not changed.  If size_out is not
 * NULL, *size_out is set to the length of the result, which may contain NULs
 * and has one after it.  The caller frees the result with free(3); NULL without
 * memory.  Not in 1.4.
 */
char *evhttp_uridecode(const char *uri, int decode_plus, size_t *size_out);

/*
 * Makes headers a list of the arguments of query, the part of a URI after the
 * '?', as evhttp_parse_query() does: values are decoded, keys not.  The old
 * content of headers is not read.  Returns 0, also for an empty query; -1 if an
 * argument has no '=' or an empty key, or without memory: then the list is
 * empty.  A '&' at the end is allowed.  Not in 1.4.
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
 * A part is a string as in the URI, not decoded, or NULL if the URI does not
 * have it: "?" has an empty query, and "/" none.  The path is never NULL after
 * parsing, but may be "".  The host is "" in "file:///x", has its brackets if
 * it is an IPv6 address, and is NULL without "//".
 *
 * Libevent 2.1 does not follow RFC 3986 in two places, and this library does:
 * the parser refuses the address "[v1.]" and accepts "[V1.a]", and
 * evhttp_uri_join() refuses parts that would be parsed as other parts.
 * evhttp_uri_set_port() refuses a number above 65535, which neither library
 * parses.
 */

/*
 * Accepts bytes in path, query and fragment that RFC 3986 does not allow,
 * except the '?' and '#' that begin the next part.  Not in 1.4.
 */
#define EVHTTP_URI_NONCONFORMANT 0x01

/* Makes a URI without any part; NULL without memory.  Not in 1.4. */
struct evhttp_uri *evhttp_uri_new(void);

/* Frees a URI and its parts; NULL is ignored.  Not in 1.4. */
void evhttp_uri_free(struct evhttp_uri *uri);

/*
 * Parses a URI, or a relative reference.  flags is EVHTTP_URI_* or 0.  Returns
 * NULL if it is not one of RFC 3986, or without memory.  The caller frees it
 * with evhttp_uri_free().  Not in 1.4.
 */
struct evhttp_uri *
evhttp_uri_parse_with_flags(const char *source_uri, unsigned flags);

/* evhttp_uri_parse_with_flags() with flags 0.  Not in 1.4. */
struct evhttp_uri *evhttp_uri_parse(const char *source_uri);

/* Sets the flags for evhttp_uri_set_*().  Not in 1.4. */
void evhttp_uri_set_flags(struct evhttp_uri *uri, unsigned flags);

/*
 * The parts, which are valid until they are set or the URI is freed.  NULL, or
 * the port -1, if the URI does not have the part.  Not in 1.4.
 */
const char *evhttp_uri_get_scheme(const struct evhttp_uri *uri);
const char *evhttp_uri_get_userinfo(const struct evhttp_uri *uri);
const char *evhttp_uri_get_host(const struct evhttp_uri *uri);
int evhttp_uri_get_port(const struct evhttp_uri *uri);
const char *evhttp_uri_get_path(const struct evhttp_uri *uri);
const char *evhttp_uri_get_query(const struct evhttp_uri *uri);
const char *evhttp_uri_get_fragment(const struct evhttp_uri *uri);

/*
 * Set a part, which is copied; NULL, or the port -1, removes it.  Return 0; -1
 * if the string is not allowed as that part, or without memory, and the part is
 * not changed.  Not in 1.4.
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
 * returns buf.  Without a host, userinfo and port are omitted.  Returns NULL if
 * limit is too small, or if the result would be parsed as other parts.  Not in
 * 1.4.
 */
char *evhttp_uri_join(struct evhttp_uri *uri, char *buf, size_t limit);

#endif /* EVCOMPAT_HTTP */

#ifdef __cplusplus
}
#endif

#endif /* _EVHTTP_H_ */
