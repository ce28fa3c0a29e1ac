/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads nsswitch.conf's hosts line as libc does: the last one counts. */
#include "nsswitch.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

#define FILE_MAX (1 << 20) /* bytes; a longer file is ignored */

/* Blanks out actions, [NOTFOUND=return], which may have blanks in them. */
static void
blank_actions(char *line)
{
	bool inside = false;

	for (; *line != '\0'; line++) {
		if (*line == '[')
			inside = true;
		if (*line == ']') {
			inside = false;
			*line = ' ';
		}
		if (inside)
			*line = ' ';
	}
}

static enum hosts_order
read_services(char *services)
{
	enum hosts_order order = EVI_HOSTS_FIRST;
	char *word, *rest;

	blank_actions(services);
	word = strtok_r(services, EVI_BLANKS, &rest);
	for (; word != NULL; word = strtok_r(NULL, EVI_BLANKS, &rest)) {
		if (strcmp(word, "files") == 0)
			return order;
		if (strcmp(word, "dns") == 0 || strcmp(word, "resolve") == 0)
			order = EVI_HOSTS_LAST;
	}
	return EVI_HOSTS_NEVER;
}

static void
read_line(enum hosts_order *order, char *line)
{
	char *name, *end;

	line[strcspn(line, "#")] = '\0';
	name = line + strspn(line, EVI_BLANKS);
	end = name + strcspn(name, EVI_BLANKS ":");
	if (*end == '\0')
		return;
	*end++ = '\0';
	if (strcmp(name, "hosts") == 0)
		*order = read_services(end + strspn(end, EVI_BLANKS ":"));
}

int
evi_nsswitch_read(enum hosts_order *order, const char *path)
{
	struct text_file text;
	enum conf_result result = evi_text_read(&text, path, FILE_MAX);
	bool is_transient = evi_text_is_transient(result);
	char *line;

	*order = EVI_HOSTS_FIRST;
	while (result == CONF_OK && (line = evi_text_line(&text)) != NULL)
		read_line(order, line);
	evi_text_free(&text);
	return is_transient ? -1 : 0;
}
