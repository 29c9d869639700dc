#!/bin/sh
# Builds report.wasm from report.c, or with `--native` the program and what it is expected to write.
#
#   programs/report/build.sh            rebuild report.wasm
#   programs/report/build.sh --native   rebuild expected/ with a native build
#
# Needs (Debian) clang, lld, wasi-libc and libclang-rt-14-dev-wasm32.
set -eu
. "$(dirname "$0")/../tools.sh"
cd "$(dirname "$0")"

if [ "${1:-}" = --native ]; then
    need_native
    program=$(mktemp)
    native -Wall -Wextra report.c -lm -o "$program"
    mkdir -p expected
    "$program" ledger.csv expected/by-account.txt expected/by-month.csv \
        >expected/stdout.txt 2>expected/stderr.txt
    rm -f "$program"
else
    need_wasi
    object=$(mktemp)
    wasi_compile -Wall -Wextra report.c -o "$object"
    wasi_link "$object" -o report.wasm
    rm -f "$object"
fi
