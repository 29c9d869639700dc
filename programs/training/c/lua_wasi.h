// Included before every file of Lua: what WASI has no names for.

#include <stdio.h>

#define tmpnam(buffer) NULL
#define system(command) (-1)
#define tmpfile() NULL
