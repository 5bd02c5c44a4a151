/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints what stands on the machine (tests/fault/snapshot.h), when it has come to rest: what nsloom made and what the yardstick
 * made are compared by it. Left out are the files that nsloom keeps of a lab, which are no state of the kernel's. */
#include <stdio.h>
#include <string.h>

#include "snapshot.h"

static bool is_nslooms_own(const char *line)
{
	static const char labs[] = "file /run/nsloom/";
	const char *inside = strncmp(line, labs, strlen(labs)) == 0 ? strchr(line + strlen(labs), '/') : NULL;

	/* a lab's files, but for what is mounted there; and the host's lock and notes */
	return (inside && strncmp(inside, "/ns", 3) != 0) || strncmp(line, "file /run/nsloom/.", strlen(labs) + 1) == 0;
}

int main(void)
{
	struct snapshot s;

	snapshot_settled(&s);
	for (size_t i = 0; i < s.n; i++)
		if (!is_nslooms_own(s.lines[i]))
			puts(s.lines[i]);
	snapshot_done(&s);
	return 0;
}
