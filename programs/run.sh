#!/bin/sh
# Runs programs natively and under curta, and compares all that they write, byte for byte.
#
#   programs/run.sh CURTA [report] [sqlite] [bzip2] [curta]
#
# CURTA is the command `curta`; without further arguments all four programs run.
#
#   report   ours: programs/report/, whose report.wasm is checked in
#   sqlite   the SQLite amalgamation of the crate libsqlite3-sys, with a driver of ours
#   bzip2    bzip2 with its own main program, from the crate bzip2-sys
#   curta    curta itself, which runs modules inside curta
#
# The latter three are built when they are asked for, into target/programs, and never committed.
# Exit status: 0 if everything is the same, 1 if something differs, cannot be built or run.
#
# Needs (Debian) clang, libc6-dev, lld, wasi-libc and libclang-rt-14-dev-wasm32, and for `curta` Rust's target
# wasm32-wasip1 (`rustup target add wasm32-wasip1`); `report` alone needs nothing but curta.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
programs=$here
. "$here/tools.sh"

[ $# -ge 1 ] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 1
}
curta=$(command_path "$1")
shift

built=$(folder_built programs)
# Modules have the name of the native program, without a suffix: programs print their own name.
modules=$built/wasm32-wasi
mkdir -p "$modules"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# wasi_object SOURCE OBJECT FLAGS…: compiles unless the object is newer than its source.
wasi_object() {
    source=$1 object=$2
    shift 2
    [ "$object" -nt "$source" ] || wasi_compile "$@" "$source" -o "$object"
}

# In the current directory: the program as it was built natively, or its module under curta, which
# may use the current directory and nothing else.
run_native() {
    program=$1
    shift
    "$built/$program" "$@"
}
run_curta() {
    program=$1
    shift
    "$curta" run --dir . "$modules/$program" "$@"
}

# step NAME COMMAND…: runs the command and keeps its output and its exit status as files.
step() {
    name=$1
    shift
    status=0
    "$@" >"$name.stdout" 2>"$name.stderr" || status=$?
    echo "$status" >"$name.status"
}

# compare NAME: everything that is in the two directories, and says what it finds.
compare() {
    if diff -r "$work/$1/native" "$work/$1/curta" >"$work/$1/diff"; then
        echo "$1: the same as the native build ($(ls "$work/$1/native" | wc -l) files compared)"
    else
        echo "$1: DIFFERS from the native build (<) under curta (>):"
        head -n 40 "$work/$1/diff"
        failures=$((failures + 1))
    fi
}

# both NAME STEPS: prepares two directories and takes the steps in each, natively and under curta.
both() {
    for how in native curta; do
        mkdir -p "$work/$1/$how"
        (cd "$work/$1/$how" && "$2" "run_$how")
    done
    compare "$1"
}

# report: what is checked in, so that this needs no compiler. It is given its files by absolute
# names of a directory that has another name outside.
report() {
    mkdir -p "$work/report/native" "$work/report/curta" "$work/report/guest"
    cp "$here"/report/expected/* "$work/report/native"
    cp "$here/report/ledger.csv" "$work/report/guest"
    echo 0 >"$work/report/native/status"
    status=0
    "$curta" run --dir "$work/report/guest::/books" "$here/report/report.wasm" \
        /books/ledger.csv /books/by-account.txt /books/by-month.csv \
        >"$work/report/curta/stdout.txt" 2>"$work/report/curta/stderr.txt" || status=$?
    echo "$status" >"$work/report/curta/status"
    rm "$work/report/guest/ledger.csv"
    cp "$work/report/guest"/* "$work/report/curta" 2>/dev/null || true
    compare report
}

build_sqlite() {
    sources=$(source_of libsqlite3-sys)/sqlite3
    # No threads, no shared memory, no shared libraries: WASI has none of them.
    flags="-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_WAL -DSQLITE_OMIT_LOAD_EXTENSION -I$sources"
    driver=$here/sqlite/sqlrun.c
    if ! [ "$built/sqlrun" -nt "$driver" ]; then
        echo "sqlite: building it natively"
        native $flags "$sources/sqlite3.c" "$driver" -lm -o "$built/sqlrun"
    fi
    [ "$modules/sqlite3.o" -nt "$sources/sqlite3.c" ] || echo "sqlite: building it for WASI"
    wasi_object "$sources/sqlite3.c" "$modules/sqlite3.o" $flags
    wasi_object "$driver" "$modules/sqlrun.o" $flags
    wasi_link "$modules/sqlite3.o" "$modules/sqlrun.o" -o "$modules/sqlrun"
}

# Two runs on one database, whose file is compared too.
steps_sqlite() {
    cp "$here/sqlite/script.sql" "$here/sqlite/again.sql" .
    step first "$1" sqlrun library.db script.sql
    step second "$1" sqlrun library.db again.sql
    step missing "$1" sqlrun library.db nowhere.sql
}

build_bzip2() {
    sources=$(source_of bzip2-sys)/bzip2-1.0.8
    if ! [ "$built/bzip2" -nt "$sources/bzip2.c" ]; then
        echo "bzip2: building it natively"
        native -D_FILE_OFFSET_BITS=64 -o "$built/bzip2" $(for part in $bzip2_parts; do echo "$sources/$part.c"; done)
    fi
    objects=
    for part in $bzip2_parts; do
        wasi_object "$sources/$part.c" "$modules/$part.o" -D_WASI_EMULATED_SIGNAL \
            -D_WASI_EMULATED_PROCESS_CLOCKS $([ "$part" != bzip2 ] || echo -include "$here/bzip2/wasi.h")
        objects="$objects $modules/$part.o"
    done
    wasi_link $objects -lwasi-emulated-signal -o "$modules/bzip2"
}
bzip2_parts="blocksort huffman crctable randtable compress decompress bzlib bzip2"

# bzip2's own samples both ways through standard input and output, then a file of half a megabyte
# from name to name, and a file that is broken.
steps_bzip2() {
    samples=$(source_of bzip2-sys)/bzip2-1.0.8
    for level in 1 2 3; do
        step "packed$level" "$1" bzip2 "-$level" <"$samples/sample$level.ref"
        step "unpacked$level" "$1" bzip2 -d <"$samples/sample$level.bz2"
    done
    cp "$(source_of libsqlite3-sys)/sqlite3/sqlite3.h" large
    step pack "$1" bzip2 -v -k large
    cp large.bz2 copy.bz2 2>/dev/null || true
    step test "$1" bzip2 -t -v copy.bz2
    step unpack "$1" bzip2 -d -v copy.bz2
    head -c 20000 large.bz2 >broken.bz2 2>/dev/null || true
    step broken "$1" bzip2 -t broken.bz2
}

build_curta() {
    echo "curta: building it for WASI"
    cargo build --release --locked --target wasm32-wasip1 -p curta-cli --manifest-path "$here/../Cargo.toml" \
        --target-dir "$built/.."
    cp "$built/../wasm32-wasip1/release/curta.wasm" "$modules/curta"
    cp "$curta" "$built/curta"
}

# Modules run, called, checked and translated by a curta that is run by the machine or by curta.
steps_curta() {
    cp "$here"/../examples/*.wat .
    step hello "$1" curta run hello.wat
    step call "$1" curta run --invoke sum sum.wat 0 0
    echo '(module (func (result i32)))' >invalid.wat
    step validate "$1" curta validate hello.wat sum.wat invalid.wat
    step fib "$1" curta run --invoke fib fib.wat 20
    step disasm "$1" curta disasm sum.wat
    step tmpfs "$1" curta run --tmpfs /tmp --virtual-clock --seed 1 hello.wat
    step invalid "$1" curta run invalid.wat
}

for program in ${*:-report sqlite bzip2 curta}; do
    case $program in
    report) report ;;
    curta)
        need_command cargo "cargo, or rustup.rs"
        rustc --print target-libdir --target wasm32-wasip1 | xargs test -d || missing "Rust's target wasm32-wasip1" "none: rustup target add wasm32-wasip1"
        build_curta
        both curta steps_curta
        ;;
    sqlite | bzip2)
        need_command cargo "cargo, or rustup.rs"
        need_native
        need_wasi
        "build_$program"
        both "$program" "steps_$program"
        ;;
    *)
        echo "run.sh: there is no program $program" >&2
        exit 1
        ;;
    esac
done
[ "$failures" = 0 ]
