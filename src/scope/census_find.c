/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which namespace of a census a user means. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "census.h"
#include "text.h"

static int32_t by_inode(const struct nsl_census *c, uint64_t inode)
{
	for (size_t i = 0; i < c->n; i++)
		if (inode && c->items[i].inode == inode)
			return (int32_t)i;
	return -1;
}

static int32_t by_path(const struct nsl_census *c, const char *path)
{
	struct stat st, own;

	if (stat(path, &st) < 0 || stat("/proc/self/ns/net", &own) < 0 || st.st_dev != own.st_dev)
		return -1;
	return by_inode(c, st.st_ino);
}

static int32_t by_process(const struct nsl_census *c, const char *number)
{
	unsigned long long pid;
	char path[64];

	if (!parse_u64(number, INT32_MAX, &pid))
		return -1;
	snprintf(path, sizeof(path), "/proc/%llu/ns/net", pid);
	return by_path(c, path);
}

static int32_t by_name(const struct nsl_census *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (streq(c->items[i].name, name))
			return (int32_t)i;
	return -1;
}

/* One that a name below /run/netns, other than the one it is called by, leads to; or its lab and node. */
static int32_t by_other_name(const struct nsl_census *c, const char *name)
{
	const char *dot = strchr(name, '.');

	for (size_t i = 0; i < c->n; i++) {
		const struct nsl_netns *ns = &c->items[i];

		for (size_t k = 0; k < ns->n_holds && ns->holds[k].by == NSL_KEPT_BY_NAME; k++)
			if (streq(strrchr(ns->holds[k].path, '/') + 1, name))
				return (int32_t)i;
		if (dot && ns->lab && strlen(ns->lab) == (size_t)(dot - name) &&
		    strncmp(ns->lab, name, (size_t)(dot - name)) == 0 && streq(ns->node, dot + 1))
			return (int32_t)i;
	}
	return -1;
}

/* By its beginning only where it is the only one. */
static int32_t by_container(const struct nsl_census *c, const char *name)
{
	int32_t begins = -1;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const char *container = c->items[i].container, *id = c->items[i].container_id;

		if (!container)
			continue;
		if (streq(container, name) || (id && streq(id, name)))
			return (int32_t)i;
		if (has_prefix(container, name) || (id && has_prefix(id, name))) {
			begins = (int32_t)i;
			n++;
		}
	}
	return n == 1 ? begins : -1;
}

int32_t census_find(const struct nsl_census *c, const char *what)
{
	unsigned long long inode;
	int32_t at = by_name(c, what);

	if (at < 0)
		at = by_other_name(c, what);
	if (at < 0 && strchr(what, '/'))
		at = by_path(c, what);
	if (at < 0 && has_prefix(what, "inode:") && parse_u64(what + strlen("inode:"), UINT64_MAX, &inode))
		at = by_inode(c, inode);
	if (at < 0)
		at = by_process(c, has_prefix(what, "pid:") ? what + strlen("pid:") : what);
	if (at < 0 && *what)
		at = by_container(c, what);
	return at;
}
