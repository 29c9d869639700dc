// The sieve of Eratosthenes: byte stores with a stride, a byte load and a branch, in short loops.

enum { LIMIT = 1 << 23 };

static unsigned char composite[LIMIT];

// The number of primes below n, for n up to LIMIT.
int run(int n)
{
    if (n < 0 || n > LIMIT)
        return -1;
    for (int i = 0; i < n; i++)
        composite[i] = 0;
    int primes = 0;
    for (int i = 2; i < n; i++) {
        if (composite[i])
            continue;
        primes++;
        if (i < 46341)
            for (int multiple = i * i; multiple < n; multiple += i)
                composite[multiple] = 1;
    }
    return primes;
}
