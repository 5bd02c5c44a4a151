/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that somebody may come to: TCP that listens, UDP that is bound, abstract unix names (sock_diag(7)). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "fd.h"
#include "inside.h"
#include "netlink.h"

enum { TCP_ESTABLISHED = 1, TCP_CLOSE = 7, TCP_LISTEN = 10, KEY = 160 };

static int ask(struct nlmsghdr *m, nl_reply_fn *fn, void *data)
{
	_cleanup_fd_ int sock = nl_open(NETLINK_SOCK_DIAG);

	if (sock < 0)
		return sock;
	m->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	m->nlmsg_seq = 1;
	return nl_request(sock, m, fn, data, NULL);
}

/* ---- inet ------------------------------------------------------------------------------------------ */

struct asking {
	struct facts *f;
	const char *word;
};

static int take_inet(const struct nlmsghdr *m, void *data)
{
	const struct inet_diag_msg *d = mnl_nlmsg_get_payload(m);
	const struct asking *a = data;
	char key[KEY], address[INET6_ADDRSTRLEN], device[IF_NAMESIZE] = "";

	if (m->nlmsg_len < NLMSG_LENGTH(sizeof(*d)) ||
	    !inet_ntop(d->idiag_family, d->id.idiag_src, address, sizeof(address)))
		return 0;
	if (d->id.idiag_if)
		if_indextoname(d->id.idiag_if, device);
	snprintf(key, sizeof(key), d->idiag_family == AF_INET6 ? "%s [%s]:%u%s%s" : "%s %s:%u%s%s", a->word, address,
	         ntohs(d->id.idiag_sport), *device ? " dev " : "", device);
	fact_add(a->f, NSL_ASPECT_SOCKETS, key, "uid %u", d->idiag_uid);
	return 0;
}

int collect_sockets(struct facts *f)
{
	static const struct {
		uint8_t protocol;
		uint32_t states;
		const char *word;
	} kinds[] = {
		{IPPROTO_TCP, 1u << TCP_LISTEN, "tcp"},
		{IPPROTO_UDP, 1u << TCP_CLOSE, "udp"},
		{IPPROTO_SCTP, 1u << TCP_LISTEN, "sctp"},
	};
	static const uint8_t families[] = {AF_INET, AF_INET6};
	int first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (size_t k = 0; k < ARRAY_SIZE(families); k++) {
			char buf[256];
			struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
			struct inet_diag_req_v2 *req = mnl_nlmsg_put_extra_header(m, sizeof(*req));
			int r;

			req->sdiag_family = families[k];
			req->sdiag_protocol = kinds[i].protocol;
			req->idiag_states = kinds[i].states;
			r = ask(m, take_inet, &(struct asking){f, kinds[i].word});
			if (r < 0 && r != -ENOENT) /* a protocol that the kernel has not loaded has no sockets */
				first = first ? first : r;
		}
	return first;
}

/* ---- unix ------------------------------------------------------------------------------------------ */

/* An abstract name begins with NUL and may hold any byte: what is no text is written as \xNN. */
static int take_unix(const struct nlmsghdr *m, void *data)
{
	_cleanup_strbuf_ struct strbuf name = {0};
	const struct unix_diag_msg *d = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr;

	if (m->nlmsg_len < NLMSG_LENGTH(sizeof(*d)))
		return 0;
	mnl_attr_for_each(attr, m, sizeof(*d))
	{
		const char *bytes = mnl_attr_get_payload(attr);
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) != UNIX_DIAG_NAME || len < 2 || bytes[0] != '\0')
			continue;
		strbuf_addc(&name, '@');
		strbuf_addsafe(&name, bytes + 1, len - 1);
	}
	if (name.s)
		fact_add(data, NSL_ASPECT_UNIX, name.s, "%s%s",
		         d->udiag_type == SOCK_STREAM  ? "stream"
		         : d->udiag_type == SOCK_DGRAM ? "datagram"
		                                       : "seqpacket",
		         d->udiag_state == TCP_LISTEN        ? ", listens"
		         : d->udiag_state == TCP_ESTABLISHED ? ", connected"
		                                             : "");
	return 0;
}

int collect_unix(struct facts *f)
{
	char buf[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct unix_diag_req *req = mnl_nlmsg_put_extra_header(m, sizeof(*req));

	req->sdiag_family = AF_UNIX;
	req->udiag_states = UINT32_MAX;
	req->udiag_show = UDIAG_SHOW_NAME;
	return ask(m, take_unix, f);
}
