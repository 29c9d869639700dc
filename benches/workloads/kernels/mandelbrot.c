// The Mandelbrot set: two f64 recurrences in registers, a compare, a short loop.

#include "../common.h"

enum { ITERATIONS = 64 };

static int escapes_after(double x, double y)
{
    double re = 0, im = 0;
    for (int i = 0; i < ITERATIONS; i++) {
        double re2 = re * re, im2 = im * im;
        if (re2 + im2 > 4)
            return i;
        im = 2 * re * im + y;
        re = re2 - im2 + x;
    }
    return ITERATIONS;
}

// A digest of a picture of n × n points.
long long run(int n)
{
    u64 digest = DIGEST_START;
    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++)
            digest = mix(digest, (u64)escapes_after(3.0 * column / n - 2.25, 3.0 * row / n - 1.5));
    return (long long)digest;
}
