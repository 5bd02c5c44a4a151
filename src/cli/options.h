/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shorthand for rows of option tables: type and offset at once, checked against the field's type by the compiler. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>

#include "command.h"

#define FIELD_OF(s, field, type) (offsetof(s, field) + 0 * sizeof((type *)0 == &((s *)0)->field))

#define FLAG(s, field) OPTION_FLAG, FIELD_OF(s, field, bool)
#define TEXT(s, field) OPTION_TEXT, FIELD_OF(s, field, const char *)
#define NUMBER(s, field) OPTION_NUMBER, FIELD_OF(s, field, unsigned)
#define SECONDS(s, field) OPTION_SECONDS, FIELD_OF(s, field, unsigned)

/* Asked for by cli_enter(), whatever command has it. */
#define ISOLATED "isolated"

/* Rows that several commands have. */
#define NO_WAIT_ROW(s)                                                                                  \
	{                                                                                               \
		0, "no-wait", NULL, FLAG(s, no_wait), "fail where another nsloom is at work on the lab" \
	}
#define ISOLATED_ROW(s)                                                                                   \
	{                                                                                                 \
		0, ISOLATED, NULL, FLAG(s, isolated), "without root: on a stand-in host of the lab's own" \
	}
#define QUIET_ROW(s)                                                                  \
	{                                                                             \
		'q', "quiet", NULL, FLAG(s, quiet), "say nothing but what went wrong" \
	}

#endif
