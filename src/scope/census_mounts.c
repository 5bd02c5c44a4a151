/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces that are mounted. A line of /proc/PID/mountinfo (proc(5)) names
 * the namespace by itself: its root is "net:[INODE]". So nothing is opened, and
 * a mount that is hidden below another counts as well.
 *
 * Beside the caller's mount namespace those of other processes are read: what
 * a container runtime mounts may be seen in them alone. Each `ip netns exec`
 * leaves a copy of all mounts in one of its own, so how many lines are read in
 * all has a limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "census.h"
#include "fd.h"
#include "text.h"

enum { MOUNTS_MAX = 64 << 20, NETNS_PATH_MAX = 4096 };

uint64_t survey_parse_inode(const char *text)
{
	unsigned long long inode = 0;
	char digits[24];

	return sscanf(text, "net:[%23[0-9]]", digits) == 1 && parse_u64(digits, UINT64_MAX, &inode) ? inode : 0;
}

struct seen *survey_inode(struct survey *s, uint64_t inode)
{
	struct seen *ns = map_get(s->by_inode, &inode, sizeof(inode));

	if (ns)
		return ns;
	ns = arena_new_of(s->a, struct seen);
	ns->out = (struct nsl_netns){.inode = inode, NETNS_UNKNOWN};
	map_put(s->by_inode, &inode, sizeof(inode), ns);
	*vec_push(s->a, &s->all) = ns;
	return ns;
}

/* ---- mounts ---------------------------------------------------------------------------------------- */

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' && s[2] <= '7';
}

/* "\040" is how the kernel writes a space, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && is_octal(from + 1)) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool has_path(const struct seen *ns, const char *path)
{
	for (size_t i = 0; i < ns->holds.n; i++)
		if (ns->holds.items[i].path && streq(ns->holds.items[i].path, path))
			return true;
	return false;
}

static bool is_the_machines(const struct survey *s, const char *path)
{
	size_t len = s->paths->machine ? strlen(s->paths->machine) : 0;

	return len && strncmp(path, s->paths->machine, len) == 0 && path[len] == '/';
}

/* True where the path is "DIR/NAME" without a further '/'. */
static bool lies_in(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/' && !strchr(path + len + 1, '/');
}

static void add_mount(struct survey *s, struct seen *ns, const char *path)
{
	bool named = lies_in(path, s->paths->names);

	if (!has_path(ns, path))
		*vec_push(s->a, &ns->holds) = (struct nsl_hold){
			.by = named ? NSL_KEPT_BY_NAME : NSL_KEPT_BY_MOUNT,
			.path = arena_strdup(s->a, path),
		};
}

/* Whether a mount of the caller's own mount namespace keeps it already: copies of that elsewhere are no news. */
static bool is_mounted(const struct seen *ns)
{
	for (size_t i = 0; i < ns->holds.n; i++)
		if (ns->holds.items[i].by <= NSL_KEPT_BY_MOUNT)
			return true;
	return false;
}

/* "ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS …" */
static void take_line(struct survey *s, const char *pid, char *line)
{
	char *field[5];
	uint64_t inode;
	struct seen *ns;

	for (size_t i = 0; i < ARRAY_SIZE(field); i++)
		if (!(field[i] = strsep(&line, " ")))
			return;
	inode = survey_parse_inode(field[3]);
	if (!inode)
		return;
	unescape(field[4]);
	if (is_the_machines(s, field[4]))
		return;
	ns = survey_inode(s, inode);
	if (!pid)
		add_mount(s, ns, field[4]);
	else if (!is_mounted(ns))
		add_mount(s, ns, arena_printf(s->a, "/proc/%s/root%s", pid, field[4]));
}

void survey_read_mounts(struct survey *s, const char *pid, char *text)
{
	for (char *line; text && (line = strsep(&text, "\n"));) {
		take_line(s, pid, line);
		s->mounts_left -= pid && s->mounts_left;
	}
}

void survey_mounts(struct survey *s, const char *pid)
{
	char path[64];
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid ? pid : "thread-self");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fd_read_all(fd, MOUNTS_MAX, &s->text, &len) < 0)
		s->text = NULL;
	close(fd);
	survey_read_mounts(s, pid, s->text);
	free(TAKE_PTR(s->text));
}

/* ---- names ----------------------------------------------------------------------------------------- */

/* A name may be a link to a mount elsewhere: those of labs are. */
void survey_names(struct survey *s)
{
	s->dirs[0] = opendir(s->paths->names);
	for (struct dirent *e; s->dirs[0] && (e = readdir(s->dirs[0]));) {
		char path[NETNS_PATH_MAX];
		struct stat st;
		struct seen *ns;

		if (streq(e->d_name, ".") || streq(e->d_name, "..") ||
		    fstatat(dirfd(s->dirs[0]), e->d_name, &st, 0) < 0 || st.st_dev != s->device)
			continue;
		ns = map_get(s->by_inode, &(uint64_t){st.st_ino}, sizeof(uint64_t));
		/* What is no link is a mount and was found among them; what is on nsfs but no network namespace is not. */
		if (!ns)
			continue;
		snprintf(path, sizeof(path), "%s/%s", s->paths->names, e->d_name);
		add_mount(s, ns, path);
	}
	if (s->dirs[0])
		closedir(TAKE_PTR(s->dirs[0]));
}
