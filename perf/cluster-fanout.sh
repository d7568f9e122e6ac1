#!/usr/bin/env bash
# What a delivery costs with three nodes beside one, and how long it takes: LoadClient friends, 1,500 users who watch 20 each, against one node and then against three that share the machine.
# Prints a line of JSON for each number of nodes (NODES="1 3") and each rate: the servers' CPU together, idle and under the load, for each delivery, and the latencies.
# perf/cluster-fanout.sh [RATES="20 300 1500"]. Needs redis-server, python3, a quiet machine and a minute a line. Settings of the server by its environment.
set -euo pipefail
cd "$(dirname "$0")/.."
rates=${1:-20 300 1500}
seconds=${SECONDS_EACH:-15}
. perf/cluster-nodes.sh

ticks() { # of all processes that were started, in 1/100 s
    local pid stat sum=0
    for pid in "${pids[@]}"; do
        read -r stat <"/proc/$pid/stat"
        read -ra stat <<<"${stat##*) }"
        sum=$((sum + stat[11] + stat[12]))
    done
    echo $sum
}

friends() { # friends RATE SECONDS FIRST-USER
    dotnet "$load" friends --server "$tcp" --key-file "$key" --connections 1500 --watch 20 --flips "$1" --duration "$2s" --first-user "$3" --json 2>"$state/load.log"
}

for nodes in ${NODES:-1 3}; do
    start "$nodes"
    first=1
    # Compiled and settled first; idle is with nobody there.
    friends 1500 ${WARM:-90} $first >/dev/null
    sleep 15
    before=$(ticks)
    sleep 10
    idle=$(($(ticks) - before))
    for rate in $rates; do
        first=$((first + 10000))
        friends "$rate" "$seconds" $first | python3 -c "
import json, sys
report = json.load(sys.stdin)
measured = [s for s in report['series'] if s['phase'] == 'measure']
cores = sum(s['server_cores'] for s in measured[1:]) / len(measured[1:])
a_second = report['deliveries']['received'] / report['seconds']
print(json.dumps({'nodes': $nodes, 'changes_per_second': $rate, 'right': report['is_right'], 'deliveries': report['deliveries']['received'], 'p50_ms': report['latency_ms']['p50'],
    'p99_ms': report['latency_ms']['p99'], 'idle_cores': $idle / 1000, 'cores': round(cores, 3), 'us_per_delivery': round(cores / a_second * 1e6, 1)}))"
    done
done
