/* SPDX-License-Identifier: BSD-3-Clause */
/* Two messages for evrpc; see the header. */
#include "parcel.h"

enum {
	PARCEL_DEST = 1,
	PARCEL_SEAL = 3,
	PARCEL_FLAGS = 200,
	RECEIPT_CODE = 1,
	RECEIPT_TEXT = 2
};

EVRPC_GENERATE(Store, parcel, receipt)
EVRPC_GENERATE(Half, parcel, receipt)

static int count;
static bool does_fail;

int
message_count(void)
{
	return count;
}

void
message_fail(bool fails)
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

/* --- parcel --- */

struct parcel *
parcel_new(void)
{
	return new_message(sizeof(struct parcel));
}

struct parcel *
parcel_new_with_arg(void *arg)
{
	(void)arg;
	return parcel_new();
}

void
parcel_clear(struct parcel *parcel)
{
	free(parcel->dest);
	free(parcel->seal);
	parcel->dest = NULL;
	parcel->seal = NULL;
	parcel->has_flags = false;
}

void
parcel_free(struct parcel *parcel)
{
	parcel_clear(parcel);
	free(parcel);
	count--;
}

int
parcel_complete(struct parcel *parcel)
{
	return parcel->dest != NULL && parcel->seal != NULL ? 0 : -1;
}

void
parcel_marshal(struct evbuffer *buf, struct parcel *parcel)
{
	if (parcel->dest != NULL)
		evtag_marshal_string(buf, PARCEL_DEST, parcel->dest);
	if (parcel->seal != NULL)
		evtag_marshal(buf, PARCEL_SEAL, parcel->seal, parcel->seal_len);
	if (parcel->has_flags)
		evtag_marshal_int(buf, PARCEL_FLAGS, parcel->flags);
}

static int
read_seal(struct parcel *parcel, struct evbuffer *buf)
{
	ev_uint32_t len;

	if (parcel->seal != NULL || evtag_payload_length(buf, &len) == -1 ||
	    len > EVBUFFER_LENGTH(buf))
		return -1;
	parcel->seal = malloc(len + 1);
	parcel->seal_len = len;
	return parcel->seal == NULL
		   ? -1
		   : evtag_unmarshal_fixed(buf, PARCEL_SEAL, parcel->seal, len);
}

static int
read_parcel_member(struct parcel *parcel, struct evbuffer *buf)
{
	switch (next_tag(buf)) {
	case PARCEL_DEST:
		return read_string(buf, PARCEL_DEST, &parcel->dest);
	case PARCEL_SEAL:
		return read_seal(parcel, buf);
	case PARCEL_FLAGS:
		return read_int(buf, PARCEL_FLAGS, &parcel->flags,
		    &parcel->has_flags);
	default:
		return -1;
	}
}

int
parcel_unmarshal(struct parcel *parcel, struct evbuffer *buf)
{
	while (EVBUFFER_LENGTH(buf) > 0)
		if (read_parcel_member(parcel, buf) == -1)
			return -1;
	return parcel_complete(parcel);
}

void
parcel_set(struct parcel *parcel, const char *dest, const char *seal)
{
	parcel_clear(parcel);
	if (dest != NULL)
		parcel->dest = strdup(dest);
	if (seal != NULL) {
		parcel->seal = (unsigned char *)strdup(seal);
		parcel->seal_len = (ev_uint32_t)strlen(seal);
	}
}

/* --- receipt --- */

struct receipt *
receipt_new(void)
{
	return new_message(sizeof(struct receipt));
}

struct receipt *
receipt_new_with_arg(void *arg)
{
	(void)arg;
	return receipt_new();
}

void
receipt_clear(struct receipt *receipt)
{
	free(receipt->text);
	receipt->text = NULL;
	receipt->has_code = false;
}

void
receipt_free(struct receipt *receipt)
{
	receipt_clear(receipt);
	free(receipt);
	count--;
}

int
receipt_complete(struct receipt *receipt)
{
	return receipt->has_code ? 0 : -1;
}

void
receipt_marshal(struct evbuffer *buf, struct receipt *receipt)
{
	if (receipt->has_code)
		evtag_marshal_int(buf, RECEIPT_CODE, receipt->code);
	if (receipt->text != NULL)
		evtag_marshal_string(buf, RECEIPT_TEXT, receipt->text);
}

int
receipt_unmarshal(struct receipt *receipt, struct evbuffer *buf)
{
	while (EVBUFFER_LENGTH(buf) > 0) {
		ev_uint32_t tag = next_tag(buf);
		int result = -1;

		if (tag == RECEIPT_CODE)
			result = read_int(buf, RECEIPT_CODE, &receipt->code,
			    &receipt->has_code);
		else if (tag == RECEIPT_TEXT)
			result = read_string(buf, RECEIPT_TEXT, &receipt->text);
		if (result == -1)
			return -1;
	}
	return receipt_complete(receipt);
}

void
receipt_set(struct receipt *receipt, ev_uint32_t code, const char *text)
{
	receipt_clear(receipt);
	receipt->code = code;
	receipt->has_code = true;
	if (text != NULL)
		receipt->text = strdup(text);
}
