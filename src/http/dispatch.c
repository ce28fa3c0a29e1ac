/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the program's callback for a request: by its path, among those of the
 * server for its host.
 */
#include "dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "reply.h"
#include "vhost.h"
#include "support/log.h"

static void
free_callback(struct evhttp *http, struct evhttp_cb *cb)
{
	TAILQ_REMOVE(&http->callbacks, cb, next);
	free(cb->what);
	free(cb);
}

void
evi_dispatch_clear(struct evhttp *http)
{
	struct evhttp_cb *cb;

	while ((cb = TAILQ_FIRST(&http->callbacks)) != NULL)
		free_callback(http, cb);
}

void
evhttp_set_cb(struct evhttp *http, const char *path,
    void (*cb)(struct evhttp_request *, void *), void *arg)
{
	struct evhttp_cb *entry = calloc(1, sizeof *entry);

	if (entry == NULL || (entry->what = strdup(path)) == NULL) {
		event_warnx("%s: no memory", __func__);
		free(entry);
		return;
	}
	entry->len = strlen(path);
	entry->cb = cb;
	entry->cbarg = arg;
	TAILQ_INSERT_TAIL(&http->callbacks, entry, next);
}

/* How many bytes of a URI are before its query. */
static size_t
path_length(const char *uri)
{
	return strcspn(uri, "?");
}

static struct evhttp_cb *
find_callback(struct evhttp *http, const char *path, size_t len)
{
	struct evhttp_cb *cb;

	TAILQ_FOREACH (cb, &http->callbacks, next)
		if (cb->len == len && memcmp(cb->what, path, len) == 0)
			return cb;
	return NULL;
}

int
evhttp_del_cb(struct evhttp *http, const char *path)
{
	struct evhttp_cb *cb = find_callback(http, path, strlen(path));

	if (cb == NULL)
		return -1;
	free_callback(http, cb);
	return 0;
}

int
evcompat_http_del_cb(struct evhttp *http, const char *path,
    void (*cb)(struct evhttp_request *, void *), void *cbarg)
{
	struct evhttp_cb *entry;

	TAILQ_FOREACH (entry, &http->callbacks, next)
		if (entry->cb == cb && entry->cbarg == cbarg &&
		    strcmp(entry->what, path) == 0) {
			free_callback(http, entry);
			return 0;
		}
	return -1;
}

void
evhttp_set_gencb(struct evhttp *http,
    void (*cb)(struct evhttp_request *, void *), void *arg)
{
	http->gencb = cb;
	http->gencbarg = arg;
}

/* Answers 404, with the page that 1.4 sends. */
static void
send_not_found(struct http_request *req)
{
	struct evbuffer *page = evbuffer_new();
	char *uri = evhttp_htmlescape(req->pub.uri);

	evhttp_response_code(&req->pub, HTTP_NOTFOUND, "Not Found");
	if (page != NULL && uri != NULL)
		evbuffer_add_printf(page,
		    "<html><head><title>404 Not Found</title></head>"
		    "<body><h1>Not Found</h1>"
		    "<p>The requested URL %s was not found on this server."
		    "</p></body></html>\n",
		    uri);
	evhttp_send_page(&req->pub, page);
	free(uri);
	evbuffer_free(page);
}

void
evi_dispatch_request(struct evhttp *http, struct http_request *req)
{
	struct evhttp_request *pub = &req->pub;
	struct evhttp_cb *cb = NULL;

	if (!TAILQ_EMPTY(&http->hosts.vhosts))
		http = evi_vhost_find(http, pub);
	/* The URI of CONNECT is a host and a port, not a path. */
	if ((int)pub->type != EVHTTP_REQ_CONNECT)
		cb = find_callback(http, pub->uri, path_length(pub->uri));
	if (cb != NULL)
		cb->cb(pub, cb->cbarg);
	else if (http->gencb != NULL)
		http->gencb(pub, http->gencbarg);
	else
		send_not_found(req);
}
