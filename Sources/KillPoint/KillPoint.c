// A step makes, writes, cuts, flushes, names or removes a file or folder: so a test can stop a program at
// every place where a file may be left half made, and not at random moments.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "KillPoint.h"

static void step(void) {
  static long count = 0;
  const char *last = getenv("KILL_POINT");
  if (last && __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == atol(last))
    kill(getpid(), SIGKILL);
}

// Sockets, pipes and terminals are no files: what is written there is not left half made.
static int is_file(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

// O_TMPFILE has the bit of O_DIRECTORY, too.
static int makes(int flags) { return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE; }

// The function of that name which comes after this library's.
#define NEXT(result, name, ...)                     \
  static result (*real)(__VA_ARGS__);               \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

// A function of the same parameters, which is a step where `condition` holds.
#define STEP(condition, result, name, parameters, arguments, ...) \
  result name parameters {                                        \
    NEXT(result, name, __VA_ARGS__);                              \
    if (condition) step();                                        \
    return real arguments;                                        \
  }

#define MODE(flags)          \
  mode_t mode = 0;           \
  if (makes(flags)) {        \
    va_list rest;            \
    va_start(rest, flags);   \
    mode = va_arg(rest, mode_t); \
    va_end(rest);            \
    step();                  \
  }

#define OPEN(name)                             \
  int name(const char *path, int flags, ...) { \
    NEXT(int, name, const char *, int, ...);   \
    MODE(flags)                                \
    return real(path, flags, mode);            \
  }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                      \
  int name(int folder, const char *path, int flags, ...) { \
    NEXT(int, name, int, const char *, int, ...);          \
    MODE(flags)                                            \
    return real(folder, path, flags, mode);                \
  }
OPEN_AT(openat)
OPEN_AT(openat64)

STEP(1, int, creat, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
STEP(1, int, creat64, (const char *path, mode_t mode), (path, mode), const char *, mode_t)

STEP(is_file(file), ssize_t, write, (int file, const void *bytes, size_t count),
     (file, bytes, count), int, const void *, size_t)
STEP(is_file(file), ssize_t, writev, (int file, const struct iovec *parts, int count),
     (file, parts, count), int, const struct iovec *, int)
STEP(1, ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at),
     (file, bytes, count, at), int, const void *, size_t, off_t)
STEP(1, ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at),
     (file, bytes, count, at), int, const void *, size_t, off64_t)

STEP(1, int, fsync, (int file), (file), int)
STEP(1, int, fdatasync, (int file), (file), int)

STEP(1, int, truncate, (const char *path, off_t length), (path, length), const char *, off_t)
STEP(1, int, truncate64, (const char *path, off64_t length), (path, length), const char *, off64_t)
STEP(1, int, ftruncate, (int file, off_t length), (file, length), int, off_t)
STEP(1, int, ftruncate64, (int file, off64_t length), (file, length), int, off64_t)

STEP(1, int, unlink, (const char *path), (path), const char *)
STEP(1, int, rmdir, (const char *path), (path), const char *)
STEP(1, int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), int,
     const char *, int)

STEP(1, int, link, (const char *from, const char *to), (from, to), const char *, const char *)
STEP(1, int, linkat, (int one, const char *from, int other, const char *to, int flags),
     (one, from, other, to, flags), int, const char *, int, const char *, int)
STEP(1, int, rename, (const char *from, const char *to), (from, to), const char *, const char *)
STEP(1, int, renameat, (int one, const char *from, int other, const char *to),
     (one, from, other, to), int, const char *, int, const char *)
STEP(1, int, renameat2, (int one, const char *from, int other, const char *to, unsigned flags),
     (one, from, other, to, flags), int, const char *, int, const char *, unsigned)

STEP(1, int, mkdir, (const char *path, mode_t mode), (path, mode), const char *, mode_t)
STEP(1, int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode), int,
     const char *, mode_t)
