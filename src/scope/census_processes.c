/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces that processes are in or have open (proc(5)): /proc/PID/ns/net,
 * the same of threads that went elsewhere (setns(2) moves a thread), and what
 * /proc/PID/fd leads to. On the way, who has a tun device open.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "census.h"
#include "fd.h"
#include "text.h"

struct process {
	const char *pid; /* as a file name below /proc */
	int number;
	uint64_t inode;
	const char *command; /* NULL: not read yet */
};

/* The first line of a small file, without the newline; arena. NULL: it cannot be read. */
static const char *read_line(struct survey *s, int dir, const char *path)
{
	char buf[256];
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return arena_strdup(s->a, buf);
}

static const char *command_of(struct survey *s, struct process *p)
{
	char path[64];

	if (!p->command) {
		snprintf(path, sizeof(path), "%.20s/comm", p->pid);
		p->command = read_line(s, dirfd(s->dirs[0]), path);
	}
	return p->command;
}

static void add_process(struct survey *s, struct process *p, uint64_t inode, int pid)
{
	struct seen *ns = survey_inode(s, inode);

	*vec_push(s->a, &ns->holds) = (struct nsl_hold){
		.by = NSL_KEPT_BY_PROCESS,
		.pid = pid,
		.command = command_of(s, p),
	};
	ns->out.n_processes++;
}

/* ---- threads --------------------------------------------------------------------------------------- */

/* /proc/PID/task has a link for each thread, besides its own two. */
static void take_threads(struct survey *s, struct process *p)
{
	char path[64];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%.20s/task", p->pid);
	if (fstatat(dirfd(s->dirs[0]), path, &st, 0) < 0 || st.st_nlink <= 3)
		return;
	fd = openat(dirfd(s->dirs[0]), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	s->dirs[1] = fdopendir(fd);
	if (!s->dirs[1])
		close(fd);
	for (struct dirent *e; s->dirs[1] && (e = readdir(s->dirs[1]));) {
		unsigned long long tid;

		if (!parse_u64(e->d_name, INT32_MAX, &tid) || (int)tid == p->number)
			continue;
		snprintf(path, sizeof(path), "%.20s/ns/net", e->d_name);
		if (fstatat(fd, path, &st, 0) == 0 && st.st_ino != p->inode)
			add_process(s, p, st.st_ino, (int)tid);
	}
	if (s->dirs[1])
		closedir(TAKE_PTR(s->dirs[1]));
}

/* ---- descriptors ----------------------------------------------------------------------------------- */

/* "iff:\tNAME" in the fdinfo of /dev/net/tun; without it no device is attached. */
static void take_tun(struct survey *s, struct process *p, const char *number)
{
	char path[64], buf[1024], *at;
	unsigned long long n;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%.20s/fdinfo/%.20s", p->pid, number);
	fd = openat(dirfd(s->dirs[0]), path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	fd_closep(&fd);
	if (len <= 0 || !parse_u64(number, INT32_MAX, &n))
		return;
	buf[len] = '\0';
	at = strstr(buf, "iff:\t");
	if (!at)
		return;
	at += strlen("iff:\t");
	at[strcspn(at, "\n")] = '\0';
	if (*at)
		*vec_push(s->a, &s->tuns) = (struct tun_user){.pid = p->number,
		                                              .fd = (int)n,
		                                              .command = command_of(s, p),
		                                              .device = arena_strdup(s->a, at),
		                                              .ns = p->inode};
}

/*
 * A namespace that was opened by a path shows that path, and "/" once it is no
 * mount point any more: only its file system tells. No server is asked for files
 * that lie on one.
 */
static uint64_t inode_of(struct survey *s, const char *number)
{
	_cleanup_fd_ int fd = -1;
	struct statx st;

	if (statx(dirfd(s->dirs[1]), number, AT_STATX_DONT_SYNC, STATX_INO, &st) < 0 ||
	    makedev(st.stx_dev_major, st.stx_dev_minor) != s->device)
		return 0;
	if (map_get(s->by_inode, &(uint64_t){st.stx_ino}, sizeof(uint64_t)))
		return st.stx_ino;
	fd = openat(dirfd(s->dirs[1]), number, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET ? st.stx_ino : 0;
}

static void take_descriptor(struct survey *s, struct process *p, const char *number)
{
	char target[64];
	ssize_t n = readlinkat(dirfd(s->dirs[1]), number, target, sizeof(target) - 1);
	uint64_t inode;

	if (n <= 0)
		return;
	target[n] = '\0';
	if (streq(target, "/dev/net/tun"))
		take_tun(s, p, number);
	inode = target[0] == '/' ? inode_of(s, number) : survey_parse_inode(target);
	if (!inode)
		return;
	*vec_push(s->a, &survey_inode(s, inode)->holds) = (struct nsl_hold){
		.by = NSL_KEPT_BY_DESCRIPTOR,
		.pid = p->number,
		.command = command_of(s, p),
		.path = arena_printf(s->a, "/proc/%s/fd/%s", p->pid, number),
	};
}

static void take_descriptors(struct survey *s, struct process *p)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%.20s/fd", p->pid);
	fd = openat(dirfd(s->dirs[0]), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	s->dirs[1] = fdopendir(fd);
	if (!s->dirs[1])
		close(fd);
	for (struct dirent *e; s->dirs[1] && (e = readdir(s->dirs[1]));)
		if (e->d_name[0] != '.')
			take_descriptor(s, p, e->d_name);
	if (s->dirs[1])
		closedir(TAKE_PTR(s->dirs[1]));
}

/* ---- processes ------------------------------------------------------------------------------------- */

/* Its mount namespace, if it is one that was not looked through yet. */
static void take_mounts(struct survey *s, const struct process *p)
{
	char path[64];
	struct stat st;
	uint64_t inode;

	snprintf(path, sizeof(path), "%.20s/ns/mnt", p->pid);
	if (fstatat(dirfd(s->dirs[0]), path, &st, 0) < 0 || st.st_ino == s->mount_ns)
		return;
	inode = st.st_ino;
	if (map_put(s->mount_spaces, &inode, sizeof(inode), s))
		return;
	if (s->mounts_left)
		survey_mounts(s, p->pid);
	else
		s->n_unsearched++;
}

static void take_process(struct survey *s, struct process *p)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%.20s/ns/net", p->pid);
	if (fstatat(dirfd(s->dirs[0]), path, &st, 0) < 0) {
		s->n_hidden += !s->paths->machine && (errno == EACCES || errno == EPERM);
		return;
	}
	p->inode = st.st_ino;
	add_process(s, p, p->inode, p->number);
	take_threads(s, p);
	take_mounts(s, p);
	if (p->number != getpid())
		take_descriptors(s, p);
}

int survey_processes(struct survey *s)
{
	s->dirs[0] = opendir("/proc");
	if (!s->dirs[0])
		return -errno;
	for (struct dirent *e; (e = readdir(s->dirs[0]));) {
		unsigned long long pid;

		if (parse_u64(e->d_name, INT32_MAX, &pid))
			take_process(s, &(struct process){.pid = e->d_name, .number = (int)pid});
	}
	closedir(TAKE_PTR(s->dirs[0]));
	return 0;
}
