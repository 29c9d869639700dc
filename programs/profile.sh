#!/bin/sh
# Builds the training set of programs/training and profiles it: what it dispatches is what the fused
# handlers are chosen by.
#
#   programs/profile.sh CURTA OUT_DIR [NAME…]
#
# CURTA is the command `curta`, built with the feature `profile`. For each program that is named, or
# for all of programs/training/list.txt, OUT_DIR/NAME.tsv says how often which sequences of micro-ops
# were dispatched, and OUT_DIR/NAME.out is what the program wrote. Runs start as soon as a program is
# built, two at a time. What is there already (the module, or the profile) is not made again.
#
# Exit status: 0, or 1 if a program cannot be built or does not end with status 0.
#
# Needs (Debian) clang, lld, wasi-libc, libclang-rt-14-dev-wasm32, python3-venv and npm, and Rust with
# the target wasm32-wasip1. Modules go to target/programs/training; nothing of them is committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
training=$here/training

[ $# -ge 2 ] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 1
}
command -v "$1" >/dev/null || {
    echo "profile.sh: there is no command $1" >&2
    exit 1
}
case $1 in
*/*) curta=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") ;;
*) curta=$1 ;;
esac
mkdir -p "$2"
profiles=$(cd "$2" && pwd)
shift 2

built=${CARGO_TARGET_DIR:-$here/../target}/programs/training
mkdir -p "$built"
built=$(cd "$built" && pwd)

# The directory of a crate that sources/Cargo.toml names; cargo fetches it if need be.
source_of() {
    case $1 in
    bzip2-sys | libsqlite3-sys) manifest=$here/sources/Cargo.toml ;;
    *) manifest=$training/sources/Cargo.toml ;;
    esac
    cargo metadata --locked --format-version 1 --manifest-path "$manifest" \
        | tr ',' '\n' | sed -n "s|.*\"manifest_path\":\"\(.*/$1-[0-9][^/]*\)/Cargo.toml\".*|\1|p" | head -n 1
}

# The line of a program in the list, without its name.
line_of() {
    sed -n "s/^$1  *//p" "$training/list.txt"
}

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
        "-I$(source_of lua-src)/lua-5.4.9 -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS"
}
lua_sources() {
    echo "$training/c/lua.c"
    ls "$(source_of lua-src)"/lua-5.4.9/*.c | grep -v '/lua\.c\|/luac\.c'
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
        sources=$(source_of libz-sys)/src/zlib
        c_module "$2" $own -Os "-I$sources" -- "$training/c/zlib.c" $(ls "$sources"/*.c | grep -v '/gz')
        ;;
    lz4)
        sources=$(source_of lz4-sys)/liblz4/lib
        c_module "$2" $own -O3 "-I$sources" -- "$training/c/lz4.c" "$sources/lz4.c" "$sources/lz4hc.c"
        ;;
    zstd)
        sources=$(source_of zstd-sys)/zstd/lib
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
        sources=$(source_of rquickjs-sys)/quickjs
        c_module "$2" $own "-I$sources" -D_GNU_SOURCE -DNDEBUG -DEMSCRIPTEN -DFE_DOWNWARD=0 -DFE_UPWARD=0 \
            -- "$training/c/quickjs.c" "$sources/quickjs.c" "$sources/libregexp.c" "$sources/libunicode.c" "$sources/dtoa.c"
        ;;
    duktape)
        sources=$(source_of ducc-sys)/duktape
        c_module "$2" $own -Os -include "$training/c/jumpless.h" "-I$sources" \
            -- "$training/c/duktape.c" "$sources/duktape.c"
        ;;
    webp)
        sources=$(source_of libwebp-sys)/vendor
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

# zig ARGUMENTS…: the compiler Zig, which pip installs if need be; it carries a C compiler newer than Debian's.
zig() {
    [ -x "$built/zig/bin/python" ] || {
        python3 -m venv "$built/zig"
        "$built/zig/bin/pip" install -q -r "$training/zig/requirements.txt"
    }
    "$built/zig/bin/python" -m ziglang "$@"
}

build_zig() {
    case $1 in
    lua-zig) zig cc -target wasm32-wasi -O3 -w $(lua_flags) $(lua_sources) $lua_libraries -o "$2" ;;
    *) zig build-exe "$training/zig/$1.zig" -target wasm32-wasi -O ReleaseFast -lc "-femit-bin=$2" ;;
    esac
}

build_assemblyscript() {
    [ -x "$built/assemblyscript/node_modules/.bin/asc" ] || {
        mkdir -p "$built/assemblyscript"
        cp "$training/assemblyscript/package.json" "$training/assemblyscript/package-lock.json" "$built/assemblyscript"
        (cd "$built/assemblyscript" && npm ci --silent)
    }
    "$built/assemblyscript/node_modules/.bin/asc" "$training/assemblyscript/$1.ts" -O3 --noAssert --use abort= \
        --exportStart _start -o "$2"
}

# run NAME: profiles a module that is there, in a directory of its own.
run() {
    work=$(mktemp -d)
    cp "$training"/scripts/* "$built/inputs"/* "$work"
    set -- "$1" $(line_of "$1" | sed 's/^[^ ]* *//')
    name=$1
    shift
    if (cd "$work" && CURTA_PROFILE=$work/.profile "$curta" run --dir . "$built/$name" "$@") \
        >"$work/.out" 2>"$work/.err"; then
        mv "$work/.out" "$profiles/$name.out"
        mv "$work/.profile" "$profiles/$name.tsv"
        echo "$name: $(wc -l <"$profiles/$name.tsv") sequences"
    else
        echo "$name: FAILED under curta: $(head -c 2000 "$work/.err")"
        cp "$work/.err" "$profiles/$name.failed"
    fi
    rm -r "$work"
}

# How the script calls itself: a process of its own, so that the first failure ends it.
case ${1:-} in
--build)
    "build_$(line_of "$2" | sed 's/ .*//')" "$2" "$built/$2.new"
    mv "$built/$2.new" "$built/$2"
    exit
    ;;
--run)
    # No name: all profiles were there, and xargs had nothing to hand on.
    [ -z "${2:-}" ] || run "$2"
    exit
    ;;
esac

need_command cargo "cargo, or rustup.rs"
need_wasi
names=${*:-$(sed -n 's/^\([a-z0-9-]*\) .*/\1/p' "$training/list.txt")}
mkdir -p "$built/inputs"
head -c 300000 "$(source_of libsqlite3-sys)/sqlite3/sqlite3.h" >"$built/inputs/text"
# What is not text: a module, whole and in part.
[ -f "$built/lua-text" ] || "$here/profile.sh" "$curta" "$profiles" --build lua-text
cp "$built/lua-text" "$built/inputs/module"
head -c 200000 "$built/lua-text" >"$built/inputs/binary"
for name in $names; do
    compiler=$(line_of "$name" | sed 's/ .*//')
    [ "$compiler" ] || {
        echo "profile.sh: there is no program $name" >&2
        exit 1
    }
    rm -f "$profiles/$name.failed"
    [ ! -f "$profiles/$name.tsv" ] || continue
    if [ ! -f "$built/$name" ]; then
        echo "$name: building it" >&2
        "$here/profile.sh" "$curta" "$profiles" --build "$name" >"$built/$name.log" 2>&1 </dev/null || {
            echo "$name: cannot be built, see $built/$name.log" | tee "$profiles/$name.failed" >&2
            continue
        }
    fi
    echo "$name"
done | xargs -n 1 -P 2 nice -n 5 "$here/profile.sh" "$curta" "$profiles" --run
for name in $names; do
    [ -f "$profiles/$name.tsv" ] || exit 1
done
