// A step makes, writes, flushes, names or removes a file or folder: so a test can stop a program at every
// place where a file may be left half made, and not at random moments.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "KillPoint.h"

static void step(void) {
  static long count = 0;
  const char *last = getenv("KILL_POINT");
  if (last && __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == atol(last))
    kill(getpid(), SIGKILL);
}

// The function of that name which comes after this library's.
#define NEXT(result, name, ...)                     \
  static result (*real)(__VA_ARGS__);               \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                  \
  int name(const char *path, int flags, ...) {      \
    NEXT(int, name, const char *, int, ...);        \
    mode_t mode = 0;                                \
    if (flags & (O_CREAT | O_TMPFILE)) {            \
      va_list rest;                                 \
      va_start(rest, flags);                        \
      mode = va_arg(rest, mode_t);                  \
      va_end(rest);                                 \
    }                                               \
    if (flags & O_CREAT) step();                    \
    return real(path, flags, mode);                 \
  }
OPEN(open)
OPEN(open64)

#define WRITE_AT(name, offset_type)                                         \
  ssize_t name(int file, const void *bytes, size_t count, offset_type at) { \
    NEXT(ssize_t, name, int, const void *, size_t, offset_type);            \
    step();                                                                 \
    return real(file, bytes, count, at);                                    \
  }
WRITE_AT(pwrite, off_t)
WRITE_AT(pwrite64, off64_t)

ssize_t write(int file, const void *bytes, size_t count) {
  NEXT(ssize_t, write, int, const void *, size_t);
  if (file > STDERR_FILENO) step();
  return real(file, bytes, count);
}

#define ON_FILE(name)     \
  int name(int file) {    \
    NEXT(int, name, int); \
    step();               \
    return real(file);    \
  }
ON_FILE(fsync)
ON_FILE(fdatasync)

#define TRUNCATE(name, offset_type)        \
  int name(int file, offset_type length) { \
    NEXT(int, name, int, offset_type);     \
    step();                                \
    return real(file, length);             \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int unlink(const char *path) {
  NEXT(int, unlink, const char *);
  step();
  return real(path);
}

int rename(const char *from, const char *to) {
  NEXT(int, rename, const char *, const char *);
  step();
  return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
  NEXT(int, mkdir, const char *, mode_t);
  step();
  return real(path, mode);
}
