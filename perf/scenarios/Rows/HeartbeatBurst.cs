using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>Heartbeats that come one at a time: a wake-up and a read for each.</summary>
internal sealed class HeartbeatBurst : IRow
{
    private const int Connections = 5_000;
    private const int WarmUp = 20;
    private const int Bursts = 40;

    /// <summary>The last connections of a burst ask for an ack: sockets become ready in the order they were written, so that all have been read when these have.</summary>
    private const int Asking = 8;

    private static readonly Line s_line = new(
        "heartbeats per server CPU-second, burst, 5,000 connections", "1/s", "perf/limit/epoll_reader", Budget.AtLeast(0.5, " (aim 0.85)"));

    public string Name => "heartbeat-burst";

    public string Method =>
        $"The server is stopped (SIGSTOP), one heartbeat is sent on each of {Connections} connections, it is continued (SIGCONT); its CPU time until all are read is summed over "
        + $"{Bursts} bursts after {WarmUp} that do not count. The last {Asking} heartbeats ask for an ack, which tells that all are read.";

    public IReadOnlyList<Figure> Measure()
    {
        using Subject server = Subject.StartServer();
        double ours = PerCpuSecond(server);
        using Subject limit = Subject.StartLimit("epoll_reader");
        return [new Figure(s_line, ours, PerCpuSecond(limit))];
    }

    private static double PerCpuSecond(Subject subject)
    {
        using var fleet = new Fleet(subject, subject.Tokens);
        fleet.BringUp(Connections, static _ => []);
        for (int i = 0; i < WarmUp; i++)
        {
            Burst(fleet, subject.Meter);
        }

        TimeSpan used = TimeSpan.Zero;
        for (int i = 0; i < Bursts; i++)
        {
            used += Burst(fleet, subject.Meter);
        }

        return Bursts * Connections / used.TotalSeconds;
    }

    private static TimeSpan Burst(Fleet fleet, ProcessMeter meter)
    {
        TimeSpan before = meter.CpuTime;
        meter.Stop();
        for (int i = 0; i < Connections; i++)
        {
            fleet.Clients[i].Send(i < Connections - Asking ? Frames.Heartbeat : Frames.HeartbeatWithAck);
        }

        long acks = fleet.HeartbeatAcks + Asking;
        meter.Continue();
        fleet.Until(() => fleet.HeartbeatAcks >= acks);
        return meter.CpuTime - before;
    }
}
