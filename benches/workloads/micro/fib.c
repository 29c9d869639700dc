// Naive recursive Fibonacci: calls, returns, compares and adds on i32, and nothing else.

__attribute__((noinline)) static int fib(int n)
{
    if (n < 2)
        return n;
    // Two calls are kept: the barrier hides that the second could become a loop.
    int first = fib(n - 1);
    int second = fib(n - 2);
    __asm__ volatile("" : "+r"(second));
    return first + second;
}

// The n-th Fibonacci number.
int run(int n)
{
    return fib(n);
}
