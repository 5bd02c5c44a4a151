/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in for the C library's calls (ld --wrap): see inject.h. Reading calls (read, recv, readdir, fstat, close) are not among them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "inject.h"

/* static inline int or pointer wrapper: counts, fails, or does it */
#define WRAP(type, name, failure, parameters, arguments)      \
	type __real_##name parameters;                        \
	type __wrap_##name parameters;                        \
	type __wrap_##name parameters                         \
	{                                                     \
		int errnum = inject_step(INJECT_CALL, #name); \
                                                              \
		if (!errnum)                                  \
			return __real_##name arguments;       \
		errno = errnum;                               \
		return failure;                               \
	}

WRAP(int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, -1, (int dir, const char *path, mode_t mode), (dir, path, mode))
WRAP(int, rmdir, -1, (const char *path), (path))
WRAP(int, unlinkat, -1, (int dir, const char *path, int flags), (dir, path, flags))
WRAP(int, renameat, -1, (int from, const char *old, int to, const char *new), (from, old, to, new))
WRAP(int, symlinkat, -1, (const char *target, int dir, const char *path), (target, dir, path))
WRAP(int, mount, -1, (const char *what, const char *where, const char *type, unsigned long flags, const void *data),
     (what, where, type, flags, data))
WRAP(int, umount2, -1, (const char *where, int flags), (where, flags))
WRAP(int, setns, -1, (int fd, int type), (fd, type))
WRAP(int, unshare, -1, (int flags), (flags))
WRAP(int, socket, -1, (int family, int type, int protocol), (family, type, protocol))
WRAP(ssize_t, sendto, -1, (int fd, const void *data, size_t len, int flags, const struct sockaddr *to, socklen_t size),
     (fd, data, len, flags, to, size))
WRAP(ssize_t, write, -1, (int fd, const void *data, size_t len), (fd, data, len))
WRAP(int, flock, -1, (int fd, int operation), (fd, operation))
WRAP(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
WRAP(DIR *, opendir, NULL, (const char *path), (path))
WRAP(DIR *, fdopendir, NULL, (int fd), (fd))

#define WRAP_OPEN(name, parameters, arguments)                \
	int __real_##name parameters;                         \
	int __wrap_##name parameters;                         \
	int __wrap_##name parameters                          \
	{                                                     \
		int errnum = inject_step(INJECT_CALL, #name); \
		va_list ap;                                   \
		int mode;                                     \
                                                              \
		va_start(ap, flags);                          \
		mode = flags & O_CREAT ? va_arg(ap, int) : 0; \
		va_end(ap);                                   \
		if (!errnum)                                  \
			return __real_##name arguments;       \
		errno = errnum;                               \
		return -1;                                    \
	}

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))

#define WRAP_MEMORY(name, parameters, arguments)                                                  \
	void *__real_##name parameters;                                                           \
	void *__wrap_##name parameters;                                                           \
	void *__wrap_##name parameters                                                            \
	{                                                                                         \
		return inject_step(INJECT_MEMORY, "allocation") ? NULL : __real_##name arguments; \
	}

WRAP_MEMORY(malloc, (size_t size), (size))
WRAP_MEMORY(calloc, (size_t n, size_t size), (n, size))
WRAP_MEMORY(realloc, (void *p, size_t size), (p, size))
WRAP_MEMORY(strdup, (const char *s), (s))
WRAP_MEMORY(strndup, (const char *s, size_t n), (s, n))
