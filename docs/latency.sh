#!/bin/sh
# Measures how long the page waits for a trace by its id, and for the graph of
# the last hour, while spans come in as fast as they are acknowledged.
#
#   docs/latency.sh OTLPLOAD [SPANS [QUESTIONS [OPTION...]]]
#
# The options are handed on to the load generator.
# Headwater runs on core 0 with GOMAXPROCS=1, the load and who asks on core 1. It is
# asked for 200 traces that were there before, again and again: their spans are not
# in memory. Linux only; needs curl.
set -eu
load=$1
spans=${2:-8000000}
questions=${3:-1000}
shift $(($# < 3 ? $# : 3))
otlp=127.0.0.1:${PORT:-24317}
page=127.0.0.1:${PAGE:-27317}

work=$(mktemp -d)
trap 'kill $server $loading 2>/dev/null || true; wait; rm -rf "$work"' EXIT INT TERM
server= loading=
go build -o "$work/headwater" ./cmd/headwater
GOMAXPROCS=1 taskset -c 0 "$work/headwater" serve --data "$work/data" --otlp-grpc "$otlp" --otlp-http 127.0.0.1:0 --http "$page" 2>"$work/log" &
server=$!
until grep -q msg=serving "$work/log"; do
	kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
	sleep 0.02
done
taskset -c 1 "$load" -addr "$otlp" -spans $((spans / 10)) >/dev/null
curl -s "http://$page/api/v1/traces?limit=200" | grep -o '"id":"[0-9a-f]\{32\}"' | cut -d'"' -f4 >"$work/found"
[ -s "$work/found" ] || { echo "no trace was found" >&2; exit 1; }
for n in $(seq $((questions / 200 + 1))); do cat "$work/found"; done | head -n "$questions" >"$work/ids"
taskset -c 1 "$load" -addr "$otlp" -spans "$spans" -seed 2 "$@" >"$work/load" &
loading=$!
had=$(du -sk "$work/data" | cut -f1)
until [ "$(du -sk "$work/data" | cut -f1)" -gt $((had + 8192)) ]; do sleep 0.05; done # it makes its spans first

# ask NAME: takes addresses and prints how long their answers took, in ms.
ask() {
	sed 's|.*|url="&"\noutput=/dev/null|' |
		taskset -c 1 curl -s -K - -w '%{time_total} %{http_code}\n' |
		awk '$2 == 200 {print 1000 * $1}' | sort -n |
		awk -v name="$1" '{t[NR] = $1} END {printf "| %s | %d | %.1f | %.1f | %.1f |\n", name, NR, t[int((NR + 1) / 2)], t[int(NR * .99 + .5)], t[NR]}'
}
echo "| | answers | median ms | p99 ms | most ms |"
echo "|---|---|---|---|---|"
sed "s|.*|http://$page/api/v1/traces/&|" "$work/ids" | ask "a trace by its id"
to=$(date -u +%FT%TZ) from=$(date -u -d "1 hour ago" +%FT%TZ)
for n in $(seq 30); do
	echo "http://$page/api/v1/graph?from=$from&to=$to"
done | ask "the graph of an hour"
kill -0 $loading 2>/dev/null || echo "the load ended before the questions did: give more SPANS" >&2
