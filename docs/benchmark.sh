#!/bin/sh
# Measures what taking spans costs: CPU time, memory, disk, how long senders wait.
#
#   docs/benchmark.sh OTLPLOAD [SPANS [OPTION...]]
#
# OTLPLOAD is a load generator that prints one line of JSON with spans_acked,
# spans_per_s and p99_ms and knows -addr and -spans; the options are handed on to
# it. Headwater runs on core 0 with GOMAXPROCS=1 and the load on core 1, on a
# machine that does nothing else. CPU time is that of the whole process until its
# windows have settled, about a minute after the last span. Linux only.
set -eu
load=$1
spans=${2:-1000000}
[ $# -lt 2 ] || shift
shift

work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT INT TERM
go build -o "$work/headwater" ./cmd/headwater

start() {
	GOMAXPROCS=1 taskset -c 0 "$work/headwater" serve --data "$work/data" \
		--otlp-grpc "127.0.0.1:${PORT:-24317}" --otlp-http 127.0.0.1:0 --http 127.0.0.1:0 2>"$work/log" &
	server=$!
	began=$(date +%s%N)
	until grep -q msg=serving "$work/log"; do
		kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
		sleep 0.02
	done
	echo $((($(date +%s%N) - began) / 1000000)) >"$work/startup"
}

ticks() { awk '{print $14 + $15}' "/proc/$server/stat"; }

start
(
	peak=0
	while now=$(awk '/^RssAnon/ {print $2}' "/proc/$server/status" 2>/dev/null); do
		[ "${now:-0}" -le "$peak" ] || { peak=$now; echo "$peak" >"$work/peak"; }
		sleep 0.2
	done
) &
before=$(ticks)
taskset -c 1 "$load" -addr "127.0.0.1:${PORT:-24317}" -spans "$spans" "$@" >"$work/load"
received=$(ticks)
sleep "${SETTLE:-60}"
settled=$(ticks)
disk=$(du -s --block-size=1 "$work/data" | cut -f1)
kill -INT "$server"
wait "$server" || true
start
kill -INT "$server"
wait "$server" || true
server=

field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$work/load"; }
awk -v hz="$(getconf CLK_TCK)" -v n="$(field spans_acked)" -v rate="$(field spans_per_s)" -v p99="$(field p99_ms)" \
	-v before="$before" -v received="$received" -v settled="$settled" -v disk="$disk" \
	-v peak="$(cat "$work/peak")" -v startup="$(cat "$work/startup")" 'BEGIN {
	m = hz * n / 1e6
	print "| spans | spans/s | CPU-s/M received | CPU-s/M settled | peak RssAnon MB | disk B/span | p99 ms | start again ms |"
	print "|---|---|---|---|---|---|---|---|"
	printf "| %d | %d | %.2f | %.2f | %d | %.1f | %.0f | %d |\n", n, rate, (received - before) / m, (settled - before) / m, peak / 1024, disk / n, p99, startup
}'
