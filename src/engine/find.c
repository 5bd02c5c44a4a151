/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the file, the lab, the node. See find.h. */
#include "find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "standin.h"
#include "text.h"
#include "topology.h"

static const char *const file_names[] = {"nsloom.yaml", "nsloom.yml", "nsloom.json"};

/* ---- the file -------------------------------------------------------------------------------------- */

static bool file_in(const char *folder, char path[PATH_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(file_names); i++)
		if (snprintf(path, PATH_MAX, "%s/%s", streq(folder, "/") ? "" : folder, file_names[i]) < PATH_MAX &&
		    access(path, F_OK) == 0)
			return true;
	return false;
}

/* Here or above. The path is the bare name where it is here. */
static bool nearest_file(char path[PATH_MAX])
{
	_cleanup_free_ char *folder = getcwd(NULL, 0);
	bool here = true;

	while (folder && *folder) {
		char *slash;

		if (file_in(folder, path)) {
			if (here)
				memmove(path, strrchr(path, '/') + 1, strlen(strrchr(path, '/')));
			return true;
		}
		slash = strrchr(folder, '/');
		if (!slash || streq(folder, "/"))
			return false;
		slash[slash == folder] = '\0';
		here = false;
	}
	return false;
}

/* ---- labs ------------------------------------------------------------------------------------------ */

struct only {
	char *lab;
	size_t n;
	char names[256];
};

static int count_lab(const char *lab, void *data)
{
	struct only *o = data;
	size_t len = strlen(o->names);

	snprintf(o->lab, NAME_MAX_LEN + 1, "%s", lab);
	snprintf(o->names + len, sizeof(o->names) - len, "%s%s", o->n++ ? ", " : "", lab);
	return 0;
}

/* Whether a sound file describes a lab of this name. */
static bool describes(const char *path, const char *lab)
{
	_cleanup_model_ struct model *m = NULL;
	_cleanup_error_ struct nsl_error *ignored = NULL;

	return topology_load(path, &m, &ignored) == 0 && streq(m->name, lab);
}

/* On a stand-in host links lead from /run to the machine's (standin.h). Its files have the same names there as here. */
static void forget_detour(char path[PATH_MAX])
{
	if (has_prefix(path, STANDIN_MACHINE "/"))
		memmove(path + strlen("/run"), path + strlen(STANDIN_MACHINE),
		        strlen(path + strlen(STANDIN_MACHINE)) + 1);
}

static int resolve(const char *path, char absolute[PATH_MAX], struct nsl_error **err)
{
	*absolute = '\0';
	if (streq(path, "-"))
		return 0;
	if (realpath(path, absolute)) {
		forget_detour(absolute);
		return 0;
	}
	if (errno == ENOENT)
		return error_set(err, NSL_E_USAGE, ENOENT, "there is no file %s", path);
	return error_errno(err, errno, "cannot open %s", path);
}

/* The file that a lab which is up was woven from. */
static int file_of_lab(struct engine *e, const char *lab, char path[PATH_MAX], struct nsl_error **err)
{
	struct record_head head = {0};

	if (name_valid(lab) && record_head(&e->dirs, lab, &head) == 0 && *head.file) {
		snprintf(path, PATH_MAX, "%s", head.file);
		return 0;
	}
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "no lab \"%s\" is up that came from a file", lab);
	error_hint(err, "a file's name has a \"/\" or ends in .yaml, .yml or .json: ./%s", lab);
	return -ENOENT;
}

/*
 * A file that nobody named is taken because it lies here or above: in a folder like
 * /tmp somebody else may have put it there, and wait for root to pass by. So root takes
 * only his own, and those of the user who called sudo(8).
 */
static int check_owner(const struct engine *e, const char *path, struct nsl_error **err)
{
	const char *sudo = getenv("SUDO_UID");
	unsigned long long user = 0;
	struct stat st;

	if (geteuid() != 0 || e->standin || stat(path, &st) < 0 || st.st_uid == 0 ||
	    (sudo && parse_u64(sudo, UINT32_MAX, &user) && st.st_uid == user))
		return 0;
	error_set(err, NSL_E_PERMISSION, EPERM, "%s belongs to another user (%u), and you did not name it", path,
	          st.st_uid);
	error_hint(err, "if you mean it: -f %s", path);
	return -EPERM;
}

int find_file(struct engine *e, const struct target *t, char path[PATH_MAX], char absolute[PATH_MAX],
              struct nsl_error **err)
{
	char lab[NAME_MAX_LEN + 1];
	struct only o = {.lab = lab};
	int r = 0;

	if (t->file)
		snprintf(path, PATH_MAX, "%s", t->file);
	else if (t->lab && !(nearest_file(path) && describes(path, t->lab)))
		r = file_of_lab(e, t->lab, path, err);
	else if (!t->lab && !nearest_file(path)) {
		rundir_each(&e->dirs, count_lab, &o);
		if (o.n == 1)
			r = file_of_lab(e, lab, path, err);
		else {
			error_set(err, NSL_E_USAGE, ENOENT, "there is no nsloom.yaml in this folder or above it");
			error_hint(err, "name a file, or write one: see nsloom.yaml(5)");
			r = -ENOENT;
		}
	}
	if (r == 0 && !t->file && !t->lab)
		r = check_owner(e, path, err);
	return r < 0 ? r : resolve(path, absolute, err);
}

/* ---- the lab --------------------------------------------------------------------------------------- */

struct file_search {
	struct engine *e;
	const char *file;
	char *lab;
};

static int woven_from(const char *lab, void *data)
{
	struct file_search *s = data;
	struct record_head head;

	if (record_head(&s->e->dirs, lab, &head) < 0 || !streq(head.file, s->file))
		return 0;
	snprintf(s->lab, NAME_MAX_LEN + 1, "%s", lab);
	return 1;
}

/* A lab that is up knows its file: then that need not be read, nor be sound. */
static int lab_of_file(struct engine *e, const char *path, const char *absolute, char *lab, struct nsl_error **err)
{
	_cleanup_model_ struct model *m = NULL;
	struct file_search s = {e, absolute, lab};
	int r;

	if (*absolute && rundir_each(&e->dirs, woven_from, &s) > 0)
		return 0;
	r = topology_load(path, &m, err);
	if (r == 0)
		snprintf(lab, NAME_MAX_LEN + 1, "%s", m->name);
	return r;
}

static int only_lab(struct engine *e, char *lab, struct nsl_error **err)
{
	struct only o = {.lab = lab};
	int r = rundir_each(&e->dirs, count_lab, &o);

	if (r < 0)
		return error_errno(err, -r, "cannot read %s", e->dirs.root);
	if (o.n == 1)
		return 0;
	if (o.n == 0) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT,
		          "no lab is up, and there is no nsloom.yaml in this folder or above it");
		error_hint(err, "nsloom up FILE weaves one");
	} else {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "%zu labs are up (%s): which one?", o.n, o.names);
		error_hint(err, "say it with -l LAB, or LAB.NODE");
	}
	return -ENOENT;
}

int find_lab(struct engine *e, const struct target *t, char lab[NAME_MAX_LEN + 1], struct nsl_error **err)
{
	char path[PATH_MAX], absolute[PATH_MAX];
	int r;

	if (t->lab && !name_valid(t->lab))
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" is no name of a lab", t->lab);
	if (t->lab) {
		snprintf(lab, NAME_MAX_LEN + 1, "%s", t->lab);
		return 0;
	}
	if (!t->file && !nearest_file(path))
		return only_lab(e, lab, err);
	r = find_file(e, t, path, absolute, err);
	return r < 0 ? r : lab_of_file(e, path, absolute, lab, err);
}

/* ---- the node -------------------------------------------------------------------------------------- */

enum { SUGGESTIONS_MAX = 5000 };

/* The node of the lab whose name is nearest; false: none is near. */
static bool nearest_node(struct engine *e, const char *lab, const char *node, char *out)
{
	char path[512];
	const char *names[64];
	size_t n = 0, seen = 0;
	DIR *dir;

	rundir_path(&e->dirs, lab, "ns", path, sizeof(path));
	dir = opendir(path);
	for (struct dirent *ent; dir && n < ARRAY_SIZE(names) && seen++ < SUGGESTIONS_MAX && (ent = readdir(dir));)
		if (ent->d_name[0] != '.' && ent->d_name[0] != '@')
			names[n++] = strdupa(ent->d_name);
	if (dir)
		closedir(dir);
	const char *near = nearest_word(node, names, n);

	if (near)
		snprintf(out, NAME_MAX_LEN + 1, "%s", near);
	return near != NULL;
}

int find_node(struct engine *e, const struct target *t, const char *node, char lab[NAME_MAX_LEN + 1],
              char name[NAME_MAX_LEN + 1], struct nsl_error **err)
{
	const char *dot = strchr(node, '.');
	char path[512], near[NAME_MAX_LEN + 1];
	int r = 0;

	if (dot && (size_t)(dot - node) <= NAME_MAX_LEN) {
		snprintf(lab, NAME_MAX_LEN + 1, "%.*s", (int)(dot - node), node);
		node = dot + 1;
	} else {
		r = find_lab(e, t, lab, err);
	}
	if (r < 0)
		return r;
	if (!name_valid(lab) || !name_valid(node))
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "there is no node \"%s\"", node);
	snprintf(name, NAME_MAX_LEN + 1, "%s", node);
	rundir_path(&e->dirs, lab, "ns", path, sizeof(path));
	if (access(path, F_OK) < 0) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" is not up", lab);
		error_hint(err, "nsloom up weaves it; nsloom ls shows what is up");
		return -ENOENT;
	}
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", node);
	if (access(path, F_OK) == 0)
		return 0;
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" has no node \"%s\"", lab, node);
	if (nearest_node(e, lab, node, near))
		error_hint(err, "did you mean \"%s\"?", near);
	return -ENOENT;
}
