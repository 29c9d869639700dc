// Arithmetic on i64 in registers: shifts, rotations, products, quotients, counted bits.

#include "../common.h"

static u64 rotate(u64 x, int by) { return x << by | x >> (64 - by); }

// A digest of n rounds.
long long run(int n)
{
    u64 x = 0x9e3779b97f4a7c15ull, sum = DIGEST_START;
    for (int i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += rotate(x, 23) * (u64)(i | 1);
        sum ^= x / ((u64)i + 3) + x % 1000003;
        sum += (u64)__builtin_popcountll(x) << (i & 31);
        sum -= (u64)__builtin_clzll(x | 1) * (u64)(__builtin_ctzll(x | 1ull << 63) + 1);
        if ((long long)sum < (long long)x)
            sum = rotate(sum, 1);
    }
    return (long long)sum;
}
