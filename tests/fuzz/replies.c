/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replies.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(WITH_ASAN)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

static const uint8_t *next;
static size_t left;
static uint32_t seq;
static bool with_walls;

void replies_begin(const uint8_t *data, size_t len, bool walls)
{
	with_walls = walls;
	next = data;
	left = len;
}

ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t size);
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t size)
{
	if (len >= sizeof(struct nlmsghdr))
		seq = ((const struct nlmsghdr *)data)->nlmsg_seq;
	return (ssize_t)len;
}

int __wrap_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static ssize_t end(void *buf, int flags)
{
	struct nlmsghdr done = {.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = NLMSG_DONE, .nlmsg_seq = seq};

	if (flags & MSG_DONTWAIT) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(buf, &done, sizeof(done));
	return sizeof(done);
}

static void give_numbers(uint8_t *buf, size_t len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr *m = (void *)buf;
		size_t size = NLMSG_ALIGN((size_t)m->nlmsg_len);

		if (m->nlmsg_seq == 0)
			m->nlmsg_seq = seq;
		if (m->nlmsg_len < sizeof(*m) || m->nlmsg_len > len || size >= len)
			return;
		buf += size;
		len -= size;
	}
}

/* Behind what was received a sanitizer sees a wall. */
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
	size_t len;

	ASAN_UNPOISON_MEMORY_REGION(buf, size);
	if (left < 2)
		return end(buf, flags);
	len = next[0] | (size_t)next[1] << 8;
	next += 2;
	left -= 2;
	if (len > left)
		len = left;
	if (len > size)
		len = size;
	memcpy(buf, next, len);
	next += len;
	left -= len;
	give_numbers(buf, len);
	if (with_walls)
		ASAN_POISON_MEMORY_REGION((char *)buf + len, size - len);
	return (ssize_t)len;
}
