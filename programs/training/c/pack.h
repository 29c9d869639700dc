// The main program of the compressors: packs and unpacks each of the files that are its arguments
// at two levels, and checks that what comes out is what went in. The including file defines:
//
//   levels   the two levels
//   bound    the size of a buffer that holds any file of that length when packed
//   pack     packs, and returns the packed length
//   unpack   unpacks, and returns the unpacked length

#include <string.h>

#include "whole_file.h"

static const int levels[2];
static size_t bound(size_t length);
static size_t pack(char *packed, size_t capacity, const char *bytes, size_t length, int level);
static size_t unpack(char *bytes, size_t capacity, const char *packed, size_t length);

int main(int count, char **arguments)
{
    for (int argument = 1; argument < count; argument++) {
        size_t length;
        char *bytes = whole_file(arguments[argument], &length);
        char *packed = malloc(bound(length)), *again = malloc(length + 1);
        if (packed == NULL || again == NULL)
            return 1;
        for (int i = 0; i < 2; i++) {
            size_t packed_length = pack(packed, bound(length), bytes, length, levels[i]);
            if (unpack(again, length, packed, packed_length) != length || memcmp(bytes, again, length) != 0) {
                fprintf(stderr, "%s: does not survive level %d\n", arguments[argument], levels[i]);
                return 1;
            }
            printf("%s: %zu bytes, %zu at level %d\n", arguments[argument], length, packed_length, levels[i]);
        }
        free(again);
        free(packed);
        free(bytes);
    }
    return 0;
}
