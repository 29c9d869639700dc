// Included before every file of Lua and Duktape: an error that the interpreter would catch ends the
// program instead, as WebAssembly without exceptions has no long jumps. The scripts raise none.

#include <stdlib.h>

#define LUAI_THROW(L, c) abort()
#define LUAI_TRY(L, c, a) { a }
#define luai_jmpbuf int

#define DUK_JMPBUF_TYPE int
#define DUK_SETJMP(buffer) 0
#define DUK_LONGJMP(buffer) abort()
