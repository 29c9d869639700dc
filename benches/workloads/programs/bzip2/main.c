// bzip2 in memory: compresses as many KiB of text as the argument says, decompresses them, and
// prints the size and a digest of what lay between.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common.h"
#include "bzlib.h"

// What bzlib calls where it is built without stdio.
void bz_internal_error(int code)
{
    printf("internal error %d\n", code);
    exit(1);
}

int main(int argc, char **argv)
{
    unsigned size = 1024 * (unsigned)(argc > 1 ? atoi(argv[1]) : 1);
    unsigned packed_size = size + size / 64 + 1000, unpacked_size = size;
    char *text = malloc(size), *packed = malloc(packed_size), *unpacked = malloc(size);
    write_text((byte *)text, (int)size);
    if (BZ2_bzBuffToBuffCompress(packed, &packed_size, text, size, 9, 0, 0) != BZ_OK
        || BZ2_bzBuffToBuffDecompress(unpacked, &unpacked_size, packed, packed_size, 0, 0) != BZ_OK
        || unpacked_size != size || memcmp(text, unpacked, size) != 0) {
        printf("it does not come back as it was\n");
        return 1;
    }
    u64 digest = DIGEST_START;
    for (unsigned i = 0; i < packed_size; i++)
        digest = mix(digest, (byte)packed[i]);
    printf("%u %016llx\n", packed_size, digest);
    return 0;
}
