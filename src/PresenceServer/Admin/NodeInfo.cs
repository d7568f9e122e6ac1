using System.Diagnostics;
using System.Reflection;
using Presence.Admin.V1;
using Presence.Server.Hosting;
using Presence.Server.Transport.Admission;

namespace Presence.Server.Admin;

/// <summary>The process in the words of admin.proto.</summary>
internal sealed class NodeInfo(ShardSet shards, Admissions admissions, GcPauses pauses, TimeProvider time)
{
    public static readonly string Version =
        typeof(NodeInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public GetNodeResponse Read()
    {
        using var self = Process.GetCurrentProcess();
        GCMemoryInfo collected = GC.GetGCMemoryInfo(GCKind.Any);
        bool never = collected.Index == 0;
        // Before the sum that it is a part of.
        TimeSpan longest = pauses.Longest;
        var response = new GetNodeResponse
        {
            Version = Version,
            ProcessId = (uint)Environment.ProcessId,
            UptimeMs = (ulong)Math.Max(0, (time.GetUtcNow() - self.StartTime.ToUniversalTime()).TotalMilliseconds),
            CpuTimeMs = (ulong)self.TotalProcessorTime.TotalMilliseconds,
            RssBytes = (ulong)self.WorkingSet64,
            ManagedHeapBytes = (ulong)(never ? GC.GetTotalMemory(forceFullCollection: false) : collected.HeapSizeBytes),
            ManagedCommittedBytes = (ulong)collected.TotalCommittedBytes,
            GcPauseTotalUs = (ulong)GC.GetTotalPauseDuration().TotalMicroseconds,
            GcPauseLongestUs = (ulong)longest.TotalMicroseconds,
            HandshakesPerSecond = (uint)admissions.Plain.PerSecond,
            TlsHandshakesPerSecond = (uint)(admissions.Tls?.PerSecond ?? 0),
            HandshakesDeferred = (ulong)admissions.All.Sum(static budget => budget.Deferred),
            HandshakesWaiting = (uint)admissions.All.Sum(static budget => budget.Waiting),
            TurnLongestUs = (ulong)shards.All.Max(static shard => shard.LongestTurn).TotalMicroseconds,
        };
        foreach (GCGenerationInfo generation in collected.GenerationInfo)
        {
            response.ManagedGenerationBytes.Add((ulong)generation.SizeAfterBytes);
        }

        response.Collections.AddRange(Enumerable.Range(0, GC.MaxGeneration + 1).Select(CollectionsOf));
        return response;
    }

    // The runtime counts a collection of a generation among those of all younger ones too.
    private static ulong CollectionsOf(int generation) =>
        (ulong)(GC.CollectionCount(generation) - (generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0));
}
