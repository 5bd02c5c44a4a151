/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "parse.h"
#include "strbuf.h"
#include "text.h"

struct parser {
	struct arena *arena;
	struct parsed *p;
	char **next; /* the word after the current one */
	struct nsl_error **err;
};

static int usage(struct parser *ps, const char *fmt, ...) PRINTF(2, 3);

/* The first fault counts; reading goes on, for the sake of --json and --color further along. */
static int usage(struct parser *ps, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!*ps->err)
		error_set(ps->err, NSL_E_USAGE, EINVAL, "%s", arena_vprintf(ps->arena, fmt, ap));
	va_end(ap);
	return -EINVAL;
}

static const struct option *find_in(const struct option *table, const char *name, size_t len, char letter)
{
	for (const struct option *o = table; o && o->name; o++) {
		if (letter ? o->letter == letter : strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	}
	return NULL;
}

/* The option, and the struct its value goes into; the command's own options come first. */
static const struct option *find(struct parsed *p, const char *name, size_t len, char letter, void **base)
{
	const struct option *o = p->command ? find_in(p->command->options, name, len, letter) : NULL;

	*base = p->args;
	if (o)
		return o;
	*base = &p->globals;
	return find_in(global_options, name, len, letter);
}

static void hint_nearest_option(struct parser *ps, const char *name)
{
	VEC(const char *) names = {0};
	const struct option *tables[] = {ps->p->command ? ps->p->command->options : NULL, global_options};
	const char *near;

	for (size_t t = 0; t < 2; t++) {
		for (const struct option *o = tables[t]; o && o->name; o++) {
			if (option_applies(ps->p->command, o))
				*vec_push(ps->arena, &names) = o->name;
		}
	}
	near = nearest_word(name, names.items, names.n);
	for (size_t i = 0; !near && i < names.n; i++)
		near = *name && has_prefix(names.items[i], name) ? names.items[i] : NULL;
	if (near)
		error_hint(ps->err, "did you mean \"--%s\"?", near);
	else if (ps->p->command)
		error_hint(ps->err, "see: nsloom help %s", ps->p->command->name);
	else
		error_hint(ps->err, "a command's own options come after its name; see: nsloom help");
}

/* "2", "0.5", ".25" to milliseconds. */
static bool parse_seconds(const char *s, unsigned max, unsigned *out)
{
	unsigned long long whole = 0, scale = 100, ms = 0;
	const char *dot = strchrnul(s, '.');
	char digits[12] = "";

	if ((size_t)(dot - s) >= sizeof(digits) || (!*dot && dot == s) || (*dot && !dot[1]))
		return false;
	memcpy(digits, s, (size_t)(dot - s));
	if (dot > s && !parse_u64(digits, max, &whole))
		return false;
	for (const char *p = *dot ? dot + 1 : dot; *p; p++, scale /= 10) {
		if (*p < '0' || *p > '9')
			return false;
		ms += (unsigned long long)(*p - '0') * scale;
	}
	ms += 1000 * whole;
	*out = (unsigned)ms;
	return ms > 0 && ms <= max;
}

static bool parse_choice(const char *s, const char *const *choices, int *out)
{
	for (int i = 0; choices[i]; i++) {
		if (streq(s, choices[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

static int bad_choice(struct parser *ps, const struct option *o, const char *value)
{
	const char *words = o->choices[0];

	for (size_t i = 1; o->choices[i]; i++)
		words = arena_printf(ps->arena, "%s%s%s", words, o->choices[i + 1] ? ", " : " or ", o->choices[i]);
	return usage(ps, "--%s takes %s, not \"%s\"", o->name, words, value);
}

static int set_value(struct parser *ps, const struct option *o, void *base, const char *value)
{
	void *field = (char *)base + o->offset;
	unsigned long long n;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return *value ? 0 : usage(ps, "--%s takes %s, not nothing", o->name, o->value);
	case OPTION_NUMBER:
		if (!parse_u64(value, o->max, &n) || n == 0)
			return usage(ps, "--%s takes a number from 1 to %u, not \"%s\"", o->name, o->max, value);
		*(unsigned *)field = (unsigned)n;
		return 0;
	case OPTION_SECONDS:
		if (!parse_seconds(value, o->max, field))
			return usage(ps, "--%s takes seconds, from 0.001 to %u, not \"%s\"", o->name, o->max / 1000,
			             value);
		return 0;
	case OPTION_CHOICE:
		return parse_choice(value, o->choices, field) ? 0 : bad_choice(ps, o, value);
	}
	return 0;
}

/* The option `o` as it was written (`as`), with the value that clung to it or NULL. */
static int take_option(struct parser *ps, const struct option *o, void *base, const char *as, const char *value)
{
	if (!option_applies(ps->p->command, o))
		return usage(ps, "--%s does not go with \"%s\", which prints nothing of its own", o->name,
		             ps->p->command->name);
	if (o->type == OPTION_FLAG && value)
		return usage(ps, "%s takes no value", as);
	if (o->type != OPTION_FLAG && !value) {
		value = *ps->next;
		if (!value) {
			ps->p->pending = o;
			return usage(ps, "%s needs a value: %s", as, o->value);
		}
		ps->next++;
	}
	return set_value(ps, o, base, value);
}

static int take_long(struct parser *ps, const char *word)
{
	const char *name = word + 2, *equals = strchrnul(name, '=');
	size_t len = (size_t)(equals - name);
	const char *as = arena_strndup(ps->arena, word, len + 2);
	void *base;
	const struct option *o = find(ps->p, name, len, 0, &base);

	if (o)
		return take_option(ps, o, base, as, *equals ? equals + 1 : NULL);
	if (!*ps->err) {
		usage(ps, "unknown option \"%s\"", as);
		hint_nearest_option(ps, as + 2);
	}
	return -EINVAL;
}

static int take_short(struct parser *ps, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		char as[] = {'-', *p, '\0'};
		void *base;
		const struct option *o = find(ps->p, NULL, 0, *p, &base);

		if (!o) {
			if (!*ps->err) {
				usage(ps, "unknown option \"%s\"", (*p & 0x80) ? word : as);
				hint_nearest_option(ps, word + 1);
			}
			return -EINVAL;
		}
		if (o->type != OPTION_FLAG)
			return take_option(ps, o, base, as, p[1] ? p + 1 : NULL);
		if (take_option(ps, o, base, as, NULL) < 0)
			return -EINVAL;
	}
	return 0;
}

/* Nothing but a subcommand can follow. */
static bool is_group(const struct command *c)
{
	return c && c->subcommands;
}

static int unknown_command(struct parser *ps, const struct command *const *list, const char *word)
{
	VEC(const char *) names = {0};
	const struct command *group = ps->p->command;
	const char *lead = group ? arena_printf(ps->arena, "%s ", group->name) : "", *near;

	if (*ps->err)
		return -EINVAL;
	usage(ps, "unknown command \"%s%s\"", lead, word);
	for (size_t i = 0; list[i]; i++) {
		if (!(list[i]->flags & COMMAND_HIDDEN))
			*vec_push(ps->arena, &names) = command_word(list[i]);
	}
	near = nearest_word(word, names.items, names.n);
	if (near)
		error_hint(ps->err, "did you mean \"%s%s\"?", lead, near);
	else
		error_hint(ps->err, "see: nsloom help%s%s", group ? " " : "", group ? group->name : "");
	return -EINVAL;
}

static int take_command(struct parser *ps, const char *word)
{
	const struct command *const *list = ps->p->command ? ps->p->command->subcommands : commands;
	const struct command *found = command_find(list, word);

	if (!found)
		return unknown_command(ps, list, word);
	ps->p->command = found;
	ps->p->args = arena_alloc(ps->arena, found->args_size);
	return 0;
}

static size_t operands_max(const struct command *c)
{
	size_t n = 0;

	while (c->operands && c->operands[n].name)
		n++;
	return n;
}

static int take_operand(struct parser *ps, const char *word)
{
	struct parsed *p = ps->p;

	if (!p->command || is_group(p->command))
		return take_command(ps, word);
	*vec_push(ps->arena, &p->operands) = word;
	if (p->operands.n <= operands_max(p->command))
		return 0;
	if (!*ps->err) {
		usage(ps, "\"%s\" is one argument too many", word);
		error_hint(ps->err, "see: nsloom help %s", p->command->name);
	}
	return -EINVAL;
}

/* The rest of the line is another program's, a "--" before it is not. */
static bool rest_begins(const struct parsed *p)
{
	return p->command && (p->command->flags & COMMAND_REST) && p->operands.n == operands_max(p->command);
}

static int take_word(struct parser *ps, const char *word)
{
	if (ps->p->only_operands || word[0] != '-' || !word[1])
		return take_operand(ps, word);
	if (word[1] != '-')
		return take_short(ps, word);
	if (word[2])
		return take_long(ps, word);
	ps->p->only_operands = true;
	return 0;
}

int parse(struct arena *a, char **words, struct parsed *p, struct nsl_error **err)
{
	struct nsl_error *none = NULL;
	struct parser ps = {.arena = a, .p = p, .next = words, .err = err ? err : &none};
	int r = 0;

	*p = (struct parsed){0};
	while (!rest_begins(p) && *ps.next) {
		const char *word = *ps.next++;

		if (take_word(&ps, word) < 0)
			r = -EINVAL;
		/* What follows an unknown command may mean anything. */
		if (r < 0 && (!p->command || is_group(p->command)) && !p->pending && word[0] != '-')
			break;
	}
	p->in_rest = rest_begins(p);
	if (*ps.next && p->in_rest && !p->only_operands && streq(*ps.next, "--"))
		ps.next++;
	p->rest = ps.next;
	nsl_error_free(none);
	return r;
}

/* "ls, add or del". */
static int need_subcommand(const struct command *group, struct nsl_error **err)
{
	_cleanup_strbuf_ struct strbuf words = {0};

	for (size_t i = 0; group->subcommands[i]; i++)
		strbuf_printf(&words, "%s%s",
		              !i                          ? ""
		              : group->subcommands[i + 1] ? ", "
		                                          : " or ",
		              command_word(group->subcommands[i]));
	error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" needs a command: %s", group->name, words.s ? words.s : "");
	error_hint(err, "see: nsloom help %s", group->name);
	return -EINVAL;
}

int parse_complete(const struct parsed *p, struct nsl_error **err)
{
	const struct operand *o = p->command->operands;

	if (is_group(p->command))
		return need_subcommand(p->command, err);
	if (p->globals.json && (p->command->flags & COMMAND_NO_JSON))
		return error_set(err, NSL_E_USAGE, EINVAL,
		                 "--json does not go with \"%s\", which prints nothing of its own", p->command->name);
	if (o && p->operands.n < operands_max(p->command) && !o[p->operands.n].optional) {
		error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" needs an argument: %s", p->command->name,
		          o[p->operands.n].name);
		error_hint(err, "see: nsloom help %s", p->command->name);
		return -EINVAL;
	}
	return 0;
}
