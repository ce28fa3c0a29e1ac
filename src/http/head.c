/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parses the head of an HTTP message, line by line.
 *
 *  1. evi_head_next_line() finds a line, and the caller parses it with
 *     evi_head_parse_request() or evi_head_parse_status() if it is the first.
 *  2. evi_head_next_field() finds a later line and parses it at once.  An empty
 *     line ends the head.
 *  3. The evi_head_span_*() functions take the value of a field apart: blanks
 *     around it, the elements of a list, a comparison without case.
 *
 * The end of a line, a URI and the name of a header are searched a word of
 * eight bytes at a time.  A test of all bytes of a word answers in the top bit
 * of each byte.  Words are read with memcpy(), never past the end, and with the
 * first byte as the lowest on every machine, so that the lowest bit set in the
 * answer belongs to the first byte that passes the test.
 */
#include "head.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"

/* A word with 1 in each byte, one with the top bit of each byte, and the length
 * of a word in bytes. */
#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)
#define WORD sizeof(uint64_t)

/* The length of "HTTP/1.1". */
#define VERSION_LEN 8
/* The length of "HTTP/1.1 200". */
#define STATUS_LEN 12

/* The bytes of a token (RFC 9110 5.6.2). */
static const unsigned char is_token[256] = {
    ['0' ... '9'] = 1,
    ['A' ... 'Z'] = 1,
    ['a' ... 'z'] = 1,
    ['!'] = 1,
    ['#'] = 1,
    ['$'] = 1,
    ['%'] = 1,
    ['&'] = 1,
    ['\''] = 1,
    ['*'] = 1,
    ['+'] = 1,
    ['-'] = 1,
    ['.'] = 1,
    ['^'] = 1,
    ['_'] = 1,
    ['`'] = 1,
    ['|'] = 1,
    ['~'] = 1,
};

/* The methods, by their EVHTTP_REQ_*. */
static const struct span methods[] = {
    {"GET", 3},
    {"POST", 4},
    {"HEAD", 4},
    {"PUT", 3},
    {"DELETE", 6},
    {"OPTIONS", 7},
    {"TRACE", 5},
    {"CONNECT", 7},
    {"PATCH", 5},
};

/* The known headers, by the lengths of their names, which all differ. */
static const struct known {
	const char *name; /* in lower case */
	enum header_id id;
} headers[] = {
    [4] = {"host", EVI_HEADER_HOST},
    [6] = {"expect", EVI_HEADER_EXPECT},
    [10] = {"connection", EVI_HEADER_CONNECTION},
    [14] = {"content-length", EVI_HEADER_CONTENT_LENGTH},
    [16] = {"proxy-connection", EVI_HEADER_PROXY_CONNECTION},
    [17] = {"transfer-encoding", EVI_HEADER_TRANSFER_ENCODING},
};

/* Reads the word at a place; its first byte is the lowest one. */
static inline uint64_t
load_word(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/*
 * The top bit of each byte of word that is less than limit, which is 128 at
 * most.  Only the lowest bit set is sure: a borrow may set a higher one.
 */
static inline uint64_t
bytes_below(uint64_t word, unsigned char limit)
{
	return (word - ONES * limit) & ~word & TOPS;
}

/* The index of the byte that the lowest bit set belongs to. */
static inline size_t
first_byte(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) / 8;
}

/*
 * Finds the first byte whose value is that of '\r' or less: an LF, CR or NUL,
 * or another control byte, which the caller skips.  Returns end if there is
 * none.
 *
 * The first loop tests two words at a time.  A byte from 0x80 on passes that
 * test, too, which costs time only: the second loop decides.
 */
static inline const char *
find_low_byte(const char *at, const char *end)
{
	uint64_t low;

	for (; end - at >= (ptrdiff_t)(2 * WORD); at += 2 * WORD) {
		low = load_word(at) - (ONES * ('\r' + 1));
		low |= load_word(at + WORD) - (ONES * ('\r' + 1));
		if ((low & TOPS) != 0)
			break;
	}
	for (; end - at >= (ptrdiff_t)WORD; at += WORD) {
		low = bytes_below(load_word(at), '\r' + 1);
		if (low != 0)
			return at + first_byte(low);
	}
	while (at < end && (unsigned char)*at > '\r')
		at++;
	return at;
}

/* evi_head_next_line(), to be inlined into evi_head_next_field(). */
static inline ssize_t
take_line(const char *data, size_t len, size_t *scanned, struct span *line)
{
	const char *end, *at;
	int end_len; /* of the line's end: LF or CR LF */

	if (*scanned >= len)
		return 0;
	end = data + len;
	at = data + *scanned;
	for (; (at = find_low_byte(at, end)) < end; at++) {
		end_len = 1 + (*at == '\r');
		if (end - at < end_len)
			break;
		if (at[end_len - 1] == '\n') {
			*line = (struct span){data, (size_t)(at - data)};
			*scanned = 0;
			return at + end_len - data;
		}
		if (end_len == 2 || *at == '\0')
			return -1;
	}
	*scanned = (size_t)(at - data);
	return 0;
}

ssize_t
evi_head_next_line(const char *data, size_t len, size_t *scanned,
    struct span *line)
{
	return take_line(data, len, scanned, line);
}

size_t
evi_head_span_token(struct span span)
{
	size_t n = 0;

	while (n < span.len && is_token[(unsigned char)span.data[n]])
		n++;
	return n;
}

static inline struct span
trim(struct span span)
{
	const char *at = span.data, *end = at + span.len;

	while (at < end && is_blank(*at))
		at++;
	while (at < end && is_blank(end[-1]))
		end--;
	return (struct span){at, (size_t)(end - at)};
}

struct span
evi_head_span_trim(struct span span)
{
	return trim(span);
}

bool
evi_head_span_next_element(struct span *list, struct span *element)
{
	const char *comma;
	size_t n;

	if (list->len == 0)
		return false;
	comma = memchr(list->data, ',', list->len);
	n = comma != NULL ? (size_t)(comma - list->data) : list->len;
	*element = evi_head_span_trim((struct span){list->data, n});
	n += comma != NULL;
	*list = (struct span){list->data + n, list->len - n};
	return true;
}

static inline char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool
equals(struct span span, const char *lower)
{
	size_t n = 0;

	while (n < span.len &&
	       (span.data[n] == lower[n] || to_lower(span.data[n]) == lower[n]))
		n++;
	return n == span.len && lower[n] == '\0';
}

bool
evi_head_span_equals(struct span span, const char *lower)
{
	return equals(span, lower);
}

/* The minor number, 0 or 1, of the version in VERSION_LEN bytes, "HTTP/1.1" for
 * example; -1 for another text. */
static inline int
parse_version(const char *at)
{
	if (memcmp(at, "HTTP/1.", VERSION_LEN - 1) != 0)
		return -1;
	at += VERSION_LEN - 1;
	if (*at < '0' || *at > '9')
		return -1;
	return *at > '0';
}

/* The EVHTTP_REQ_* of a method; -1 if it is unknown. */
static int
find_method(struct span name)
{
	int n = (int)(sizeof methods / sizeof *methods);

	for (int i = 0; i < n; i++)
		if (methods[i].len == name.len &&
		    memcmp(methods[i].data, name.data, name.len) == 0)
			return i;
	return -1;
}

/* Whether any byte of the word is a control byte, a blank, or 0x7f. */
static inline bool
has_non_uri_byte(uint64_t word)
{
	uint64_t del = word ^ ONES * 0x7f;

	return (bytes_below(word, ' ' + 1) | bytes_below(del, 1)) != 0;
}

/* Whether these bytes may be a URI.  The last word overlaps the one before. */
static bool
is_uri(struct span span)
{
	const char *at = span.data, *end = span.data + span.len;

	if (span.len >= WORD) {
		for (; (size_t)(end - at) > WORD; at += WORD)
			if (has_non_uri_byte(load_word(at)))
				return false;
		return !has_non_uri_byte(load_word(end - WORD));
	}
	for (; at < end; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return false;
	return true;
}

int
evi_head_parse_request(struct span line, struct request_line *out)
{
	size_t n = evi_head_span_token(line), rest = line.len - n;
	const char *at = line.data + n;

	/* After the method: a blank, the URI, a blank, and the version. */
	if (n == 0 || rest < 2 + VERSION_LEN || *at != ' ' ||
	    at[rest - VERSION_LEN - 1] != ' ')
		return -1;
	out->method_name = (struct span){line.data, n};
	out->uri = (struct span){at + 1, rest - 2 - VERSION_LEN};
	out->minor = parse_version(at + rest - VERSION_LEN);
	if (out->minor == -1 || !is_uri(out->uri))
		return -1;
	out->method = find_method(out->method_name);
	return 0;
}

int
evi_head_parse_status(struct span line, struct status_line *out)
{
	size_t used = STATUS_LEN;
	const char *at;

	if (line.len < STATUS_LEN)
		return -1;
	at = line.data + VERSION_LEN;
	if (*at != ' ' || at[1] == '0' || !is_digit(at[1]) ||
	    !is_digit(at[2]) || !is_digit(at[3]))
		return -1;
	if (line.len > STATUS_LEN && line.data[used++] != ' ')
		return -1;
	out->minor = parse_version(line.data);
	out->code = (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0');
	out->reason = (struct span){line.data + used, line.len - used};
	return out->minor == -1 ? -1 : 0;
}

static inline enum header_id
find_header(struct span name)
{
	const struct known *known;

	if (name.len >= sizeof headers / sizeof *headers)
		return EVI_HEADER_OTHER;
	known = &headers[name.len];
	/* Most other names differ in their first letter. */
	if (known->name == NULL || (*name.data | 0x20) != *known->name ||
	    !equals(name, known->name))
		return EVI_HEADER_OTHER;
	return known->id;
}

/*
 * The top bit of each byte of word that is neither a letter nor '-'.
 *
 * low has the bytes in lower case, without their top bits.  An addition to each
 * byte then sets its top bit in from_a if it is 'a' or above, and in after_z if
 * it is above 'z'; no sum carries into the next byte.  In minus a '-' becomes
 * 0, and stays below 0x80 when 0x7f is added; any other byte gets its top bit.
 */
static inline uint64_t
non_name_bytes(uint64_t word)
{
	uint64_t low = (word | ONES * 0x20) & ~TOPS;
	uint64_t minus = word ^ ONES * '-';
	uint64_t from_a = low + ONES * (0x80 - 'a');
	uint64_t after_z = low + ONES * (0x80 - 'z' - 1);

	minus = ((minus & ~TOPS) + ~TOPS) | minus;
	return ~((from_a ^ after_z) & ~word) & minus & TOPS;
}

/* What evi_head_span_token() returns, faster for a name of letters. */
static inline size_t
name_length(struct span line)
{
	uint64_t other;
	size_t n = 0;

	if (line.len >= WORD) {
		other = non_name_bytes(load_word(line.data));
		n = other != 0 ? first_byte(other) : WORD;
	}
	while (n < line.len && is_token[(unsigned char)line.data[n]])
		n++;
	return n;
}

static inline enum field_kind
read_field(struct span line, struct field *out)
{
	size_t n;

	if (line.len == 0)
		return EVI_FIELD_END;
	if (is_blank(*line.data)) {
		out->value = line;
		return EVI_FIELD_FOLD;
	}
	n = name_length(line);
	if (n == 0 || n == line.len || line.data[n] != ':')
		return EVI_FIELD_BAD;
	out->name = (struct span){line.data, n};
	out->id = find_header(out->name);
	n++;
	out->value = trim((struct span){line.data + n, line.len - n});
	return EVI_FIELD_NEW;
}

enum field_kind
evi_head_parse_field(struct span line, struct field *out)
{
	return read_field(line, out);
}

ssize_t
evi_head_next_field(const char *data, size_t len, size_t *scanned,
    enum field_kind *kind, struct field *out)
{
	struct span line;
	ssize_t n = take_line(data, len, scanned, &line);

	if (n > 0)
		*kind = read_field(line, out);
	return n;
}
