/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets, batches, requests. See netlink.h. */
#include "netlink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"

enum { READ_SIZE = 64 << 10 };

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int nl_open(int protocol)
{
	_cleanup_fd_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	/* Not every kernel has every option; each only makes things better. */
	set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_option(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
	return take_fd(&fd);
}

/* ---- batches ----------------------------------------------------------------------------------- */

static bool batch_room(struct nl_batch *b)
{
	size_t want = b->len + NL_MESSAGE_MAX, cap = b->cap ? b->cap : 16 << 10;
	char *buf;

	if (want <= b->cap)
		return true;
	while (cap < want)
		cap *= 2;
	buf = realloc(b->buf, cap);
	if (!buf)
		return false;
	b->buf = buf;
	b->cap = cap;
	return true;
}

struct nlmsghdr *nl_batch_begin(struct nl_batch *b, uint16_t type, uint16_t flags, uint32_t seq)
{
	static _Thread_local char spill[NL_MESSAGE_MAX]; /* where a message goes that found no memory */
	char *at = spill;

	if (batch_room(b))
		at = b->buf + b->len;
	else
		b->failed = true;
	b->cur = mnl_nlmsg_put_header(at);
	b->cur->nlmsg_type = type;
	b->cur->nlmsg_flags = NLM_F_REQUEST | flags;
	b->cur->nlmsg_seq = seq;
	return b->cur;
}

void nl_batch_end(struct nl_batch *b)
{
	if (!b->failed)
		b->len += MNL_ALIGN(b->cur->nlmsg_len);
	b->cur = NULL;
}

void nl_batch_done(struct nl_batch *b)
{
	free(b->buf);
	*b = (struct nl_batch){0};
}

/* The text of an extended ACK behind an error message. */
static void read_refusal(const struct nlmsghdr *msg, const struct nlmsgerr *e, struct nl_refusal *r)
{
	size_t skip = sizeof(*e);
	const struct nlattr *attr;

	*r = (struct nl_refusal){.seq = e->msg.nlmsg_seq, .errnum = -e->error};
	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(msg->nlmsg_flags & NLM_F_CAPPED)) {
		if (e->msg.nlmsg_len < sizeof(e->msg) || e->msg.nlmsg_len > msg->nlmsg_len)
			return;
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	}
	mnl_attr_for_each(attr, msg, (unsigned)skip) if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
		snprintf(r->text, sizeof(r->text), "%.*s", (int)mnl_attr_get_payload_len(attr),
	                 (const char *)mnl_attr_get_payload(attr));
}

static ssize_t receive(int fd, void *buf, size_t size, int flags)
{
	ssize_t n;

	do
		n = recv(fd, buf, size, flags);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static _Thread_local char reply_buffer[READ_SIZE];

/* mnl_nlmsg_ok() takes lengths of 2 GiB and more for negative ones. */
static bool is_whole(const struct nlmsghdr *m, int left)
{
	return left >= (int)sizeof(*m) && m->nlmsg_len >= sizeof(*m) && m->nlmsg_len <= (uint32_t)left;
}

/* Reads what the kernel refused of a send just done: it is all there already. */
static int drain(int fd, const struct nl_batch *b, struct nl_refusal *first)
{
	char *buf = reply_buffer;
	int refused = 0;

	for (;;) {
		ssize_t n = receive(fd, buf, READ_SIZE, MSG_DONTWAIT);
		int left = (int)n;

		if (n == -EAGAIN)
			return refused;
		if (n == -ENOBUFS) /* so many refusals that some were dropped; the first came through */
			continue;
		if (n < 0)
			return (int)n;
		for (struct nlmsghdr *m = (void *)buf; is_whole(m, left); m = mnl_nlmsg_next(m, &left)) {
			const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

			if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_len < NLMSG_LENGTH(sizeof(*e)) || e->error == 0)
				continue;
			if (b->benign && b->benign(b->data, e->msg.nlmsg_seq, -e->error))
				continue;
			if (refused++ == 0)
				read_refusal(m, e, first);
		}
	}
}

static int send_all(int fd, const void *data, size_t len)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t n;

	do
		n = sendto(fd, data, len, 0, (void *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* A send may be no larger than the socket's send buffer. */
static int send_growing(int fd, const void *data, size_t len)
{
	int r = send_all(fd, data, len);

	if (r != -EMSGSIZE && r != -ENOBUFS)
		return r;
	if (len > INT32_MAX / 4)
		return r;
	if (set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, (int)(2 * len)) < 0)
		set_option(fd, SOL_SOCKET, SO_SNDBUF, (int)(2 * len));
	return send_all(fd, data, len);
}

/* The length of as many whole messages from `at` on as go into one send. */
static size_t portion(const struct nl_batch *b, size_t at, size_t max)
{
	size_t end = at;

	while (end < b->len) {
		const struct nlmsghdr *m = (const void *)(b->buf + end);
		size_t len = MNL_ALIGN(m->nlmsg_len);

		if (end > at && end + len - at > max)
			break;
		end += len;
	}
	return end - at;
}

static int send_portions(int fd, struct nl_batch *b, size_t max, struct nl_refusal *first)
{
	int refused = 0;

	if (b->failed) {
		b->failed = false;
		b->len = 0;
		return -ENOMEM;
	}
	for (size_t at = 0, len; at < b->len && refused == 0; at += len) {
		int r;

		len = portion(b, at, max);
		r = send_growing(fd, b->buf + at, len);
		if (r == 0)
			r = drain(fd, b, first);
		if (r < 0) {
			b->len = 0;
			return r;
		}
		refused += r;
	}
	b->len = 0;
	return refused;
}

int nl_batch_send(int fd, struct nl_batch *b, struct nl_refusal *first)
{
	enum { PORTION = 96 << 10 }; /* below the default send buffer (net.core.wmem_default, 208 KB) */

	return send_portions(fd, b, PORTION, first);
}

int nl_batch_send_whole(int fd, struct nl_batch *b, struct nl_refusal *first)
{
	return send_portions(fd, b, SIZE_MAX / 2, first);
}

/* ---- requests ---------------------------------------------------------------------------------- */

struct answer {
	uint32_t seq;
	bool done, inconsistent;
	nl_reply_fn *fn;
	void *data;
	struct nl_refusal *refusal;
};

/* One message of an answer. */
static int take_message(struct answer *a, const struct nlmsghdr *m)
{
	if (m->nlmsg_seq != a->seq)
		return 0; /* a left-over of an earlier request that was given up */
	if (m->nlmsg_flags & NLM_F_DUMP_INTR)
		a->inconsistent = true;
	if (m->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

		a->done = true;
		if (m->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
			return -EPROTO;
		if (e->error && a->refusal)
			read_refusal(m, e, a->refusal);
		return e->error;
	}
	if (m->nlmsg_type == NLMSG_DONE) {
		int status = m->nlmsg_len >= NLMSG_LENGTH(sizeof(int)) ? *(int *)mnl_nlmsg_get_payload(m) : 0;

		a->done = true;
		return status;
	}
	return a->fn ? a->fn(m, a->data) : 0;
}

static int read_answer(int fd, struct answer *a)
{
	char *buf = reply_buffer;

	while (!a->done) {
		ssize_t n = receive(fd, buf, READ_SIZE, 0);
		int left = (int)n;

		if (n < 0)
			return (int)n;
		for (struct nlmsghdr *m = (void *)buf; !a->done && is_whole(m, left); m = mnl_nlmsg_next(m, &left)) {
			int r = take_message(a, m);

			if (r < 0)
				return r;
		}
	}
	return a->inconsistent ? -EINTR : 0;
}

int nl_request(int fd, struct nlmsghdr *msg, nl_reply_fn *fn, void *data, struct nl_refusal *refusal)
{
	struct answer a = {.fn = fn, .data = data, .refusal = refusal};
	int r;

	if (refusal)
		*refusal = (struct nl_refusal){0};
	if (msg->nlmsg_seq == 0)
		msg->nlmsg_seq = 1;
	a.seq = msg->nlmsg_seq;
	if ((msg->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		msg->nlmsg_flags |= NLM_F_ACK;
	r = send_growing(fd, msg, msg->nlmsg_len);
	if (r < 0)
		return r;
	r = read_answer(fd, &a);
	if (r < 0 && refusal && !refusal->errnum)
		refusal->errnum = -r;
	return r;
}

int nl_ask(int fd, const void *requests, size_t len, size_t n, nl_reply_fn *fn, void *data)
{
	char *buf = reply_buffer;
	int r = send_growing(fd, requests, len);

	for (size_t got = 0; r == 0 && got < n; got++) {
		ssize_t size = receive(fd, buf, READ_SIZE, 0);
		const struct nlmsghdr *m = (void *)buf;

		if (size < 0)
			return (int)size;
		if (is_whole(m, (int)size) && m->nlmsg_type != NLMSG_ERROR)
			r = fn(m, data);
	}
	return r;
}
