/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a container is called: in the files that its runtime keeps, where they may be read. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "fd.h"
#include "text.h"

enum { PATH_SIZE = 4096 };

static const char *string_at(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const char *copy(struct arena *a, const char *s)
{
	return s && *s ? arena_strdup(a, s) : NULL;
}

/* {"Name": "/web", …} */
static const char *docker_name(struct arena *a, json_t *file, const char *id)
{
	const char *name = string_at(file, "Name");

	return copy(a, name && name[0] == '/' ? name + 1 : name);
}

/* [{"id": …, "names": ["web"]}, …] */
static const char *podman_name(struct arena *a, json_t *file, const char *id)
{
	size_t i;
	json_t *c;

	json_array_foreach(file, i, c)
	{
		const char *this = string_at(c, "id");

		if (this && streq(this, id))
			return copy(a, json_string_value(json_array_get(json_object_get(c, "names"), 0)));
	}
	return NULL;
}

/* {"annotations": {"io.kubernetes.cri.sandbox-name": "web-0", …}} */
static const char *pod_name(struct arena *a, json_t *file, const char *id)
{
	json_t *notes = json_object_get(file, "annotations");
	const char *name = string_at(notes, "io.kubernetes.cri.sandbox-name");

	return copy(a, name ? name : string_at(notes, "io.kubernetes.pod.name"));
}

static const struct {
	const char *engine, *path; /* %s: the id; a '~' at the beginning is $HOME */
	const char *(*name)(struct arena *a, json_t *file, const char *id);
} files[] = {
	{"docker", "/var/lib/docker/containers/%s/config.v2.json", docker_name},
	{"podman", "/var/lib/containers/storage/overlay-containers/containers.json", podman_name},
	{"podman", "/var/lib/containers/storage/vfs-containers/containers.json", podman_name},
	{"podman", "/run/containers/storage/overlay-containers/volatile-containers.json", podman_name},
	{"podman", "/run/containers/storage/vfs-containers/volatile-containers.json", podman_name},
	{"podman", "~/.local/share/containers/storage/overlay-containers/containers.json", podman_name},
	{"podman", "~/.local/share/containers/storage/vfs-containers/containers.json", podman_name},
	{"kubernetes", "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json", pod_name},
	{"kubernetes", "/run/containers/storage/overlay-containers/%s/userdata/config.json", pod_name},
};

static void path_of(const char *form, const char *id, char *buf, size_t size)
{
	const char *home = getenv("HOME"), *hole = strstr(form, "%s");
	size_t n = 0;

	if (form[0] == '~')
		n = (size_t)snprintf(buf, size, "%s", home ? home : "");
	if (n >= size)
		return;
	form += form[0] == '~';
	if (hole)
		snprintf(buf + n, size - n, "%.*s%s%s", (int)(hole - form), form, id, hole + 2);
	else
		snprintf(buf + n, size - n, "%s", form);
}

static const char *name_in(struct arena *a, const char *path,
                           const char *(*read)(struct arena *a, json_t *file, const char *id), const char *id)
{
	json_t *file = json_load_file(path, 0, NULL);
	const char *name = file ? read(a, file, id) : NULL;

	json_decref(file);
	return name;
}

const char *container_name(struct arena *a, const char *engine, const char *id, int pid)
{
	char path[PATH_SIZE], folder[PATH_SIZE];
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !name; i++) {
		if (!streq(files[i].engine, engine))
			continue;
		path_of(files[i].path, id, path, sizeof(path));
		name = name_in(a, path, files[i].name, id);
	}
	if (!name && streq(engine, "docker") && container_folder(pid, id, folder, sizeof(folder)) &&
	    (size_t)snprintf(path, sizeof(path), "%s/config.v2.json", folder) < sizeof(path))
		name = name_in(a, path, docker_name, id);
	return name;
}
