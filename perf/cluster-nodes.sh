# Nodes on this machine for what is measured with several: to be sourced. Each has 2 shards and a loopback address of its own (127.0.0.N:17001 is its Tcp listener); Redis is beside them when there are several.
# start N: ends what ran before and starts N nodes, without limits of status changes and questions; then tcp has their addresses, key the file of their signing key, and pids their processes. All end with the script that has sourced it.
# One after the other: in Production the second of three is not ready before the third is there.
export DOTNET_ENVIRONMENT=${DOTNET_ENVIRONMENT:-Development}
state=$(mktemp -d)
server=${SERVER:-src/PresenceServer/bin/Release/net10.0/PresenceServer.dll}
load=src/LoadClient/bin/Release/net10.0/LoadClient.dll
pids=()

end() {
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    pids=()
}
trap 'end; rm -rf "$state"' EXIT

key=$state/key
(umask 077; head -c 32 /dev/urandom | base64 >"$key")

add() { # add N [COMMAND…]: starts node N, by COMMAND if there is one, and waits until it is ready
    local n=$1 settings
    shift
    settings=(--Presence:DataDirectory="$state/data-$n" --Presence:Auth:SigningKeyFile="$key" --Presence:Shards=2 --Presence:Limits:StatusChanges=0 --Presence:Limits:QueryRate=0
        --Presence:Listen:Tcp=127.0.0.$n:17001 --Presence:Listen:WebSocket=127.0.0.$n:17002 --Presence:Listen:Http=127.0.0.$n:17003 --Presence:Listen:Admin=127.0.0.$n:17090)
    [ "$nodes" -eq 1 ] || settings+=(--Presence:Cluster:Redis=127.0.0.1:17379 --Presence:Cluster:NodeId="node-$n" --Presence:Cluster:PeerAddress=127.0.0.$n:17004)
    "$@" dotnet "$server" "${settings[@]}" >"$state/node-$n.log" 2>&1 &
    pids+=($!)
    timeout 60 bash -c "until curl -sf http://127.0.0.$n:17090/readyz >/dev/null; do sleep 0.1; done" || { cat "$state/node-$n.log" >&2; exit 1; }
}

start() { # start N: N nodes, one after the other; sets tcp to their addresses
    local n
    end
    nodes=$1
    tcp=
    rm -rf "$state"/data-* "$state"/redis
    if [ "$nodes" -gt 1 ]; then
        mkdir "$state/redis"
        redis-server --port 17379 --dir "$state/redis" --appendonly yes --save "" >"$state/redis.log" 2>&1 &
        pids+=($!)
    fi
    for n in $(seq "$nodes"); do
        add "$n"
        tcp+=${tcp:+,}127.0.0.$n:17001
    done
}
