/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading `publish:` of a node: [ADDRESS:]PORTS:PORTS[/PROTOCOL], or the same as a map. */
#include "keys.h"

#include <string.h>

#include "text.h"

#define FORMS "[ADDRESS:]PORT:PORT[/PROTOCOL] or {port: PORT, to: PORT}"

/* "8080" or "8000-8010"; complains of what is neither. */
static bool parse_ports(struct reader *r, const struct value *v, const char *text, struct spec_ports *out)
{
	const char *dash = strchr(text, '-');
	unsigned long long first, last;

	if (!parse_u64(dash ? arena_strndup(r->arena, text, (size_t)(dash - text)) : text, UINT16_MAX, &first) ||
	    !parse_u64(dash ? dash + 1 : text, UINT16_MAX, &last) || !first || !last) {
		fault_value(r, v, "\"%.80s\" is no port: ports go from 1 to 65535, ranges are such as 8000-8010", text);
		return false;
	}
	if (last < first) {
		fault_value(r, v, "the range %s goes backwards", text);
		fault_hint(r->faults, "write %llu-%llu", last, first);
		return false;
	}
	*out = (struct spec_ports){true, (uint16_t)first, (uint16_t)last, reader_pos(r, v)};
	return true;
}

void read_port_range(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	if (v->kind == VALUE_SCALAR)
		parse_ports(r, v, v->text, field);
	else
		fault_type(r, k, v);
}

static bool parse_protocol(struct reader *r, const struct value *v, const char *text, struct spec_bool *udp)
{
	if (!streq(text, "tcp") && !streq(text, "udp")) {
		fault_value(r, v, "\"%.80s\" is no protocol that can be published: tcp and udp are", text);
		return false;
	}
	*udp = (struct spec_bool){true, streq(text, "udp"), reader_pos(r, v)};
	return true;
}

static bool parse_host(struct reader *r, const struct value *v, char *text, struct spec_address *out)
{
	size_t len = strlen(text);
	bool brackets = len > 1 && text[0] == '[' && text[len - 1] == ']';

	if (brackets) {
		text[len - 1] = '\0';
		text++;
	}
	if (!ip_parse(text, &out->value.ip) || brackets != (out->value.ip.family == IP6)) {
		bool bare = out->value.ip.set && !brackets;

		out->value.ip.set = false;
		fault_value(r, v, "\"%.80s\" is no address to publish on", text);
		if (bare)
			fault_hint(r->faults, "put IPv6 addresses in brackets: \"[%s]:8080:80\"", text);
		else if (streq(text, "localhost"))
			fault_hint(r->faults, "write 127.0.0.1, which is also what is taken where no address is given");
		return false;
	}
	out->value.len = (uint8_t)ip_bits(out->value.ip.family);
	out->pos = reader_pos(r, v);
	return true;
}

/* The last colon of a text that is not within brackets, or NULL. */
static char *last_colon(char *text)
{
	char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');

	return colon && (!bracket || colon > bracket) ? colon : NULL;
}

static bool parse_short(struct reader *r, const struct key *k, const struct value *v, struct spec_publish *p)
{
	char *text = arena_strdup(r->arena, v->text), *slash = strchr(text, '/'), *to, *port;

	if (slash)
		*slash = '\0';
	to = last_colon(text);
	if (!to) {
		fault_item(r, k, FORMS, v);
		if (*text && !text[strspn(text, "0123456789-")])
			fault_hint(r->faults, "write \"%.80s:%.80s\" for the same port on both sides", text, text);
		return false;
	}
	*to = '\0';
	port = last_colon(text);
	if (port)
		*port = '\0';

	/* One by one, so that all faults are told. */
	bool sound = !port || parse_host(r, v, text, &p->host);

	sound = parse_ports(r, v, port ? port + 1 : text, &p->port) && sound;
	sound = parse_ports(r, v, to + 1, &p->to) && sound;
	return (!slash || parse_protocol(r, v, slash + 1, &p->udp)) && sound;
}

static bool parse_long(struct reader *r, const struct value *v, struct spec_publish *p)
{
	size_t faults = r->faults->n;

	read_keys(r, &publish_keyset, v, p);
	if (r->faults->n > faults)
		return false;
	if (!p->port.set)
		fault_value(r, v, "a published port needs \"port\"");
	return p->port.set;
}

static void read_one(struct reader *r, const struct key *k, const struct value *v, struct spec_node *n)
{
	struct spec_publish p = {.pos = reader_pos(r, v)};

	if (v->kind == VALUE_SCALAR ? parse_short(r, k, v, &p)
	    : v->kind == VALUE_MAP  ? parse_long(r, v, &p)
	                            : (fault_item(r, k, FORMS, v), false))
		*vec_push(r->arena, &n->published) = p;
}

void read_publish(struct reader *r, const struct key *k, const struct value *v, void *field)
{
	struct spec_node *n = field;

	if (v->kind == VALUE_NULL)
		return;
	if (v->kind != VALUE_LIST) {
		fault_type(r, k, v);
		if (v->kind == VALUE_SCALAR || v->kind == VALUE_MAP)
			fault_hint(r->faults, "put it into a list");
		return;
	}
	reserve(r->arena, &n->published, v->n);
	for (const struct value *item = v->first; item; item = item->next)
		read_one(r, k, item, n);
}
