#!/bin/sh
# How fast guests read, write, make, list and remove files: under curta, under wasmi with wasmi_wasi, under
# Node's WASI, and natively.
#
#   benches/io.sh CURTA [ROUNDS [MIB [FILES]]]
#
# CURTA is the command `curta`. The guest is benches/io/guest.c; it copies a file of MIB (256) mebibytes to
# standard output, 64 and 4 KiB at a time, and makes, lists and removes FILES (100000) files. In each of the
# ROUNDS (3) every host takes its turn at each. Printed is each host's shortest time in milliseconds, from the
# start of its process to its end, so with the time that it takes to read and compile the guest.
# The files lie in TMPDIR: where that is on a disk, its speed is measured, too.
# `files` is the sum of making, listing and removing.
# HOSTS names fewer hosts than "curta wasmi node native".
#
# Exit status: 0, or 1 if curta takes longer than wasmi or node for copying or for `files`, or a guest fails or
# copies something else.
#
# Needs what programs/run.sh needs for `sqlite`, and `node`. wasmi is built into target/io.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../programs/tools.sh"

[ $# -ge 1 ] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 1
}
need_native
need_wasi
curta=$(realpath "$(command -v "$1")")
rounds=${2:-3} size=${3:-256} number=${4:-100000} hosts=${HOSTS:-curta wasmi node native}
built=${CARGO_TARGET_DIR:-$here/../target}/io
mkdir -p "$built"
built=$(cd "$built" && pwd)
native "$here/io/guest.c" -o "$built/guest"
wasi_compile "$here/io/guest.c" -o "$built/guest.o"
wasi_link "$built/guest.o" -o "$built/guest.wasm"
case $hosts in
*wasmi*) cargo build --quiet --release --locked --manifest-path "$here/io/Cargo.toml" --target-dir "$built" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
head -c $((size * 1048576)) /dev/urandom >large

# In the current directory, which is all that the guest may use: ARGUMENTS…
run_curta() {
    "$curta" run --dir .::/ "$built/guest.wasm" "$@"
}
run_wasmi() {
    "$built/release/wasmi-io" "$built/guest.wasm" "$@"
}
run_node() {
    node --no-warnings "$here/../programs/node.mjs" "$built/guest.wasm" guest "$@"
}
run_native() {
    "$built/guest" "$@"
}

# timed HOST WHAT ARGUMENTS…: a line of the file `times`.
timed() {
    host=$1 what=$2
    shift 2
    begun=$(date +%s%N)
    "run_$host" "$@" >/dev/null
    echo "$what $host $((($(date +%s%N) - begun) / 1000))" >>times
}

for host in $hosts; do
    "run_$host" cat 65536 large | cmp - large
done
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    for host in $hosts; do
        timed "$host" cat-64K cat 65536 large
        timed "$host" cat-4K cat 4096 large
        timed "$host" create create "$number"
        timed "$host" list list "$number"
        timed "$host" remove remove "$number"
    done
    echo "round $round of $rounds is done" >&2
done

echo "$size MiB copied, $number files; milliseconds, the shortest of $rounds rounds"
awk -v hosts="$hosts" '
    { key = $1 " " $2; if (!(key in least) || $3 < least[key]) least[key] = $3 }
    !($1 in seen) { seen[$1] = 1; order[++kinds] = $1 }
    END {
        hosts_number = split(hosts, host, " ")
        for (h = 1; h <= hosts_number; h++)
            least["files " host[h]] = least["create " host[h]] + least["list " host[h]] + least["remove " host[h]]
        order[++kinds] = "files"
        printf "| |"; for (h = 1; h <= hosts_number; h++) printf " %s |", host[h]; printf "\n|---|"
        for (h = 1; h <= hosts_number; h++) printf "--:|"; printf "\n"
        for (k = 1; k <= kinds; k++) {
            printf "| %s |", order[k]
            for (h = 1; h <= hosts_number; h++) {
                time = least[order[k] " " host[h]]
                printf " %.1f |", time / 1000
                if ((host[h] == "wasmi" || host[h] == "node") && order[k] ~ /^(cat|files)/ && least[order[k] " curta"] > time)
                    slower = slower "\ncurta takes longer than " host[h] ": " order[k]
            }
            printf "\n"
        }
        if (slower) { print substr(slower, 2); exit 1 }
    }' times
