// What benches/io.sh measures: a guest that copies a file to standard output, and one that makes many small
// files, lists them and removes them.
//
//   guest cat SIZE FILE     reads and writes SIZE bytes at a time
//   guest create NUMBER     makes the directory `many` and in it so many files of 16 bytes
//   guest list NUMBER       reads the directory, and fails unless so many are in it
//   guest remove NUMBER     removes them and the directory
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *what) {
    perror(what);
    return 1;
}

static int cat(size_t size, const char *name) {
    char *buffer = malloc(size);
    int file = open(name, O_RDONLY);
    if (!buffer || file < 0) {
        return failed(name);
    }
    ssize_t got;
    while ((got = read(file, buffer, size)) > 0) {
        for (ssize_t done = 0, now; done < got; done += now) {
            now = write(STDOUT_FILENO, buffer + done, (size_t)(got - done));
            if (now <= 0) {
                return failed("standard output");
            }
        }
    }
    return got < 0 ? failed(name) : 0;
}

static const char *name_of(long number) {
    static char name[64];
    snprintf(name, sizeof name, "many/file-%06ld.txt", number);
    return name;
}

static int create(long number) {
    if (mkdir("many", 0777)) {
        return failed("many");
    }
    for (long i = 0; i < number; ++i) {
        int file = open(name_of(i), O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (file < 0 || write(file, "sixteen letters\n", 16) != 16 || close(file)) {
            return failed(name_of(i));
        }
    }
    return 0;
}

static int list(long number) {
    DIR *directory = opendir("many");
    if (!directory) {
        return failed("many");
    }
    long found = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        found += strncmp(entry->d_name, "file-", 5) == 0;
    }
    closedir(directory);
    if (found != number) {
        fprintf(stderr, "%ld instead of %ld\n", found, number);
        return 1;
    }
    return 0;
}

static int remove_all(long number) {
    for (long i = 0; i < number; ++i) {
        if (unlink(name_of(i))) {
            return failed(name_of(i));
        }
    }
    return rmdir("many") ? failed("many") : 0;
}

int main(int count, char **arguments) {
    const char *what = count > 2 ? arguments[1] : "";
    long number = count > 2 ? atol(arguments[2]) : 0;
    if (!strcmp(what, "cat") && count == 4 && number > 0) {
        return cat((size_t)number, arguments[3]);
    }
    if (!strcmp(what, "create")) {
        return create(number);
    }
    if (!strcmp(what, "list")) {
        return list(number);
    }
    if (!strcmp(what, "remove")) {
        return remove_all(number);
    }
    fprintf(stderr, "guest cat SIZE FILE | create NUMBER | list NUMBER | remove NUMBER\n");
    return 2;
}
