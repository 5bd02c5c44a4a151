/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer without libFuzzer: gives it each file of the folders named on the
 * command line, and the first half of each, once. So what was ever found stays
 * found, with any compiler. A folder that is not there is skipped (status 77).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

/* An exact block, so that a sanitizer sees a read beyond its end. */
static void give(const char *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	for (size_t i = 0; i < len; i++)
		copy[i] = (uint8_t)data[i];
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static int replay_file(const char *folder, const char *name)
{
	static char data[1 << 20];
	char path[4096];
	size_t len;
	FILE *f;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return -1;
	f = fopen(path, "re");
	if (!f) {
		perror(path);
		return -1;
	}
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	give(data, len);
	give(data, len / 2);
	return 0;
}

int main(int argc, char *argv[])
{
	unsigned n = 0;

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		struct dirent *e;

		while (d && (e = readdir(d))) {
			if (e->d_name[0] == '.')
				continue;
			if (replay_file(argv[i], e->d_name) < 0)
				return 1;
			n++;
		}
		if (d)
			closedir(d);
	}
	printf("%u files\n", n);
	return n ? 0 : 77;
}
