# What the build scripts share: which tools they need and how they call them. To be sourced.
# CLANG may name another clang than the one in the PATH, for instance that of a WASI SDK.

CLANG=${CLANG:-clang}

missing() {
    echo "$0: $1 is missing (Debian package $2)" >&2
    exit 1
}

need_command() {
    command -v "$1" >/dev/null || missing "the command $1" "$2"
}

# Optimised and strict about floats: no fused multiply-add, so that both builds compute the same.
native() {
    "$CLANG" -O2 -std=gnu11 -ffp-contract=off "$@"
}

# Compiling and linking are two calls, the second one without -O: given both at once, clang runs
# binaryen's wasm-opt on the result where it happens to be installed, and builds would differ.
wasi_compile() {
    "$CLANG" --target=wasm32-wasi -O2 -std=gnu11 -ffp-contract=off -c "$@"
}

# The names of functions stay, for backtraces; the DWARF that the C library brings along does not.
wasi_link() {
    "$CLANG" --target=wasm32-wasi -Wl,--strip-debug "$@"
}

need_native() {
    need_command "$CLANG" clang
    echo '#include <stdio.h>' | native -x c -fsyntax-only - 2>/dev/null || missing "a native libc" libc6-dev
}

need_wasi() {
    need_command "$CLANG" clang
    need_command wasm-ld lld
    echo '#include <stdio.h>' | wasi_compile -x c -fsyntax-only - 2>/dev/null \
        || missing "a C library for wasm32-wasi" wasi-libc
    probe=$(mktemp -d)
    echo 'int main(void) { return 0; }' | wasi_compile -x c - -o "$probe/main.o"
    linked=yes
    wasi_link "$probe/main.o" -o "$probe/main.wasm" 2>/dev/null || linked=
    rm -r "$probe"
    [ "$linked" ] || missing "clang's runtime for wasm32" \
        "libclang-rt-$("$CLANG" -dumpversion | cut -d. -f1)-dev-wasm32"
}

# source_of CRATE [DIRECTORY]: where the sources of a crate are that DIRECTORY/Cargo.toml names, or else
# sources/Cargo.toml; cargo fetches them if need be. The script has put the name of this directory into $programs.
source_of() {
    cargo metadata --locked --format-version 1 --manifest-path "${2:-$programs/sources}/Cargo.toml" \
        | tr ',' '\n' | sed -n "s|.*\"manifest_path\":\"\(.*/$1-[0-9][^/]*\)/Cargo.toml\".*|\1|p" | head -n 1
}

# The line of a program in the lists, without its name.
line_of() {
    sed -n "s/^$1  *//p" "$programs/training/list.txt" "$programs/toolchains/list.txt"
}

# names_in LISTS…: of all programs.
names_in() {
    sed -n 's/^\([a-z0-9-]*\) .*/\1/p' "$@"
}

# command_path COMMAND: how to call it from wherever a script goes.
command_path() {
    command -v "$1" >/dev/null || {
        echo "$(basename "$0"): there is no command $1" >&2
        return 1
    }
    case $1 in
    */*) echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")" ;;
    *) echo "$1" ;;
    esac
}

# folder_built NAME: where what is built is put, which is made if it is not there.
folder_built() {
    mkdir -p "${CARGO_TARGET_DIR:-$programs/../target}/$1"
    (cd "${CARGO_TARGET_DIR:-$programs/../target}/$1" && pwd)
}
