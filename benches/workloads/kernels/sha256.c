// SHA-256 after FIPS 180-4: rotations, shifts and additions on i32, with a schedule in memory.

typedef unsigned char byte;
typedef unsigned int word;
typedef unsigned long long length;

enum { BLOCK = 64, MESSAGE = 1 << 14 };

struct sha256 {
    word state[8];
    length bytes;
    byte block[BLOCK];
};

// Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
static const word K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// Section 4.1.2: the functions of SHA-256.
static word rotr(word x, int n) { return x >> n | x << (32 - n); }
static word ch(word x, word y, word z) { return (x & y) ^ (~x & z); }
static word maj(word x, word y, word z) { return (x & y) ^ (x & z) ^ (y & z); }
static word big_sigma0(word x) { return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22); }
static word big_sigma1(word x) { return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25); }
static word small_sigma0(word x) { return rotr(x, 7) ^ rotr(x, 18) ^ x >> 3; }
static word small_sigma1(word x) { return rotr(x, 17) ^ rotr(x, 19) ^ x >> 10; }

// Section 6.2.2: the hash of one block.
static void compress(word *state, const byte *block)
{
    word w[64];
    for (int t = 0; t < 16; t++)
        w[t] = (word)block[4 * t] << 24 | (word)block[4 * t + 1] << 16
            | (word)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 64; t++)
        w[t] = small_sigma1(w[t - 2]) + w[t - 7] + small_sigma0(w[t - 15]) + w[t - 16];

    word a = state[0], b = state[1], c = state[2], d = state[3];
    word e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        word t1 = h + big_sigma1(e) + ch(e, f, g) + K[t] + w[t];
        word t2 = big_sigma0(a) + maj(a, b, c);
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void start(struct sha256 *hash)
{
    // Section 5.3.3: the initial hash value.
    static const word initial[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    for (int i = 0; i < 8; i++)
        hash->state[i] = initial[i];
    hash->bytes = 0;
}

static void update(struct sha256 *hash, const byte *data, length size)
{
    while (size > 0) {
        int used = (int)(hash->bytes % BLOCK);
        if (used == 0 && size >= BLOCK) {
            compress(hash->state, data);
            hash->bytes += BLOCK, data += BLOCK, size -= BLOCK;
            continue;
        }
        hash->block[used] = *data;
        hash->bytes++, data++, size--;
        if (used == BLOCK - 1)
            compress(hash->state, hash->block);
    }
}

static void finish(struct sha256 *hash)
{
    // Section 5.1.1: a one, zeros, and the length in bits, up to a whole block.
    static const byte one = 0x80, zero = 0;
    length bits = hash->bytes * 8;
    update(hash, &one, 1);
    while (hash->bytes % BLOCK != BLOCK - 8)
        update(hash, &zero, 1);
    byte tail[8];
    for (int i = 0; i < 8; i++)
        tail[i] = (byte)(bits >> (56 - 8 * i));
    update(hash, tail, 8);
}

static byte message[MESSAGE];

// The first 8 bytes of SHA-256 over the same 16 KiB, n times in a row, as a big-endian number.
long long run(int n)
{
    struct sha256 hash;
    for (int i = 0; i < MESSAGE; i++)
        message[i] = (byte)(i * 7 + (i >> 8));
    start(&hash);
    for (int i = 0; i < n; i++)
        update(&hash, message, MESSAGE);
    finish(&hash);
    return (long long)((length)hash.state[0] << 32 | hash.state[1]);
}

// How many of the standard's example messages get a wrong digest: "abc", the empty message,
// the one of two blocks, and a million times the letter a.
int vectors(void)
{
    static const byte two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    static const word expected[4][8] = {
        { 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad },
        { 0xe3b0c442, 0x98fc1c14, 0x9afbf4c8, 0x996fb924, 0x27ae41e4, 0x649b934c, 0xa495991b, 0x7852b855 },
        { 0x248d6a61, 0xd20638b8, 0xe5c02693, 0x0c3e6039, 0xa33ce459, 0x64ff2167, 0xf6ecedd4, 0x19db06c1 },
        { 0xcdc76e5c, 0x9914fb92, 0x81a1c7e2, 0x84d73e67, 0xf1809a48, 0xa497200e, 0x046d39cc, 0xc7112cd0 },
    };
    int wrong = 0;
    for (int vector = 0; vector < 4; vector++) {
        struct sha256 hash;
        start(&hash);
        if (vector == 0)
            update(&hash, two_blocks, 3);
        else if (vector == 2)
            update(&hash, two_blocks, sizeof two_blocks - 1);
        else if (vector == 3) {
            for (int i = 0; i < 1000; i++)
                message[i] = 'a';
            for (int i = 0; i < 1000; i++)
                update(&hash, message, 1000);
        }
        finish(&hash);
        int same = 1;
        for (int i = 0; i < 8; i++)
            same &= hash.state[i] == expected[vector][i];
        wrong += !same;
    }
    return wrong;
}
