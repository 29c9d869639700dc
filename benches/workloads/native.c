// Runs a workload that was compiled natively: prints what `run` answers to each argument, and
// fails if there are test vectors and some of them do.

#include <stdio.h>
#include <stdlib.h>

RESULT run(int n);
#ifdef VECTORS
int vectors(void);
#endif

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("%s %lld\n", argv[i], (long long)run(atoi(argv[i])));
#ifdef VECTORS
    if (vectors() != 0) {
        fprintf(stderr, "%d test vectors of the standard fail\n", vectors());
        return 1;
    }
#endif
    return 0;
}
