// In place of the C library's <setjmp.h>, which wasi-libc of this age refuses: Lua and Duktape are
// built so that they never jump (see jumpless.h), and only need the names.

#ifndef TRAINING_SETJMP_H
#define TRAINING_SETJMP_H

typedef int jmp_buf[1];

#endif
