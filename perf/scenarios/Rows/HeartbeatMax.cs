using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>As many heartbeats as there can be.</summary>
internal sealed class HeartbeatMax : IRow
{
    private const int Connections = 5_000;
    private const int Unasked = 16;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(4);

    private static readonly Line s_line = new(
        "heartbeats per server CPU-second, max, 5,000 connections", "1/s", "perf/limit/epoll_reader", Budget.AtLeast(0.6, " (aim 0.85)"));

    public string Name => "heartbeat-max";

    public string Method =>
        $"Each of {Connections} connections sends {Unasked} heartbeats in {Unasked} writes and one that asks for an ack, and begins again when the ack is there; "
        + $"{s_window.TotalSeconds} s after {s_warmUp.TotalSeconds} s that do not count.";

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
        fleet.WhenAcked = Send;
        foreach (DrivenClient client in fleet.Clients)
        {
            Send(client);
        }

        Run(fleet, s_warmUp);
        (TimeSpan cpu, long acks) = (subject.Meter.CpuTime, fleet.HeartbeatAcks);
        Run(fleet, s_window);
        return (fleet.HeartbeatAcks - acks) * (Unasked + 1) / (subject.Meter.CpuTime - cpu).TotalSeconds;
    }

    private static void Run(Fleet fleet, TimeSpan time)
    {
        TimeSpan end = fleet.Loop.Now + time;
        fleet.Until(() => fleet.Loop.Now >= end);
    }

    private static void Send(DrivenClient client)
    {
        for (int i = 0; i < Unasked; i++)
        {
            client.Send(Frames.Heartbeat);
        }

        client.Send(Frames.HeartbeatWithAck);
    }
}
