/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of what the host lends. See lent.h. */
#include "lent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "nft.h"
#include "nft_terms.h"
#include "sysctl.h"
#include "text.h"

#define HOST_TABLE "nsloom"

enum { FILE_MAX = 1 << 20, VALUE_SIZE = 64, CHAIN_NAME = 256 };

static const char *const file_names[] = {
	[LENT_FORWARD4] = ".lent4", [LENT_FORWARD6] = ".lent6", [LENT_LIMITS] = ".lentlimits"};
_Static_assert(ARRAY_SIZE(file_names) == LENT_KINDS, "every kind has its file");

void lent_notes_done(struct lent_notes *n)
{
	strbuf_done(&n->text);
}

/* ---- single notes ---------------------------------------------------------------------------------- */

bool lent_nameable(const char *s)
{
	while (nft_nameable(*s))
		s++;
	return !*s;
}

bool lent_parse_was(const char *note, const char **value, size_t *value_len, const char **path)
{
	const char *end = has_prefix(note, LENT_WAS) ? strchr(note + strlen(LENT_WAS), '-') : NULL;

	if (!end)
		return false;
	*value = note + strlen(LENT_WAS);
	*value_len = (size_t)(end - *value);
	*path = end + 1;
	return true;
}

/* Switches are about forwarding and what follows it; all else are limits. */
static enum lent kind_of(const char *note)
{
	const char *value, *path;
	size_t len;

	if (!lent_parse_was(note, &value, &len, &path))
		return LENT_LIMITS;
	if (strstr(path, "/conf/") || streq(path, "net/ipv4/ip_forward"))
		return has_prefix(path, "net/ipv6/") ? LENT_FORWARD6 : LENT_FORWARD4;
	return LENT_LIMITS;
}

int lent_restore(const char *note)
{
	const char *value, *path;
	char text[VALUE_SIZE];
	size_t len;
	int r;

	if (!lent_parse_was(note, &value, &len, &path) || len >= sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)len, value);
	r = sysctl_write(path, text);
	return r == -ENOENT ? 0 : r;
}

/* One note after the other: *at is where the next one begins, and *line what this one is, without its end. */
static bool next_note(const char **at, const char **line, size_t *len)
{
	const char *end = *at ? strchr(*at, '\n') : NULL;

	if (!end)
		return false;
	*line = *at;
	*len = (size_t)(end - *at);
	*at = end + 1;
	return true;
}

static bool has_note(const char *notes, const char *note, size_t len)
{
	const char *line;
	size_t n;

	while (next_note(&notes, &line, &n))
		if (n == len && memcmp(line, note, len) == 0)
			return true;
	return false;
}

/* ---- the file -------------------------------------------------------------------------------------- */

static int read_file(int dir, enum lent kind, char **text, size_t *len)
{
	_cleanup_fd_ int fd = dir < 0 ? -1 : openat(dir, file_names[kind], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return dir < 0 || errno == ENOENT ? 0 : -errno;
	return fd_read_all(fd, FILE_MAX, text, len);
}

int lent_read_file(int dir, enum lent kind, struct strbuf *out)
{
	_cleanup_free_ char *text = NULL;
	size_t size, len;
	int r = read_file(dir, kind, &text, &size);
	const char *at = text, *line;

	while (next_note(&at, &line, &len))
		if (len) /* a crash while one was taken out has left empty lines */
			strbuf_add(out, line, len + 1);
	return out->failed ? -ENOMEM : r;
}

static int add_to_file(int dir, enum lent kind, const struct strbuf *notes)
{
	_cleanup_strbuf_ struct strbuf all = {0};
	const char *at = notes->s, *line;
	size_t before, len;
	int r = lent_read_file(dir, kind, &all);

	if (r < 0 || dir < 0)
		return r;
	before = all.len;
	while (next_note(&at, &line, &len))
		if (!has_note(all.s, line, len))
			strbuf_add(&all, line, len + 1);
	if (all.len == before) /* all is there: a full or read-only /run need not be asked */
		return 0;
	return all.failed ? -ENOMEM : file_replace(dir, file_names[kind], all.s, all.len, 0644);
}

/* What is left moves to the front and is padded with lines that are empty, then the file ends where they begin: in place, for that
 * needs no room, and whole at any moment. */
static int shorten(int dir, enum lent kind, const char *text, size_t size, size_t left)
{
	_cleanup_fd_ int fd = openat(dir, file_names[kind], O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : pwrite(fd, text, size, 0);

	if (n < 0 || ((size_t)n == size && ftruncate(fd, (off_t)left) < 0))
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

/* The last note takes the file along. */
static int remove_from_file(int dir, enum lent kind, const struct strbuf *going)
{
	_cleanup_free_ char *text = NULL;
	size_t size, len, left = 0;
	int r = read_file(dir, kind, &text, &size);
	const char *at = text, *line;

	if (r < 0 || !text)
		return r;
	while (next_note(&at, &line, &len)) {
		if (!len || has_note(going->s, line, len))
			continue;
		memmove(text + left, line, len + 1);
		left += len + 1;
	}
	if (!left)
		return unlinkat(dir, file_names[kind], 0) < 0 && errno != ENOENT ? -errno : 0;
	memset(text + left, '\n', size - left);
	return left == size ? 0 : shorten(dir, kind, text, size, left);
}

/* ---- the table ------------------------------------------------------------------------------------- */

struct finding_notes {
	enum lent kind;
	struct lent_notes *out;
};

static int find_note(const struct nftnl_chain *c, void *data)
{
	struct finding_notes *f = data;
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);

	if ((has_prefix(name, LENT_WAS) || has_prefix(name, LENT_FOR)) && kind_of(name) == f->kind)
		strbuf_printf(&f->out->text, "%s\n", name);
	else
		f->out->others++;
	return 0;
}

int lent_read(int dir, enum lent kind, struct lent_notes *out)
{
	_cleanup_strbuf_ struct strbuf file = {0};
	struct finding_notes f = {kind, out};
	const char *at, *line;
	size_t len;
	int r = nft_chains(NFPROTO_INET, HOST_TABLE, find_note, &f);

	out->in_table = out->text.len;
	if (r == 0)
		r = lent_read_file(dir, kind, &file);
	at = file.s;
	while (r == 0 && next_note(&at, &line, &len))
		if (!has_note(out->text.s, line, len))
			strbuf_add(&out->text, line, len + 1);
	return out->text.failed ? -ENOMEM : r;
}

static const char *chain_name(char buf[CHAIN_NAME], const char *note, size_t len)
{
	snprintf(buf, CHAIN_NAME, "%.*s", (int)len, note);
	return buf;
}

/* Limits concern labs too that need no nf_tables for anything else. */
static int without_tables(enum lent kind, int r)
{
	return kind == LENT_LIMITS && (r == -EPROTONOSUPPORT || r == -EOPNOTSUPP || r == -EAFNOSUPPORT) ? 0 : r;
}

/* A note that a crash left stays as it is: adding it again is no error. */
int lent_add(int dir, enum lent kind, const struct strbuf *notes, int *sock, struct nl_refusal *refusal)
{
	struct nft nft = {0};
	int r = notes->failed ? -ENOMEM : add_to_file(dir, kind, notes);
	const char *at = notes->s, *line;
	char name[CHAIN_NAME];
	size_t len;

	if (r < 0 || !notes->len)
		return r;
	nft_begin(&nft);
	nft_add_table(&nft, HOST_TABLE, NULL);
	while (next_note(&at, &line, &len))
		nft_add_chain(&nft, HOST_TABLE, chain_name(name, line, len), NULL, -1, 0);
	return without_tables(kind, nft_commit(&nft, sock, refusal));
}

static int remove_from_table(const struct lent_notes *all, const struct strbuf *going, int *sock,
                             struct nl_refusal *refusal)
{
	struct nft nft = {0};
	size_t left = all->others, gone = 0, len;
	const char *at = all->text.s, *line;
	char name[CHAIN_NAME];

	nft_begin(&nft);
	while (next_note(&at, &line, &len) && line < all->text.s + all->in_table) {
		if (has_note(going->s, line, len)) {
			nft_del_chain(&nft, HOST_TABLE, chain_name(name, line, len));
			gone++;
		} else {
			left++;
		}
	}
	if (!left) { /* also one that a crash left empty */
		nft_abandon(&nft);
		nft_begin(&nft);
		nft_add_table(&nft, HOST_TABLE, NULL); /* so that the deletion finds one */
		nft_del_table(&nft, HOST_TABLE);
	} else if (!gone) {
		nft_abandon(&nft);
		return 0;
	}
	return nft_commit(&nft, sock, refusal);
}

/* The file goes last: a crash before leaves it, and whoever comes next gives back again or borrows again. */
int lent_remove(int dir, enum lent kind, const struct lent_notes *all, const struct strbuf *going, int *sock,
                struct nl_refusal *refusal)
{
	int r = going->failed ? -ENOMEM
	        : !going->len ? 0
	                      : without_tables(kind, remove_from_table(all, going, sock, refusal));

	return r < 0 || !going->len ? r : remove_from_file(dir, kind, going);
}
