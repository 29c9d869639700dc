/* Paths: in a directory of the host, in memory, in a union of the two, and read-only ones. */
#include "check.h"

static uint32_t count;
static char bytes[4096];
static char long_path[5000];

/* A directory, and one without rights. */
static int good, weak;

/* Every function that takes a path, reduced to that. */
typedef int of_path(int dir, const char *path, uint32_t len);
static int stat_at(int dir, const char *path, uint32_t len) {
    return path_filestat_get(dir, 0, path, len, bytes);
}
static int set_times(int dir, const char *path, uint32_t len) {
    return path_filestat_set_times(dir, 0, path, len, 0, 0, 0);
}
static int make(int dir, const char *path, uint32_t len) {
    return path_create_directory(dir, path, len);
}
static int remove_at(int dir, const char *path, uint32_t len) {
    return path_remove_directory(dir, path, len);
}
static int unlink_at(int dir, const char *path, uint32_t len) {
    return path_unlink_file(dir, path, len);
}
static int open_at(int dir, const char *path, uint32_t len) {
    return path_open(dir, 0, path, len, 0, FD_READ, 0, 0, bytes);
}
static int create_at(int dir, const char *path, uint32_t len) {
    return path_open(dir, 0, path, len, CREAT, FD_WRITE, 0, 0, bytes);
}
static int read_link(int dir, const char *path, uint32_t len) {
    return path_readlink(dir, path, len, bytes, 100, &count);
}
static int symlink_at(int dir, const char *path, uint32_t len) {
    return path_symlink(P("target"), dir, path, len);
}
static int rename_from(int dir, const char *path, uint32_t len) {
    return path_rename(dir, path, len, good, P("renamed"));
}
static int rename_to(int dir, const char *path, uint32_t len) {
    return path_rename(good, P("file"), dir, path, len);
}
static int link_from(int dir, const char *path, uint32_t len) {
    return path_link(dir, 0, path, len, good, P("linked"));
}
static int link_to(int dir, const char *path, uint32_t len) {
    return path_link(good, 0, P("file"), dir, path, len);
}

/* What every one of them says of a path that cannot be. */
static void refuses(const char *function, of_path *call) {
    struct {
        int errno_number;
        int dir;
        const char *path;
        uint32_t len;
    } cases[] = {
        {NOENT, good, P("")},
        {INVAL, good, P("a\0b")},
        {INVAL, good, P("new\0")},
        {ILSEQ, good, P("\xff")},
        {ILSEQ, good, P("a\xc0\xaf")},
        {NAMETOOLONG, good, long_path, 4097},
        {NAMETOOLONG, good, long_path, 256},
        {FAULT, good, OUTSIDE, 64},
        {FAULT, good, "x", UINT32_MAX},
        {PERM, good, P("/")},
        {PERM, good, P("/etc/passwd")},
        {PERM, good, P("../x")},
        {PERM, good, P("dir/../../x")},
        {PERM, good, P("out/x")},
        {LOOP, good, P("loop/x")},
        {NOTDIR, good, P("file/x")},
        {NOENT, good, P("nowhere/x")},
        {BADF, CLOSED, P("x")},
        {NOTDIR, 1, P("x")},
        {NOTCAPABLE, weak, P("x")},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        int found = call(cases[at].dir, cases[at].path, cases[at].len);
        returns(function, cases[at].errno_number, found, __FILE__, __LINE__);
        if (found != cases[at].errno_number) {
            put_text("FAILED in the case ");
            put_number(at);
            put_text("\n");
        }
    }
}

static void unfit(int dir) {
    good = dir;
    weak = open_path(dir, "dir", 0, DIRECTORY, 0, 0);
    HOLDS(fd_fdstat_set_rights(weak, 0, 0) == 0);
    refuses("path_filestat_get", stat_at);
    refuses("path_filestat_set_times", set_times);
    refuses("path_create_directory", make);
    refuses("path_remove_directory", remove_at);
    refuses("path_unlink_file", unlink_at);
    refuses("path_open", open_at);
    refuses("path_open", create_at);
    refuses("path_readlink", read_link);
    refuses("path_symlink", symlink_at);
    refuses("path_rename", rename_from);
    refuses("path_rename", rename_to);
    refuses("path_link", link_from);
    refuses("path_link", link_to);
    HOLDS(fd_close(weak) == 0);
}

static uint8_t type_of(int dir, int lookup, const char *path) {
    struct filestat stat;
    return path_filestat_get(dir, lookup, path, strlen(path), &stat) == 0 ? stat.type : 255;
}

/* What opening does. */
static void opening(int dir) {
    int fd;
    RETURNS(SUCCESS, path_open, dir, 0, P("file"), 0, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(SUCCESS, path_open, dir, FOLLOW, P("to-file"), 0, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(SUCCESS, path_open, dir, 0, P("dir/../dir/./inner"), 0, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(LOOP, path_open, dir, 0, P("to-file"), 0, FD_READ, 0, 0, &fd);
    RETURNS(LOOP, path_open, dir, FOLLOW, P("loop"), 0, FD_READ, 0, 0, &fd);
    RETURNS(PERM, path_open, dir, FOLLOW, P("out"), 0, FD_READ, 0, 0, &fd);
    RETURNS(PERM, path_open, dir, 0, P("out/"), 0, FD_READ, 0, 0, &fd);
    RETURNS(PERM, path_open, dir, FOLLOW, P("absolute"), 0, FD_READ, 0, 0, &fd);
    RETURNS(NOENT, path_open, dir, 0, P("nowhere"), 0, FD_READ, 0, 0, &fd);
    RETURNS(NOENT, path_open, dir, FOLLOW, P("dangling"), 0, FD_READ, 0, 0, &fd);
    RETURNS(NOTDIR, path_open, dir, 0, P("file"), DIRECTORY, FD_READ, 0, 0, &fd);
    RETURNS(NOTDIR, path_open, dir, 0, P("file/"), 0, FD_READ, 0, 0, &fd);
    RETURNS(NOTDIR, path_open, dir, 0, P("file/."), 0, FD_READ, 0, 0, &fd);
    RETURNS(ISDIR, path_open, dir, 0, P("dir"), 0, FD_READ | FD_WRITE, 0, 0, &fd);
    RETURNS(ISDIR, path_open, dir, 0, P("dir"), DIRECTORY, FD_WRITE, 0, 0, &fd);
    RETURNS(ISDIR, path_open, dir, 0, P("new/"), CREAT, FD_WRITE, 0, 0, &fd);
    RETURNS(INVAL, path_open, dir, 0, P("new"), CREAT | DIRECTORY, FD_WRITE, 0, 0, &fd);
    RETURNS(INVAL, path_open, dir, 0, P("file"), 16, FD_READ, 0, 0, &fd);
    RETURNS(INVAL, path_open, dir, 2, P("file"), 0, FD_READ, 0, 0, &fd);
    RETURNS(INVAL, path_open, dir, 0, P("file"), 0, FD_READ, 0, 32, &fd);
    RETURNS(EXIST, path_open, dir, 0, P("file"), CREAT | EXCL, FD_WRITE, 0, 0, &fd);
    RETURNS(EXIST, path_open, dir, FOLLOW, P("dangling"), CREAT | EXCL, FD_WRITE, 0, 0, &fd);
    RETURNS(FAULT, path_open, dir, 0, P("new"), CREAT, FD_WRITE, 0, 0, OUTSIDE);
    HOLDS(type_of(dir, 0, "new") == 255);

    /* A dangling link is a way to make its target. */
    RETURNS(SUCCESS, path_open, dir, FOLLOW, P("dangling"), CREAT, FD_WRITE, 0, 0, &fd);
    RETURNS(SUCCESS, fd_close, fd);
    HOLDS(type_of(dir, 0, "target") == REGULAR_FILE && type_of(dir, 0, "dangling") == SYMBOLIC_LINK);
    RETURNS(SUCCESS, path_unlink_file, dir, P("target"));
    RETURNS(PERM, path_open, dir, FOLLOW, P("out-new"), CREAT, FD_WRITE, 0, 0, &fd);

    /* As many as the host allows, and one more is not made. */
    int opened[32], number = 0;
    while (number < 32 && path_open(dir, 0, P("file"), 0, FD_READ, 0, 0, &opened[number]) == 0) number++;
    HOLDS(number > 8 && number < 32);
    RETURNS(MFILE, path_open, dir, 0, P("new"), CREAT, FD_WRITE, 0, 0, &fd);
    HOLDS(type_of(dir, 0, "new") == 255);
    while (number > 0) HOLDS(fd_close(opened[--number]) == 0);

    /* A directory passes on what it has. */
    int weak = open_path(dir, "dir", 0, DIRECTORY, 0, 0);
    RETURNS(SUCCESS, fd_fdstat_set_rights, weak, PATH_OPEN, FD_READ);
    RETURNS(NOTCAPABLE, path_open, weak, 0, P("inner"), 0, FD_READ | FD_WRITE, 0, 0, &fd);
    RETURNS(NOTCAPABLE, path_open, weak, 0, P("inner"), 0, FD_READ, FD_WRITE, 0, &fd);
    RETURNS(NOTCAPABLE, path_open, weak, 0, P("new"), CREAT, FD_READ, 0, 0, &fd);
    RETURNS(NOTCAPABLE, path_open, weak, 0, P("inner"), TRUNC, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, path_open, weak, 0, P("inner"), 0, FD_READ, 0, 0, &fd);
    RETURNS(NOTCAPABLE, fd_seek, fd, 1, SET, bytes);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(SUCCESS, fd_close, weak);
}

/* Attributes and times. */
static void attributes(int dir) {
    struct filestat stat;
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("to-dir"), &stat);
    HOLDS(stat.type == SYMBOLIC_LINK);
    RETURNS(SUCCESS, path_filestat_get, dir, FOLLOW, P("to-dir"), &stat);
    HOLDS(stat.type == A_DIRECTORY);
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("to-dir/"), &stat);
    HOLDS(stat.type == A_DIRECTORY);
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("file"), &stat);
    HOLDS(stat.type == REGULAR_FILE && stat.size == 7 && stat.links == 1);
    RETURNS(LOOP, path_filestat_get, dir, FOLLOW, P("loop"), &stat);
    RETURNS(PERM, path_filestat_get, dir, FOLLOW, P("out"), &stat);
    RETURNS(NOENT, path_filestat_get, dir, FOLLOW, P("dangling"), &stat);
    RETURNS(NOTDIR, path_filestat_get, dir, 0, P("file/"), &stat);
    RETURNS(INVAL, path_filestat_get, dir, 2, P("file"), &stat);
    RETURNS(FAULT, path_filestat_get, dir, 0, P("file"), OUTSIDE);

    RETURNS(SUCCESS, path_filestat_set_times, dir, 0, P("file"), 3000000000, 4000000000, ATIM | MTIM);
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("file"), &stat);
    HOLDS(stat.accessed == 3000000000 && stat.modified == 4000000000);
    RETURNS(SUCCESS, path_filestat_set_times, dir, 0, P("dangling"), 0, 7000000000, MTIM);
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("dangling"), &stat);
    HOLDS(stat.modified == 7000000000);
    RETURNS(SUCCESS, path_filestat_set_times, dir, FOLLOW, P("to-file"), 0, 0, MTIM_NOW);
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("file"), &stat);
    HOLDS(stat.accessed == 3000000000 && stat.modified > 1500000000000000000ull);
    RETURNS(NOENT, path_filestat_set_times, dir, FOLLOW, P("dangling"), 0, 0, MTIM_NOW);
    RETURNS(INVAL, path_filestat_set_times, dir, 0, P("file"), 0, 0, ATIM | ATIM_NOW);
    RETURNS(INVAL, path_filestat_set_times, dir, 4, P("file"), 0, 0, 0);
    /* As late as 64 bits can say, or as the file system can. */
    int late = path_filestat_set_times(dir, 0, P("file"), UINT64_MAX, UINT64_MAX, ATIM | MTIM);
    HOLDS(late == SUCCESS || late == INVAL);
}

static void names(int dir) {
    /* Directories. */
    RETURNS(SUCCESS, path_create_directory, dir, P("made"));
    RETURNS(EXIST, path_create_directory, dir, P("made"));
    RETURNS(EXIST, path_create_directory, dir, P("file"));
    RETURNS(EXIST, path_create_directory, dir, P("dangling"));
    RETURNS(SUCCESS, path_create_directory, dir, P("made/below/"));
    RETURNS(NOTEMPTY, path_remove_directory, dir, P("made"));
    RETURNS(NOTDIR, path_remove_directory, dir, P("file"));
    RETURNS(NOTDIR, path_remove_directory, dir, P("to-dir"));
    RETURNS(NOENT, path_remove_directory, dir, P("nowhere"));
    RETURNS(INVAL, path_remove_directory, dir, P("made/."));
    RETURNS(SUCCESS, path_remove_directory, dir, P("made/below/"));
    RETURNS(SUCCESS, path_remove_directory, dir, P("made"));

    /* Links. */
    RETURNS(SUCCESS, path_symlink, P("file"), dir, P("link"));
    RETURNS(EXIST, path_symlink, P("file"), dir, P("link"));
    RETURNS(EXIST, path_symlink, P("file"), dir, P("dir/"));
    RETURNS(PERM, path_symlink, P("/etc"), dir, P("new"));
    RETURNS(NOENT, path_symlink, P(""), dir, P("new"));
    RETURNS(INVAL, path_symlink, P("a\0b"), dir, P("new"));
    RETURNS(ILSEQ, path_symlink, P("\xff"), dir, P("new"));
    RETURNS(NAMETOOLONG, path_symlink, long_path, 4097, dir, P("new"));
    RETURNS(FAULT, path_symlink, OUTSIDE, 64, dir, P("new"));
    RETURNS(SUCCESS, path_readlink, dir, P("link"), bytes, 100, &count);
    HOLDS(count == 4 && memcmp(bytes, "file", 4) == 0);
    RETURNS(SUCCESS, path_readlink, dir, P("link"), bytes, 2, &count);
    HOLDS(count == 2);
    RETURNS(INVAL, path_readlink, dir, P("file"), bytes, 100, &count);
    RETURNS(INVAL, path_readlink, dir, P("dir"), bytes, 100, &count);
    RETURNS(NOENT, path_readlink, dir, P("nowhere"), bytes, 100, &count);
    RETURNS(PERM, path_readlink, dir, P("absolute"), bytes, 100, &count);
    RETURNS(FAULT, path_readlink, dir, P("link"), OUTSIDE, 100, &count);
    RETURNS(FAULT, path_readlink, dir, P("link"), bytes, 100, OUTSIDE);

    /* Further names. */
    struct filestat stat;
    RETURNS(SUCCESS, path_link, dir, 0, P("file"), dir, P("second"));
    HOLDS(path_filestat_get(dir, 0, P("file"), &stat) == 0 && stat.links == 2);
    RETURNS(EXIST, path_link, dir, 0, P("file"), dir, P("second"));
    RETURNS(EXIST, path_link, dir, 0, P("file"), dir, P("dir/"));
    RETURNS(NOENT, path_link, dir, 0, P("nowhere"), dir, P("new"));
    RETURNS(PERM, path_link, dir, 0, P("dir"), dir, P("new"));
    RETURNS(INVAL, path_link, dir, FOLLOW, P("link"), dir, P("new"));
    RETURNS(INVAL, path_link, dir, 2, P("file"), dir, P("new"));
    RETURNS(SUCCESS, path_link, dir, 0, P("link"), dir, P("second-link"));
    HOLDS(type_of(dir, 0, "second-link") == SYMBOLIC_LINK);
    RETURNS(XDEV, path_link, dir, 0, P("file"), dir == MEMORY ? HOST : MEMORY, P("new"));

    /* Removing. */
    RETURNS(ISDIR, path_unlink_file, dir, P("dir"));
    RETURNS(ISDIR, path_unlink_file, dir, P("dir/"));
    RETURNS(NOTDIR, path_unlink_file, dir, P("file/"));
    RETURNS(NOENT, path_unlink_file, dir, P("nowhere"));
    RETURNS(SUCCESS, path_unlink_file, dir, P("second"));
    RETURNS(SUCCESS, path_unlink_file, dir, P("second-link"));
    RETURNS(SUCCESS, path_unlink_file, dir, P("link"));
    RETURNS(NOENT, path_unlink_file, dir, P("link"));
    HOLDS(type_of(dir, 0, "file") == REGULAR_FILE);
}

static void renaming(int dir) {
    set_file(dir, "one", "one");
    set_file(dir, "two", "two");
    HOLDS(path_create_directory(dir, P("full")) == 0);
    HOLDS(path_create_directory(dir, P("empty")) == 0);
    HOLDS(path_create_directory(dir, P("full/below")) == 0);
    RETURNS(SUCCESS, path_rename, dir, P("one"), dir, P("two"));
    RETURNS(NOENT, path_rename, dir, P("one"), dir, P("two"));
    RETURNS(SUCCESS, path_rename, dir, P("two"), dir, P("two"));
    HOLDS(type_of(dir, 0, "two") == REGULAR_FILE);
    RETURNS(ISDIR, path_rename, dir, P("two"), dir, P("empty"));
    RETURNS(NOTDIR, path_rename, dir, P("empty"), dir, P("two"));
    RETURNS(NOTEMPTY, path_rename, dir, P("empty"), dir, P("full"));
    RETURNS(INVAL, path_rename, dir, P("full"), dir, P("full/below/deep"));
    RETURNS(NOTDIR, path_rename, dir, P("two/"), dir, P("new"));
    RETURNS(NOTDIR, path_rename, dir, P("two"), dir, P("new/"));
    RETURNS(BUSY, path_rename, dir, P("."), dir, P("new"));
    RETURNS(BUSY, path_rename, dir, P("full/.."), dir, P("new"));
    RETURNS(BUSY, path_rename, dir, P("two"), dir, P("full/."));
    RETURNS(XDEV, path_rename, dir, P("two"), dir == MEMORY ? HOST : MEMORY, P("new"));
    /* Over an empty directory that is open, and the other way round. */
    int open = open_path(dir, "empty", 0, DIRECTORY, 0, 0);
    RETURNS(SUCCESS, path_rename, dir, P("full/"), dir, P("empty/"));
    HOLDS(type_of(dir, 0, "empty/below") == A_DIRECTORY && type_of(dir, 0, "full") == 255);
    RETURNS(SUCCESS, fd_close, open);
    RETURNS(SUCCESS, path_remove_directory, dir, P("empty/below"));
    RETURNS(SUCCESS, path_remove_directory, dir, P("empty"));
    RETURNS(SUCCESS, path_unlink_file, dir, P("two"));
}

/* A file that has lost its name is still a file. */
static void nameless(int dir) {
    struct buffer text = {"kept", 4}, into = {bytes, 10};
    set_file(dir, "lost", "");
    int fd = open_path(dir, "lost", 0, 0, FD_READ | FD_WRITE, 0);
    RETURNS(SUCCESS, path_unlink_file, dir, P("lost"));
    RETURNS(SUCCESS, fd_write, fd, &text, 1, &count);
    RETURNS(SUCCESS, fd_pread, fd, &into, 1, 0, &count);
    HOLDS(count == 4 && memcmp(bytes, "kept", 4) == 0);
    struct filestat stat;
    RETURNS(SUCCESS, fd_filestat_get, fd, &stat);
    HOLDS(stat.links == 0);
    RETURNS(SUCCESS, fd_close, fd);
}

static void read_only(int dir) {
    int fd;
    RETURNS(SUCCESS, path_open, dir, FOLLOW, P("to-file"), 0, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(SUCCESS, path_open, dir, 0, P("file"), CREAT, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(ROFS, path_open, dir, 0, P("file"), 0, FD_READ | FD_WRITE, 0, 0, &fd);
    RETURNS(ROFS, path_open, dir, 0, P("file"), TRUNC, FD_READ, 0, 0, &fd);
    RETURNS(ROFS, path_open, dir, 0, P("new"), CREAT, FD_READ, 0, 0, &fd);
    RETURNS(ROFS, path_open, dir, 0, P("dir/new"), CREAT | EXCL, FD_WRITE, 0, 0, &fd);
    RETURNS(EXIST, path_open, dir, 0, P("file"), CREAT | EXCL, FD_WRITE, 0, 0, &fd);
    RETURNS(ISDIR, path_open, dir, 0, P("dir"), 0, FD_WRITE, 0, 0, &fd);
    RETURNS(NOENT, path_open, dir, 0, P("nowhere"), 0, FD_WRITE, 0, 0, &fd);
    RETURNS(PERM, path_open, dir, FOLLOW, P("out"), 0, FD_READ, 0, 0, &fd);
    RETURNS(ROFS, path_create_directory, dir, P("new"));
    RETURNS(EXIST, path_create_directory, dir, P("dir"));
    RETURNS(ROFS, path_remove_directory, dir, P("dir"));
    RETURNS(ROFS, path_unlink_file, dir, P("file"));
    RETURNS(NOENT, path_unlink_file, dir, P("nowhere"));
    RETURNS(ROFS, path_rename, dir, P("file"), dir, P("new"));
    RETURNS(ROFS, path_link, dir, 0, P("file"), dir, P("new"));
    RETURNS(XDEV, path_link, HOST, 0, P("file"), dir, P("new"));
    RETURNS(ROFS, path_symlink, P("file"), dir, P("new"));
    RETURNS(ROFS, path_filestat_set_times, dir, 0, P("file"), 0, 0, MTIM_NOW);
    RETURNS(SUCCESS, path_readlink, dir, P("to-file"), bytes, 100, &count);
    RETURNS(SUCCESS, path_filestat_get, dir, 0, P("file"), bytes);
    /* What is below is as it is itself. */
    RETURNS(SUCCESS, path_open, dir, 0, P("dir"), DIRECTORY, 0, 0, 0, &fd);
    RETURNS(ROFS, path_unlink_file, fd, P("inner"));
    RETURNS(SUCCESS, fd_close, fd);
}

/* Neither end of a pipe of the host makes opening wait; devices tell what they are. */
static void pipes(void) {
    int fd;
    struct buffer into = {bytes, 4};
    struct fdstat stat;
    RETURNS(SUCCESS, path_open, HOST, 0, P("fifo"), 0, FD_READ, 0, 0, &fd);
    RETURNS(SUCCESS, fd_fdstat_get, fd, &stat);
    HOLDS(stat.type == UNKNOWN && stat.flags == 0);
    RETURNS(SUCCESS, fd_read, fd, &into, 1, &count);
    HOLDS(count == 0);
    uint64_t position;
    RETURNS(SPIPE, fd_seek, fd, 1, SET, &position);
    RETURNS(SPIPE, fd_tell, fd, &position);
    RETURNS(SPIPE, fd_pread, fd, &into, 1, 0, &count);

    /* With a reader there is one to write to; then reading finds nothing, or waits. */
    int writer = open_path(HOST, "fifo", 0, 0, FD_WRITE, NONBLOCK);
    HOLDS(writer > 0);
    RETURNS(SUCCESS, fd_fdstat_set_flags, fd, NONBLOCK);
    RETURNS(AGAIN, fd_read, fd, &into, 1, &count);
    RETURNS(SUCCESS, fd_write, writer, &into, 1, &count);
    RETURNS(SUCCESS, fd_fdstat_set_flags, fd, 0);
    RETURNS(SUCCESS, fd_read, fd, &into, 1, &count);
    HOLDS(count == 4);
    while (fd_write(writer, &(struct buffer){bytes, sizeof bytes}, 1, &count) == 0) {}
    RETURNS(AGAIN, fd_write, writer, &(struct buffer){bytes, sizeof bytes}, 1, &count);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(PIPE, fd_write, writer, &into, 1, &count);
    RETURNS(SUCCESS, fd_close, writer);
    RETURNS(NXIO, path_open, HOST, 0, P("fifo"), 0, FD_WRITE, 0, 0, &fd);
    RETURNS(SUCCESS, path_filestat_set_times, HOST, FOLLOW, P("fifo"), 0, 0, MTIM_NOW);
    RETURNS(ILSEQ, path_readlink, HOST, P("bad-target"), bytes, 100, &count);
}

int main(void) {
    memset(long_path, 'x', sizeof long_path);
    int directories[] = {HOST, MEMORY, UNION};
    for (int at = 0; at < 3; at++) {
        int dir = directories[at];
        unfit(dir);
        opening(dir);
        attributes(dir);
        names(dir);
        renaming(dir);
        nameless(dir);
    }
    read_only(READ_ONLY);
    pipes();
    return 0;
}
