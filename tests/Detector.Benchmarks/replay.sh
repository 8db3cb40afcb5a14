#!/usr/bin/env bash
# Reads an archive with the native replay and with programs that only unpack or search it, in turn, and prints medians and ratios.
#   replay.sh [--events N] [--rounds N] [--archive FOLDER] [--rules N]
# Without a folder the archive is made up, seeded, below the system's temporary folder; with a number, so many made-up rules that nothing meets stand in place
# of those that travel with the program.
# Needs zcat and GNU time; libdeflate-gunzip (Debian: libdeflate-tools), rg, jq and duckdb take part where they are installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

events=500000 rounds=5 archive= rules=
while (($#)); do
    case $1 in
        --events) events=$2 ;;
        --rounds) rounds=$2 ;;
        --archive) archive=$2 ;;
        --rules) rules=$2 ;;
        *) echo "unknown: $1" >&2; exit 2 ;;
    esac
    shift 2
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z $archive ]]; then
    archive=$work/archive
    echo "making $events events"
    dotnet run -c Release --project tests/Detector.Benchmarks -- archive "$archive" --events "$events"
fi
echo "building the native program"
dotnet publish src/Detector.App -c Release -o "$work/program" -v quiet
find "$archive" -name '*.gz' | sort >"$work/files"
half=$(((($(wc -l <"$work/files") + 1) / 2)))

options=
if [[ -n $rules ]]; then
    mkdir "$work/rules"
    for ((rule = 0; rule < rules; rule++)); do
        printf -- '---\ntitle: Made up %d\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  call: {eventSource: ec2.amazonaws.com, eventName: MadeUp%d}\n' "$rule" "$rule"
        printf '  by: {userIdentity.type: AssumedRole, requestParameters.name%d|startswith: x}\n  condition: call and by\nlevel: low\n' "$((rule % 50))"
        # Of eight lines each, a thousand to a file.
    done | split -l 8000 --additional-suffix .yml - "$work/rules/"
    options="--rules $work/rules"
fi

# What each does, reading the list of files.
declare -A does=(
    [zcat]="xargs zcat <$work/files"
    [replay]="$work/program/detector replay $archive --output jsonl --stats $options"
    [report]="$work/program/detector replay $archive --output jsonl --report $work/report.html $options"
)
order=(zcat replay report)
offer() { if command -v "$2" >/dev/null; then does[$1]=$3 order+=("$1"); fi; }
offer "libdeflate x2" libdeflate-gunzip "xargs -P 2 -n $half libdeflate-gunzip -c <$work/files"
offer "rg -z" rg "xargs rg -z --no-messages -c ConsoleLogin <$work/files || true"
offer "jq x2" jq "xargs -P 2 -n $half bash -c 'zcat \"\$@\" | jq -c \".Records[]? | select(.userIdentity.type == \\\"Root\\\")\"' jq <$work/files"
offer duckdb duckdb "duckdb -c \"select count(*) from (select unnest(Records) r from read_json('$archive/**/*.gz', maximum_object_size=1000000000)) where r.userIdentity.type = 'Root'\""

for ((round = 0; round < rounds; round++)); do
    for who in "${order[@]}"; do
        /usr/bin/time -a -o "$work/$who.times" -f '%e %M %U %S' bash -c "${does[$who]}" >/dev/null 2>"$work/$who.error" || { cat "$work/$who.error"; exit 1; }
    done
done

# Of what an awk expression makes of elapsed ($1), kilobytes ($2), user ($3) and system ($4) seconds.
median() { awk "{ print $2 }" "$work/$1.times" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }
zcat=$(median zcat '$1') replay=$(median replay '$1') processor=$(median zcat '$3 + $4')
printf '\n%-14s %10s %12s %28s %28s\n' who seconds "x zcat" "processor time, zcat = 1" "replay is"
for who in "${order[@]}"; do
    awk -v who="$who" -v s="$(median "$who" '$1')" -v z="$zcat" -v r="$replay" -v c="$(median "$who" '$3 + $4')" -v p="$processor" \
        'BEGIN { printf "%-14s %10.2f %12.2f %28.2f %12.2f times its speed\n", who, s, z / s, c / p, s / r }'
done
if [[ -e "$work/libdeflate x2.times" ]]; then
    awk -v r="$replay" -v l="$(median "libdeflate x2" '$1')" 'BEGIN { printf "\nreplay takes %.2f times as long as libdeflate on 2 processes\n", r / l }'
fi
printf 'peak memory of replay: %s kB\n' "$(cut -d' ' -f2 "$work/replay.times" | sort -n | tail -n 1)"
tail -n 1 "$work/replay.error"
