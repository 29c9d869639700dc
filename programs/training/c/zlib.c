// zlib: see pack.h.

#include "pack.h"
#include "zlib.h"

static const int levels[2] = {2, 6};

static size_t bound(size_t length)
{
    return compressBound(length);
}

static size_t pack(char *packed, size_t capacity, const char *bytes, size_t length, int level)
{
    uLongf packed_length = capacity;
    int result = compress2((Bytef *)packed, &packed_length, (const Bytef *)bytes, length, level);
    return result == Z_OK ? packed_length : 0;
}

static size_t unpack(char *bytes, size_t capacity, const char *packed, size_t length)
{
    uLongf unpacked_length = capacity;
    int result = uncompress((Bytef *)bytes, &unpacked_length, (const Bytef *)packed, length);
    return result == Z_OK ? unpacked_length : 0;
}
