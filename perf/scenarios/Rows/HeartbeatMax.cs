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
    private const int WarmUp = 2;
    private const int Windows = 5;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(1);

    private static readonly Line _line = new(
        "heartbeats per server CPU-second, max, 5,000 connections", "1/s", "perf/limit/epoll_reader", Budget.AtLeast(0.6, " (aim 0.85)"));

    public string Name => "heartbeat-max";

    public string Method =>
        $"Each of {Connections} connections sends {Unasked} heartbeats in {Unasked} writes and one that asks for an ack, "
        + $"and begins again when the ack is there; {Windows} windows of {_window.TotalSeconds} s, "
        + $"by turns with the limit's, after {WarmUp} that do not count.";

    public IReadOnlyList<Figure> Measure()
    {
        using var ours = new Load(Subject.StartServer());
        using var limit = new Load(Subject.StartLimit("epoll_reader"));
        Pair.Measure(ours, limit, WarmUp, Windows, static (load, counts) => load.Window(counts));
        return [Pair.Compare(_line, ours, limit, static load => load.Cost.EventsPerSecond)];
    }

    private sealed class Load : IDisposable
    {
        private readonly Subject _subject;
        private readonly Fleet _fleet;
        private TimeSpan _end;
        private long _asked;

        public Load(Subject subject)
        {
            _subject = subject;
            _fleet = new Fleet(subject, subject.Tokens) { WhenAcked = SendUntilEnd };
            Cost = new CpuCost(subject.Meter);
            _fleet.BringUp(Connections, static _ => []);
        }

        public CpuCost Cost { get; }

        /// <summary>Begins and ends with nothing under way.</summary>
        public void Window(bool counts) => Cost.Add(counts, Window);

        public void Dispose()
        {
            _fleet.Dispose();
            _subject.Dispose();
        }

        private long Window()
        {
            long before = _asked;
            _end = _fleet.Loop.Now + _window;
            foreach (DrivenClient client in _fleet.Clients)
            {
                Send(client);
            }

            _fleet.Until(() => _fleet.HeartbeatAcks == _asked);
            return (_asked - before) * (Unasked + 1);
        }

        private void SendUntilEnd(DrivenClient client)
        {
            if (_fleet.Loop.Now < _end)
            {
                Send(client);
            }
        }

        private void Send(DrivenClient client)
        {
            for (int i = 0; i < Unasked; i++)
            {
                client.Send(Frames.Heartbeat);
            }

            client.Send(Frames.HeartbeatWithAck);
            _asked++;
        }
    }
}
