/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a small configuration file, whatever it may turn out to be. */
#include "text.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 4096
/* For what is no file and may have no end, such as a device. */
#define DEVICE_MAX 65535

/* Room for one byte more than was read, at least, and for the NUL. */
static int
make_room(struct evi_text *text, size_t *size, size_t hint)
{
	size_t wanted = hint > text->len ? hint : text->len * 2 + STEP;
	char *bytes;

	if (text->len + 1 < *size)
		return 0;
	bytes = realloc(text->bytes, wanted + 2);
	if (bytes == NULL)
		return -1;
	text->bytes = bytes;
	*size = wanted + 2;
	return 0;
}

static int
read_all(struct evi_text *text, int fd, size_t max, size_t hint)
{
	size_t size = 0;
	ssize_t n;

	do {
		if (make_room(text, &size, hint) == -1)
			return 4;
		n = read(fd, text->bytes + text->len, size - text->len - 1);
		if (n > 0)
			text->len += (size_t)n;
		if (text->len > max)
			return 3;
	} while (n > 0 || (n == -1 && errno == EINTR));
	text->bytes[text->len] = '\0';
	return n == 0 ? 0 : 5;
}

/* A FIFO is not waited for: it is empty. */
int
evi_text_read(struct evi_text *text, const char *path, size_t max)
{
	struct stat st;
	int fd, code, saved;

	*text = (struct evi_text){NULL, 0, 0};
	errno = EFAULT;
	if (path == NULL)
		return 1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return 1;
	if (fstat(fd, &st) == -1)
		code = 2;
	else if (S_ISREG(st.st_mode) && (size_t)st.st_size > max)
		code = 3;
	else if (S_ISREG(st.st_mode))
		code = read_all(text, fd, max, (size_t)st.st_size);
	else
		code = read_all(text, fd, DEVICE_MAX, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return code;
}

int
evi_text_copy(struct evi_text *text, const char *bytes, size_t len)
{
	*text = (struct evi_text){malloc(len + 1), 0, 0};
	if (text->bytes == NULL)
		return 4;
	if (len > 0)
		memcpy(text->bytes, bytes, len);
	text->bytes[len] = '\0';
	text->len = len;
	return 0;
}

bool
evi_text_is_for_now(int code)
{
	return code == 4 || (code != 0 && (errno == ENOMEM || errno == EMFILE ||
					      errno == ENFILE));
}

char *
evi_text_line(struct evi_text *text)
{
	char *line, *end;

	if (text->next >= text->len)
		return NULL;
	line = text->bytes + text->next;
	end = memchr(line, '\n', text->len - text->next);
	if (end == NULL)
		end = text->bytes + text->len;
	*end = '\0';
	text->next = (size_t)(end - text->bytes) + 1;
	return line;
}

void
evi_text_free(struct evi_text *text)
{
	free(text->bytes);
	*text = (struct evi_text){NULL, 0, 0};
}
