/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers whose cgroup tells nothing (it may be turned off): the process
 * that a runtime leaves behind as the parent of each says in its arguments whose
 * it is. conmon(8) serves podman and CRI-O, containerd-shim Docker and containerd.
 */
#include <stdio.h>
#include <string.h>

#include "census.h"
#include "fd.h"
#include "text.h"

enum { TEXT_MAX = 16 << 10 };

static const struct shim {
	const char *command;           /* as /proc/PID/comm cuts it */
	const char *id, *name, *space; /* options whose value that is; name and space may be NULL */
} shims[] = {
	{"conmon", "-c", "-n", NULL},
	{"containerd-shim", "-id", NULL, "-namespace"},
};

/* containerd's word for who it works for. */
static const struct {
	const char *space, *engine;
} spaces[] = {{"moby", "docker"}, {"k8s.io", "kubernetes"}};

static int parent_of(int pid)
{
	char text[1024], *end;
	int parent = 0;

	if (process_file(pid, "stat", text, sizeof(text)) < 0)
		return 0;
	end = strrchr(text, ')'); /* the name before it may hold anything */
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

static const struct shim *shim_of(int pid)
{
	char comm[64];

	if (process_file(pid, "comm", comm, sizeof(comm)) < 0)
		return NULL;
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(shims); i++)
		if (streq(shims[i].command, comm))
			return &shims[i];
	return NULL;
}

/* The argument after the one that says `option`; the arguments end with an empty one. */
static const char *value_of(const char *arguments, const char *option)
{
	for (const char *at = arguments; option && *at; at += strlen(at) + 1)
		if (streq(at, option) && at[strlen(at) + 1])
			return at + strlen(at) + 1;
	return NULL;
}

static const char *engine_of(const char *arguments, const struct shim *shim)
{
	const char *space = value_of(arguments, shim->space);

	for (size_t i = 0; space && i < ARRAY_SIZE(spaces); i++)
		if (streq(spaces[i].space, space))
			return spaces[i].engine;
	if (shim->space)
		return "containerd";
	for (const char *at = arguments; *at; at += strlen(at) + 1)
		if (strstr(at, "/crio/"))
			return "kubernetes";
	return "podman";
}

struct container container_by_parent(struct arena *a, int pid)
{
	char text[TEXT_MAX + 2] = ""; /* an argument that was cut off ends, and an empty one follows */
	int parent = parent_of(pid);
	const struct shim *shim = parent > 1 ? shim_of(parent) : NULL;
	ssize_t n = shim ? process_file(parent, "cmdline", text, TEXT_MAX) : -1;
	const char *id, *name;

	if (n <= 0)
		return (struct container){0};
	text[n + 1] = '\0';
	id = value_of(text, shim->id);
	name = value_of(text, shim->name);
	if (!id)
		return (struct container){0};
	return (struct container){
		.engine = engine_of(text, shim),
		.id = arena_strdup(a, id),
		.name = arena_strdup(a, name ? name : id),
	};
}
