/* The functions of preview 1 as they are imported: addresses and lengths, nothing hidden. */
#ifndef PREVIEW1_H
#define PREVIEW1_H

#include <stddef.h>
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

/* A buffer that is read into or written from. */
struct buffer {
    const void *bytes;
    uint32_t len;
};

IMPORT(args_get) int args_get(void *argv, void *buf);
IMPORT(args_sizes_get) int args_sizes_get(void *count, void *size);
IMPORT(environ_get) int environ_get(void *environ, void *buf);
IMPORT(environ_sizes_get) int environ_sizes_get(void *count, void *size);
IMPORT(clock_res_get) int clock_res_get(int id, void *resolution);
IMPORT(clock_time_get) int clock_time_get(int id, uint64_t precision, void *time);
IMPORT(fd_advise) int fd_advise(int fd, uint64_t offset, uint64_t len, int advice);
IMPORT(fd_allocate) int fd_allocate(int fd, uint64_t offset, uint64_t len);
IMPORT(fd_close) int fd_close(int fd);
IMPORT(fd_datasync) int fd_datasync(int fd);
IMPORT(fd_fdstat_get) int fd_fdstat_get(int fd, void *stat);
IMPORT(fd_fdstat_set_flags) int fd_fdstat_set_flags(int fd, int flags);
IMPORT(fd_fdstat_set_rights) int fd_fdstat_set_rights(int fd, uint64_t base, uint64_t inheriting);
IMPORT(fd_filestat_get) int fd_filestat_get(int fd, void *stat);
IMPORT(fd_filestat_set_size) int fd_filestat_set_size(int fd, uint64_t size);
IMPORT(fd_filestat_set_times) int fd_filestat_set_times(int fd, uint64_t atim, uint64_t mtim, int flags);
IMPORT(fd_pread) int fd_pread(int fd, const struct buffer *buffers, uint32_t count, uint64_t offset, void *got);
IMPORT(fd_prestat_get) int fd_prestat_get(int fd, void *prestat);
IMPORT(fd_prestat_dir_name) int fd_prestat_dir_name(int fd, void *name, uint32_t len);
IMPORT(fd_pwrite) int fd_pwrite(int fd, const struct buffer *buffers, uint32_t count, uint64_t offset, void *put);
IMPORT(fd_read) int fd_read(int fd, const struct buffer *buffers, uint32_t count, void *got);
IMPORT(fd_readdir) int fd_readdir(int fd, void *buf, uint32_t len, uint64_t cookie, void *used);
IMPORT(fd_renumber) int fd_renumber(int fd, int to);
IMPORT(fd_seek) int fd_seek(int fd, int64_t offset, int whence, void *position);
IMPORT(fd_sync) int fd_sync(int fd);
IMPORT(fd_tell) int fd_tell(int fd, void *position);
IMPORT(fd_write) int fd_write(int fd, const struct buffer *buffers, uint32_t count, void *put);
IMPORT(path_create_directory) int path_create_directory(int fd, const char *path, uint32_t len);
IMPORT(path_filestat_get) int path_filestat_get(int fd, int flags, const char *path, uint32_t len, void *stat);
IMPORT(path_filestat_set_times)
int path_filestat_set_times(int fd, int flags, const char *path, uint32_t len, uint64_t atim, uint64_t mtim, int fst_flags);
IMPORT(path_link)
int path_link(int fd, int flags, const char *path, uint32_t len, int new_fd, const char *new_path, uint32_t new_len);
IMPORT(path_open)
int path_open(int fd, int dirflags, const char *path, uint32_t len, int oflags, uint64_t base, uint64_t inheriting,
              int fdflags, void *opened);
IMPORT(path_readlink) int path_readlink(int fd, const char *path, uint32_t len, void *buf, uint32_t buf_len, void *used);
IMPORT(path_remove_directory) int path_remove_directory(int fd, const char *path, uint32_t len);
IMPORT(path_rename)
int path_rename(int fd, const char *path, uint32_t len, int new_fd, const char *new_path, uint32_t new_len);
IMPORT(path_symlink) int path_symlink(const char *target, uint32_t target_len, int fd, const char *path, uint32_t len);
IMPORT(path_unlink_file) int path_unlink_file(int fd, const char *path, uint32_t len);
IMPORT(poll_oneoff) int poll_oneoff(const void *in, void *out, uint32_t count, void *happened);
IMPORT(proc_exit) _Noreturn void proc_exit(int code);
IMPORT(proc_raise) int proc_raise(int signal);
IMPORT(sched_yield) int wasi_sched_yield(void);
IMPORT(random_get) int random_get(void *buf, uint32_t len);
IMPORT(sock_accept) int sock_accept(int fd, int flags, void *accepted);
IMPORT(sock_recv)
int sock_recv(int fd, const struct buffer *buffers, uint32_t count, int flags, void *got, void *out_flags);
IMPORT(sock_send) int sock_send(int fd, const struct buffer *buffers, uint32_t count, int flags, void *put);
IMPORT(sock_shutdown) int sock_shutdown(int fd, int how);

enum errno_number {
    SUCCESS = 0, ACCES = 2, AGAIN = 6, BADF = 8, BUSY = 10, EXIST = 20, FAULT = 21, FBIG = 22, ILSEQ = 25, INVAL = 28,
    ISDIR = 31, LOOP = 32, MFILE = 33, NAMETOOLONG = 37, NOENT = 44, NOMEM = 48, NOSPC = 51, NOTCONN = 53, NOTDIR = 54,
    NOTEMPTY = 55, NOTSOCK = 57, NOTSUP = 58, NXIO = 60, PERM = 63, PIPE = 64, ROFS = 69, SPIPE = 70, XDEV = 75,
    NOTCAPABLE = 76,
};

enum {
    FOLLOW = 1,
    CREAT = 1, DIRECTORY = 2, EXCL = 4, TRUNC = 8,
    APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16,
    SET = 0, CUR = 1, END = 2,
    ATIM = 1, ATIM_NOW = 2, MTIM = 4, MTIM_NOW = 8,
    UNKNOWN = 0, CHARACTER_DEVICE = 2, A_DIRECTORY = 3, REGULAR_FILE = 4, SOCKET_DGRAM = 5, SOCKET_STREAM = 6,
    SYMBOLIC_LINK = 7,
};

#define RIGHT(number) (1ull << (number))
#define FD_DATASYNC RIGHT(0)
#define FD_READ RIGHT(1)
#define FD_SEEK RIGHT(2)
#define FD_FDSTAT_SET_FLAGS RIGHT(3)
#define FD_SYNC RIGHT(4)
#define FD_TELL RIGHT(5)
#define FD_WRITE RIGHT(6)
#define PATH_OPEN RIGHT(13)
#define ALL_RIGHTS ((1ull << 30) - 1)

#endif
