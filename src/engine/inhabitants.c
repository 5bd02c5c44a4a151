/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that live in namespaces that were dropped. See inhabitants.h. */
#include "inhabitants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "fd.h"
#include "text.h"

enum { GRACE_MS = 2000, STEP_MS = 5 };

struct home {
	ino_t ino;
	char name[64];
};

struct inhabitants {
	struct home *homes; /* sorted by inode */
	size_t n, cap;
};

static int by_inode(const void *a, const void *b)
{
	ino_t x = ((const struct home *)a)->ino, y = ((const struct home *)b)->ino;

	return x < y ? -1 : x > y;
}

static bool add_home(struct inhabitants *in, int dir, const char *name)
{
	struct stat st;

	if (name[0] == '.' || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	if (in->n == in->cap) {
		size_t cap = in->cap ? 2 * in->cap : 64;
		void *homes = realloc(in->homes, cap * sizeof(*in->homes));

		if (!homes)
			return false;
		in->homes = homes;
		in->cap = cap;
	}
	in->homes[in->n] = (struct home){.ino = st.st_ino};
	snprintf(in->homes[in->n++].name, sizeof(in->homes->name), "%.63s", name);
	return true;
}

struct inhabitants *inhabitants_list(int lab_dir)
{
	int fd = openat(lab_dir, "ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct inhabitants *in = dir ? calloc(1, sizeof(*in)) : NULL;

	if (!dir)
		return NULL;
	for (struct dirent *e; in && (e = readdir(dir));)
		if (!add_home(in, fd, e->d_name))
			break;
	closedir(dir);
	if (in && in->n)
		qsort(in->homes, in->n, sizeof(*in->homes), by_inode);
	return in;
}

void inhabitants_free(struct inhabitants *in)
{
	if (in)
		free(in->homes);
	free(in);
}

static const struct home *home_of(const struct inhabitants *in, int proc, const char *pid)
{
	char path[64];
	struct stat st;
	struct home key = {0};

	snprintf(path, sizeof(path), "%.20s/ns/net", pid);
	if (!in->n || fstatat(proc, path, &st, 0) < 0)
		return NULL;
	key.ino = st.st_ino;
	return bsearch(&key, in->homes, in->n, sizeof(key), by_inode);
}

static const char *process_name(struct arena *a, int proc, const char *pid)
{
	char path[64], name[64] = "?";
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%.20s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	if (n > 0)
		name[name[n - 1] == '\n' ? n - 1 : n] = '\0';
	fd_closep(&fd);
	return arena_strdup(a, name);
}

/* The caller holds the arena's landing and closes `proc`. */
static void find(const struct inhabitants *in, struct arena *a, DIR *proc, struct survivors *out)
{
	out->items.n = 0;
	rewinddir(proc);
	for (struct dirent *e; (e = readdir(proc));) {
		const struct home *home;
		unsigned long long pid;

		if (!parse_u64(e->d_name, INT32_MAX, &pid))
			continue;
		home = home_of(in, dirfd(proc), e->d_name);
		if (home)
			*vec_push(a, &out->items) = (struct survivor){
				(int)pid, process_name(a, dirfd(proc), e->d_name),
				arena_strdup(a, has_prefix(home->name, FABRIC_NAME) ? "fabric" : home->name)};
	}
}

static void signal_all(const struct survivors *s, int sig)
{
	for (size_t i = 0; i < s->items.n; i++) {
		int fd = (int)syscall(SYS_pidfd_open, s->items.items[i].pid, 0);

		if (fd < 0) {
			kill(s->items.items[i].pid, sig);
			continue;
		}
		syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
		close(fd);
	}
}

/* Looks again and again until nobody is left, or the time is over. `ms` < 0: for ever. */
static void await_end(const struct inhabitants *in, struct arena *a, DIR *proc, struct survivors *out, int ms)
{
	for (int waited = 0; out->items.n && (ms < 0 || waited < ms); waited += STEP_MS) {
		poll(NULL, 0, STEP_MS);
		find(in, a, proc, out);
	}
}

int inhabitants_settle(struct inhabitants *in, struct arena *a, bool kill, bool wait, struct survivors *out,
                       struct nsl_error **err)
{
	DIR *proc = in ? opendir("/proc") : NULL;
	int r = 0;

	if (!proc)
		return 0;
	if (arena_exhausted(a)) {
		r = -ENOMEM;
	} else {
		find(in, a, proc, out);
		if (kill && out->items.n) {
			signal_all(out, SIGTERM);
			await_end(in, a, proc, out, GRACE_MS);
			signal_all(out, SIGKILL);
			await_end(in, a, proc, out, GRACE_MS);
		}
		if (wait)
			await_end(in, a, proc, out, -1);
	}
	arena_settle(a);
	closedir(proc);
	return r < 0 ? error_oom(err) : 0;
}
