/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of yaml_words.h. The first row that fits is taken. */
#include "yaml_words.h"

#include <assert.h>
#include <string.h>

#include "fd.h"

static const struct syntax_words table[] = {
	{"tab character", "a tab where the line is indented", "YAML indents with spaces only", false},
	{"tab", "a tab where the line is indented", "YAML indents with spaces only", false},
	{"invalid multiline plain key", "a key without its \":\", or a line that is indented too far",
         "write \"KEY: VALUE\", and give the keys of one map the same indentation", false},
	{"could not find expected ':'", "a key without its \":\"", "write \"KEY: VALUE\"", false},
	{"invalid nested block mapping", "a second \":\" in one line",
         "quote a text that has \": \" in it or ends in \":\", an IPv6 address like \"fd00::\" too", false},
	{"invalid block mapping key on same line", "a second \":\" in one line", "give each key a line of its own",
         false},
	{"invalid indentation in mapping", "this line's indentation fits no line above it",
         "give the keys of one map the same indentation", false},
	{"wrongly indented sequence", "this line's indentation fits no line above it",
         "give the items of one list the same indentation", false},
	{"wrong indendation in sequence", "this line's indentation fits no line above it",
         "give the items of one list the same indentation", false},
	{"did not find expected key", "this line's indentation fits no line above it",
         "give the keys of one map the same indentation", false},
	{"invalid value after mapping", "a text where a key or the end of the map belongs", "write \"KEY: VALUE\"",
         false},
	{"invalid scalar at the end of block sequence", "a text where an item of the list belongs",
         "an item begins with \"- \"", false},
	{"did not find expected '-'", "something else where an item of the list belongs", "an item begins with \"- \"",
         false},
	{"without closing quote", "this quote is not closed", NULL, false},
	{"wrongly indented flow", "a bracket is open above this line", "close it, or indent this line further", true},
	{"without a closing bracket", "a bracket is not closed", NULL, true},
	{"missing comma in flow", "a \",\" or a closing bracket is missing before this", NULL, true},
	{"mismatched flow", "this closes another kind of bracket than the one that is open",
         "close the inner bracket first", false},
	{"invalid extra closing", "a closing bracket without an opening one", "take it out", false},
	{"did not find expected node content", "a value is missing before this", NULL, false},
	{"invalid combination of anchor plus alias", "anchors and aliases (\"&\", \"*\") are not part of a topology",
         "write the value out at each place", false},
};

const struct syntax_words *syntax_words(const char *theirs)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strstr(theirs, table[i].theirs))
			return &table[i];
	}
	return NULL;
}

const char *kind_phrase(enum value_kind kind)
{
	static const char *const phrases[] = {
		[VALUE_NULL] = "nothing", [VALUE_SCALAR] = "a single value", [VALUE_LIST] = "a list",
		[VALUE_MAP] = "a map",    [VALUE_FAULTY] = "a faulty value",
	};
	static_assert(ARRAY_SIZE(phrases) == VALUE_KIND_COUNT, "one phrase for each kind");

	return phrases[kind];
}
