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
# Two lanes that take about as long: which project is in which is laid out here, those that are new are in the second.
echo "== test"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
first=(Server.Tests)
run() { # run PROJECT…: one after the other; 0 when no test failed
    local project status=0
    for project in "$@"; do
        TIMEFORMAT="== $project (%0R s, of the processor %0U + %0S s)"
        time { dotnet "tests/$project/bin/Release/net10.0/$project.dll" -noColor >"$logs/$project" 2>&1 || status=$?; }
        cat "$logs/$project"
    done
    return "$status"
}
mapfile -t second < <(cd tests && printf '%s\n' *.Tests | grep -vxF -f <(printf '%s\n' "${first[@]}"))
status=0
run "${second[@]}" &
run "${first[@]}" || status=$?
wait $! || status=$?
# The cluster under real faults by itself, because nodes judge each other by the second. It says that it was skipped where network namespaces are not permitted.
TIMEFORMAT="== LoadClient.Tests LocalClusterTests (%0R s, of the processor %0U + %0S s)"
time { dotnet tests/LoadClient.Tests/bin/Release/net10.0/LoadClient.Tests.dll -noColor -class "*.LocalClusterTests" -explicit on >"$logs/LocalClusterTests" 2>&1 || status=$?; }
cat "$logs/LocalClusterTests"

# The runners' summaries, once more on one plain line.
count() { sed -nE "s/^ *[A-Za-z.]+ +Total:.* $1: ([0-9]+).*/\1/p" "$logs"/* | awk '{ sum += $1 } END { print sum + 0 }'; }
failed=$(($(count Errors) + $(count Failed))) skipped=$(($(count Skipped) + $(count "Not Run")))
passed=$(($(sed -nE 's/^ *[A-Za-z.]+ +Total: ([0-9]+).*/\1/p' "$logs"/* | awk '{ sum += $1 } END { print sum + 0 }') - failed - skipped))

echo "$passed passed, $failed failed, $skipped skipped"
[ "$passed" -gt 0 ] || { echo "no test ran" >&2; exit 1; }
exit "$status"
