#!/usr/bin/env bash
# Everything a change must pass: installs what the tests need, checks formatting, builds with warnings as errors, runs every test.
# Needs the .NET 10 SDK and, for what it installs, root on Debian. Takes minutes, not hours: long runs have commands of their own (docs/).
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

need() { # need COMMAND PACKAGE: installs the Debian package when the command is missing
    command -v "$1" >/dev/null && return
    echo "== installing $2"
    [ -n "${apt_updated:-}" ] || { apt-get update -qq; apt_updated=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}
need curl curl
need gcc gcc
need redis-server redis-server
need haproxy haproxy
need ip iproute2
need iptables iptables

echo "== restore"
dotnet restore Presence.sln
echo "== format (of whitespace: style is part of the build)"
dotnet format whitespace --folder . --verify-no-changes
echo "== build (warnings are errors)"
dotnet build Presence.sln -c Release --no-restore
# Two projects at a time: the one that takes longest, and all others beside it.
echo "== test"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
run() { # run PROJECT [OPTION…]: 0 when no test of it failed
    local project=$1 status=0
    shift
    dotnet "tests/$project/bin/Release/net10.0/$project.dll" -noColor "$@" >"$logs/$project" 2>&1 || status=$?
    echo "== $project"
    cat "$logs/$project"
    return "$status"
}
others() {
    local path status=0
    for path in tests/*.Tests; do
        [ "$path" = tests/Server.Tests ] || run "${path#tests/}" || status=$?
    done
    return "$status"
}
status=0
others &
run Server.Tests || status=$?
wait $! || status=$?

# The runners' summaries, once more on one plain line.
count() { sed -nE "s/^ *[A-Za-z.]+ +Total:.* $1: ([0-9]+).*/\1/p" "$logs"/* | awk '{ sum += $1 } END { print sum + 0 }'; }
failed=$(($(count Errors) + $(count Failed))) skipped=$(($(count Skipped) + $(count "Not Run")))
passed=$(($(sed -nE 's/^ *[A-Za-z.]+ +Total: ([0-9]+).*/\1/p' "$logs"/* | awk '{ sum += $1 } END { print sum + 0 }') - failed - skipped))

# By itself, because nodes judge each other by the second. It is skipped where network namespaces are not permitted.
echo "== a cluster under faults"
faults=0
run LoadClient.Tests -class "*.LocalClusterTests" -explicit on || faults=$?

echo "$passed passed, $failed failed, $skipped skipped"
! grep -qE '\[SKIP\]|Skipped: [1-9]' "$logs/LoadClient.Tests" || echo "the cluster under faults was skipped: this machine does not permit it (above)"
[ "$passed" -gt 0 ] || { echo "no test ran" >&2; exit 1; }
[ "$faults" -eq 0 ] || { echo "the cluster under faults failed" >&2; exit "$faults"; }
exit "$status"
