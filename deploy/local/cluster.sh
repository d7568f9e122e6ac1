#!/usr/bin/env bash
# A cluster on one machine, to try it and to break it: every node in a network namespace with an address of its own, Redis beside
# them, and HAProxy in front, which sends clients to the nodes that are ready. Prints how to use it without arguments.
# Needs root on Debian with redis-server, haproxy, iproute2 and iptables. Settings of the server by its environment (Presence__Session__Hold=00:00:03).
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
server=${PRESENCE_SERVER:-$repository/src/PresenceServer/bin/Release/net10.0/PresenceServer.dll}
state=$(realpath -m "${PRESENCE_CLUSTER_DIR:-./cluster-data}")
network=${PRESENCE_CLUSTER_NET:-10.77.0} # .1 is this machine with Redis and HAProxy, .11 the first node
bridge=pr$network
patience=${PRESENCE_CLUSTER_PATIENCE:-60} # seconds for whatever is waited for
nodes=$(cat "$state/nodes" 2>/dev/null || echo 0)

usage() {
    cat >&2 <<END
usage: [NODES=3] $0 COMMAND
  up             starts Redis, the nodes and the load balancer ($network.1:7001 and :8080)
  status         what each node says of itself
  wait           until all nodes that run know each other; as after a start, those that are paused or cut are not waited for
  kill N         ends node N as a fault does (SIGKILL)
  pause N        node N stands still (SIGSTOP), until: continue N
  cut N [WHAT]   node N loses every packet, until: heal N
                 WHAT  all: to and from anybody, as when its cable is pulled (default)
                       cluster: the other nodes and Redis; clients still reach it
                       peers: the other nodes alone
  start N        starts node N after a kill or a stop
  restart N      stops node N as a deploy does (SIGTERM), starts it, and waits until it is a member
  redis stop     Redis is away, until: redis start
  down           ends everything; data and logs stay in the state directory
State (data, logs, process ids) is in PRESENCE_CLUSTER_DIR, now $state.
END
    exit 2
}

fail() { echo "$*" >&2; exit 1; }
# The machine does not allow it: an exit code of its own, because nothing is wrong with the cluster.
cannot() { echo "A cluster cannot run here: $*" >&2; exit 3; }

space() { echo "$bridge-$1"; }
address() { echo "$network.1$1"; }
all() { seq "$nodes"; }

# --- processes: of those that this script started a file holds the id and the time of the start, by which it is known again

started_at() { # started_at PID: in clock ticks; nothing when it has ended
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    [ "$(cut -d' ' -f1 <<<"${stat##*) }")" = Z ] || cut -d' ' -f20 <<<"${stat##*) }"
}

pid_of() { # pid_of NAME: nothing when it does not run
    local pid at
    read -r pid at 2>/dev/null <"$state/$1.pid" || return 0
    # Without a time it had ended before it was looked at.
    [ -z "$at" ] || [ "$(started_at "$pid")" != "$at" ] || echo "$pid"
}

runs() { [ -n "$(pid_of "$1")" ]; }

launch() { # launch NAME COMMAND…: in the background, output in NAME.log
    local name=$1
    shift
    ! runs "$name" || fail "$name runs already."
    setsid "$@" </dev/null >>"$state/$name.log" 2>&1 &
    echo "$! $(started_at $!)" >"$state/$name.pid"
}

signal() { # signal NAME SIGNAL
    local pid
    pid=$(pid_of "$1")
    [ -n "$pid" ] || fail "$1 does not run."
    kill "-$2" "$pid"
}

until_true() { # until_true WORDS COMMAND…: looks ten times a second
    local words=$1 end=$((SECONDS + patience))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "After $patience s: $words. Logs: $state"
        sleep 0.1
    done
}

has_ended() { ! runs "$1"; }

is_paused() { # is_paused NAME
    local stat
    stat=$(cat "/proc/$(pid_of "$1")/stat" 2>/dev/null) && [ "$(cut -d' ' -f1 <<<"${stat##*) }")" = T ]
}

stop() { # stop NAME: as it wants to be stopped, and by force when it does not; nothing when it does not run
    runs "$1" || return 0
    signal "$1" CONT # one that is paused hears nothing else
    signal "$1" TERM
    (until_true "$1 has not stopped, and is killed" has_ended "$1") || signal "$1" KILL
    until_true "$1 has not ended" has_ended "$1"
}

# --- the network

connect() { # connect N: a namespace with an address on the bridge
    local name
    name=$(space "$1")
    ip netns add "$name" || cannot "network namespaces are not permitted."
    ip link add "v$network-$1" type veth peer name eth0 netns "$name"
    ip link set "v$network-$1" master "$bridge" up
    ip -n "$name" addr add "$(address "$1")/24" dev eth0
    ip -n "$name" link set lo up
    ip -n "$name" link set eth0 up
    publish_health "$name" "$(address "$1")"
}

# The admin listener is on the node's loopback and stays there; the load balancer has to see its /readyz, over the network that can be cut.
publish_health() { # publish_health NAMESPACE ADDRESS
    ip netns exec "$1" sysctl -qw net.ipv4.conf.eth0.route_localnet=1
    ip netns exec "$1" iptables -w -t nat -A PREROUTING -s "$network.1" -d "$2" -p tcp --dport 9090 -j DNAT --to-destination 127.0.0.1:9090 ||
        cannot "iptables does not work in a network namespace."
}

lay_network() {
    ip link add "$bridge" type bridge || cannot "bridges are not permitted."
    ip addr add "$network.1/24" dev "$bridge"
    ip link set "$bridge" up
    for n in $(all); do connect "$n"; done
}

remove_network() {
    for n in $(all); do
        # Its end of the wire goes with it, but some time after.
        ip link del "v$network-$n" 2>/dev/null || true
        ip netns del "$(space "$n")" 2>/dev/null || true
    done
    ip link del "$bridge" 2>/dev/null || true
}

in_space() { local n=$1; shift; ip netns exec "$(space "$n")" "$@"; }
drop() { # drop N MATCH: both ways; MATCH has SRC where the other side is named
    in_space "$1" iptables -w -I INPUT ${2//SRC/-s} -j DROP
    in_space "$1" iptables -w -I OUTPUT ${2//SRC/-d} -j DROP
}

drop_peers() {
    for n in $(all); do
        [ "$n" = "$1" ] || drop "$1" "SRC $(address "$n")"
    done
}

drop_redis() {
    in_space "$1" iptables -w -I INPUT -s "$network.1" -p tcp --sport 6379 -j DROP
    in_space "$1" iptables -w -I OUTPUT -d "$network.1" -p tcp --dport 6379 -j DROP
}

cut_off() { # cut_off N WHAT
    case $2 in
        all) drop "$1" "SRC $network.0/24" ;;
        cluster) drop_peers "$1" && drop_redis "$1" ;;
        peers) drop_peers "$1" ;;
        *) usage ;;
    esac
}

is_cut() { [[ $(in_space "$1" iptables -w -S INPUT) == *DROP* ]]; }
heal() { in_space "$1" iptables -w -F INPUT && in_space "$1" iptables -w -F OUTPUT; }

# --- what runs

start_redis() {
    launch redis redis-server --bind "$network.1" --port 6379 --protected-mode no --appendonly yes --save "" --dir "$state/redis"
    until_true "Redis does not answer" answers "$network.1" 6379
}

answers() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }

start_node() { # start_node N
    local name=node-$1
    launch "$name" env DOTNET_ENVIRONMENT="${DOTNET_ENVIRONMENT:-Development}" ip netns exec "$(space "$1")" "${command[@]}" \
        "--Presence:DataDirectory=$state/$name" "--Presence:Listen:Tcp=$(address "$1"):7001" "--Presence:Listen:Http=$(address "$1"):8080" \
        "--Presence:Listen:Admin=127.0.0.1:9090" "--Presence:Auth:SigningKeyFile=$state/signing-key" \
        "--Presence:Cluster:Redis=$network.1:6379" "--Presence:Cluster:NodeId=$name" "--Presence:Cluster:PeerAddress=$(address "$1"):7100"
}

start_balancer() {
    balancer_configuration >"$state/haproxy.cfg"
    launch haproxy haproxy -db -f "$state/haproxy.cfg"
    until_true "HAProxy does not answer" answers "$network.1" 7001
}

# A server that does not say that it is ready twice in a row gets nobody, and loses whom it has: they come back by another.
balancer_configuration() {
    cat <<END
defaults
    mode tcp
    balance leastconn
    option redispatch 1
    retries 3
    timeout connect 1s
    timeout client 1h
    timeout server 1h
    timeout check 2s
frontend tcp
    bind $network.1:7001
    default_backend nodes
frontend http
    bind $network.1:8080
    default_backend http
backend nodes
    option httpchk GET /readyz
    http-check expect status 200
    default-server check port 9090 inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
$(for n in $(all); do echo "    server node-$n $(address "$n"):7001"; done)
backend http
$(for n in $(all); do echo "    server node-$n $(address "$n"):8080 track nodes/node-$n on-marked-down shutdown-sessions"; done)
END
}

readyz() { # readyz N: the answer with its status line; nothing when there is none in time
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/9090" && printf "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3 && cat <&3' "$(address "$1")" 2>/dev/null || true
}

count_running() { for n in $(all); do ! runs "node-$n" || echo "$n"; done | wc -l; }

# Those that run and neither stand still nor are cut off: the others can neither answer nor be members.
reachable() { for n in $(all); do ! runs "node-$n" || is_paused "node-$n" || is_cut "$n" || echo "$n"; done; }

is_member() { readyz "$1" | grep -q "\"cluster\",\"status\":\"ok\",\"detail\":\"$2 members"; } # is_member N OF
know_each_other() {
    local members
    members=$(reachable)
    for n in $members; do
        is_member "$n" "$(wc -w <<<"$members")" || return 1
    done
}

wait_for_members() { until_true "not all nodes know each other ($0 status)" know_each_other; }

# --- commands

check_machine() {
    [ "$(id -u)" = 0 ] || cannot "it makes network namespaces, for which it has to be root."
    for needed in redis-server haproxy ip iptables; do
        command -v "$needed" >/dev/null || cannot "there is no '$needed': apt-get install redis-server haproxy iproute2 iptables"
    done
}

find_server() {
    [ -e "$server" ] || fail "There is no $server: dotnet build $repository/src/PresenceServer -c Release"
    command=("$server")
    [[ $server != *.dll ]] || command=(dotnet "$server")
}

up() {
    check_machine
    find_server
    [[ ${NODES:-3} =~ ^[1-9]$ ]] || fail "NODES is 1 to 9, not '$NODES'."
    ! ip link show "$bridge" >/dev/null 2>&1 || fail "A cluster is up already in the network $network.0/24 (the bridge $bridge is there): '$0 down' with the same PRESENCE_CLUSTER_DIR ends it."
    mkdir -p "$state/redis"
    nodes=${NODES:-3}
    echo "$nodes" >"$state/nodes"
    [ -f "$state/signing-key" ] || (umask 077 && head -c 32 /dev/urandom | base64 >"$state/signing-key")
    trap 'down >&2' EXIT
    lay_network
    start_redis
    for n in $(all); do start_node "$n"; done
    wait_for_members
    start_balancer
    trap - EXIT
    what_next
}

what_next() {
    cat <<END
A cluster of $(count_running) nodes is up.
  TCP        presence://$network.1:7001
  HTTP       http://$network.1:8080/users/presence
  Redis      $network.1:6379
  nodes      $(for n in $(all); do address "$n"; done | xargs)
  logs       $state/*.log

A load:         dotnet run -c Release --project src/LoadClient -- nodes --server $network.1:7001 --key-file $state/signing-key --connections 3000
Then break it:  $0 kill 2; $0 start 2     ($0 pause|cut|restart …)
Look at it:     $0 status
End it:         $0 down
END
}

status() {
    for n in $(all); do
        local name=node-$n answer=
        runs "$name" && answer=$(readyz "$n" | grep -o '"name":"cluster"[^}]*' || true)
        printf '%-8s %-12s %s\n' "$name" "$(address "$n")" "$(describe "$name" "$answer")"
    done
    for name in redis haproxy; do
        printf '%-8s %-12s %s\n' "$name" "$network.1" "$(runs "$name" && echo "pid $(pid_of "$name")" || echo "does not run")"
    done
}

describe() { # describe NAME ANSWER
    runs "$1" || { echo "does not run"; return; }
    echo "pid $(pid_of "$1"): $(sed -E 's/.*"status":"([a-z]+)","detail":"(.*)"/\1, \2/' <<<"${2:-no answer}")"
}

down() {
    [ "$nodes" -gt 0 ] || { echo "There is no cluster in $state."; return 0; }
    # All are told at once; the load balancer first, or it would tell clients to go on to the next node again and again.
    stop haproxy
    for n in $(all); do (stop "node-$n") & done
    wait
    stop redis
    remove_network
    rm -f "$state"/*.pid "$state/nodes"
    echo "The cluster is down; its data and logs are in $state."
}

node_command() { # node_command COMMAND N [WHAT]
    all | grep -qx -- "${2:-none}" || fail "'${2:-}' is not the number of a node: $(all | xargs)."
    case $1 in
        kill) signal "node-$2" KILL && until_true "node-$2 has not ended" has_ended "node-$2" ;;
        pause) signal "node-$2" STOP ;;
        continue) signal "node-$2" CONT ;;
        cut) cut_off "$2" "${3:-all}" ;;
        heal) heal "$2" ;;
        start) find_server && start_node "$2" && wait_for_members ;;
        restart) find_server && stop "node-$2" && start_node "$2" && wait_for_members ;;
    esac
}

case ${1:-} in
    up | down) ;;
    *) [ "$nodes" -gt 0 ] || { [ -n "${1:-}" ] && echo "There is no cluster in $state: begin with '$0 up'." >&2; usage; } ;;
esac
case ${1:-} in
    up | down | status) "$1" ;;
    wait) wait_for_members ;;
    kill | pause | continue | cut | heal | start | restart) node_command "$@" ;;
    redis)
        case ${2:-} in
            stop) stop redis ;;
            start) start_redis ;;
            *) usage ;;
        esac
        ;;
    *) usage ;;
esac
