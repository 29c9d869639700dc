// Compression in the manner of LZ77: a hash table of three-byte sequences finds an earlier copy;
// output is bytes of `literals, length, distance`. Built twice: `lz-compress` compresses n times
// and decompresses once, `lz-decompress` the other way round.

#include "../common.h"

enum { SIZE = 1 << 16, ROOM = SIZE + SIZE / 8, SLOTS = 1 << 12, LEAST = 4, MOST = 255 + LEAST, FAR = 65535 };

static byte text[SIZE], packed[ROOM], unpacked[SIZE];
static int latest[SLOTS];

static u32 slot_of(const byte *at)
{
    return ((u32)(at[0] | at[1] << 8 | at[2] << 16) * 2654435761u) >> 20;
}

static int copied(const byte *one, const byte *other, const byte *end)
{
    int length = 0;
    while (length < MOST && other + length < end && one[length] == other[length])
        length++;
    return length;
}

// Writes a run of literals with what follows it, a copy of `length` bytes from `distance` back.
static byte *put(byte *out, const byte *literals, int count, int length, int distance)
{
    while (count > 255) {
        *out++ = 255;
        *out++ = 0, *out++ = 0, *out++ = 0;
        for (int i = 0; i < 255; i++)
            *out++ = *literals++;
        count -= 255;
    }
    *out++ = (byte)count;
    *out++ = (byte)(length ? length - LEAST : 0);
    *out++ = (byte)distance;
    *out++ = (byte)(distance >> 8);
    for (int i = 0; i < count; i++)
        *out++ = literals[i];
    return out;
}

static int compress(void)
{
    for (int i = 0; i < SLOTS; i++)
        latest[i] = -1;
    byte *out = packed;
    int at = 0, start = 0;
    while (at + 3 < SIZE) {
        u32 slot = slot_of(text + at);
        int before = latest[slot];
        latest[slot] = at;
        int length = before >= 0 && at - before <= FAR ? copied(text + before, text + at, text + SIZE) : 0;
        if (length < LEAST) {
            at++;
            continue;
        }
        out = put(out, text + start, at - start, length, at - before);
        for (int i = 1; i < length && at + i + 3 < SIZE; i++)
            latest[slot_of(text + at + i)] = at + i;
        at += length;
        start = at;
    }
    out = put(out, text + start, SIZE - start, 0, 0);
    return (int)(out - packed);
}

static int decompress(int size)
{
    const byte *in = packed;
    byte *out = unpacked;
    while (in < packed + size) {
        int count = in[0], length = in[1], distance = in[2] | in[3] << 8;
        in += 4;
        for (int i = 0; i < count; i++)
            *out++ = *in++;
        if (distance == 0)
            continue;
        // A copy may overlap what it writes.
        for (int i = 0; i < length + LEAST; i++, out++)
            *out = out[-distance];
    }
    return (int)(out - unpacked);
}

// A digest of the compressed text; -1 if it does not come back as it was.
long long run(int n)
{
    write_text(text, SIZE);
    int size = 0;
#ifdef DECOMPRESS
    size = compress();
    for (int i = 0; i < n; i++)
        if (decompress(size) != SIZE)
            return -1;
#else
    for (int i = 0; i < n; i++)
        size = compress();
    if (decompress(size) != SIZE)
        return -1;
#endif
    u64 digest = mix(DIGEST_START, (u64)size);
    for (int i = 0; i < size; i++)
        digest = mix(digest, packed[i]);
    for (int i = 0; i < SIZE; i++)
        if (text[i] != unpacked[i])
            return -1;
    return (long long)digest;
}
