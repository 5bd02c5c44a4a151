/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run: where the thread is, and the sockets it has opened on its way. */
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "fd.h"
#include "netns.h"

int kernel_step(struct kernel *k, const char *what)
{
	k->requests++;
	return k->hooks.before ? k->hooks.before(k->hooks.data, k->requests, what) : 0;
}

int kernel_run_dir(const struct kernel *k)
{
	return k->lab_dir < 0 ? -1 : openat(k->lab_dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct kspace *kspace_get(struct kernel *k, enum space_kind kind, const char *name)
{
	struct kspace *s;

	if (kind == SPACE_HOST)
		return k->host;
	s = map_gets(k->spaces, name);
	if (s)
		return s;
	if (arena_exhausted(k->arena))
		return NULL;
	s = arena_new_of(k->arena, struct kspace);
	*s = (struct kspace){.kind = kind, .name = arena_strdup(k->arena, name), .sock = -1, .ns = -1};
	map_puts(k->spaces, s->name, s);
	*vec_push(k->arena, &k->list) = s;
	arena_settle(k->arena);
	return s;
}

int kspace_open(struct kernel *k, struct kspace *s, bool *owned)
{
	int fd, r;

	*owned = false;
	if (s->ns >= 0)
		return s->ns;
	r = netns_open_dir(k, false);
	if (r < 0)
		return r;
	fd = openat(k->spaces_dir, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (!netns_is(fd)) {
		close(fd);
		return -ENOENT;
	}
	if (s->kind == SPACE_FABRIC)
		s->ns = fd;
	else
		*owned = true;
	return fd;
}

int kspace_enter(struct kernel *k, struct kspace *s)
{
	bool owned;
	int fd, r;

	if (k->inside == s)
		return 0;
	fd = kspace_open(k, s, &owned);
	if (fd < 0)
		return fd;
	r = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
	if (owned)
		close(fd);
	if (r == 0)
		k->inside = s;
	return r;
}

int kspace_socket(struct kernel *k, struct kspace *s)
{
	int r;

	if (s->sock >= 0)
		return s->sock;
	r = kspace_enter(k, s);
	if (r == 0)
		s->sock = r = nl_open(NETLINK_ROUTE);
	return r;
}

void kspace_forget(struct kernel *k, struct kspace *s)
{
	if (s->sock >= 0)
		close(take_fd(&s->sock));
	if (s->ns >= 0)
		close(take_fd(&s->ns));
	if (k->inside == s)
		k->inside = NULL;
}

/* A socket a namespace: more than the usual soft limit of 1,024. */
static void raise_descriptor_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

static int init(struct kernel *k, const char *lab, const struct kernel_paths *paths)
{
	if (arena_exhausted(k->arena))
		return -ENOMEM;
	k->lab = arena_strdup(k->arena, lab);
	k->paths = (struct kernel_paths){
		.lab_dir = arena_strdup(k->arena, paths->lab_dir),
		.names_dir = arena_strdup(k->arena, paths->names_dir),
		.names_mark = arena_strdup(k->arena, paths->names_mark),
		.machine = paths->machine,
	};
	k->spaces = map_new(k->arena);
	k->host = arena_new_of(k->arena, struct kspace);
	*k->host = (struct kspace){.kind = SPACE_HOST, .name = "host", .sock = -1, .ns = -1};
	*vec_push(k->arena, &k->list) = k->host;
	arena_settle(k->arena);
	k->host->ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (k->host->ns < 0)
		return -errno;
	k->inside = k->host;
	k->lab_dir = open(paths->lab_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return k->lab_dir < 0 && errno != ENOENT ? -errno : 0;
}

int kernel_open(const char *lab, const struct kernel_paths *paths, const struct kernel_hooks *hooks,
                struct kernel **out, struct nsl_error **err)
{
	struct arena *a = arena_new();
	struct kernel *k = calloc(1, sizeof(*k));
	int r;

	if (!a || !k) {
		arena_free(a);
		free(k);
		return error_oom(err);
	}
	k->arena = a;
	k->lab_dir = k->spaces_dir = k->names_dir = k->born = k->nft = -1;
	k->sysctls = SYSCTL_VIEW_NONE;
	if (hooks)
		k->hooks = *hooks;
	raise_descriptor_limit();
	r = init(k, lab, paths);
	if (r < 0) {
		kernel_close(k);
		return error_errno(err, -r, "cannot prepare for work on lab \"%s\"", lab);
	}
	*out = k;
	return 0;
}

void kernel_uninterrupted(struct kernel *k)
{
	k->hooks.cancel = NULL;
}

void kernel_trace(struct kernel *k,
                  void (*fn)(void *data, const struct op *op, int64_t ns, const struct nsl_error *err), void *data)
{
	k->hooks.trace = fn;
	k->hooks.trace_data = data;
}

const char *kernel_regrets(const struct kernel *k)
{
	return k->regrets;
}

void kernel_close(struct kernel *k)
{
	if (!k)
		return;
	if (k->host && k->inside != k->host)
		kspace_enter(k, k->host);
	for (size_t i = 0; i < k->batch_fds.n; i++)
		close(k->batch_fds.items[i]);
	for (size_t i = 0; i < k->list.n; i++)
		kspace_forget(k, k->list.items[i]);
	fd_closep(&k->lab_dir);
	fd_closep(&k->spaces_dir);
	fd_closep(&k->names_dir);
	fd_closep(&k->born);
	fd_closep(&k->nft);
	nl_batch_done(&k->batch);
	sysctl_view_done(&k->sysctls);
	arena_free(k->arena);
	free(k);
}
