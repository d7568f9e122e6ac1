#!/usr/bin/env bash
# Measures the rows of the budget, each beside its limit in the same run: perf/run.sh NAME|all [RUNS].
# "all" rewrites their part of perf/RESULTS.md. The other names rewrite parts of their own:
#   ramp100m                                          100 million sessions over gateway links
#   growth, growth-sessions|watchers|watches|shards   what a unit of the work costs the more of it there is; growth-sessions goes
#                                                     to 100 million: a quarter of an hour
#   recovery10m, recovery100m                         a start on 10 and 100 million records; 100 M need 6 GiB of free memory and 3 GB of disk;
#                                                     another number behind the name makes it another run, which rewrites nothing
#   storm                                             15,000 connections lost at once, against the limits a server comes with
#   hostile, silent                                   5,000 users beside 5 % attackers of every kind (22 min), and beside 10,000 who only wait
#   engine                                            the engine alone with 100 million users; needs 14 GiB of free memory
# Options of LoadClient ramp make it another run, which rewrites nothing: perf/run.sh ramp100m --sessions 200K --hold 20s.
# Wants a quiet machine, gcc, and descriptors for 16,000 connections.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
make -s -C perf/limit
dotnet build perf/scenarios -c Release -v q >&2
ulimit -n "$(ulimit -Hn)"
exec dotnet perf/scenarios/bin/Release/net10.0/Presence.Scenarios.dll "$@"
