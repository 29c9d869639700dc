// What bzip2's own main program uses and WASI does not have: owners and permissions of files.
// Included before bzip2.c, which copies them from the input to the output where it can.

#include <sys/stat.h>
#include <sys/types.h>

static inline int fchmod(int file, mode_t mode)
{
    (void)file;
    (void)mode;
    return 0;
}

static inline int fchown(int file, uid_t owner, gid_t group)
{
    (void)file;
    (void)owner;
    (void)group;
    return 0;
}
