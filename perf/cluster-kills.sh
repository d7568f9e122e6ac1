#!/usr/bin/env bash
# Kills one of three nodes under load, again and again, and prints a line of JSON for each kill: who was seen to go of those who came back, and how long it took until all watchers had been told of those who did not.
# perf/cluster-kills.sh [KILLS=10]. Needs what deploy/local/cluster.sh needs, a quiet machine, and a minute and a half a kill.
set -euo pipefail
cd "$(dirname "$0")/.."
export PRESENCE_CLUSTER_DIR=${PRESENCE_CLUSTER_DIR:-$(mktemp -d)}
kills=${1:-10}
cluster=deploy/local/cluster.sh
users=3000
report=$PRESENCE_CLUSTER_DIR/report.json
said=$PRESENCE_CLUSTER_DIR/said

NODES=3 $cluster up >&2
trap '$cluster down >&2' EXIT
# Until d + 4δ after the start of a whole cluster everybody has that long.
sleep 55
for kill in $(seq "$kills"); do
    node=$((kill % 3 + 1))
    mkfifo "$said.in"
    dotnet src/LoadClient/bin/Release/net10.0/LoadClient.dll nodes --server 10.77.0.1:7001 --key-file "$PRESENCE_CLUSTER_DIR/signing-key" \
        --connections $users --watch 20 --flips 100 --stay-away 0.05 --until-told --seed "$kill" --first-user $((kill * users)) --json >"$report" 2>"$said" <"$said.in" &
    load=$!
    exec 3>"$said.in"
    until grep -q "let nodes fail" "$said"; do kill -0 $load; sleep 0.2; done
    $cluster kill $node >&2
    # Member-death, hold, and a few seconds more.
    sleep 28
    echo >&3
    exec 3>&-
    wait $load || true
    rm -f "$said.in"
    echo "{\"kill\":$kill,\"node\":$node,\"report\":$(cat "$report")}"
    $cluster start $node >&2
    $cluster wait >&2
done
