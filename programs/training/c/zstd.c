// zstd: see pack.h.

#include "pack.h"
#include "zstd.h"

static const int levels[2] = {2, 9};

static size_t bound(size_t length)
{
    return ZSTD_compressBound(length);
}

static size_t pack(char *packed, size_t capacity, const char *bytes, size_t length, int level)
{
    return ZSTD_compress(packed, capacity, bytes, length, level);
}

static size_t unpack(char *bytes, size_t capacity, const char *packed, size_t length)
{
    return ZSTD_decompress(bytes, capacity, packed, length);
}
