#!/bin/sh
# Measures anew what docs/performance.md and the README show in figures, and writes it there: the blocks behind a line
# `<!-- figures: NAME -->`, and the picture docs/table.svg. Words around them are for people to write.
#
#   benches/figures.sh [-r ROUNDS] [PART…]
#
# The parts, all if none is named: table (with its picture and its short form), families, sizes. Half an hour with 10
# rounds, which is the default; the machine should do nothing else. Programs of others are measured if
# benches/workloads/programs.sh has built them.
set -eu
cd "$(dirname "$0")/.."
rounds=10
while getopts r: option; do
    case $option in
    r) rounds=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
built=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# put NAME FILE: the block of that name becomes what standard input says.
put() {
    cat >"$work/block"
    awk -v name="$1" -v block="$work/block" '
        !inside { print }
        inside && /^```$/ { inside = 0; print }
        $0 == "<!-- figures: " name " -->" { found = 1 }
        found && /^```text$/ { found = 0; inside = 1; while ((getline line < block) > 0) print line }
    ' "$2" >"$work/document"
    cat "$work/document" >"$2"
}

table() {
    cargo build --release -p benches-lean --features lean
    cargo build --release -p benches-portable --features wasmi
    cargo build --release -p benches --features peers
    "$built/release/benches" table --rounds "$rounds" --chart docs/table.svg --columns >"$work/columns"
    put table docs/performance.md <"$work/columns"
    sed -n '1,3p; /^\(micro\|kernels\|programs\|all\) (/p' "$work/columns" | put table README.md
}

families() {
    cargo build --release -p benches --features families
    "$built/release/benches" table --rounds "$rounds" --baseline curta-threaded \
        --engines curta-threaded,without --means | put families docs/performance.md
}

# quiet COMMAND…: says something only if it fails.
quiet() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
}

# seconds COMMAND…: the CPU time that it takes, whole.
seconds() {
    (
        quiet "$@"
        times
    ) | awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, /[ms]/); sum += part[1] * 60 + part[2] }
        printf "%.0f", sum }'
}

sizes() {
    {
        printf '%-24s %12s %12s\n' "" default lean
        for features in "" lean; do
            quiet cargo build --release -p curta --features "$features"
            quiet cargo clean --release -p curta -p curta-module
            seconds cargo build --release -p curta --features "$features" >"$work/seconds$features"
            quiet cargo build --release -p curta-cli --features "$features"
            strip -o "$work/curta$features" "$built/release/curta"
            quiet cargo test --release -p curta --features "internals,$features" --test machine_code -- --nocapture
            cp "$work/log" "$work/handlers$features"
            awk '$2 == "handlers" && $3 == "at" { print $1 }' "$work/handlers$features" >"$work/count$features"
            awk '$3 == "handlers" && $5 == "bytes" { sum += $4 } $4 == "handlers" && $6 == "bytes" { sum += $5 }
                END { print sum }' "$work/handlers$features" >"$work/bytes$features"
        done
        row() { printf '%-24s %12s %12s\n' "$1" "$(cat "$2")" "$(cat "$2lean")"; }
        row "handlers a backend" "$work/count"
        row "their code, bytes" "$work/bytes"
        wc -c <"$work/curta" >"$work/command"
        wc -c <"$work/curtalean" >"$work/commandlean"
        row "command, stripped" "$work/command"
        row "compiling, CPU seconds" "$work/seconds"
    } >"$work/sizes"
    put sizes docs/performance.md <"$work/sizes"
    grep -E '^(not fused|[A-Z][A-Za-z]+) +[0-9]+ handlers +[0-9]+ bytes$' "$work/handlers" |
        put handlers docs/performance.md
}

for part in "${@:-table families sizes}"; do
    for name in $part; do
        case $name in
        table | families | sizes) "$name" ;;
        *)
            sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | grep -v '^set' >&2
            exit 2
            ;;
        esac
    done
done
