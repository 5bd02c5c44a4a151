/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two spellings of a sysctl key. */
#include <errno.h>
#include <string.h>

#include "model.h"

int sysctl_path(const char *key, char *buf, size_t size)
{
	size_t len = strlen(key);
	const char *first = strpbrk(key, "./");
	bool dots = first && *first == '.';

	if (len >= size)
		return -ENAMETOOLONG;
	for (size_t i = 0; i <= len; i++) {
		char c = key[i];

		if (dots && (c == '.' || c == '/'))
			c = c == '.' ? '/' : '.';
		buf[i] = c;
	}
	return (int)len;
}
