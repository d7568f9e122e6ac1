using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>Heartbeats that come one at a time: a wake-up and a read for each.</summary>
internal sealed class HeartbeatBurst : IRow
{
    private const int Connections = 5_000;
    private const int WarmUp = 30;
    private const int Bursts = 50;

    /// <summary>
    /// The last connections of a burst ask for an ack: sockets become ready in the order they were written, so all have been read when
    /// these have.
    /// </summary>
    private const int Asking = 8;

    private static readonly Line _line = new(
        "heartbeats per server CPU-second, burst, 5,000 connections", "1/s", "perf/limit/epoll_reader", Budget.AtLeast(0.5, " (aim 0.85)"));

    public string Name => "heartbeat-burst";

    public string Method =>
        $"The server is stopped (SIGSTOP), one heartbeat is sent on each of {Connections} connections, it is continued (SIGCONT); "
        + $"its CPU time until all are read is summed over {Bursts} bursts, by turns with the limit's, after {WarmUp} that do not count. "
        + $"The last {Asking} heartbeats ask for an ack, which tells that all are read.";

    public IReadOnlyList<Figure> Measure()
    {
        Subject server = Subject.StartServer();
        using var ours = new Load(server);
        using var limit = new Load(Subject.StartLimit("epoll_reader"));
        string profile = Pair.Measure(ours, limit, server.Meter, WarmUp, Bursts, static (load, counts) => load.Burst(counts));
        return [Pair.Compare(_line, ours, limit, static load => load.Cost.EventsPerSecond, profile)];
    }

    private sealed class Load : IDisposable
    {
        private readonly Subject _subject;
        private readonly Fleet _fleet;

        public Load(Subject subject)
        {
            _subject = subject;
            _fleet = new Fleet(subject, subject.Tokens);
            Cost = new CpuCost(subject.Meter);
            _fleet.BringUp(Connections, static _ => []);
        }

        public CpuCost Cost { get; }

        public void Burst(bool counts) => Cost.Add(counts, Burst);

        public void Dispose()
        {
            _fleet.Dispose();
            _subject.Dispose();
        }

        private long Burst()
        {
            _subject.Meter.Stop();
            for (int i = 0; i < Connections; i++)
            {
                _fleet.Clients[i].Send(i < Connections - Asking ? Frames.Heartbeat : Frames.HeartbeatWithAck);
            }

            long acks = _fleet.HeartbeatAcks + Asking;
            _subject.Meter.Continue();
            _fleet.Until(() => _fleet.HeartbeatAcks >= acks);
            return Connections;
        }
    }
}
