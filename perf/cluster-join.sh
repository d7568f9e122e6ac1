#!/usr/bin/env bash
# The longest that anybody waits for a change while nodes join: LoadClient friends, 1,500 users who watch 20 each and flip 300 times a second, on two nodes of a cluster to which a third, a fourth and a fifth come meanwhile.
# The joining process is a machine of its own in life: here it gets what the others leave of this one (nice). Prints a line of JSON: the latencies in the second of each join, and in all others.
# perf/cluster-join.sh. SERVER=… is another build of the server, such as one that was published with -p:PublishReadyToRun=true (docs/operations.md). Needs redis-server, python3, a quiet machine and two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
. perf/cluster-nodes.sh

friends() { # friends SECONDS FIRST-USER
    dotnet "$load" friends --server "$both" --key-file "$key" --connections 1500 --watch 20 --flips 300 --duration "$1s" --first-user "$2" --json 2>"$state/load.log"
}

start 3
both=127.0.0.1:17001,127.0.0.2:17001
# Compiled first, the way of a join too.
friends 30 1 >/dev/null
friends 60 10001 >"$state/report.json" &
measuring=$!
sleep 15
for n in 4 5 6; do
    add $n nice -n 19
    date +%s.%N >>"$state/joined"
    sleep 4
done
wait $measuring || true
python3 -c "
import datetime, json
report = json.load(open('$state/report.json'))
started = datetime.datetime.fromisoformat(report['run']['started']).timestamp()
joins = [float(line) - started for line in open('$state/joined')]
near = lambda s: any(-2 <= s['seconds'] - join <= 3 for join in joins)
measured = [s for s in report['series'] if s['phase'] == 'measure' and s['p99_ms'] is not None]
print(json.dumps({'right': report['is_right'], 'wrong': report['wrong'], 'joins_at': [round(join, 1) for join in joins], 'max_ms': report['latency_ms']['max'], 'p99_ms': report['latency_ms']['p99'],
    'worst_p99_of_a_second_near_each_join_ms': [max(s['p99_ms'] for s in measured if -2 <= s['seconds'] - join <= 3) for join in joins], 'worst_p99_of_any_other_ms': max(s['p99_ms'] for s in measured if not near(s))}))"
