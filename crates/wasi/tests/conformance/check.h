/* What every guest does: calls a function, compares what comes back, and says which function returned which number.
 * The host reads these lines; a line that begins with `FAILED` is a failure. */
#ifndef CHECK_H
#define CHECK_H

#include <string.h>

#include "preview1.h"

static const char *const errno_names[] = {
    [SUCCESS] = "success", [ACCES] = "acces", [AGAIN] = "again", [BADF] = "badf", [BUSY] = "busy", [EXIST] = "exist",
    [FAULT] = "fault", [FBIG] = "fbig", [ILSEQ] = "ilseq", [INVAL] = "inval", [ISDIR] = "isdir", [LOOP] = "loop",
    [MFILE] = "mfile", [NAMETOOLONG] = "nametoolong", [NOENT] = "noent", [NOMEM] = "nomem", [NOSPC] = "nospc",
    [NOTCONN] = "notconn", [NOTDIR] = "notdir", [NOTEMPTY] = "notempty", [NOTSOCK] = "notsock", [NOTSUP] = "notsup",
    [NXIO] = "nxio", [PERM] = "perm", [PIPE] = "pipe", [ROFS] = "rofs", [SPIPE] = "spipe", [XDEV] = "xdev",
    [NOTCAPABLE] = "notcapable",
};

static void put_text(const char *text) {
    struct buffer buffer = {text, strlen(text)};
    uint32_t put;
    while (buffer.len > 0 && fd_write(1, &buffer, 1, &put) == 0) {
        buffer.bytes = (const char *)buffer.bytes + put;
        buffer.len -= put;
    }
}

static void put_number(int number) {
    char digits[12];
    int at = sizeof digits;
    digits[--at] = 0;
    do {
        digits[--at] = '0' + number % 10;
        number /= 10;
    } while (number > 0);
    put_text(digits + at);
}

static void put_failure(const char *file, int line) {
    put_text("FAILED ");
    put_text(file);
    put_text(":");
    put_number(line);
}

static void returns(const char *function, int expected, int found, const char *file, int line) {
    if (found != expected) {
        put_failure(file, line);
        put_text(" ");
        put_text(function);
        put_text(" is ");
        put_number(found);
        put_text(" and not ");
        put_text(errno_names[expected]);
        put_text("\n");
        return;
    }
    put_text(function);
    put_text(" ");
    put_text(errno_names[expected]);
    put_text("\n");
}

/* The call of `function` with the arguments returns this number. */
#define RETURNS(errno, function, ...) returns(#function, errno, function(__VA_ARGS__), __FILE__, __LINE__)

/* Something else is as it should be. */
#define HOLDS(condition)                              \
    do {                                              \
        if (!(condition)) {                           \
            put_failure(__FILE__, __LINE__);          \
            put_text(" does not hold: " #condition "\n"); \
        }                                             \
    } while (0)

/* A path as functions take it. */
#define P(path) path, sizeof path - 1

/* An address of which nothing lies in memory, and one where four bytes do and eight do not. */
#define OUTSIDE ((void *)0xfffffff0u)
#define AT_END ((void *)(__builtin_wasm_memory_size(0) * 65536 - 4))

__attribute__((unused)) static int open_path(int dir, const char *path, int lookup, int oflags, uint64_t rights, int fdflags) {
    int fd = -1;
    int error = path_open(dir, lookup, path, strlen(path), oflags, rights, 0, fdflags, &fd);
    return error == 0 ? fd : -error;
}

__attribute__((unused)) static void set_file(int dir, const char *path, const char *text) {
    int fd = open_path(dir, path, 0, CREAT | TRUNC, FD_WRITE, 0);
    struct buffer buffer = {text, strlen(text)};
    uint32_t put;
    HOLDS(fd >= 0);
    HOLDS(fd_write(fd, &buffer, 1, &put) == 0 && put == buffer.len);
    HOLDS(fd_close(fd) == 0);
}

/* What `fd_fdstat_get` and `fd_filestat_get` store. */
struct fdstat {
    uint8_t type;
    uint16_t flags;
    uint64_t rights, inheriting;
};
struct filestat {
    uint64_t device, inode;
    uint8_t type;
    uint64_t links, size, accessed, modified, changed;
};
_Static_assert(sizeof(struct fdstat) == 24, "an fdstat has 24 bytes");
_Static_assert(sizeof(struct filestat) == 64, "a filestat has 64 bytes");

/* The numbers of what the host gives; `tests/conformance.rs` has the same. */
enum { HOST = 3, READ_ONLY = 4, MEMORY = 5, UNION = 6, LISTENER = 7, STREAM = 8, DATAGRAM = 9, GONE = 10, CLOSED = 99 };

#endif
