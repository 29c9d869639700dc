// Runs a workload that was compiled natively: prints what `run` answers to the argument.

#include <stdio.h>
#include <stdlib.h>

RESULT run(int n);
#ifdef VECTORS
int vectors(void);
#endif

int main(int argc, char **argv)
{
    (void)argc;
    printf("%lld\n", (long long)run(atoi(argv[1])));
#ifdef VECTORS
    if (vectors() != 0) {
        fprintf(stderr, "%d test vectors of the standard fail\n", vectors());
        return 1;
    }
#endif
    return 0;
}
