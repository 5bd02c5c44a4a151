/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of ids. See ids.h. */
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "program.h"
#include "text.h"

enum { FILE_MAX = 1 << 20, WORD_SIZE = 24, ARGS_MAX = 5 + 3 * ID_RANGES + 1 };

static const struct id_kind {
	const char *file, *program, *map, *word;
} kinds[] = {
	{"/etc/subuid", "newuidmap", "uid_map", "uid"},
	{"/etc/subgid", "newgidmap", "gid_map", "gid"},
};
enum { UID, GID };

/* ---- the files ------------------------------------------------------------------------------------- */

/* "NAME:FIRST:COUNT", where NAME may be a number. The whole of id space has 2^32 - 1. */
static bool parse_line(char *line, const char *user, unsigned long uid, struct id_range *out)
{
	char *first = strchr(line, ':'), *count = first ? strchr(first + 1, ':') : NULL;
	unsigned long long number, a, n;

	if (!count)
		return false;
	*first++ = *count++ = '\0';
	if (!(user && streq(line, user)) && !(parse_u64(line, UINT32_MAX, &number) && number == uid))
		return false;
	if (!parse_u64(first, UINT32_MAX - 1, &a) || !parse_u64(count, UINT32_MAX, &n) || !n || a + n > UINT32_MAX)
		return false;
	*out = (struct id_range){(unsigned long)a, (unsigned long)n};
	return true;
}

size_t ids_parse(const char *text, const char *user, unsigned long uid, struct id_range *out, size_t max)
{
	unsigned long long sum = 1;
	size_t n = 0;

	while (*text && n < max) {
		size_t len = strcspn(text, "\n");
		char line[256];

		if (len < sizeof(line)) {
			memcpy(line, text, len);
			line[len] = '\0';
			if (parse_line(line, user, uid, &out[n]) && sum + out[n].count <= UINT32_MAX)
				sum += out[n++].count;
		}
		text += len + (text[len] == '\n');
	}
	return n;
}

static size_t read_ranges(const struct id_kind *kind, uid_t uid, struct id_range *out)
{
	_cleanup_fd_ int fd = open(kind->file, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	const struct passwd *user = getpwuid(uid);
	size_t len;

	if (fd < 0 || fd_read_all(fd, FILE_MAX, &text, &len) < 0)
		return 0;
	return ids_parse(text, user ? user->pw_name : NULL, uid, out, ID_RANGES);
}

/* ---- the programs ---------------------------------------------------------------------------------- */

/* PROGRAM PID 0 OWN 1 1 FIRST COUNT … False: why not, in *why. */
static bool map_ranges(const struct id_kind *kind, pid_t pid, unsigned long own, char *why, size_t size)
{
	struct id_range ranges[ID_RANGES];
	char words[ARGS_MAX][WORD_SIZE], said[160];
	char *argv[ARGS_MAX] = {(char *)kind->program};
	size_t n = read_ranges(kind, geteuid(), ranges), args = 1;
	unsigned long inside = 1;
	int status;

	if (!n) {
		snprintf(why, size, "%s gives you none", kind->file);
		return false;
	}
	for (size_t i = 0; i <= n; i++) {
		unsigned long triple[] = {i ? inside : 0, i ? ranges[i - 1].first : own, i ? ranges[i - 1].count : 1};

		if (i == 0)
			snprintf(argv[args] = words[args], WORD_SIZE, "%d", pid), args++;
		for (size_t k = 0; k < ARRAY_SIZE(triple); k++, args++)
			snprintf(argv[args] = words[args], WORD_SIZE, "%lu", triple[k]);
		inside += i ? ranges[i - 1].count : 0;
	}
	argv[args] = NULL;
	status = program_run(argv, said, sizeof(said));
	if (status == 127)
		snprintf(why, size, "%s is not installed", kind->program);
	else if (status)
		snprintf(why, size, "%s", *said ? said : kind->program);
	return status == 0;
}

bool ids_lacking(uid_t uid, char *why, size_t size)
{
	struct id_range ranges[ID_RANGES];

	*why = '\0';
	for (int i = UID; i <= GID && !*why; i++) {
		if (!program_exists(kinds[i].program))
			snprintf(why, size, "%s is not installed", kinds[i].program);
		else if (!read_ranges(&kinds[i], uid, ranges))
			snprintf(why, size, "%s gives you none", kinds[i].file);
	}
	return *why != '\0';
}

/* ---- the maps -------------------------------------------------------------------------------------- */

static int write_proc(const char *process, const char *name, const char *text)
{
	char path[64];
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/%s/%s", process, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

static int write_one(const char *process, int which, unsigned long own)
{
	char text[64];
	int r = which == GID ? write_proc(process, "setgroups", "deny") : 0;

	snprintf(text, sizeof(text), "0 %lu 1\n", own);
	return r < 0 ? r : write_proc(process, kinds[which].map, text);
}

int ids_map(pid_t pid, char *why, size_t size)
{
	const unsigned long own[] = {geteuid(), getegid()};
	char process[24];
	int r = 0;

	*why = '\0';
	snprintf(process, sizeof(process), "%d", pid);
	for (int i = UID; i <= GID && r == 0; i++)
		if (*why || !map_ranges(&kinds[i], pid, own[i], why, size))
			r = write_one(process, i, own[i]);
	return r;
}

bool ids_known(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned long inside, outside, count, own = geteuid();
	bool known = false;

	while (file && !known && fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3)
		known = own >= inside && own - inside < count;
	if (file)
		fclose(file);
	return known;
}

int ids_map_self(uid_t uid, gid_t gid)
{
	int r = write_one("self", GID, gid);

	return r < 0 ? r : write_one("self", UID, uid);
}
