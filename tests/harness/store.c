/* SPDX-License-Identifier: BSD-3-Clause */
#include "store.h"

enum {
	CRATE_DEST = 1,
	CRATE_SEAL = 3,
	CRATE_FLAGS = 200,
	ACK_CODE = 1,
	ACK_TEXT = 2
};

EVRPC_GENERATE(Store, crate, ack)
EVRPC_GENERATE(Half, crate, ack)

static int count;
static bool does_fail;

int
store_count(void)
{
	return count;
}

void
store_fail(bool fails)
{
	does_fail = fails;
}

static void *
new_message(size_t size)
{
	void *message = does_fail ? NULL : calloc(1, size);

	if (message != NULL)
		count++;
	return message;
}

/* The tag of the record at the start of buf; 0 if there is none. */
static ev_uint32_t
next_tag(struct evbuffer *buf)
{
	ev_uint32_t tag;

	return evtag_peek(buf, &tag) == -1 ? 0 : tag;
}

static int
read_string(struct evbuffer *buf, ev_uint32_t tag, char **text)
{
	return *text != NULL ? -1 : evtag_unmarshal_string(buf, tag, text);
}

static int
read_int(struct evbuffer *buf, ev_uint32_t tag, ev_uint32_t *number,
    bool *is_set)
{
	if (*is_set || evtag_unmarshal_int(buf, tag, number) == -1)
		return -1;
	*is_set = true;
	return 0;
}

/* --- crate --- */

struct crate *
crate_new(void)
{
	return new_message(sizeof(struct crate));
}

struct crate *
crate_new_with_arg(void *arg)
{
	(void)arg;
	return crate_new();
}

void
crate_clear(struct crate *crate)
{
	free(crate->dest);
	free(crate->seal);
	crate->dest = NULL;
	crate->seal = NULL;
	crate->has_flags = false;
}

void
crate_free(struct crate *crate)
{
	crate_clear(crate);
	free(crate);
	count--;
}

int
crate_complete(struct crate *crate)
{
	return crate->dest != NULL && crate->seal != NULL ? 0 : -1;
}

void
crate_marshal(struct evbuffer *buf, struct crate *crate)
{
	if (crate->dest != NULL)
		evtag_marshal_string(buf, CRATE_DEST, crate->dest);
	if (crate->seal != NULL)
		evtag_marshal(buf, CRATE_SEAL, crate->seal, crate->seal_len);
	if (crate->has_flags)
		evtag_marshal_int(buf, CRATE_FLAGS, crate->flags);
}

static int
read_seal(struct crate *crate, struct evbuffer *buf)
{
	ev_uint32_t len;

	if (crate->seal != NULL || evtag_payload_length(buf, &len) == -1 ||
	    len > EVBUFFER_LENGTH(buf))
		return -1;
	crate->seal = malloc(len + 1);
	crate->seal_len = len;
	return crate->seal == NULL
		   ? -1
		   : evtag_unmarshal_fixed(buf, CRATE_SEAL, crate->seal, len);
}

static int
read_crate_member(struct crate *crate, struct evbuffer *buf)
{
	switch (next_tag(buf)) {
	case CRATE_DEST:
		return read_string(buf, CRATE_DEST, &crate->dest);
	case CRATE_SEAL:
		return read_seal(crate, buf);
	case CRATE_FLAGS:
		return read_int(buf, CRATE_FLAGS, &crate->flags,
		    &crate->has_flags);
	default:
		return -1;
	}
}

int
crate_unmarshal(struct crate *crate, struct evbuffer *buf)
{
	while (EVBUFFER_LENGTH(buf) > 0)
		if (read_crate_member(crate, buf) == -1)
			return -1;
	return crate_complete(crate);
}

void
crate_set(struct crate *crate, const char *dest, const char *seal)
{
	crate_clear(crate);
	if (dest != NULL)
		crate->dest = strdup(dest);
	if (seal != NULL) {
		crate->seal = (unsigned char *)strdup(seal);
		crate->seal_len = (ev_uint32_t)strlen(seal);
	}
}

/* --- ack --- */

struct ack *
ack_new(void)
{
	return new_message(sizeof(struct ack));
}

struct ack *
ack_new_with_arg(void *arg)
{
	(void)arg;
	return ack_new();
}

void
ack_clear(struct ack *ack)
{
	free(ack->text);
	ack->text = NULL;
	ack->has_code = false;
}

void
ack_free(struct ack *ack)
{
	ack_clear(ack);
	free(ack);
	count--;
}

int
ack_complete(struct ack *ack)
{
	return ack->has_code ? 0 : -1;
}

void
ack_marshal(struct evbuffer *buf, struct ack *ack)
{
	if (ack->has_code)
		evtag_marshal_int(buf, ACK_CODE, ack->code);
	if (ack->text != NULL)
		evtag_marshal_string(buf, ACK_TEXT, ack->text);
}

int
ack_unmarshal(struct ack *ack, struct evbuffer *buf)
{
	while (EVBUFFER_LENGTH(buf) > 0) {
		ev_uint32_t tag = next_tag(buf);
		int result = -1;

		if (tag == ACK_CODE)
			result =
			    read_int(buf, ACK_CODE, &ack->code, &ack->has_code);
		else if (tag == ACK_TEXT)
			result = read_string(buf, ACK_TEXT, &ack->text);
		if (result == -1)
			return -1;
	}
	return ack_complete(ack);
}

void
ack_set(struct ack *ack, ev_uint32_t code, const char *text)
{
	ack_clear(ack);
	ack->code = code;
	ack->has_code = true;
	if (text != NULL)
		ack->text = strdup(text);
}
