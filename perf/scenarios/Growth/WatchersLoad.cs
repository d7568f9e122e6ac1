using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Subjects;
using Presence.V1;

namespace Presence.Scenarios.Growth;

/// <summary>Users who flip, each watched by as many connections as every other; all on direct connections to a server of their own.</summary>
internal sealed class WatchersLoad : IDisposable
{
    /// <summary>
    /// Deliveries under way: enough that the server does not fall asleep between two of them, and its waking is not what is measured.
    /// </summary>
    private const int Window = 256;

    private const ulong Absent = 1UL << 40;

    private readonly Subject _server = Subject.StartServer();
    private readonly Fleet _fleet;
    private readonly int _users;
    private readonly int _each;
    private ulong _rounds;

    /// <param name="users">Who flip.</param>
    /// <param name="watchers">In all; each watches one of them, or somebody who does not come when <paramref name="each"/> is 0.</param>
    /// <param name="each">Watchers of each user.</param>
    public WatchersLoad(int users, int watchers, int each)
    {
        (_users, _each) = (users, each);
        _fleet = new Fleet(_server, _server.Tokens);
        _fleet.BringUp(users, static _ => []);
        _fleet.BringUp(watchers, user => [each > 0 ? 1 + ((user - 1) % (ulong)users) : Absent + user]);
    }

    /// <summary>Every user flips, some at a time.</summary>
    /// <param name="count">How often.</param>
    /// <returns>What the server used for all of it.</returns>
    public TimeSpan Flip(int count)
    {
        TimeSpan before = _server.Meter.CpuTime;
        for (int i = 0; i < count; i++)
        {
            FlipAll();
        }

        return _server.Meter.CpuTime - before;
    }

    public void Dispose()
    {
        _fleet.Dispose();
        _server.Dispose();
    }

    private void FlipAll()
    {
        (long updates, long acks) = (_fleet.Updates, _fleet.Acks);
        int sent = 0, most = Math.Max(1, Window / Math.Max(1, _each));
        _rounds++;
        _fleet.Until(() =>
        {
            long done = _fleet.Acks - acks;
            done = _each > 0 ? Math.Min(done, (_fleet.Updates - updates) / _each) : done;
            for (; sent < _users && sent - done < most; sent++)
            {
                _fleet.Clients[sent].Send(Frames.SetStatus(_rounds, _rounds % 2 == 0 ? Status.Away : Status.Busy));
            }

            return done == _users;
        });
    }
}
