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
# The project that takes longest is the first of the solution, so that the others run beside it.
echo "== test"
log=$(mktemp) faults_log=$(mktemp)
trap 'rm -f "$log" "$faults_log"' EXIT
status=0
dotnet test --solution Presence.sln -c Release --no-build --no-progress 2>&1 | tee "$log" || status=$?
# By itself, because nodes judge each other by the second. It is skipped where network namespaces are not permitted.
echo "== test of a cluster under faults"
faults=0
dotnet tests/LoadClient.Tests/bin/Release/net10.0/LoadClient.Tests.dll -class "*.LocalClusterTests" -explicit on 2>&1 | tee "$faults_log" || faults=$?

# The runner's own summary, once more on one plain line.
count() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$log" | tail -1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
! grep -qE '\[SKIP\]|Skipped: [1-9]' "$faults_log" || echo "the cluster under faults was skipped: this machine does not permit it (above)"
[ "${passed:-0}" -gt 0 ] || { echo "no test ran" >&2; exit 1; }
[ "$faults" -eq 0 ] || { echo "the cluster under faults failed" >&2; exit "$faults"; }
exit "$status"
