#!/bin/sh
# Runs programs of many toolchains under curta and under Node's own WASI, and compares all that they write,
# byte for byte, and how they end.
#
#   programs/toolchains.sh CURTA [NAME…]
#
# CURTA is the command `curta`. Without names, all programs of training/list.txt and toolchains/list.txt
# run, one after the other. Those that are not there yet are built first, by build.sh. A line a program
# says what was compared.
#
# Exit status: 0 if everything is the same, 1 if something differs, cannot be built or run.
#
# Needs `node`, version 20 or later, and what build.sh needs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
programs=$here
. "$here/tools.sh"
training=$here/training
toolchains=$here/toolchains

[ $# -ge 1 ] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 1
}
curta=$(command_path "$1")
shift
need_command node nodejs

built=$(folder_built programs/training)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# In the current directory, which is all that the guest may use, and its root, since Go takes relative paths
# from there: NAME ARGUMENTS…
run_curta() {
    "$curta" run --dir .::/ --argv0 "$1" "$built/$@"
}
run_node() {
    node --no-warnings "$here/node.mjs" "$built/$1" "$@"
}

# both NAME TOOLCHAIN ARGUMENTS…: the same in two directories, which are compared afterwards.
both() {
    name=$1 toolchain=$2
    shift 2
    for host in node curta; do
        mkdir -p "$work/$name/$host/files"
        cp "$training"/scripts/* "$toolchains"/python/ledger.py "$built"/inputs/* "$work/$name/$host/files"
        status=0
        (cd "$work/$name/$host/files" && "run_$host" "$name" "$@") \
            >"$work/$name/$host/stdout" 2>"$work/$name/$host/stderr" </dev/null || status=$?
        echo "$status" >"$work/$name/$host/status"
    done
    if ! diff -r "$work/$name/node" "$work/$name/curta" >"$work/$name/diff"; then
        echo "$name ($toolchain): DIFFERS from node (<) under curta (>):"
        head -n 40 "$work/$name/diff"
        failures=$((failures + 1))
        return
    fi
    set -- $(cd "$work/$name/curta/files" && ls -A | grep -vxF "$inputs" || true)
    if ! [ -s "$work/$name/curta/stdout" ] && [ $# = 0 ]; then
        # Two hosts that run nothing are the same, too.
        echo "$name ($toolchain): NOTHING written, neither files nor to standard output:"
        head -n 5 "$work/$name/curta/stderr"
        failures=$((failures + 1))
    else
        echo "$name ($toolchain): as under node: status $(cat "$work/$name/curta/status")," \
            "$(wc -c <"$work/$name/curta/stdout") bytes of standard output${1:+, written: $*}"
    fi
}

for name in ${*:-$(names_in "$training/list.txt" "$toolchains/list.txt")}; do
    if "$here/build.sh" "$name" >/dev/null; then
        inputs=$(ls -1 "$training/scripts" "$toolchains/python" "$built/inputs")
        both "$name" $(line_of "$name")
    else
        failures=$((failures + 1))
    fi
done
[ "$failures" = 0 ]
