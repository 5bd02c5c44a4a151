/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes in a file. See lent.h. */
#include "lent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fd.h"

#define FILE_NAME ".lent"

enum { FILE_MAX = 1 << 20 };

bool lent_of_family(const char *note, enum ip_family f)
{
	return (strstr(note, "-net/ipv6/") != NULL) == (f == IP6);
}

static int read_file(int dir, char **text)
{
	_cleanup_fd_ int fd = dir < 0 ? -1 : openat(dir, FILE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t len;

	*text = NULL;
	if (fd < 0)
		return dir < 0 || errno == ENOENT ? 0 : -errno;
	return fd_read_all(fd, FILE_MAX, text, &len);
}

/* Adds to `out` the lines of `text` whose family is (or is not) f. */
static void pick(char *text, enum ip_family f, bool is, struct strbuf *out)
{
	for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (lent_of_family(line, f) == is)
			strbuf_printf(out, "%s\n", line);
		*end = '\n';
	}
}

int lent_read(int dir, enum ip_family f, struct strbuf *out)
{
	_cleanup_free_ char *text = NULL;
	int r = read_file(dir, &text);

	if (r == 0)
		pick(text, f, true, out);
	return out->failed ? -ENOMEM : r;
}

static int write_file(int dir, const struct strbuf *text)
{
	if (text->failed)
		return -ENOMEM;
	if (text->len)
		return file_replace(dir, FILE_NAME, text->s, text->len, 0644);
	return unlinkat(dir, FILE_NAME, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* In the order of families: the same notes are the same file, whichever way they came. */
static int write_sorted(int dir, struct strbuf *all)
{
	_cleanup_strbuf_ struct strbuf sorted = {0};

	if (all->failed)
		return -ENOMEM;
	pick(all->s, IP4, true, &sorted);
	pick(all->s, IP6, true, &sorted);
	return write_file(dir, &sorted);
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *at = text; at && (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

int lent_add(int dir, const struct strbuf *notes)
{
	_cleanup_strbuf_ struct strbuf all = {0};
	_cleanup_free_ char *text = NULL;
	int r = read_file(dir, &text);

	if (r < 0 || dir < 0 || !notes->len)
		return r;
	if (text)
		strbuf_adds(&all, text);
	for (char *line = notes->s, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!has_line(text, line, (size_t)(end - line)))
			strbuf_printf(&all, "%s\n", line);
		*end = '\n';
	}
	return write_sorted(dir, &all);
}

int lent_remove(int dir, enum ip_family f)
{
	_cleanup_strbuf_ struct strbuf rest = {0};
	_cleanup_free_ char *text = NULL;
	int r = read_file(dir, &text);

	if (r < 0 || !text)
		return r;
	pick(text, f, false, &rest);
	return write_file(dir, &rest);
}
