/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becoming a unit of systemd's. See manager.h. */
#include "manager.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd.h"
#include "text.h"

enum {
	PATIENCE_S = 3,
	MESSAGE_MAX = 1024, /* that we send; names are short */
	ANSWER_MAX = 64 << 10,
};

/* ---- messages -------------------------------------------------------------------------------------- */

/* D-Bus's wire format: each value begins at a multiple of its size, counted from the start of the message. */
struct message {
	uint8_t bytes[MESSAGE_MAX];
	size_t n;
};

static void put(struct message *m, const void *data, size_t len, size_t align)
{
	m->n += (align - m->n % align) % align;
	if (m->n + len <= sizeof(m->bytes) && len)
		memcpy(m->bytes + m->n, data, len);
	m->n += len;
}

static void put_number(struct message *m, uint32_t value)
{
	put(m, &value, sizeof(value), 4);
}

static void put_text(struct message *m, const char *text)
{
	put_number(m, (uint32_t)strlen(text));
	put(m, text, strlen(text) + 1, 1);
}

static void put_signature(struct message *m, const char *signature)
{
	uint8_t len = (uint8_t)strlen(signature);

	put(m, &len, 1, 1);
	put(m, signature, len + 1u, 1);
}

static void set_number(struct message *m, size_t at, size_t value)
{
	uint32_t number = (uint32_t)value;

	if (at + sizeof(number) <= sizeof(m->bytes))
		memcpy(m->bytes + at, &number, sizeof(number));
}

/* An array begins with its length in bytes, which is known when it ends: what aligns its first element is not counted. */
struct array {
	size_t length_at, begins;
};

static struct array begin_array(struct message *m, size_t align)
{
	struct array a;

	put_number(m, 0);
	a.length_at = m->n - sizeof(uint32_t);
	put(m, NULL, 0, align);
	a.begins = m->n;
	return a;
}

static void end_array(struct message *m, struct array a)
{
	set_number(m, a.length_at, m->n - a.begins);
}

static void put_pids(struct message *m, pid_t pid)
{
	put_number(m, sizeof(uint32_t));
	put_number(m, (uint32_t)pid);
}

/* ---- calls ----------------------------------------------------------------------------------------- */

enum { FIELD_PATH = 1, FIELD_INTERFACE, FIELD_MEMBER, FIELD_DESTINATION = 6, FIELD_SIGNATURE = 8 };
enum { TYPE_CALL = 1, TYPE_RETURN, TYPE_ERROR };
enum { AT_BODY_LEN = 4, AT_FIELDS_LEN = 12, HEADER_LEN = 16 };

static void put_field(struct message *m, uint8_t code, const char *type, const char *value)
{
	put(m, &code, 1, 8);
	put_signature(m, type);
	if (*type == 'g')
		put_signature(m, value);
	else
		put_text(m, value);
}

/* Begins a call of the manager's; its arguments follow. The length of the body is set at the end. Returns where that begins. */
static size_t begin_call(struct message *m, const char *member, const char *signature)
{
	const uint8_t head[] = {__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B', TYPE_CALL, 0, 1};
	struct array fields;

	put(m, head, sizeof(head), 1);
	put_number(m, 0);
	put_number(m, 1); /* the call's own number */
	fields = begin_array(m, 8);
	put_field(m, FIELD_PATH, "o", "/org/freedesktop/systemd1");
	put_field(m, FIELD_INTERFACE, "s", "org.freedesktop.systemd1.Manager");
	put_field(m, FIELD_MEMBER, "s", member);
	put_field(m, FIELD_DESTINATION, "s", "org.freedesktop.systemd1");
	put_field(m, FIELD_SIGNATURE, "g", signature);
	end_array(m, fields);
	put(m, NULL, 0, 8);
	return m->n;
}

static void end_call(struct message *m, size_t body)
{
	set_number(m, AT_BODY_LEN, m->n - body);
}

static void unit_name(char out[NAME_MAX + 1], const char *name, pid_t holder)
{
	snprintf(out, NAME_MAX + 1, "nsloom-%.200s-%d.scope", name + (*name == '@'), holder);
}

static void start_unit(struct message *m, const char *unit, pid_t pid)
{
	size_t body = begin_call(m, "StartTransientUnit", "ssa(sv)a(sa(sv))");
	struct array properties;

	put_text(m, unit);
	put_text(m, "fail");
	properties = begin_array(m, 8);
	put(m, NULL, 0, 8);
	put_text(m, "Description");
	put_signature(m, "s");
	put_text(m, "nsloom: keeps the labs of an ordinary user");
	put(m, NULL, 0, 8);
	put_text(m, "PIDs");
	put_signature(m, "au");
	put_pids(m, pid);
	end_array(m, properties);
	begin_array(m, 8); /* of further units: none */
	end_call(m, body);
}

static void attach(struct message *m, const char *unit, pid_t pid)
{
	size_t body = begin_call(m, "AttachProcessesToUnit", "ssau");

	put_text(m, unit);
	put_text(m, "");
	put_pids(m, pid);
	end_call(m, body);
}

/* ---- the socket ------------------------------------------------------------------------------------ */

/* Connects to the user's own manager; another's is taken for none. >= 0 or -errno. */
static int reach(uid_t user)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int n = runtime && *runtime ? snprintf(a.sun_path, sizeof(a.sun_path), "%s/systemd/private", runtime)
	                            : snprintf(a.sun_path, sizeof(a.sun_path), "/run/user/%u/systemd/private", user);

	if (sock < 0)
		return -errno;
	if (n >= (int)sizeof(a.sun_path))
		return -ENOENT;
	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(sock, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	return peer.uid == geteuid() ? take_fd(&sock) : -ENOENT;
}

static int read_exactly(int sock, void *out, size_t len)
{
	ssize_t n = len ? recv(sock, out, len, MSG_WAITALL) : 0;

	return n == (ssize_t)len ? 0 : n < 0 ? -errno : -EIO;
}

/* Who one is, which the manager compares with what the kernel says of the socket. */
static int introduce(int sock, uid_t user)
{
	char number[16], text[64] = "AUTH EXTERNAL ", byte = '\0';
	size_t len = strlen(text);
	int r;

	snprintf(number, sizeof(number), "%u", user);
	for (const char *c = number; *c; c++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%02x", (unsigned)*c);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\nBEGIN\r\n");
	if (send(sock, "", 1, MSG_NOSIGNAL) != 1 || send(sock, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -errno;
	r = read_exactly(sock, text, 3);
	if (r < 0 || strncmp(text, "OK ", 3) != 0)
		return r < 0 ? r : -EACCES;
	for (int i = 0; r == 0 && byte != '\n'; i++)
		r = i < 200 ? read_exactly(sock, &byte, 1) : -EIO;
	return r;
}

/* One message. Its type, or -errno. */
static int hear(int sock)
{
	uint8_t head[HEADER_LEN];
	uint32_t fields, body, len;
	_cleanup_free_ char *rest = NULL;
	int r = read_exactly(sock, head, sizeof(head));

	if (r < 0)
		return r;
	memcpy(&body, head + AT_BODY_LEN, sizeof(body));
	memcpy(&fields, head + AT_FIELDS_LEN, sizeof(fields));
	if (fields > ANSWER_MAX || body > ANSWER_MAX)
		return -EIO;
	len = (fields + 7) / 8 * 8 + body;
	rest = malloc(len + 1);
	r = rest ? read_exactly(sock, rest, len) : -ENOMEM;
	return r < 0 ? r : head[1];
}

/* It may say other things before it answers. */
static int call(const struct message *m, uid_t user)
{
	_cleanup_fd_ int sock = m->n <= sizeof(m->bytes) ? reach(user) : -E2BIG;
	int r = sock < 0 ? sock : introduce(sock, user);

	if (r == 0 && send(sock, m->bytes, m->n, MSG_NOSIGNAL) != (ssize_t)m->n)
		r = -errno;
	for (int i = 0; r >= 0 && r != TYPE_RETURN && r != TYPE_ERROR; i++)
		r = i < 100 ? hear(sock) : -EIO;
	return r < 0 ? r : r == TYPE_RETURN ? 0 : -EIO;
}

int manager_adopt(const char *name, pid_t holder, uid_t user)
{
	struct message m = {.n = 0};
	char unit[NAME_MAX + 1];

	unit_name(unit, name, holder);
	start_unit(&m, unit, holder);
	return call(&m, user);
}

int manager_adopt_beside(const char *name, pid_t holder, pid_t program, uid_t user)
{
	struct message m = {.n = 0};
	char unit[NAME_MAX + 1];

	unit_name(unit, name, holder);
	attach(&m, unit, program);
	return call(&m, user);
}
