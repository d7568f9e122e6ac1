#!/usr/bin/env bash
# What clients see of the faults of a node, or of Redis, with default times: three nodes in namespaces, 3,000 clients who watch 20 each and flip 100 times a second, of whom 5 % stay away when they are lost.
# Prints a line of JSON for each fault: LoadClient's report on who was seen to go. perf/cluster-faults.sh [FAULT…]
#   pause      a node stands still for 20 s        pause-for-good  it stands still to the end
#   cut        it loses every packet for 20 s      restart         each node is restarted, as a deploy does
#   redis      Redis is away for 5 minutes
# Needs what deploy/local/cluster.sh needs, a quiet machine, and two minutes a fault (redis: seven).
set -euo pipefail
cd "$(dirname "$0")/.."
export PRESENCE_CLUSTER_DIR=${PRESENCE_CLUSTER_DIR:-$(mktemp -d)}
cluster=deploy/local/cluster.sh
users=3000
report=$PRESENCE_CLUSTER_DIR/report.json
said=$PRESENCE_CLUSTER_DIR/said

resident() { # of each node, MB
    local n
    for n in 1 2 3; do awk '/VmRSS/ { printf "%d ", $2 / 1024 }' "/proc/$(cut -d' ' -f1 "$PRESENCE_CLUSTER_DIR/node-$n.pid")/status"; done
}

inflict() {
    case $1 in
        pause) $cluster pause 2; sleep 20; $cluster continue 2; sleep 40 ;;
        cut) $cluster cut 2; sleep 20; $cluster heal 2; sleep 40 ;;
        pause-for-good) $cluster pause 2; sleep 75 ;;
        restart) for n in 1 2 3; do $cluster restart $n; done; sleep 20 ;;
        redis) resident; $cluster redis stop; for _ in 1 2 3 4 5; do sleep 60; resident; done; $cluster redis start; sleep 30; resident; echo ;;
        *) echo "There is no fault '$1'." >&2; exit 2 ;;
    esac >&2
}

NODES=3 $cluster up >&2
trap '$cluster down >&2' EXIT
# A cluster that has just begun is not what is measured.
sleep 20
number=100
for fault in ${*:-pause cut pause-for-good restart redis}; do
    number=$((number + 1))
    mkfifo "$said.in"
    dotnet src/LoadClient/bin/Release/net10.0/LoadClient.dll nodes --server 10.77.0.1:7001 --key-file "$PRESENCE_CLUSTER_DIR/signing-key" \
        --connections $users --watch 20 --flips 100 --stay-away 0.05 --until-told --seed "$number" --first-user $((number * users)) --json >"$report" 2>"$said" <"$said.in" &
    load=$!
    exec 3>"$said.in"
    until grep -q "let nodes fail" "$said"; do kill -0 $load; sleep 0.2; done
    inflict "$fault"
    echo >&3
    exec 3>&-
    wait $load || true
    rm -f "$said.in"
    echo "{\"fault\":\"$fault\",\"report\":$(cat "$report")}"
    [ "$fault" != pause-for-good ] || $cluster continue 2 >&2
    $cluster wait >&2
done
