#!/usr/bin/env bash
# Every scenario of LoadClient that needs no hand against three nodes on this machine, as it is run against one; prints a line for each: whether all that its clients were told is right, and what is not.
# perf/cluster-scenarios.sh [NAMES]. Needs redis-server and python3; some eight minutes. Ends with 1 when something was wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
. perf/cluster-nodes.sh

run() { # run NAME SCENARIO OPTIONS…: with users of its own
    local name=$1
    shift
    [[ " ${names:-$name} " == *" $name "* ]] || return 0
    first=$((first + 10000000))
    dotnet "$load" "$@" --server "$tcp" --key-file "$key" --first-user $first --json >"$state/report.json" 2>"$state/load.log" || true
    python3 -c "
import json
report = json.load(open('$state/report.json'))
print('$name:', 'right' if report['is_right'] else 'WRONG', report['wrong'] or '', report['given_up'] or '', flush=True)
raise SystemExit(not report['is_right'])" || { failed=1; [ -s "$state/report.json" ] || cat "$state/load.log"; }
}

names=$*
first=0
failed=0
start 3
run friends friends --connections 1500 --flips 300
run celebrity celebrity --connections 1500 --flips 1
run flap flap
run flap-long flap --long-share 0.5
run read read
run read-large read --ids-per-query 1000
run storm storm
run ramp ramp --sessions 60000 --ramp-rate 20000
run ramp-restart ramp --sessions 60000 --ramp-rate 20000 --restart-link
run storm-links storm --sessions 20000 --ramp-rate 20000
run hostile hostile --connections 1000 --flips 100 --calm 15s
exit $failed
