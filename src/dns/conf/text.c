/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a small configuration file, whatever it may turn out to be. */
#include "text.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 4096	 /* bytes */
#define DEVICE_MAX 65535 /* bytes of a device, which may have no end */

/* Makes room for one byte more than was read, at least, and for the NUL. */
static int
make_room(struct text_file *text, size_t *size, size_t hint)
{
	size_t needed = hint > text->len ? hint : text->len * 2 + STEP;
	char *bytes;

	if (text->len + 1 < *size)
		return 0;
	bytes = realloc(text->bytes, needed + 2);
	if (bytes == NULL)
		return -1;
	text->bytes = bytes;
	*size = needed + 2;
	return 0;
}

static enum conf_result
read_all(struct text_file *text, int fd, size_t max, size_t hint)
{
	size_t size = 0;
	ssize_t n;

	do {
		if (make_room(text, &size, hint) == -1)
			return CONF_NO_MEMORY;
		n = read(fd, text->bytes + text->len, size - text->len - 1);
		if (n > 0)
			text->len += (size_t)n;
		if (text->len > max)
			return CONF_TOO_LONG;
	} while (n > 0 || (n == -1 && errno == EINTR));
	text->bytes[text->len] = '\0';
	return n == 0 ? CONF_OK : CONF_NOT_READ;
}

/* A FIFO is not waited for: it is empty. */
enum conf_result
evi_text_read(struct text_file *text, const char *path, size_t max)
{
	struct stat st;
	enum conf_result result;
	int fd, saved;

	*text = (struct text_file){NULL, 0, 0};
	/* For the errors that no system call reports: it is not transient. */
	errno = EFAULT;
	if (path == NULL)
		return CONF_NOT_OPENED;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return CONF_NOT_OPENED;
	if (fstat(fd, &st) == -1)
		result = CONF_NO_STAT;
	else if (S_ISREG(st.st_mode) && (size_t)st.st_size > max)
		result = CONF_TOO_LONG;
	else if (S_ISREG(st.st_mode))
		result = read_all(text, fd, max, (size_t)st.st_size);
	else
		result = read_all(text, fd, DEVICE_MAX, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

bool
evi_text_is_transient(enum conf_result result)
{
	return result == CONF_NO_MEMORY ||
	       (result != CONF_OK &&
		   (errno == ENOMEM || errno == EMFILE || errno == ENFILE));
}

char *
evi_text_line(struct text_file *text)
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

char *
evi_text_domain(const char *name)
{
	size_t len;

	name += strspn(name, ".");
	len = strlen(name);
	while (len > 0 && name[len - 1] == '.')
		len--;
	return strndup(name, len);
}

void
evi_text_free(struct text_file *text)
{
	free(text->bytes);
	*text = (struct text_file){NULL, 0, 0};
}
