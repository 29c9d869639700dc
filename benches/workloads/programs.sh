#!/bin/sh
# Builds the programs of others that programs.txt lists, from sources that crates carry, into target/benches.
#
#   benches/workloads/programs.sh            build what is not there yet, for WASI
#   benches/workloads/programs.sh --native   instead build natively and compare what they write with programs.txt
#
# Nothing of what this fetches or builds is ever committed. Needs cargo, rustc with the target wasm32-wasip1, and (Debian)
# clang, lld, wasi-libc and libclang-rt-14-dev-wasm32; libc6-dev for --native. What C is optimised with: -O2.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
programs=$here/../../programs
. "$programs/tools.sh"

if [ "${1:-}" = --native ]; then
    need_native
    target= suffix=native
    compile() { native -c "$@"; }
    link() { native "$@" -lm; }
else
    need_wasi
    target=wasm32-wasip1 suffix=wasm
    rustc --print target-libdir --target $target | xargs test -d \
        || missing "rustc's target $target" "of none; rustup target add $target"
    compile() { wasi_compile -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS "$@"; }
    link() { wasi_link "$@" -lwasi-emulated-signal -lwasi-emulated-process-clocks; }
fi
built=${CARGO_TARGET_DIR:-$here/../../target}/benches
mkdir -p "$built"
built=$(cd "$built" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# program NAME FLAGS SOURCE…: compiles and links, unless that was done since this script or the first source changed.
program() {
    name=$1 flags=$2
    shift 2
    output=$built/$name.$suffix
    if [ "$output" -nt "$0" ] && [ "$output" -nt "$1" ]; then return 0; fi
    echo "programs.sh: building $name"
    objects=
    for source in "$@"; do
        object=$work/$name-$(basename "$source" .c).o
        compile $flags -w "$source" -o "$object"
        objects="$objects $object"
    done
    link $objects -o "$work/$name"
    mv "$work/$name" "$output"
}

lua=$(echo "$(source_of lua-src)"/lua-5.4.*)
lua_parts="lapi lauxlib lbaselib lcode lctype ldebug ldo ldump lfunc lgc llex lmathlib lmem lobject lopcodes lparser
    lstate lstring lstrlib ltable ltablib ltm lundump lvm lzio"
program lua "-include $here/programs/lua/include/setjmp.h -I$here/programs/lua/include -I$lua -Dluai_makeseed(L)=42" \
    "$here/programs/lua/main.c" $(for part in $lua_parts; do echo "$lua/$part.c"; done)

quickjs=$(source_of rquickjs-sys)/quickjs
program quickjs "-I$quickjs -D_GNU_SOURCE" \
    "$here/programs/quickjs/main.c" "$quickjs/quickjs.c" "$quickjs/libregexp.c" "$quickjs/libunicode.c" "$quickjs/dtoa.c"

sqlite=$(source_of libsqlite3-sys)/sqlite3
program sqlite "-I$sqlite -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOAD_EXTENSION" \
    "$here/programs/sqlite/main.c" "$sqlite/sqlite3.c"

bzip2=$(source_of bzip2-sys)/bzip2-1.0.8
program bzip2 "-I$bzip2 -DBZ_NO_STDIO" "$here/programs/bzip2/main.c" \
    $(for part in blocksort huffman crctable randtable compress decompress bzlib; do echo "$bzip2/$part.c"; done)

echo "programs.sh: building markdown"
cargo build --release --quiet --manifest-path "$here/programs/markdown/Cargo.toml" \
    --target-dir "$built/markdown" ${target:+--target $target}
cp "$built/markdown/${target:+$target/}release/markdown${target:+.wasm}" "$built/markdown.$suffix"

[ "$suffix" = native ] || exit 0
different=0
while read -r name module input full full_result quick quick_result; do
    case $name in '' | '#'*) continue ;; esac
    [ "$input" != - ] || input=/dev/null
    for argument in "$full:$full_result" "$quick:$quick_result"; do
        found=$( (cd "$here" && "$built/${module%.wasm}.native" "${argument%:*}" <"$input") | cksum | cut -d' ' -f1)
        if [ "$found" = "${argument#*:}" ]; then
            echo "$name ${argument%:*}: as listed"
        else
            echo "$name ${argument%:*}: writes what has the checksum $found, programs.txt says otherwise"
            different=1
        fi
    done
done <"$here/programs.txt"
exit $different
