/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes in files. See lent.h. */
#include "lent.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fd.h"

enum { FILE_MAX = 1 << 20 };

static const char *const file_names[IP_FAMILIES] = {".lent4", ".lent6"};

bool lent_of_family(const char *note, enum ip_family f)
{
	return (strstr(note, "-net/ipv6/") != NULL) == (f == IP6);
}

static int read_file(int dir, enum ip_family f, char **text)
{
	_cleanup_fd_ int fd = dir < 0 ? -1 : openat(dir, file_names[f], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t len;

	*text = NULL;
	if (fd < 0)
		return dir < 0 || errno == ENOENT ? 0 : -errno;
	return fd_read_all(fd, FILE_MAX, text, &len);
}

int lent_read(int dir, enum ip_family f, struct strbuf *out)
{
	_cleanup_free_ char *text = NULL;
	int r = read_file(dir, f, &text);

	if (text)
		strbuf_adds(out, text);
	return out->failed ? -ENOMEM : r;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *at = text; at && (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

int lent_add(int dir, enum ip_family f, const struct strbuf *notes)
{
	_cleanup_strbuf_ struct strbuf all = {0};
	_cleanup_free_ char *text = NULL;
	int r = read_file(dir, f, &text);

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
	if (text && all.len == strlen(text)) /* all is there: a full or read-only /run need not be asked */
		return 0;
	return all.failed ? -ENOMEM : file_replace(dir, file_names[f], all.s, all.len, 0644);
}

int lent_remove(int dir, enum ip_family f)
{
	return dir >= 0 && unlinkat(dir, file_names[f], 0) < 0 && errno != ENOENT ? -errno : 0;
}
