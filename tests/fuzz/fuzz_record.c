/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record below /run: any bytes give a model of that lab, none, or that it is of a newer version. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record.h"

static struct rundir dirs;

static void clean(void)
{
	char path[512];

	rundir_path(&dirs, "lab", RECORD_FILE, path, sizeof(path));
	unlink(path);
	rundir_path(&dirs, "lab", NULL, path, sizeof(path));
	rmdir(path);
	rmdir(dirs.root);
}

static void make_folder(void)
{
	char path[512];

	snprintf(dirs.root, sizeof(dirs.root), "%s/nsloom-fuzz-XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(dirs.root))
		abort();
	rundir_path(&dirs, "lab", NULL, path, sizeof(path));
	if (mkdir(path, 0755) < 0)
		abort();
	atexit(clean);
}

static void write_record(const uint8_t *data, size_t len)
{
	char path[512];
	int fd;

	rundir_path(&dirs, "lab", RECORD_FILE, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct record_head head;
	struct nsl_error *err = NULL;
	struct model *m = NULL;
	int r;

	if (!*dirs.root)
		make_folder();
	write_record(data, len);
	record_head(&dirs, "lab", &head);
	if (strnlen(head.file, sizeof(head.file)) == sizeof(head.file))
		abort();
	r = record_read(&dirs, "lab", &m, &err);
	if ((r < 0) != (err != NULL) || (m && (r < 0 || strcmp(m->name, "lab") != 0)))
		abort();
	if (err && err->code != NSL_E_MISSING)
		abort();
	nsl_error_free(err);
	model_free(m);
	return 0;
}
