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
# Needs what build.sh needs, which builds them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
programs=$here
. "$here/tools.sh"
training=$here/training

[ $# -ge 2 ] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 1
}
curta=$(command_path "$1")
mkdir -p "$2"
profiles=$(cd "$2" && pwd)
shift 2

built=$(folder_built programs/training)

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

# How the script calls itself. No name: all profiles were there, and xargs had nothing to hand on.
if [ "${1:-}" = --run ]; then
    [ -z "${2:-}" ] || run "$2"
    exit
fi

names=${*:-$(names_in "$training/list.txt")}
for name in $names; do
    [ "$(line_of "$name")" ] || {
        echo "profile.sh: there is no program $name" >&2
        exit 1
    }
    rm -f "$profiles/$name.failed"
    [ -f "$profiles/$name.tsv" ] || "$here/build.sh" "$name" || {
        echo "$name: cannot be built" >"$profiles/$name.failed"
    }
done | xargs -n 1 -P 2 nice -n 5 "$here/profile.sh" "$curta" "$profiles" --run
for name in $names; do
    [ -f "$profiles/$name.tsv" ] || exit 1
done
