using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>As many heartbeats as there can be.</summary>
/// <param name="name">By which it is run alone.</param>
/// <param name="what">How the heartbeats come, in a word or two.</param>
/// <param name="unasked">Heartbeats that ask for nothing before each that asks for an ack.</param>
internal sealed class HeartbeatMax(string name, string what, int unasked, Budget budget) : IRow
{
    private const int Connections = 5_000;
    private const int WarmUp = 2;
    private const int Windows = 5;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(1);

    public static HeartbeatMax Max { get; } = new("heartbeat-max", "max", 16, Budget.AtLeast(0.6, " (aim 0.85)"));

    public static HeartbeatMax Acked { get; } = new("heartbeat-acked", "every one acked", 0, Budget.Shown);

    public string Name => name;

    public string Method =>
        $"Each of {Connections} connections sends {(unasked > 0 ? $"{unasked} heartbeats in {unasked} writes and " : "")}one that asks for an ack, "
        + $"and begins again when the ack is there; {Windows} windows of {_window.TotalSeconds} s, "
        + $"by turns with the limit's, after {WarmUp} that do not count.";

    public IReadOnlyList<Figure> Measure()
    {
        var line = new Line($"heartbeats per server CPU-second, {what}, 5,000 connections", "1/s", "perf/limit/epoll_reader", budget);
        Subject server = Subject.StartServer();
        using var ours = new Load(server, unasked);
        using var limit = new Load(Subject.StartLimit("epoll_reader"), unasked);
        string profile = Pair.Measure(ours, limit, server.Meter, WarmUp, Windows, static (load, counts) => load.Window(counts));
        return [Pair.Compare(line, ours, limit, static load => load.Cost.EventsPerSecond, profile)];
    }

    private sealed class Load : IDisposable
    {
        private readonly Subject _subject;
        private readonly Fleet _fleet;
        private readonly int _unasked;
        private TimeSpan _end;
        private long _asked;

        public Load(Subject subject, int unasked)
        {
            (_subject, _unasked) = (subject, unasked);
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
            return (_asked - before) * (_unasked + 1);
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
            for (int i = 0; i < _unasked; i++)
            {
                client.Send(Frames.Heartbeat);
            }

            client.Send(Frames.HeartbeatWithAck);
            _asked++;
        }
    }
}
