#!/bin/sh
# Builds the workloads of list.txt.
#
#   benches/workloads/build.sh [NAME…]            rebuild GROUP/NAME.wasm (of all without names)
#   benches/workloads/build.sh --native [NAME…]   instead build natively and compare what `run` answers with list.txt
#
# Needs (Debian) clang, lld, wabt, and rustc with the target wasm32-unknown-unknown; no libc except for --native.
# The checked-in files: clang 14.0.6, rustc 1.95.0, wabt 1.0.32.
set -eu
cd "$(dirname "$0")"

CLANG=${CLANG:-clang}
need() {
    command -v "$1" >/dev/null || {
        echo "build.sh: $1 is missing ($2)" >&2
        exit 1
    }
}
need "$CLANG" "Debian package clang"
need rustc "rustup.rs"
if [ "${1:-}" = --native ]; then
    native=yes
    shift
else
    native=
    need wasm-ld "Debian package lld"
    need wat2wasm "Debian package wabt"
    rustc --print target-libdir --target wasm32-unknown-unknown | xargs test -d || {
        echo "build.sh: rustc lacks wasm32-unknown-unknown (rustup target add wasm32-unknown-unknown)" >&2
        exit 1
    }
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Floats are computed as written: no fused multiply-add in native builds.
c_flags="-Wall -Wextra -ffp-contract=off"
rust_flags="--edition 2024 --crate-name workload -Dwarnings -Cpanic=abort -Ccodegen-units=1"

to_wasm() { # SOURCE FLAGS OUTPUT
    case $1 in
    *.c)
        exports="--export=run"
        ! grep -q 'int vectors' "$1" || exports="$exports,--export=vectors"
        # Compiling and linking are two calls, the second one without -O: given both at once, clang
        # runs binaryen's wasm-opt on the result where it happens to be installed.
        "$CLANG" --target=wasm32 $c_flags $2 -ffreestanding -fno-builtin -c "$1" -o "$work/object.o"
        "$CLANG" --target=wasm32 -nostdlib "-Wl,--no-entry,$exports" "$work/object.o" -o "$3"
        ;;
    *.rs)
        rustc --target wasm32-unknown-unknown --crate-type cdylib $rust_flags -Clto=fat -Cstrip=debuginfo $2 "$1" -o "$3"
        ;;
    *.wat) wat2wasm --enable-tail-call "$1" -o "$3" ;;
    esac
    echo "$3: $(wc -c <"$3") bytes"
}

to_native() { # SOURCE FLAGS PROGRAM
    vectors=
    ! grep -q 'vectors()\|vectors(void)' "$1" || vectors=-DVECTORS
    case $1 in
    *.c)
        result=$(sed -n 's/^\(.*[a-z]\) run(int.*/\1/p' "$1")
        "$CLANG" $c_flags $2 "-DRESULT=$result" $vectors native.c "$1" -o "$3"
        ;;
    *.rs)
        rustc --crate-type staticlib $rust_flags $2 "$1" -o "$work/workload.a"
        "$CLANG" $c_flags "-DRESULT=long long" $vectors native.c "$work/workload.a" -lpthread -ldl -lm -o "$3"
        ;;
    esac
}

# Whether the names given on the command line, if any, have this one.
wanted() {
    [ -n "$names" ] || return 0
    case " $names " in *" $1 "*) return 0 ;; esac
    return 1
}
names="$*"

grep -v '^#' list.txt | grep . >"$work/list"
while read -r name source flags full full_result quick quick_result; do
    wanted "$name" || continue
    flags=$(echo "$flags" | tr , ' ')
    if [ -z "$native" ]; then
        to_wasm "$source" "$flags" "$(dirname "$source")/$name.wasm"
        continue
    fi
    case $source in *.wat) continue ;; esac
    to_native "$source" "$flags" "$work/program"
    "$work/program" "$full" "$quick" >"$work/found"
    printf '%s %s\n' "$full" "$full_result" "$quick" "$quick_result" >"$work/listed"
    if cmp -s "$work/found" "$work/listed"; then
        echo "$name: as listed"
    else
        echo "$name: run answers $(tr '\n' ' ' <"$work/found"), list.txt says otherwise"
        touch "$work/different"
    fi
done <"$work/list"
[ ! -e "$work/different" ]
