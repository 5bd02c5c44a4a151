/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose container a namespace is. The cgroup of a process in it tells the
 * runtime and the container's id by forms that runtimes have kept for years;
 * Mininet writes its hosts' names into the shell's arguments.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "fd.h"
#include "text.h"

enum { TEXT_MAX = 16 << 10, PROCESSES_TRIED = 4, ID_LEN = 64 };

/* ---- cgroups --------------------------------------------------------------------------------------- */

/*
 * A component of a cgroup's path that begins so is followed by the container's
 * id or name, up to the suffix. "…/" is a component of its own, and what is meant is the
 * one after it. The first row that fits counts.
 */
static const struct {
	const char *engine, *prefix, *suffix;
	bool id; /* 64 hexadecimal digits, else a name */
} forms[] = {
	{"kubernetes", "/cri-containerd-", ".scope", true},
	{"kubernetes", "/crio-", ".scope", true},
	{"docker", "/docker-", ".scope", true},
	{"docker", "/docker/", NULL, true},
	{"podman", "/libpod-", ".scope", true},
	{"podman", "/libpod-", NULL, true},
	{"containerd", "/nerdctl-", ".scope", true},
	{"lxc", "/lxc.payload.", NULL, false},
	{"lxc", "/lxc.payload/", NULL, false},
	{"lxc", "/lxc/", NULL, false},
	{"systemd-nspawn", "/machine.slice/machine-", ".scope", false},
	{"systemd-nspawn", "/machine.slice/systemd-nspawn@", ".service", false},
	{"systemd", "/system.slice/", ".service", false},
};

static size_t hex_len(const char *s)
{
	return strspn(s, "0123456789abcdef");
}

/* What stands between prefix and suffix at some component of the path; 0: nothing. */
static size_t match(const char *path, size_t form, const char **start)
{
	const char *at = path, *suffix = forms[form].suffix;

	while ((at = strstr(at, forms[form].prefix))) {
		size_t len, cut;

		at += strlen(forms[form].prefix);
		len = strcspn(at, "/");
		cut = suffix ? strlen(suffix) : 0;
		if (len <= cut || (suffix && strncmp(at + len - cut, suffix, cut) != 0))
			continue;
		len -= cut;
		if (forms[form].id && (len != ID_LEN || hex_len(at) < ID_LEN))
			continue;
		*start = at;
		return len;
	}
	return 0;
}

/* systemd writes "\x2d" for a '-' in the name of a unit. */
static const char *unit_name(struct arena *a, const char *s, size_t len)
{
	char *name = arena_strndup(a, s, len), *to = name;

	for (const char *from = name; *from; to++) {
		unsigned byte;
		int used = 0;

		if (sscanf(from, "\\x%2x%n", &byte, &used) == 1 && used == 4 && byte) {
			*to = (char)byte;
			from += used;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return name;
}

static struct container of_form(struct arena *a, const char *text)
{
	const char *start = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t len = match(text, i, &start);

		if (len)
			return (struct container){forms[i].engine, unit_name(a, start, len),
			                          forms[i].id ? arena_strndup(a, start, len) : NULL};
	}
	return (struct container){0};
}

/* Pods that are driven by cgroupfs have the bare id below a folder of Kubernetes. */
static struct container of_pod(struct arena *a, const char *text)
{
	const char *pods = strstr(text, "/kubepods"), *last = pods ? strrchr(pods, '/') : NULL;

	if (!last || hex_len(last + 1) != ID_LEN || last[1 + ID_LEN])
		return (struct container){0};
	return (struct container){"kubernetes", arena_strdup(a, last + 1), arena_strdup(a, last + 1)};
}

struct container container_of_cgroup(struct arena *a, const char *path)
{
	struct container c = of_pod(a, path);

	return c.engine ? c : of_form(a, path);
}

/* ---- processes ------------------------------------------------------------------------------------- */

ssize_t process_file(int pid, const char *file, char *buf, size_t size)
{
	char path[64];
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	else
		snprintf(path, sizeof(path), "/proc/self/%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* The last line of /proc/PID/cgroup is that of cgroup v2, if there is one; without it all lines say the same here. */
static struct container by_cgroup(struct arena *a, int pid)
{
	char text[TEXT_MAX], *rest = text;
	struct container c = {0};

	if (process_file(pid, "cgroup", text, sizeof(text)) < 0)
		return c;
	for (char *line; !c.engine && (line = strsep(&rest, "\n"));) {
		char *path = strchr(line, '/');

		if (!path)
			continue;
		c = container_of_cgroup(a, path);
	}
	return c;
}

static struct container by_arguments(struct arena *a, int pid)
{
	char text[TEXT_MAX];
	ssize_t n = process_file(pid, "cmdline", text, sizeof(text));

	for (char *at = text; n > 0 && at < text + n; at += strlen(at) + 1)
		if (has_prefix(at, "mininet:") && at[strlen("mininet:")])
			return (struct container){"mininet", arena_strdup(a, at + strlen("mininet:"))};
	return (struct container){0};
}

/* ---- namespaces ------------------------------------------------------------------------------------ */

static bool same(const struct container *x, const struct container *y)
{
	return x->engine && y->engine && streq(x->engine, y->engine) && streq(x->name, y->name);
}

/* `home`: where the caller is itself. All that is made there is in that cgroup as well. */
static struct container find(struct survey *s, const struct seen *ns, const struct container *home)
{
	struct container c = {0};
	size_t tried = 0;

	for (size_t i = 0; i < ns->holds.n && !c.engine && tried < PROCESSES_TRIED; i++) {
		if (ns->holds.items[i].by != NSL_KEPT_BY_PROCESS)
			continue;
		tried++;
		c = by_arguments(s->a, ns->holds.items[i].pid);
		if (!c.engine)
			c = by_cgroup(s->a, ns->holds.items[i].pid);
		if (!c.engine || same(&c, home))
			c = container_by_parent(s->a, ns->holds.items[i].pid);
		if (same(&c, home))
			c = (struct container){0};
	}
	return c;
}

/* A service with a network of its own has no name; what a service made and named is not its own. */
static bool is_claimed(const struct seen *ns, const struct container *c)
{
	return streq(c->engine, "systemd") && ns->holds.n && ns->holds.items[0].by == NSL_KEPT_BY_NAME;
}

static int any_process(const struct seen *ns)
{
	for (size_t i = 0; i < ns->holds.n; i++)
		if (ns->holds.items[i].by == NSL_KEPT_BY_PROCESS)
			return ns->holds.items[i].pid;
	return 0;
}

/* Where its files tell of no name, the process that the runtime left behind may. */
static const char *name_of(struct survey *s, const struct seen *ns, const struct container *c)
{
	int pid = any_process(ns);
	const char *name = container_name(s->a, c->engine, c->id, pid);
	struct container other = name || !pid ? (struct container){0} : container_by_parent(s->a, pid);

	return other.id && streq(other.id, c->id) ? other.name : name;
}

void survey_containers(struct survey *s)
{
	struct container home = by_cgroup(s->a, 0);

	for (size_t i = 0; i < s->all.n; i++) {
		struct seen *ns = s->all.items[i];
		struct container c = {0};
		const char *name;

		if (ns != s->own && !ns->out.lab)
			c = find(s, ns, &home);
		if (!c.engine || is_claimed(ns, &c))
			continue;
		ns->out.engine = c.engine;
		name = c.id && streq(c.name, c.id) ? name_of(s, ns, &c) : NULL;
		ns->out.container_id = c.id;
		ns->out.container = name ? name : c.name;
	}
}
