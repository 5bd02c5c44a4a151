/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another user's process says of his labs: any line is a lab as a listing has it, or none; one that is written is read alike. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "users.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void write_and_read(const struct nsloom_lab_summary *lab)
{
	struct nsloom_lab_summary again;
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	if (!file)
		abort();
	listed_write(file, lab);
	fclose(file);
	if (!len || text[len - 1] != '\n')
		abort();
	text[len - 1] = '\0';
	if (!listed_parse(text, &again) || !same_text(lab->name, again.name) || !same_text(lab->file, again.file) ||
	    lab->n_nodes != again.n_nodes || lab->since != again.since || lab->isolated != again.isolated)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct nsloom_lab_summary lab;
	char *line = malloc(len + 1);

	if (!line)
		return 0;
	memcpy(line, data, len);
	line[len] = '\0';
	if (listed_parse(line, &lab) && !(lab.file && strchr(lab.file, '\n')))
		write_and_read(&lab);
	free(line);
	return 0;
}
