/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of this house for what libfyaml says in those of YAML's grammar. Internal to src/topology. */
#ifndef TOPOLOGY_YAML_WORDS_H
#define TOPOLOGY_YAML_WORDS_H

#include "value.h"

struct syntax_words {
	const char *theirs; /* part of libfyaml's message */
	const char *message, *hint;
	bool unclosed; /* it is rather about the bracket that is open */
};

/* What to say instead of a message of libfyaml; NULL: nothing better. */
const struct syntax_words *syntax_words(const char *theirs);

/* "a list", "a map", "a scalar", "nothing". */
const char *kind_phrase(enum value_kind kind);

#endif
