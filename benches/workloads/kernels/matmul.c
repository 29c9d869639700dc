// The product of two square matrices of doubles, by the schoolbook's three loops:
// f64 loads with a stride, multiplication, addition.

enum { LIMIT = 256 };

static double a[LIMIT * LIMIT], b[LIMIT * LIMIT], c[LIMIT * LIMIT];

static void fill(double *matrix, int n, unsigned seed)
{
    for (int i = 0; i < n * n; i++) {
        seed = seed * 1664525u + 1013904223u;
        matrix[i] = (double)(int)seed / 65536.0;
    }
}

static void multiply(int n)
{
    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++) {
            double sum = 0;
            for (int k = 0; k < n; k++)
                sum += a[row * n + k] * b[k * n + column];
            c[row * n + column] = sum;
        }
}

// A digest of all bits of the product of two n × n matrices, for n up to LIMIT.
long long run(int n)
{
    if (n < 0 || n > LIMIT)
        return -1;
    fill(a, n, 1);
    fill(b, n, 2);
    multiply(n);
    unsigned long long digest = 0xcbf29ce484222325ull;
    for (int i = 0; i < n * n; i++) {
        union { double number; unsigned long long bits; } cell = { c[i] };
        digest = (digest ^ cell.bits) * 0x100000001b3ull;
        digest ^= digest >> 29;
    }
    return (long long)digest;
}
