/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be a name: of a lab, a node, a network; of a network device. */
#include <string.h>

#include "model.h"
#include "text.h"

/* Not <ctype.h>: a name is the same in every locale. */
static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_name_char(char c)
{
	return is_alnum(c) || c == '_' || c == '-';
}

bool name_valid(const char *s)
{
	size_t len = strnlen(s, NAME_MAX_LEN + 1);

	if (len == 0 || len > NAME_MAX_LEN || !is_alnum(s[0]) || streq(s, "host"))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_name_char(s[i]))
			return false;
	}
	return true;
}

/* The kernel's dev_valid_name(), and what it takes but nobody can work with: '%' is a pattern to it, "all" and "default"
 * are folders of /proc/sys/net/ipv4/conf that stand there already. */
const char *device_name_fault(const char *s)
{
	if (!*s)
		return "is empty";
	if (strnlen(s, DEVICE_NAME_MAX + 1) > DEVICE_NAME_MAX)
		return "is longer than 15 bytes";
	if (streq(s, ".") || streq(s, ".."))
		return "is a folder's name";
	if (streq(s, "all") || streq(s, "default"))
		return "is reserved by the kernel's sysctl tree";
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '/' || c == ':' || c == '%')
			return "contains one of \"/\", \":\" and \"%\"";
		/* 0xa0: the kernel's isspace() is that of Latin-1. */
		if (c == ' ' || c == 0xa0)
			return "contains white space";
		if (c < ' ' || c == 0x7f)
			return "contains a control character";
	}
	return NULL;
}

const char *name_fit(struct arena *a, const char *s)
{
	while (*s && !is_alnum(*s))
		s++;
	if (!*s)
		return "lab";
	if (streq(s, "host"))
		return "host-lab";

	char *fit = arena_strndup(a, s, strnlen(s, NAME_MAX_LEN));

	if (!fit)
		return NULL;
	for (char *p = fit; *p; p++) {
		if (!is_name_char(*p))
			*p = '-';
	}
	return fit;
}
