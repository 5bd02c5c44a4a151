/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entries of this folder: from a path or a text to a spec or a model.
 *
 * struct load is what survives a jump to the arena's landing: it lies in the
 * frame above the one that calls setjmp(), and everything on the heap that is
 * owned between arena_exhausted() and arena_settle() hangs from it.
 */
#include "topology.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "keys.h"
#include "text.h"

struct load {
	/* What is asked */
	const char *text, *file, *folder;
	size_t len;
	bool check; /* make a model too */
	/* What comes of it */
	struct arena *arena;
	struct spec *spec;
	struct model *model;
	struct source *source;
	struct faults faults;
	struct yaml *yaml;
};

/* A copy of the text in the arena: without a byte order mark, and every line ending in LF or CR LF, so that all count lines
 * alike. */
static void load_source(struct load *l)
{
	bool marked = l->len >= 3 && !memcmp(l->text, "\xef\xbb\xbf", 3);
	size_t skip = marked ? 3 : 0, len = l->len - skip;
	char *copy = arena_strndup(l->arena, "", 0);

	if (len) {
		copy = arena_alloc(l->arena, len + 1);
		memcpy(copy, l->text + skip, len);
	}
	for (char *p = copy; (p = memchr(p, '\r', (size_t)(copy + len - p))); p++) {
		if (p[1] != '\n')
			*p = '\n';
	}
	*l->source = (struct source){.file = arena_strdup(l->arena, l->file), .text = copy, .len = len};
}

/* Everything that takes memory from the arena. */
static void load_run(struct load *l)
{
	struct reader r = {.spec = arena_new_of(l->arena, struct spec), .arena = l->arena, .faults = &l->faults};
	const struct value *root;

	l->source = &r.spec->source;
	load_source(l);
	faults_init(&l->faults, l->source);
	if (!text_check(l->source->text, l->source->len, l->source->file, &l->faults))
		return;
	root = yaml_parse(l->yaml, l->source, l->arena, &l->faults);
	if (!root)
		return;
	r.spec->arena = l->arena;
	read_lab(&r, root);
	if (!r.spec->name.s)
		r.spec->name = (struct spec_text){.s = name_fit(l->arena, l->folder ? l->folder : ""),
		                                  .pos = {.file = l->source->file}};
	if (l->check && !r.lost)
		model_build_into(r.spec, &l->faults, &l->model);
	l->spec = r.spec;
}

/* False: out of memory. */
static bool load_guarded(struct load *l)
{
	if (arena_exhausted(l->arena))
		return false;
	load_run(l);
	arena_settle(l->arena);
	return true;
}

/* 0, or -errno and *err. On success l->arena is the caller's. */
static int load_text(struct load *l, struct nsl_error **err)
{
	int r;

	l->arena = arena_new();
	l->yaml = yaml_new();
	faults_init(&l->faults, NULL);
	r = l->arena && l->yaml && load_guarded(l) ? 0 : -ENOMEM;
	yaml_free(l->yaml);
	if (r)
		error_oom(err);
	else
		r = faults_finish(&l->faults, err);
	faults_done(&l->faults);
	if (r)
		arena_free(l->arena);
	return r;
}

int topology_read_text(const char *text, size_t len, const char *file, const char *folder, struct spec **out,
                       struct nsl_error **err)
{
	struct load l = {.text = text, .len = len, .file = file, .folder = folder};
	int r = load_text(&l, err);

	if (!r)
		*out = l.spec;
	return r;
}

int topology_load_text(const char *text, size_t len, const char *file, const char *folder, struct model **out,
                       struct nsl_error **err)
{
	struct load l = {.text = text, .len = len, .file = file, .folder = folder, .check = true};
	int r = load_text(&l, err);

	if (!r)
		*out = l.model;
	return r;
}

/* ---- files ---- */

static bool is_stdin(const char *path)
{
	return streq(path, "-");
}

/* A signal came while it waited for a terminal or a pipe. */
static int interrupted(const char *name, struct nsl_error **err)
{
	return error_set(err, NSL_E_CANCELLED, ECANCELED, "interrupted while reading %s", name);
}

/* The whole file, malloc'd. */
static int slurp(const char *path, char **text, size_t *len, struct nsl_error **err)
{
	_cleanup_fd_ int opened = is_stdin(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	int fd = is_stdin(path) ? STDIN_FILENO : opened, r;
	const char *name = is_stdin(path) ? "standard input" : path;
	struct stat st;

	if (fd < 0 && errno == EINTR)
		return interrupted(name, err);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_set(err, NSL_E_NOT_FOUND, errno, "there is no file %s", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "cannot open %s", name);
	if (S_ISDIR(st.st_mode)) {
		error_set(err, NSL_E_FAILED, EISDIR, "%s is a folder, not a topology file", name);
		error_hint(err, "name the file in it, such as %s%snsloom.yaml", path, has_suffix(path, "/") ? "" : "/");
		return -EISDIR;
	}
	r = S_ISREG(st.st_mode) && st.st_size > TOPOLOGY_MAX_BYTES ? -EFBIG
	                                                           : fd_read_all(fd, TOPOLOGY_MAX_BYTES, text, len);
	if (r == -EINTR)
		return interrupted(name, err);
	if (r == -EFBIG)
		return error_set(err, NSL_E_FILE, EFBIG, "%s is no topology: it is larger than %d MiB", name,
		                 TOPOLOGY_MAX_BYTES >> 20);
	return r ? error_errno(err, -r, "cannot read %s", name) : 0;
}

/* The last component of the folder that the file is in (for standard input: of the working directory), malloc'd, or NULL. */
static char *folder_of(const char *path)
{
	_cleanup_free_ char *real = realpath(is_stdin(path) ? "." : path, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;

	if (!slash)
		return NULL;
	if (is_stdin(path))
		return strdup(slash + 1);
	*slash = '\0';
	slash = strrchr(real, '/');
	return strdup(slash ? slash + 1 : "");
}

static int load_file(struct load *l, const char *path, struct nsl_error **err)
{
	_cleanup_free_ char *text = NULL, *folder = NULL;
	int r = slurp(path, &text, &l->len, err);

	if (r)
		return r;
	folder = folder_of(path);
	l->text = text;
	l->folder = folder;
	l->file = is_stdin(path) ? "<stdin>" : path;
	return load_text(l, err);
}

int topology_read_file(const char *path, struct spec **out, struct nsl_error **err)
{
	struct load l = {.file = path};
	int r = load_file(&l, path, err);

	if (!r)
		*out = l.spec;
	return r;
}

int topology_load(const char *path, struct model **out, struct nsl_error **err)
{
	struct load l = {.check = true};
	int r = load_file(&l, path, err);

	if (!r)
		*out = l.model;
	return r;
}
