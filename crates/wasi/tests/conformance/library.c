/* The same through a C library: what programs really do. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOLDS(condition) \
    ((condition) ? (void)0 : (void)printf("FAILED %s:%d does not hold: %s\n", __FILE__, __LINE__, #condition))
#define FAILS(number, call) (errno = 0, HOLDS((call) < 0 && errno == (number)))

static void everything_in(const char *directory) {
    char path[100], other[100], text[100];
    struct stat stat_buffer;
    snprintf(path, sizeof path, "%s/story.txt", directory);
    snprintf(other, sizeof other, "%s/tale.txt", directory);

    FILE *file = fopen(path, "w");
    HOLDS(file && fprintf(file, "%s %d\n", "line", 1) == 7 && fclose(file) == 0);
    file = fopen(path, "a+");
    HOLDS(file && fputs("line 2\n", file) >= 0);
    rewind(file);
    HOLDS(fgets(text, sizeof text, file) && strcmp(text, "line 1\n") == 0);
    HOLDS(fgets(text, sizeof text, file) && strcmp(text, "line 2\n") == 0);
    HOLDS(!fgets(text, sizeof text, file) && feof(file) && fclose(file) == 0);

    HOLDS(stat(path, &stat_buffer) == 0 && S_ISREG(stat_buffer.st_mode) && stat_buffer.st_size == 14);
    HOLDS(truncate(path, 6) == 0 && stat(path, &stat_buffer) == 0 && stat_buffer.st_size == 6);
    HOLDS(rename(path, other) == 0);
    FAILS(ENOENT, stat(path, &stat_buffer));
    HOLDS(link(other, path) == 0 && unlink(path) == 0);
    HOLDS(symlink("tale.txt", path) == 0 && lstat(path, &stat_buffer) == 0 && S_ISLNK(stat_buffer.st_mode));
    HOLDS(readlink(path, text, sizeof text) == 8 && memcmp(text, "tale.txt", 8) == 0);
    HOLDS(access(path, R_OK) == 0 && unlink(path) == 0 && unlink(other) == 0);

    snprintf(path, sizeof path, "%s/folder", directory);
    HOLDS(mkdir(path, 0777) == 0);
    FAILS(EEXIST, mkdir(path, 0777));
    for (int number = 0; number < 100; number++) {
        snprintf(other, sizeof other, "%s/a file with number %d", path, number);
        int fd = open(other, O_CREAT | O_WRONLY | O_EXCL, 0666);
        HOLDS(fd >= 0 && write(fd, other, strlen(other)) == (ssize_t)strlen(other) && close(fd) == 0);
    }
    FAILS(ENOTEMPTY, rmdir(path));
    /* Removing while reading. */
    DIR *entries = opendir(path);
    struct dirent *entry;
    int removed = 0;
    HOLDS(entries != NULL);
    while (entries && (entry = readdir(entries))) {
        if (entry->d_name[0] == '.') continue;
        HOLDS(entry->d_type == DT_REG);
        HOLDS(unlinkat(dirfd(entries), entry->d_name, 0) == 0);
        removed++;
    }
    HOLDS(removed == 100 && closedir(entries) == 0 && rmdir(path) == 0);
}

int main(int argc, char **argv) {
    HOLDS(argc == 3 && strcmp(argv[1], "two words") == 0 && strcmp(getenv("NAME"), "value") == 0);
    everything_in("/host");
    everything_in("/memory");
    everything_in("/union");
    FAILS(EROFS, open("/read-only/file", O_RDWR));
    FAILS(EROFS, unlink("/read-only/file"));
    FAILS(ENOENT, open("/read-only/nowhere", O_RDONLY));
    HOLDS(open("/nowhere", O_RDONLY) < 0);
    /* What is no terminal is not taken for one. */
    HOLDS(!isatty(0) && !isatty(1));
    HOLDS(time(NULL) > 1500000000);
    return 0;
}
