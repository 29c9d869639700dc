#!/bin/sh
# Builds the workloads' .wasm from their C.
#
#   benches/workloads/build.sh            rebuild NAME.wasm beside NAME.c
#   benches/workloads/build.sh --native   instead build natively and print each workload's result,
#                                         to be compared with the list in benches/src/workload.rs
#
# Needs (Debian) clang and lld; no libc except for --native. The checked-in files: clang 14.0.6.
set -eu
cd "$(dirname "$0")"

CLANG=${CLANG:-clang}
for tool in "$CLANG:clang" wasm-ld:lld; do
    command -v "${tool%%:*}" >/dev/null || {
        echo "build.sh: ${tool%%:*} is missing (Debian package ${tool##*:})" >&2
        exit 1
    }
done

# name : result type : arguments, full and quick : further exports
list='fib:int:35 20:
sieve:int:5000000 1000:
matmul:long long:200 8:
states:long long:300 1:
sha256:long long:100 1:vectors'

echo "$list" | while IFS=: read -r name result arguments more; do
    if [ "${1:-}" = --native ]; then
        program=$(mktemp)
        "$CLANG" -O2 -Wall -Wextra "-DRESULT=$result" ${more:+-DVECTORS} native.c "$name.c" -o "$program"
        for argument in $arguments; do
            echo "$name($argument) = $("$program" "$argument")"
        done
        rm -f "$program"
    else
        # Compiling and linking are two calls, the second one without -O: given both at once, clang
        # runs binaryen's wasm-opt on the result where it happens to be installed.
        object=$(mktemp)
        "$CLANG" --target=wasm32 -O2 -Wall -Wextra -ffreestanding -fno-builtin -c "$name.c" -o "$object"
        "$CLANG" --target=wasm32 -nostdlib -Wl,--no-entry -Wl,--export=run \
            ${more:+-Wl,--export=$more} "$object" -o "$name.wasm"
        rm -f "$object"
        echo "$name.wasm: $(wc -c <"$name.wasm") bytes"
    fi
done
