#!/usr/bin/env bash
# The long runs of docs/faults.md, against real processes and a real disk: 200 kills of a server that starts, and 10,000 connected clients whose server
# is killed. Some minutes; wants a quiet machine and descriptors for 10,000 connections in each of two processes.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ulimit -n "$(ulimit -Hn)"
for project in Server.Tests LoadClient.Tests; do
    dotnet build "tests/$project" -c Release -v q >&2
    dotnet "tests/$project/bin/Release/net10.0/$project.dll" -explicit only -showLiveOutput -noColor -noLogo
done
