/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and small files. All descriptors are opened close-on-exec. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static inline void fd_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_fd_ __attribute__((cleanup(fd_closep)))

static inline void freep(void *p)
{
	free(*(void **)p);
}
#define _cleanup_free_ __attribute__((cleanup(freep)))

/* Gives up ownership: the value, and -1 / NULL is left behind. */
static inline int take_fd(int *fd)
{
	int v = *fd;
	*fd = -1;
	return v;
}
#define TAKE_PTR(p)                     \
	__extension__({                 \
		__typeof__(p) _v = (p); \
		(p) = NULL;             \
		_v;                     \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Makes room in the table of descriptors for `more` beyond `fd`, one that is open. It grows by itself, too; but in a process of several
 * threads the kernel then waits for a grace period of RCU, some milliseconds each time (fs/file.c): so before a second one starts. */
void fd_reserve(int fd, size_t more);
/* Reads at most `max` bytes of a file; *out is malloc'd and NUL-terminated, *len its size. -EFBIG if there is more; -EINTR if a
 * signal came while it waited for a pipe or a terminal, so that who waits there can be asked to stop. 0 or -errno. */
int fd_read_all(int fd, size_t max, char **out, size_t *len);
/* Opens a path below a folder, whatever stands there: no link is followed, and nothing leads out of it. mode: of what O_CREAT makes.
 * >= 0 or -errno (-ELOOP: a link, -EXDEV: it would lead out). */
int open_beneath(int dir, const char *path, int flags, unsigned mode);
/* Writes all of it, in the face of EINTR and short writes. 0 or -errno. */
int fd_write_all(int fd, const void *data, size_t len);
/* Replaces the file `name` below dirfd with the data, atomically (temporary name, fsync is not needed on tmpfs, rename).
 * Writers of one file must keep one another out (by the lab's lock): the temporary name is always `.NAME.new`, so that a
 * crash leaves nothing that the next call does not take away. 0 or -errno. */
int file_replace(int dirfd, const char *name, const void *data, size_t len, unsigned mode);

#endif
