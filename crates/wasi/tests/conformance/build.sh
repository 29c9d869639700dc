#!/bin/sh
# Builds the guests of the conformance suite from their C sources, each NAME.c to NAME.wasm beside it. The modules are
# checked in, so that running the suite needs no compiler.
#
#   crates/wasi/tests/conformance/build.sh
#
# Needs (Debian) clang, lld, wasi-libc and libclang-rt-14-dev-wasm32.
set -eu
. "$(dirname "$0")/../../../../programs/tools.sh"
cd "$(dirname "$0")"
need_wasi
object=$(mktemp)
trap 'rm -f "$object"' EXIT
for source in *.c; do
    wasi_compile -Os -Wall -Wextra "$source" -o "$object"
    wasi_link -Wl,--strip-all "$object" -o "${source%.c}.wasm"
    chmod -x "${source%.c}.wasm"
done
