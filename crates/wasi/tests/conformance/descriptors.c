/* Descriptors: files of each file system, streams, directories, their rights and flags. */
#include "check.h"

static uint32_t count;
static uint64_t position;
static char bytes[4096];

static struct buffer of(const char *text) {
    return (struct buffer){text, strlen(text)};
}

/* A file of the directory `dir`. */
static void files(int dir) {
    struct buffer text = of("0123456789"), into = {bytes, 4}, fault[2] = {{"x", 1}, {OUTSIDE, 32}};
    struct buffer large[2] = {{0, 1 << 16}, {0, UINT32_MAX}};
    struct fdstat stat;
    struct filestat file;

    int fd = open_path(dir, "data", 0, CREAT | TRUNC, FD_READ | FD_WRITE, 0);
    HOLDS(fd >= 0);
    RETURNS(SUCCESS, fd_write, fd, &text, 1, &count);
    HOLDS(count == 10);
    RETURNS(SUCCESS, fd_tell, fd, &position);
    HOLDS(position == 10);
    RETURNS(SUCCESS, fd_seek, fd, 2, SET, &position);
    RETURNS(SUCCESS, fd_read, fd, &into, 1, &count);
    HOLDS(count == 4 && memcmp(bytes, "2345", 4) == 0);
    RETURNS(SUCCESS, fd_pread, fd, &into, 1, 8, &count);
    HOLDS(count == 2 && memcmp(bytes, "89", 2) == 0);
    RETURNS(SUCCESS, fd_pread, fd, &into, 1, 1 << 20, &count);
    HOLDS(count == 0);
    text = of("xy");
    RETURNS(SUCCESS, fd_pwrite, fd, &text, 1, 12, &count);
    RETURNS(SUCCESS, fd_seek, fd, 0, CUR, &position);
    HOLDS(position == 6);
    RETURNS(SUCCESS, fd_filestat_get, fd, &file);
    HOLDS(file.size == 14 && file.type == REGULAR_FILE && file.links == 1);
    RETURNS(SUCCESS, fd_pread, fd, &into, 1, 10, &count);
    HOLDS(memcmp(bytes, "\0\0xy", 4) == 0);
    RETURNS(SUCCESS, fd_seek, fd, -1, END, &position);
    HOLDS(position == 13);
    RETURNS(SUCCESS, fd_seek, fd, 100, END, &position);
    HOLDS(position == 114);
    RETURNS(SUCCESS, fd_read, fd, &into, 1, &count);
    HOLDS(count == 0);

    /* Before the start, and beyond what 63 bits can say. */
    RETURNS(INVAL, fd_seek, fd, -1, SET, &position);
    RETURNS(INVAL, fd_seek, fd, -200, CUR, &position);
    RETURNS(INVAL, fd_seek, fd, INT64_MIN, END, &position);
    RETURNS(INVAL, fd_seek, fd, 0, 3, &position);
    RETURNS(FAULT, fd_seek, fd, 1, SET, AT_END);
    RETURNS(FAULT, fd_tell, fd, OUTSIDE);
    RETURNS(INVAL, fd_pread, fd, &into, 1, 1ull << 63, &count);
    RETURNS(INVAL, fd_pwrite, fd, &into, 1, UINT64_MAX, &count);

    /* Buffers. */
    RETURNS(FAULT, fd_write, fd, fault, 2, &count);
    RETURNS(FAULT, fd_read, fd, fault, 2, &count);
    RETURNS(FAULT, fd_pread, fd, fault, 2, 0, &count);
    RETURNS(FAULT, fd_pwrite, fd, fault, 2, 0, &count);
    RETURNS(FAULT, fd_read, fd, OUTSIDE, 1, &count);
    RETURNS(FAULT, fd_read, fd, &into, 1, OUTSIDE);
    RETURNS(FAULT, fd_write, fd, &into, 1, OUTSIDE);
    RETURNS(FAULT, fd_write, fd, &into, UINT32_MAX, &count);
    RETURNS(FAULT, fd_pread, fd, &into, 0x20000000, 0, &count);
    RETURNS(FAULT, fd_read, fd, large, 2, &count);
    RETURNS(SUCCESS, fd_write, fd, 0, 0, &count);
    HOLDS(count == 0);

    /* Size, space, times. */
    RETURNS(SUCCESS, fd_filestat_set_size, fd, 5);
    RETURNS(SUCCESS, fd_filestat_get, fd, &file);
    HOLDS(file.size == 5);
    RETURNS(INVAL, fd_filestat_set_size, fd, UINT64_MAX);
    RETURNS(SUCCESS, fd_allocate, fd, 0, 20);
    RETURNS(SUCCESS, fd_filestat_get, fd, &file);
    HOLDS(file.size == 20);
    RETURNS(INVAL, fd_allocate, fd, 0, 0);
    RETURNS(FBIG, fd_allocate, fd, UINT64_MAX, 2);
    RETURNS(FBIG, fd_allocate, fd, 1ull << 62, 1ull << 62);
    for (int advice = 0; advice < 6; advice++) RETURNS(SUCCESS, fd_advise, fd, 0, 10, advice);
    RETURNS(INVAL, fd_advise, fd, 0, 10, 6);
    RETURNS(INVAL, fd_advise, fd, UINT64_MAX, 2, 0);
    RETURNS(SUCCESS, fd_filestat_set_times, fd, 1000000000, 2000000000, ATIM | MTIM);
    RETURNS(SUCCESS, fd_filestat_get, fd, &file);
    HOLDS(file.accessed == 1000000000 && file.modified == 2000000000);
    RETURNS(SUCCESS, fd_filestat_set_times, fd, 0, 0, MTIM_NOW);
    RETURNS(SUCCESS, fd_filestat_get, fd, &file);
    HOLDS(file.accessed == 1000000000 && file.modified > 1500000000000000000ull);
    RETURNS(INVAL, fd_filestat_set_times, fd, 0, 0, MTIM | MTIM_NOW);
    RETURNS(INVAL, fd_filestat_set_times, fd, 0, 0, 16);
    RETURNS(FAULT, fd_filestat_get, fd, OUTSIDE);
    RETURNS(SUCCESS, fd_sync, fd);
    RETURNS(SUCCESS, fd_datasync, fd);

    /* Flags. */
    RETURNS(SUCCESS, fd_fdstat_get, fd, &stat);
    HOLDS(stat.type == REGULAR_FILE && stat.flags == 0 && (stat.rights & FD_READ) && (stat.rights & FD_WRITE));
    RETURNS(SUCCESS, fd_fdstat_set_flags, fd, APPEND);
    RETURNS(SUCCESS, fd_fdstat_get, fd, &stat);
    HOLDS(stat.flags == APPEND);
    RETURNS(SUCCESS, fd_seek, fd, 0, SET, &position);
    text = of("end");
    RETURNS(SUCCESS, fd_write, fd, &text, 1, &count);
    RETURNS(SUCCESS, fd_tell, fd, &position);
    HOLDS(position == 23);
    /* At an offset means there, in append mode too. */
    text = of("start");
    RETURNS(SUCCESS, fd_pwrite, fd, &text, 1, 0, &count);
    RETURNS(SUCCESS, fd_filestat_get, fd, &file);
    HOLDS(file.size == 23);
    RETURNS(SUCCESS, fd_pread, fd, &into, 1, 0, &count);
    HOLDS(memcmp(bytes, "star", 4) == 0);
    RETURNS(INVAL, fd_fdstat_set_flags, fd, 32);
    RETURNS(FAULT, fd_fdstat_get, fd, OUTSIDE);

    /* Rights are taken away and not given back. */
    RETURNS(NOTCAPABLE, fd_fdstat_set_rights, fd, ALL_RIGHTS, 0);
    RETURNS(NOTCAPABLE, fd_fdstat_set_rights, fd, FD_READ, FD_READ);
    RETURNS(SUCCESS, fd_fdstat_set_rights, fd, FD_READ | FD_WRITE, 0);
    RETURNS(NOTCAPABLE, fd_seek, fd, 1, SET, &position);
    RETURNS(NOTCAPABLE, fd_tell, fd, &position);
    RETURNS(NOTCAPABLE, fd_pread, fd, &into, 1, 0, &count);
    RETURNS(NOTCAPABLE, fd_pwrite, fd, &into, 1, 0, &count);
    RETURNS(NOTCAPABLE, fd_advise, fd, 0, 1, 0);
    RETURNS(NOTCAPABLE, fd_allocate, fd, 0, 1);
    RETURNS(NOTCAPABLE, fd_sync, fd);
    RETURNS(NOTCAPABLE, fd_datasync, fd);
    RETURNS(NOTCAPABLE, fd_filestat_get, fd, &file);
    RETURNS(NOTCAPABLE, fd_filestat_set_size, fd, 0);
    RETURNS(NOTCAPABLE, fd_filestat_set_times, fd, 0, 0, 0);
    RETURNS(NOTCAPABLE, fd_fdstat_set_flags, fd, 0);
    RETURNS(SUCCESS, fd_fdstat_set_rights, fd, 0, 0);
    RETURNS(BADF, fd_read, fd, &into, 1, &count);
    RETURNS(BADF, fd_write, fd, &into, 1, &count);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(BADF, fd_write, fd, &into, 1, &count);

    /* Opened one way and used the other. */
    fd = open_path(dir, "data", 0, 0, FD_READ, 0);
    RETURNS(BADF, fd_write, fd, &into, 1, &count);
    RETURNS(BADF, fd_pwrite, fd, &into, 1, 0, &count);
    RETURNS(NOTCAPABLE, fd_filestat_set_size, fd, 0);
    RETURNS(SUCCESS, fd_close, fd);
    fd = open_path(dir, "data", 0, 0, FD_WRITE, 0);
    RETURNS(BADF, fd_read, fd, &into, 1, &count);
    RETURNS(BADF, fd_pread, fd, &into, 1, 0, &count);
    RETURNS(SUCCESS, fd_close, fd);
}

/* All that takes a descriptor, of one that is not open. */
static void closed(void) {
    struct buffer into = {bytes, 4};
    int numbers[] = {CLOSED, 1 << 20, -1, INT32_MIN};
    for (int at = 0; at < 4; at++) {
        int fd = numbers[at];
        RETURNS(BADF, fd_advise, fd, 0, 1, 0);
        RETURNS(BADF, fd_allocate, fd, 0, 1);
        RETURNS(BADF, fd_close, fd);
        RETURNS(BADF, fd_datasync, fd);
        RETURNS(BADF, fd_fdstat_get, fd, bytes);
        RETURNS(BADF, fd_fdstat_set_flags, fd, 0);
        RETURNS(BADF, fd_fdstat_set_rights, fd, 0, 0);
        RETURNS(BADF, fd_filestat_get, fd, bytes);
        RETURNS(BADF, fd_filestat_set_size, fd, 0);
        RETURNS(BADF, fd_filestat_set_times, fd, 0, 0, 0);
        RETURNS(BADF, fd_pread, fd, &into, 1, 0, &count);
        RETURNS(BADF, fd_prestat_get, fd, bytes);
        RETURNS(BADF, fd_prestat_dir_name, fd, bytes, 16);
        RETURNS(BADF, fd_pwrite, fd, &into, 1, 0, &count);
        RETURNS(BADF, fd_read, fd, &into, 1, &count);
        RETURNS(BADF, fd_readdir, fd, bytes, sizeof bytes, 0, &count);
        RETURNS(BADF, fd_renumber, fd, 1);
        RETURNS(BADF, fd_renumber, 1, fd);
        RETURNS(BADF, fd_seek, fd, 0, SET, &position);
        RETURNS(BADF, fd_sync, fd);
        RETURNS(BADF, fd_tell, fd, &position);
        RETURNS(BADF, fd_write, fd, &into, 1, &count);
    }
}

static void streams(void) {
    struct buffer into = {bytes, 4}, text = of("12345");
    struct fdstat stat;
    struct filestat file;
    RETURNS(SUCCESS, fd_read, 0, &into, 1, &count);
    HOLDS(count == 4 && memcmp(bytes, "inpu", 4) == 0);
    RETURNS(SUCCESS, fd_read, 0, &into, 1, &count);
    HOLDS(count == 1);
    RETURNS(SUCCESS, fd_read, 0, &into, 1, &count);
    HOLDS(count == 0);
    RETURNS(BADF, fd_write, 0, &into, 1, &count);
    RETURNS(BADF, fd_read, 1, &into, 1, &count);
    /* Standard error holds four bytes. */
    RETURNS(SUCCESS, fd_write, 2, &text, 1, &count);
    HOLDS(count == 4);
    RETURNS(NOSPC, fd_write, 2, &text, 1, &count);
    RETURNS(SPIPE, fd_seek, 1, 0, SET, &position);
    RETURNS(SPIPE, fd_tell, 0, &position);
    RETURNS(SPIPE, fd_pread, 0, &into, 1, 0, &count);
    RETURNS(SPIPE, fd_pwrite, 1, &into, 1, 0, &count);
    RETURNS(SPIPE, fd_advise, 0, 0, 1, 0);
    RETURNS(SPIPE, fd_allocate, 1, 0, 1);
    RETURNS(SPIPE, fd_filestat_set_size, 1, 0);
    RETURNS(NOTSUP, fd_filestat_set_times, 1, 0, 0, MTIM_NOW);
    RETURNS(INVAL, fd_sync, 0);
    RETURNS(INVAL, fd_datasync, 0);
    RETURNS(SUCCESS, fd_sync, 1);
    RETURNS(SUCCESS, fd_datasync, 1);
    RETURNS(NOTSUP, fd_fdstat_set_flags, 1, APPEND);
    RETURNS(SUCCESS, fd_fdstat_set_flags, 1, NONBLOCK);
    RETURNS(SUCCESS, fd_fdstat_get, 1, &stat);
    HOLDS(stat.flags == NONBLOCK && stat.type == UNKNOWN && !(stat.rights & (FD_SEEK | FD_TELL)));
    RETURNS(SUCCESS, fd_filestat_get, 0, &file);
    HOLDS(file.size == 0 && file.type == UNKNOWN);
    RETURNS(BADF, fd_prestat_get, 0, bytes);
}

static void directories(void) {
    struct buffer into = {bytes, 4};
    uint32_t prestat[2];
    char name[16] = "";
    RETURNS(SUCCESS, fd_prestat_get, HOST, prestat);
    HOLDS(prestat[0] == 0 && prestat[1] == 5);
    RETURNS(SUCCESS, fd_prestat_dir_name, HOST, name, sizeof name);
    HOLDS(strcmp(name, "/host") == 0);
    RETURNS(NAMETOOLONG, fd_prestat_dir_name, HOST, name, 4);
    RETURNS(FAULT, fd_prestat_dir_name, HOST, OUTSIDE, 16);
    RETURNS(FAULT, fd_prestat_get, HOST, AT_END);
    RETURNS(BADF, fd_read, HOST, &into, 1, &count);
    RETURNS(BADF, fd_write, HOST, &into, 1, &count);
    RETURNS(BADF, fd_seek, HOST, 0, SET, &position);
    RETURNS(BADF, fd_tell, HOST, &position);
    RETURNS(BADF, fd_advise, HOST, 0, 1, 0);
    RETURNS(BADF, fd_allocate, HOST, 0, 1);
    RETURNS(BADF, fd_filestat_set_size, HOST, 0);
    RETURNS(NOTSUP, fd_fdstat_set_flags, HOST, APPEND);
    RETURNS(SUCCESS, fd_sync, HOST);
    RETURNS(SUCCESS, fd_datasync, HOST);
    RETURNS(SUCCESS, fd_filestat_set_times, HOST, 0, 5000000000, MTIM);
    RETURNS(ROFS, fd_filestat_set_times, READ_ONLY, 0, 0, MTIM_NOW);
    struct filestat file;
    RETURNS(SUCCESS, fd_filestat_get, HOST, &file);
    HOLDS(file.type == A_DIRECTORY && file.modified == 5000000000);
}

/* Listings: every name once from any cookie on, though the directory changes. */
static void listings(int dir) {
    uint64_t cookies[16];
    char name[2] = "0";
    int entries = 0, found = 0;
    HOLDS(path_create_directory(dir, P("many")) == 0);
    int fd = open_path(dir, "many", 0, DIRECTORY, 0, 0);
    for (name[0] = '0'; name[0] < '8'; name[0]++) set_file(fd, name, "x");
    RETURNS(SUCCESS, fd_readdir, fd, bytes, sizeof bytes, 0, &count);
    HOLDS(count < sizeof bytes);
    for (uint32_t at = 0; at < count; entries++) {
        uint32_t len;
        memcpy(&cookies[entries], bytes + at, 8);
        memcpy(&len, bytes + at + 16, 4);
        found += len == 1 && bytes[at + 24] >= '0' && bytes[at + 24] < '8' && bytes[at + 20] == REGULAR_FILE;
        at += 24 + len;
    }
    HOLDS(entries == 10 && found == 8);
    /* One entry fits; another file comes, one goes; the places stay. */
    RETURNS(SUCCESS, path_unlink_file, fd, P("3"));
    set_file(fd, "9", "x");
    uint32_t all = count;
    RETURNS(SUCCESS, fd_readdir, fd, bytes, sizeof bytes, cookies[4], &count);
    HOLDS(count == 5 * 25);
    RETURNS(SUCCESS, fd_readdir, fd, bytes, 10, cookies[4], &count);
    HOLDS(count == 10);
    RETURNS(SUCCESS, fd_readdir, fd, bytes, 0, 0, &count);
    HOLDS(count == 0);
    /* From the start it is taken anew. */
    RETURNS(SUCCESS, fd_readdir, fd, bytes, sizeof bytes, 0, &count);
    HOLDS(count == all);
    RETURNS(SUCCESS, fd_readdir, fd, bytes, sizeof bytes, UINT64_MAX, &count);
    HOLDS(count == 0);
    RETURNS(FAULT, fd_readdir, fd, OUTSIDE, 100, 0, &count);
    RETURNS(FAULT, fd_readdir, fd, bytes, sizeof bytes, 0, OUTSIDE);
    RETURNS(NOTDIR, fd_readdir, 1, bytes, sizeof bytes, 0, &count);
    /* The host allows the names of 64 entries to be kept. */
    char names[3] = "aa";
    for (int number = 0; number < 64; number++) {
        names[0] = 'a' + number / 26;
        names[1] = 'a' + number % 26;
        set_file(fd, names, "");
    }
    RETURNS(NOMEM, fd_readdir, fd, bytes, sizeof bytes, 0, &count);
    RETURNS(SUCCESS, fd_fdstat_set_rights, fd, PATH_OPEN, 0);
    RETURNS(NOTCAPABLE, fd_readdir, fd, bytes, sizeof bytes, 0, &count);
    RETURNS(NOTCAPABLE, fd_filestat_get, fd, bytes);
    RETURNS(SUCCESS, fd_close, fd);
}

/* Memory holds a mebibyte. */
static void space(void) {
    int fd = open_path(MEMORY, "large", 0, CREAT, FD_WRITE, 0);
    struct buffer text = of("x");
    RETURNS(NOSPC, fd_filestat_set_size, fd, 1 << 20);
    RETURNS(NOSPC, fd_allocate, fd, 0, 1 << 20);
    RETURNS(NOSPC, fd_pwrite, fd, &text, 1, 1 << 20, &count);
    RETURNS(SUCCESS, fd_filestat_set_size, fd, 1 << 10);
    RETURNS(SUCCESS, fd_fdstat_set_flags, fd, SYNC);
    RETURNS(SUCCESS, fd_close, fd);
    RETURNS(SUCCESS, path_unlink_file, MEMORY, P("large"));
    fd = open_path(HOST, "data", 0, 0, FD_WRITE, 0);
    RETURNS(NOTSUP, fd_fdstat_set_flags, fd, SYNC);
    RETURNS(SUCCESS, fd_close, fd);
}

static void renumbering(void) {
    struct buffer into = {bytes, 4};
    set_file(HOST, "one", "one");
    set_file(HOST, "two", "two");
    int one = open_path(HOST, "one", 0, 0, FD_READ, 0);
    int two = open_path(HOST, "two", 0, 0, FD_READ, 0);
    RETURNS(SUCCESS, fd_renumber, one, one);
    RETURNS(SUCCESS, fd_renumber, two, one);
    RETURNS(SUCCESS, fd_read, one, &into, 1, &count);
    HOLDS(memcmp(bytes, "two", 3) == 0);
    RETURNS(BADF, fd_read, two, &into, 1, &count);
    /* Onto a given directory: that is closed. */
    RETURNS(SUCCESS, fd_renumber, one, UNION);
    RETURNS(BADF, fd_prestat_get, UNION, bytes);
    RETURNS(SUCCESS, fd_close, UNION);
    /* The smallest free number is the next. */
    HOLDS(open_path(HOST, "one", 0, 0, FD_READ, 0) == UNION);
}

int main(void) {
    files(HOST);
    files(MEMORY);
    files(UNION);
    closed();
    streams();
    directories();
    listings(HOST);
    listings(MEMORY);
    listings(UNION);
    space();
    renumbering();
    return 0;
}
