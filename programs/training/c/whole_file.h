// Reads a whole file, with a zero byte behind it; ends the program if it cannot.

#ifndef TRAINING_WHOLE_FILE_H
#define TRAINING_WHOLE_FILE_H

#include <stdio.h>
#include <stdlib.h>

static char *whole_file(const char *path, size_t *length)
{
    size_t capacity = 1 << 16;
    char *bytes = malloc(capacity);
    FILE *file = fopen(path, "rb");
    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    *length = 0;
    for (;;) {
        *length += fread(bytes + *length, 1, capacity - 1 - *length, file);
        if (*length + 1 < capacity)
            break;
        capacity *= 2;
        bytes = realloc(bytes, capacity);
        if (bytes == NULL)
            exit(1);
    }
    bytes[*length] = '\0';
    fclose(file);
    return bytes;
}

#endif
