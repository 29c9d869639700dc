// Calls through a table: eight small functions of one signature, chosen by what the last answered.

#include "../common.h"

static u32 add(u32 x, u32 y) { return x + y; }
static u32 subtract(u32 x, u32 y) { return y - x; }
static u32 exclusive_or(u32 x, u32 y) { return x ^ y; }
static u32 multiply(u32 x, u32 y) { return x * (y | 1); }
static u32 rotate(u32 x, u32 y) { return (x << 5 | x >> 27) + y; }
static u32 halve(u32 x, u32 y) { return (x >> 1) + (y << 1); }
static u32 choose(u32 x, u32 y) { return x < y ? x + 0x9e3779b9u : y; }
static u32 negate(u32 x, u32 y) { return ~x + y; }

typedef u32 operation(u32, u32);

// Not constant, so that no compiler looks through it.
operation *operations[8] = { add, subtract, exclusive_or, multiply, rotate, halve, choose, negate };

// What n calls in a row make of 1.
long long run(int n)
{
    u32 x = 1;
    for (int i = 0; i < n; i++)
        x = operations[(x ^ (u32)i) & 7](x, (u32)i);
    return x;
}
