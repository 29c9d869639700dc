// lz4: see pack.h. Level 0 is the fast compressor, all others are the thorough one.

#include "lz4.h"
#include "lz4hc.h"
#include "pack.h"

static const int levels[2] = {0, 5};

static size_t bound(size_t length)
{
    return LZ4_compressBound((int)length);
}

static size_t pack(char *packed, size_t capacity, const char *bytes, size_t length, int level)
{
    if (level == 0)
        return LZ4_compress_default(bytes, packed, (int)length, (int)capacity);
    return LZ4_compress_HC(bytes, packed, (int)length, (int)capacity, level);
}

static size_t unpack(char *bytes, size_t capacity, const char *packed, size_t length)
{
    return LZ4_decompress_safe(packed, bytes, (int)length, (int)capacity);
}
