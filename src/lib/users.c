/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other users' labs. See users.h. */
#include "users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "fd.h"
#include "model.h"
#include "text.h"

enum {
	PATIENCE_MS = 2000,   /* for one user */
	SAID_MAX = 256 << 10, /* by one user */
	USERS_MAX = 1024,
};

/* ---- lines ----------------------------------------------------------------------------------------- */

static const char *const statuses[] = {"up", "partial", "busy"};

/* LAB STATUS NODES NETWORKS LINKS SINCE ISOLATED FILE, where FILE may be empty, or have spaces. */
void listed_write(FILE *file, const struct nsloom_lab_summary *l)
{
	fprintf(file, "%s %s %zu %zu %zu %" PRId64 " %d %s\n", l->name, l->status, l->n_nodes, l->n_networks,
	        l->n_links, l->since, l->isolated, l->file ? l->file : "");
}

static char *take_word(char **at)
{
	char *word = *at, *end = word ? strchr(word, ' ') : NULL;

	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return word;
}

static bool take_number(char **at, unsigned long long max, unsigned long long *out)
{
	const char *word = take_word(at);

	return word && parse_u64(word, max, out);
}

bool listed_parse(char *line, struct nsloom_lab_summary *out)
{
	const char *lab = take_word(&line), *status = take_word(&line);
	unsigned long long nodes, networks, links, since, isolated;

	*out = (struct nsloom_lab_summary){.name = lab};
	if (!status || !name_valid(lab) || !take_number(&line, UINT32_MAX, &nodes) ||
	    !take_number(&line, UINT32_MAX, &networks) || !take_number(&line, UINT32_MAX, &links) ||
	    !take_number(&line, INT64_MAX, &since) || !take_number(&line, 1, &isolated) || !line)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (streq(status, statuses[i]))
			out->status = statuses[i];
	out->n_nodes = nodes;
	out->n_networks = networks;
	out->n_links = links;
	out->since = (int64_t)since;
	out->isolated = isolated;
	out->file = *line ? line : NULL;
	return out->status != NULL;
}

/* ---- the child ------------------------------------------------------------------------------------- */

static bool become(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);
	gid_t gid = user ? user->pw_gid : (gid_t)uid;
	char runtime[64];

	snprintf(runtime, sizeof(runtime), "/run/user/%u", uid);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

static _Noreturn void tell(uid_t uid, int out)
{
	struct nsloom *ns = NULL;
	struct nsloom_list *list = NULL;
	FILE *file = fdopen(out, "w");

	if (!file || !become(uid) || nsloom_new(&ns, NULL) < 0 || nsloom_ls(ns, &list, NULL) < 0)
		_exit(1);
	for (size_t i = 0; i < list->n_labs; i++)
		if (!list->labs[i].user)
			listed_write(file, &list->labs[i]);
	fflush(file);
	_exit(0);
}

/* ---- the parent ------------------------------------------------------------------------------------ */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All that a child says, in as far as it says it in time. The length. */
static size_t hear(int fd, char *said, size_t size)
{
	int64_t end = now_ms() + PATIENCE_MS;
	size_t len = 0;

	while (len < size - 1) {
		int64_t left = end - now_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		n = read(fd, said + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	said[len] = '\0';
	return len;
}

static void ask_user(uid_t uid, char *said, users_fn *fn, void *data)
{
	const struct passwd *user = getpwuid(uid);
	char name[64];
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	snprintf(name, sizeof(name), user ? "%.60s" : "%.0s%u", user ? user->pw_name : "", uid);
	pid = fork();
	if (pid == 0)
		tell(uid, ends[1]);
	close(ends[1]);
	hear(ends[0], said, SAID_MAX);
	close(ends[0]);
	if (pid < 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (char *line = said, *end; (end = strchr(line, '\n')); line = end + 1) {
		struct nsloom_lab_summary lab;

		*end = '\0';
		if (!listed_parse(line, &lab))
			continue;
		lab.user = name;
		fn(data, &lab);
	}
}

/* ---- who may have some ----------------------------------------------------------------------------- */

struct users {
	uid_t *items;
	size_t n;
};

static void add_user(struct users *u, unsigned long long uid)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->items[i] == uid)
			return;
	if (uid && u->n < USERS_MAX)
		u->items[u->n++] = (uid_t)uid;
}

/* The users whose runtime folders are here: "UID" with nsloom's folder in it, or "nsloom-UID", of the user's own. */
static void find_users(struct users *u, const char *folder, const char *prefix, const char *below)
{
	DIR *dir = opendir(folder);
	struct stat st;

	for (struct dirent *e; dir && (e = readdir(dir));) {
		unsigned long long uid;
		char path[NAME_MAX + 16];

		if (!has_prefix(e->d_name, prefix) || !parse_u64(e->d_name + strlen(prefix), UINT32_MAX - 1, &uid))
			continue;
		snprintf(path, sizeof(path), "%s%s", e->d_name, below);
		if (fstatat(dirfd(dir), path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid)
			add_user(u, uid);
	}
	if (dir)
		closedir(dir);
}

void users_each(users_fn *fn, void *data)
{
	struct users u = {.items = calloc(USERS_MAX, sizeof(*u.items))};
	char *said = malloc(SAID_MAX);

	if (u.items && said) {
		find_users(&u, "/run/user", "", "/nsloom");
		find_users(&u, "/tmp", "nsloom-", "");
		for (size_t i = 0; i < u.n; i++)
			ask_user(u.items[i], said, fn, data);
	}
	free(u.items);
	free(said);
}
