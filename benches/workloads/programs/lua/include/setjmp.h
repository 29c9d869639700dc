// WASI has no setjmp. The scripts raise no errors, so what would jump ends the program instead.

#pragma once

#include <stdlib.h>

#define LUAI_THROW(L, c) abort()
#define LUAI_TRY(L, c, a) \
    do { \
        a \
    } while (0);
#define luai_jmpbuf int
