// What several workloads in C share: a generator of numbers, a digest, a generator of text.
// Everything is static and freestanding; the same code computes the same natively.

#pragma once

typedef unsigned char byte;
typedef unsigned int u32;
typedef unsigned long long u64;

// The next number of a linear congruential generator; the upper bits are the good ones.
static inline u32 next_random(u32 *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

enum { DIGEST_START = 17 };

// A digest of a sequence of words, one word at a time.
static inline u64 mix(u64 digest, u64 word)
{
    digest = (digest ^ word) * 0x100000001b3ull;
    return digest ^ digest >> 29;
}

// Fills a buffer with words of made-up letters, some far more frequent than others, as in a
// natural language, with a full stop and a line break now and then.
__attribute__((unused)) static void write_text(byte *text, int size)
{
    static const char syllables[] = "kasitoremunalipevodugibefojexywazahu";
    u32 seed = 2024;
    int at = 0;
    while (at < size) {
        // The product of two numbers prefers small words.
        u32 word = (next_random(&seed) % 64) * (next_random(&seed) % 64) / 16;
        int length = 1 + (int)(word % 4);
        for (int i = 0; i < length && at + 2 <= size; i++) {
            const char *syllable = syllables + 2 * (word % 18);
            text[at++] = (byte)syllable[0];
            text[at++] = (byte)syllable[1];
            word = word / 3 + 5 * (u32)i + 1;
        }
        if (at < size && next_random(&seed) % 12 == 0)
            text[at++] = '.';
        if (at < size)
            text[at++] = next_random(&seed) % 10 == 0 ? '\n' : ' ';
    }
}
