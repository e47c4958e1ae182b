/* Fails at the n-th change of the file system below one folder: by a kill, or because the disk is full from then on.
 * With GUICHET_FAULT_WHILE, changes are counted and fail only as long as that file is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int steps, full;

__attribute__((destructor)) static void say(void) {
    if (full) fprintf(stderr, "faults: the disk was full\n");
}

static int is_inside(const char *path) {
    const char *folder = getenv("GUICHET_FAULT_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_open_inside(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_inside(path);
}

/* Whether this change fails for want of room. Does not return if it is the one to be killed at. */
static int fails(int needs_room) {
    const char *at = getenv("GUICHET_FAULT_AT"), *mode = getenv("GUICHET_FAULT_MODE");
    const char *during = getenv("GUICHET_FAULT_WHILE");
    int before = errno, is_over = during && access(during, F_OK) != 0;
    errno = before;
    if (is_over) return 0;
    int step = __atomic_add_fetch(&steps, 1, __ATOMIC_SEQ_CST);
    if (!at || !mode || step < atoi(at)) return 0;
    if (strcmp(mode, "kill") == 0) kill(getpid(), SIGKILL);
    if (!needs_room) return 0;
    full = 1;
    errno = ENOSPC;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int open_with(__typeof__(&open) real, const char *path, int flags, mode_t mode) {
    if ((flags & O_CREAT) && is_inside(path) && fails(1)) return -1;
    return real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_with(REAL(open), path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_with((__typeof__(&open))dlsym(RTLD_NEXT, "open64"), path, flags, mode);
}

/* Half of what is written gets through before the end comes. */
static int is_last(size_t length) {
    const char *at = getenv("GUICHET_FAULT_AT"), *mode = getenv("GUICHET_FAULT_MODE");
    return length > 1 && at && mode && strcmp(mode, "kill") == 0 && steps + 1 == atoi(at);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_open_inside(fd)) {
        if (is_last(length)) REAL(write)(fd, bytes, length / 2);
        if (fails(1)) return -1;
    }
    return REAL(write)(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (is_open_inside(fd)) {
        if (is_last(length)) REAL(pwrite64)(fd, bytes, length / 2, at);
        if (fails(1)) return -1;
    }
    return REAL(pwrite64)(fd, bytes, length, at);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags) {
    if (is_open_inside(to)) {
        if (is_last(length)) REAL(copy_file_range)(from, from_at, to, to_at, length > 4096 ? 4096 : length / 2, flags);
        if (fails(1)) return -1;
    }
    return REAL(copy_file_range)(from, from_at, to, to_at, length, flags);
}

int ftruncate64(int fd, off64_t length) {
    if (is_open_inside(fd) && fails(1)) return -1;
    return REAL(ftruncate64)(fd, length);
}

int fdatasync(int fd) {
    if (is_open_inside(fd) && fails(0)) return -1;
    return REAL(fdatasync)(fd);
}

int fsync(int fd) {
    if (is_open_inside(fd) && fails(0)) return -1;
    return REAL(fsync)(fd);
}

int mkdir(const char *path, mode_t mode) {
    if (is_inside(path) && fails(1)) return -1;
    return REAL(mkdir)(path, mode);
}

int rename(const char *from, const char *to) {
    if (is_inside(to) && fails(1)) return -1;
    return REAL(rename)(from, to);
}

int rmdir(const char *path) {
    if (is_inside(path) && fails(0)) return -1;
    return REAL(rmdir)(path);
}

int unlink(const char *path) {
    if (is_inside(path) && fails(0)) return -1;
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    if (is_open_inside(folder) && fails(0)) return -1;
    return REAL(unlinkat)(folder, path, flags);
}
