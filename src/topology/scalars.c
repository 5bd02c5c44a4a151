/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading single values: what is not of its type is complained about in one
 * form, "KEY takes THIS, not THAT", with a hint where people are known to slip.
 * A value whose meaning is clear in spite of a fault is set all the same, so
 * that the checks of the model can go on with it.
 */
#include "keys.h"

#include <assert.h>
#include <string.h>

#include "fd.h"
#include "text.h"
#include "yaml_words.h"

void fault_value(struct reader *r, const struct value *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault(r->faults, reader_pos(r, v), "%s", arena_vprintf(r->arena, fmt, ap));
	va_end(ap);
}

/* What stands there, in words. */
static const char *found_phrase(struct reader *r, const struct value *v)
{
	if (v->kind != VALUE_SCALAR)
		return kind_phrase(v->kind);
	return arena_printf(r->arena, "%s\"%.80s\"", v->quoted ? "the text " : "", v->text);
}

void fault_type(struct reader *r, const struct key *k, const struct value *v)
{
	if (v->kind != VALUE_FAULTY)
		fault_value(r, v, "\"%s\" takes %s, not %s", k->name, k->expects, found_phrase(r, v));
}

void fault_item(struct reader *r, const struct key *k, const char *expects, const struct value *v)
{
	if (v->kind != VALUE_FAULTY)
		fault_value(r, v, "an item of \"%s\" is %s, not %s", k->name, expects, found_phrase(r, v));
}

void read_text(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_text *out = field;

	if (v->kind != VALUE_SCALAR) {
		fault_type(r, k, v);
		return;
	}
	*out = (struct spec_text){.s = v->text, .pos = reader_pos(r, v)};
}

bool value_is_bool(const struct value *v, bool *out)
{
	static const struct word words[] = {{"true", true},   {"True", true},   {"TRUE", true},
	                                    {"false", false}, {"False", false}, {"FALSE", false}};

	if (v->kind != VALUE_SCALAR || v->quoted)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (streq(v->text, words[i].word)) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

/* What other formats, and YAML 1.1, take for true and false. */
static bool nearly_bool(const char *s, bool *out)
{
	static const struct word words[] = {{"true", true}, {"yes", true},    {"y", true},   {"on", true},
	                                    {"1", true},    {"false", false}, {"no", false}, {"n", false},
	                                    {"off", false}, {"0", false}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(s, words[i].word)) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

void read_bool(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_bool *out = field;
	bool value;

	if (value_is_bool(v, &value)) {
		*out = (struct spec_bool){.set = true, .value = value, .pos = reader_pos(r, v)};
		return;
	}
	fault_type(r, k, v);
	if (v->kind != VALUE_SCALAR || !nearly_bool(v->text, &value))
		return;
	fault_hint(r->faults, "write \"%s: %s\"%s", k->name, value ? "true" : "false",
	           v->quoted ? " without the quotes" : "");
	*out = (struct spec_bool){.set = true, .value = value, .pos = reader_pos(r, v)};
}

void read_uint(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_uint *out = field;
	unsigned long long value;

	if (v->kind != VALUE_SCALAR || !parse_u64(v->text, k->max, &value) || value < k->min) {
		fault_type(r, k, v);
		return;
	}
	if (v->quoted) {
		fault_type(r, k, v);
		fault_hint(r->faults, "leave the quotes out");
	}
	*out = (struct spec_uint){.set = true, .value = (uint32_t)value, .pos = reader_pos(r, v)};
}

void read_mac(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_mac *out = field;

	if (v->kind != VALUE_SCALAR || !mac_parse(v->text, &out->value)) {
		fault_type(r, k, v);
		return;
	}
	out->set = true;
	out->pos = reader_pos(r, v);
}

void read_choice(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_bool *out = field;
	const char *words[8];
	size_t n = 0;

	for (const struct word *w = k->words; w->word && n < ARRAY_SIZE(words); w++) {
		words[n++] = w->word;
		if (v->kind == VALUE_SCALAR && streq(v->text, w->word)) {
			*out = (struct spec_bool){.set = true, .value = w->value, .pos = reader_pos(r, v)};
			return;
		}
	}
	fault_type(r, k, v);

	const char *near = v->kind == VALUE_SCALAR ? nearest_word(v->text, words, n) : NULL;

	if (near)
		fault_hint(r->faults, "did you mean \"%s\"?", near);
}

/* Why a text is no address, as far as that can be told. */
static void hint_address(struct reader *r, const char *text)
{
	const char *slash = strchr(text, '/');
	struct ip ip;

	if (slash && ip_parse(arena_strndup(r->arena, text, (size_t)(slash - text)), &ip))
		fault_hint(r->faults, "the prefix length of %s goes from 0 to %u", ip_family_name(ip.family),
		           ip_bits(ip.family));
	else if (*text && !text[strspn(text, "0123456789./")])
		fault_hint(r->faults, "IPv4 is four numbers from 0 to 255 without leading zeros");
	else if (*text && !text[strspn(text, "0123456789abcdefABCDEF:./")] && strchr(text, ':'))
		fault_hint(r->faults,
		           "IPv6 is eight groups of up to four hex digits; \"::\" stands once for groups of zeros");
}

/* An address in the form that the key asks for, and complaints about other forms. The value is set where it is clear. */
static bool check_form(struct reader *r, const struct key *k, const struct value *v, struct spec_address *a)
{
	char text[PREFIX_TEXT_MAX];
	struct ip_prefix subnet = prefix_subnet(&a->value);

	switch (k->form) {
	case ADDRESS_BARE:
		if (!a->has_len)
			return true;
		fault_type(r, k, v);
		fault_hint(r->faults, "write %s", ip_text(&a->value.ip, text));
		a->has_len = false;
		a->value.len = (uint8_t)ip_bits(a->value.ip.family);
		return true;
	case ADDRESS_LEN:
		if (a->has_len)
			return true;
		fault_type(r, k, v);
		fault_hint(r->faults, "add the prefix length: %s/%u", ip_text(&a->value.ip, text),
		           a->value.ip.family == IP4 ? 24 : 64);
		return false;
	case ADDRESS_SUBNET:
		if (!a->has_len) {
			fault_type(r, k, v);
			fault_hint(r->faults, "add the prefix length: %s/%u", ip_text(&a->value.ip, text),
			           a->value.ip.family == IP4 ? 24 : 64);
			return false;
		}
		if (prefix_cmp(&subnet, &a->value)) {
			fault_value(r, v, "%s is an address in a subnet, not the subnet", v->text);
			fault_hint(r->faults, "the subnet is %s", prefix_text(&subnet, text));
			a->value = subnet;
		}
		return true;
	default:
		return true;
	}
}

void read_address(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_address a = {.pos = reader_pos(r, v)};

	if (v->kind == VALUE_SCALAR && prefix_parse(v->text, &a.value)) {
		a.has_len = true;
	} else if (v->kind == VALUE_SCALAR && ip_parse(v->text, &a.value.ip)) {
		a.value.len = (uint8_t)ip_bits(a.value.ip.family);
	} else {
		fault_type(r, k, v);
		r->gaps++;
		if (v->kind == VALUE_SCALAR)
			hint_address(r, v->text);
		return;
	}
	if (check_form(r, k, v, &a))
		*(struct spec_address *)field = a;
	else
		r->gaps++;
}

void read_addresses(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	spec_addresses *out = field;
	bool list = v->kind == VALUE_LIST;

	reserve(r->arena, out, list ? v->n : 1);
	for (const struct value *item = list ? v->first : v; item; item = list ? item->next : NULL) {
		struct spec_address a = {0};

		read_address(r, k, item, &a);
		if (a.value.ip.set)
			*vec_push(r->arena, out) = a;
	}
}
