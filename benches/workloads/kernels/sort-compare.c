// A merge sort of records of any size through a comparator, like the C library's `qsort`:
// an indirect call for each comparison, and records that are moved word by word.

#include "../common.h"

enum { LIMIT = 1 << 18 };

struct record {
    u32 key;
    u32 place;
    u64 payload;
};

typedef int comparator(const void *, const void *);

static struct record records[LIMIT], scratch[LIMIT];

static void move(u32 *to, const u32 *from, u32 size)
{
    for (u32 i = 0; i < size / 4; i++)
        to[i] = from[i];
}

static void sort(byte *base, byte *room, u32 count, u32 size, comparator *compare)
{
    if (count < 2)
        return;
    u32 half = count / 2;
    byte *left = base, *middle = base + half * size, *end = base + count * size;
    sort(base, room, half, size, compare);
    sort(middle, room, count - half, size, compare);
    byte *right = middle, *to = room;
    while (left < middle && right < end) {
        byte **from = compare(left, right) <= 0 ? &left : &right;
        move((u32 *)to, (const u32 *)*from, size);
        to += size;
        *from += size;
    }
    move((u32 *)to, (const u32 *)left, (u32)(middle - left));
    // What is left on the right is in place already.
    move((u32 *)base, (const u32 *)room, (u32)(to - room) + (u32)(middle - left));
}

static int by_key(const void *a, const void *b)
{
    u32 x = ((const struct record *)a)->key, y = ((const struct record *)b)->key;
    return x < y ? -1 : x > y;
}

static int by_payload(const void *a, const void *b)
{
    u64 x = ((const struct record *)a)->payload, y = ((const struct record *)b)->payload;
    return x > y ? -1 : x < y;
}

// Not constant, so that no compiler looks through it.
comparator *comparators[2] = { by_payload, by_key };

// A digest of n records after sorting them one way, then the other; -1 if equal keys moved.
long long run(int n)
{
    if (n < 0 || n > LIMIT)
        return -1;
    u32 seed = 3;
    for (int i = 0; i < n; i++) {
        records[i].key = next_random(&seed) % 1000;
        records[i].payload = (u64)next_random(&seed) << 24 | next_random(&seed);
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < n; j++)
            records[j].place = (u32)j;
        sort((byte *)records, (byte *)scratch, (u32)n, sizeof *records, comparators[i]);
    }
    u64 digest = DIGEST_START;
    for (int i = 0; i < n; i++) {
        const struct record *r = &records[i];
        if (i > 0 && r->key == r[-1].key && r->place < r[-1].place)
            return -1;
        digest = mix(mix(digest, r->key), r->payload);
    }
    return (long long)digest;
}
