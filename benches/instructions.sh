#!/bin/sh
# How many instructions the processor executes for each workload, under valgrind: the same each time, whatever else the
# machine does, so that two commits can be compared.
#
#   benches/instructions.sh [-e ENGINE] [-f FILTER] BENCHES [BENCHES…]
#
# BENCHES is the program `benches` as `cargo build --release -p benches` leaves it in target/release; keep a copy for each
# commit. With two or more, the last column is the last one's count relative to the first one's, and the last line the
# geometric mean of that. ENGINE is the table's name of an engine, `curta threaded` at first. Only the call is counted, not
# the loading nor a first call before it. Instructions are not time: what stalls costs more.
set -eu

engine="curta threaded" filter=
while getopts e:f: option; do
    case $option in
    e) engine=$OPTARG ;;
    f) filter=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | grep -v '^set' >&2
    exit 2
}
command -v valgrind >/dev/null || {
    echo "instructions.sh: valgrind is missing (Debian package valgrind)" >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# count BENCHES WORKLOAD
count() {
    valgrind --tool=callgrind --collect-atstart=no '--toggle-collect=*counted_call*' \
        --callgrind-out-file="$work/out" "$1" once "$2" "$engine" >"$work/log" 2>&1 || {
        echo "instructions.sh: $1 fails on $2:" >&2
        cat "$work/log" >&2
        exit 1
    }
    sed -n 's/^summary: //p; s/^totals: //p' "$work/out" | tail -n 1
}

"$1" list "$filter" >"$work/workloads"
while read -r workload; do
    line=$(printf '%-15s' "$workload")
    for benches in "$@"; do
        instructions=$(count "$benches" "$workload")
        line="$line $(printf '%14s' "$instructions")"
    done
    echo "$line" | awk '{ printf "%s", $0; if (NF > 2) printf " %8.4f", $NF / $2; print ""; fflush() }'
done <"$work/workloads" | awk '
    { print; fflush() }
    NF > 3 { sum += log($NF); count++ }
    END { if (count) printf "geometric mean %.4f over %d\n", exp(sum / count), count }'
