// CRC-32 (the polynomial of Ethernet and zip) with a table of 256 words: a load of a byte, a load
// of a word, shift and exclusive or, in one dependent chain.

#include "../common.h"

enum { MESSAGE = 1 << 16 };

static u32 table[256];
static byte message[MESSAGE];

static void fill_table(void)
{
    for (u32 i = 0; i < 256; i++) {
        u32 crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        table[i] = crc;
    }
}

static u32 update(u32 crc, const byte *data, int size)
{
    for (int i = 0; i < size; i++)
        crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return crc;
}

// The checksum of n copies of the message.
long long run(int n)
{
    fill_table();
    write_text(message, MESSAGE);
    u32 crc = ~0u;
    for (int i = 0; i < n; i++)
        crc = update(crc, message, MESSAGE);
    return (long long)~crc;
}

// How many known checksums come out wrong: that of the digits 1 to 9, and that of nothing.
int vectors(void)
{
    fill_table();
    return (~update(~0u, (const byte *)"123456789", 9) != 0xcbf43926u) + (~update(~0u, message, 0) != 0);
}
