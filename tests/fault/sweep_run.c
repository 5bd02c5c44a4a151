/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /run: records that are not what was written, and no room to write. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "box.h"
#include "sweep.h"

#define RECORD "/run/nsloom/" SWEEP_LAB "/record"

/* ---- records --------------------------------------------------------------------------------------- */

static void write_record(const char *text, size_t len)
{
	int fd = open(RECORD, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		perror(RECORD);
	if (fd >= 0)
		close(fd);
}

static size_t read_record(char *buf, size_t size)
{
	int fd = open(RECORD, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size);

	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : (size_t)n;
}

/* What a record may have become; false: there is no such case. */
static bool spoil(unsigned how, const char *whole, size_t len)
{
	static char text[1 << 20];

	memcpy(text, whole, len);
	switch (how) {
	case 0:
		unlink(RECORD);
		return true;
	case 1: /* garbage */
		for (size_t i = 0; i < len; i++)
			text[i] = (char)(i * 2654435761u >> 13);
		write_record(text, len);
		return true;
	case 2: /* a sound head, garbage behind */
		memset(strchr(text, '\n') + 1, 0xff, len - (size_t)(strchr(text, '\n') + 1 - text));
		write_record(text, len);
		return true;
	case 3: /* one line too many */
		memcpy(text + len, "{]\n", 3);
		write_record(text, len + 3);
		return true;
	case 4: /* a folder in its place */
		unlink(RECORD);
		mkdir(RECORD, 0755);
		return true;
	default: /* cut, ever longer */
		if ((how - 5) * 97 >= len)
			return false;
		write_record(text, (how - 5) * 97);
		return true;
	}
}

/* The kernel itself tells what stands: an up completes, a down restores, an update gives the same as always. */
static void spoil_all(struct sweep *s, const struct lab *lab, const struct lab *other)
{
	static char whole[1 << 20];
	size_t len;

	check_begin(s, "the record of %s is spoilt", lab->name);
	for (unsigned how = 0; weave(s, lab, NULL, "before"); how++) {
		struct inject in = {.at = how};

		len = read_record(whole, sizeof(whole) / 2);
		if (!spoil(how, whole, len))
			break;
		s->cases++;
		if (how != 4 && how % 3 == 0 && weave(s, lab, &in, "after its record was spoilt"))
			stands_up(s, lab, &in, "after its record was spoilt");
		else if (how != 4 && how % 3 == 1 && weave(s, other, &in, "as an update after its record was spoilt"))
			stands_up(s, other, &in, "as an update after its record was spoilt");
		unravel(s, &in, "after its record was spoilt");
	}
	unravel(s, NULL, "at the end");
	check_end(s);
}

static void newer(struct sweep *s, const struct lab *lab)
{
	static const char text[] = "# nsloom-record 99 of=the future\n{\"lab\": 1}\n";
	const struct trial_result *res;
	struct snapshot before;

	check_begin(s, "the record of %s is of a newer version", lab->name);
	s->cases = 1;
	if (weave(s, lab, NULL, "before")) {
		write_record(text, strlen(text));
		snapshot_settled(&before);
		res = trial(TRIAL_UP, SWEEP_LAB, lab->model, NULL);
		if (res->r == 0 || res->code != NSL_E_MISSING || !strstr(res->text, "newer"))
			wrong(s, NULL, res, "up does not say so");
		stands(s, &before, NULL, "after an up that was refused");
		snapshot_done(&before);
		unravel(s, NULL, "after a down");
	}
	check_end(s);
}

void sweep_records(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		spoil_all(s, &s->labs[i], &s->labs[(i + 1) % s->n]);
		newer(s, &s->labs[i]);
	}
}

/* ---- no room --------------------------------------------------------------------------------------- */

static void limit(struct sweep *s, const char *fmt, unsigned n)
{
	char options[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(options, sizeof(options), fmt, n);
#pragma GCC diagnostic pop
	if (box_limit_run(options) < 0)
		printf("# cannot remount /run with %s\n", options);
}

/* As many as there are now: no new one. */
static unsigned inodes(void)
{
	struct statvfs fs;

	return statvfs("/run", &fs) < 0 ? 3 : (unsigned)(fs.f_files - fs.f_ffree);
}

/* True when there was room for all. */
static bool try_up(struct sweep *s, const struct lab *lab, const struct snapshot *before, const char *fmt, unsigned n)
{
	struct inject in = {.at = n};
	const struct trial_result *res;

	limit(s, fmt, n);
	res = trial(TRIAL_UP, SWEEP_LAB, lab->model, NULL);
	s->cases++;
	sane(s, &in, res);
	if (res->r < 0 && res->errnum != ENOSPC && res->errnum != EROFS)
		wrong(s, &in, res, "with %u there is another error than that there is no space", n);
	if (res->r < 0)
		stands(s, before, &in, "after the failure was taken back");
	limit(s, "size=50%%,nr_inodes=100000", 0);
	return res->r == 0;
}

static void fill(struct sweep *s, const struct lab *lab, const char *what, const char *fmt, unsigned from,
                 unsigned step)
{
	check_begin(s, "/run has few %s for %s", what, lab->name);
	for (unsigned n = from; n < 200 && !try_up(s, lab, &s->empty, fmt, n);)
		n += step;
	unravel(s, NULL, "after a down");
	check_end(s);
}

/* With a lab up, taking it down needs no room. */
static void full_down(struct sweep *s, const struct lab *lab, const struct lab *other)
{
	const struct trial_result *res;
	struct snapshot before;

	check_begin(s, "/run is full or read-only after %s went up", lab->name);
	s->cases = 3;
	if (weave(s, lab, NULL, "before")) {
		snapshot_settled(&before);
		/* An update that gives a switch back frees its notes, and may find room in their place. */
		if (try_up(s, other, &before, "nr_inodes=%u", inodes()) && weave(s, lab, NULL, "back")) {
			snapshot_done(&before);
			snapshot_settled(&before);
		}
		limit(s, "ro", 0);
		res = trial(TRIAL_UP, SWEEP_LAB, other->model, NULL);
		if (res->r == 0)
			wrong(s, NULL, res, "an update succeeds on a read-only /run");
		limit(s, "rw", 0);
		stands(s, &before, NULL, "after an up on a read-only /run");
		snapshot_done(&before);
		limit(s, "nr_inodes=%u", inodes());
		unravel(s, NULL, "with a down on a full /run");
		limit(s, "size=50%%,nr_inodes=100000", 0);
	}
	check_end(s);
}

static void read_only(struct sweep *s, const struct lab *lab)
{
	const struct trial_result *res;

	check_begin(s, "/run is read-only for %s", lab->name);
	s->cases = 1;
	limit(s, "ro", 0);
	res = trial(TRIAL_UP, SWEEP_LAB, lab->model, NULL);
	if (res->r == 0 || res->errnum != EROFS)
		wrong(s, NULL, res, "up does not say so");
	sane(s, NULL, res);
	limit(s, "rw", 0);
	stands(s, &s->empty, NULL, "after an up on a read-only /run");
	check_end(s);
}

void sweep_full_run(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		fill(s, &s->labs[i], "inodes", "nr_inodes=%u", 2, 1);
		fill(s, &s->labs[i], "bytes", "size=%uk", 4, 4);
		full_down(s, &s->labs[i], &s->labs[(i + 1) % s->n]);
		read_only(s, &s->labs[i]);
	}
}
