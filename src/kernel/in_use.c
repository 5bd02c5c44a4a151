/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting the network namespaces that are in use. See preflight.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "preflight.h"

struct inodes {
	unsigned long long *items;
	size_t n, cap;
};

static void add_inode(struct inodes *set, unsigned long long inode)
{
	if (set->n == set->cap) {
		size_t cap = set->cap ? 2 * set->cap : 256;
		void *items = realloc(set->items, cap * sizeof(*set->items));

		if (!items)
			return;
		set->items = items;
		set->cap = cap;
	}
	set->items[set->n++] = inode;
}

static void add_processes(struct inodes *set)
{
	DIR *proc = opendir("/proc");

	for (struct dirent *e; proc && (e = readdir(proc));) {
		char path[300];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && stat(path, &st) == 0)
			add_inode(set, st.st_ino);
	}
	if (proc)
		closedir(proc);
}

/* "… net:[4026532000] /run/… - nsfs …" */
static void add_mounts(struct inodes *set)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (mounts && getline(&line, &size, mounts) > 0) {
		const char *at = strstr(line, " net:[");
		unsigned long long inode;

		if (at && strstr(line, " - nsfs ") && sscanf(at, " net:[%llu]", &inode) == 1)
			add_inode(set, inode);
	}
	if (mounts)
		fclose(mounts);
}

static int by_number(const void *a, const void *b)
{
	unsigned long long x = *(const unsigned long long *)a, y = *(const unsigned long long *)b;

	return (x > y) - (x < y);
}

size_t netns_in_use(void)
{
	struct inodes set = {0};
	size_t unique = 0;

	add_processes(&set);
	add_mounts(&set);
	if (set.n)
		qsort(set.items, set.n, sizeof(*set.items), by_number);
	for (size_t i = 0; i < set.n; i++)
		unique += i == 0 || set.items[i] != set.items[i - 1];
	free(set.items);
	return unique;
}
