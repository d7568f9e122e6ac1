using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Three nodes, all users of some of them online, and a watcher of all at each node.</summary>
internal sealed class RingScene : IDisposable
{
    public const ulong Watcher = 1_000_000;
    public const int Users = 60;

    public NodesWorld Nodes { get; } = new(2, 1, 3);

    public List<FakeConnection> Devices { get; } = [];

    public List<FakeConnection> Watchers { get; } = [];

    public static ulong[] All => [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];

    public void Dispose() => Nodes.Dispose();

    public void Begin(int[] edges)
    {
        foreach (ulong user in All)
        {
            Devices.Add(Nodes[edges[user % (ulong)edges.Length]].Connect(user));
        }

        Nodes.Settle();
        for (int node = 0; node < 3; node++)
        {
            Watchers.Add(Nodes[node].Watcher(Watcher + (ulong)node, All));
        }

        Nodes.Advance(500);
        AssertNobodyWent();
    }

    public void AssertNobodyWent()
    {
        foreach (FakeConnection watcher in Watchers)
        {
            Assert.All(All, user => Assert.Equal(Status.Online, watcher.StatusOf(user)));
            Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status is Status.Offline or Status.Unknown);
        }
    }

    public void AssertChangesAreSeen()
    {
        foreach (FakeConnection device in Devices)
        {
            device.SetStatus(77, Status.Busy);
        }

        Nodes.Settle();
        foreach (FakeConnection watcher in Watchers)
        {
            Assert.All(All, user => Assert.Equal(Status.Busy, watcher.StatusOf(user)));
        }

        Assert.All(Devices, static device => Assert.True(device.IsAcked(77)));
        Devices.ForEach(static device => device.Goodbye());
        Nodes.Settle();
        foreach (FakeConnection watcher in Watchers)
        {
            Assert.All(All, user => Assert.Equal(Status.Offline, watcher.StatusOf(user)));
        }
    }
}
