// Quicksort of integers, compared in place: median of three, insertion sort for short ranges.

#include "../common.h"

enum { LIMIT = 1 << 20, SHORT = 12 };

static int values[LIMIT];

static void insertion_sort(int *v, int n)
{
    for (int i = 1; i < n; i++) {
        int value = v[i], at = i;
        for (; at > 0 && v[at - 1] > value; at--)
            v[at] = v[at - 1];
        v[at] = value;
    }
}

static int median(int a, int b, int c)
{
    if (a < b)
        return b < c ? b : a < c ? c : a;
    return a < c ? a : b < c ? c : b;
}

static void sort(int *v, int n)
{
    while (n > SHORT) {
        int pivot = median(v[0], v[n / 2], v[n - 1]);
        int low = 0, high = n - 1;
        while (low <= high) {
            while (v[low] < pivot)
                low++;
            while (v[high] > pivot)
                high--;
            if (low <= high) {
                int value = v[low];
                v[low++] = v[high];
                v[high--] = value;
            }
        }
        // The smaller part by recursion, the larger by iteration: the depth stays logarithmic.
        if (high + 1 < n - low) {
            sort(v, high + 1);
            v += low;
            n -= low;
        } else {
            sort(v + low, n - low);
            n = high + 1;
        }
    }
    insertion_sort(v, n);
}

// A digest of n sorted numbers, -1 if they are not in order.
long long run(int n)
{
    if (n < 0 || n > LIMIT)
        return -1;
    u32 seed = 1;
    for (int i = 0; i < n; i++)
        values[i] = (int)(next_random(&seed) ^ next_random(&seed) << 9);
    sort(values, n);
    u64 digest = DIGEST_START;
    for (int i = 0; i < n; i++) {
        if (i > 0 && values[i - 1] > values[i])
            return -1;
        digest = mix(digest, (u32)values[i]);
    }
    return (long long)digest;
}
