using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Three nodes, a gateway whose users are at home on all of them, and a watcher of all at each node.</summary>
internal sealed class LinkScene : IDisposable
{
    public const int Users = 30;

    private const ulong FirstWatcher = 1_000_000;

    public NodesWorld Nodes { get; } = new(2, 1, 3);

    public List<FakeConnection> Watchers { get; } = [];

    public static ulong[] All => [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];

    public void Dispose() => Nodes.Dispose();

    /// <summary>The gateway is at a node, and has brought all users.</summary>
    public FakeLink Begin(int edge)
    {
        FakeLink link = FakeLink.Live(Nodes[edge]);
        link.Up(Status.Away, DeviceKinds.Tablet, All);
        Nodes.Settle();
        for (int node = 0; node < 3; node++)
        {
            Watchers.Add(Nodes[node].Watcher(FirstWatcher + (ulong)node, All));
        }

        Advance(500);
        AssertShown(Status.Away, DeviceKinds.Tablet, All);
        return link;
    }

    /// <summary>The same gateway at a node; its place there is another.</summary>
    public FakeLink Link(int edge) => new(Nodes[edge], gateway: edge + 3) { Key = new FakeLink(Nodes[edge]).Key };

    public FakeLink NameAnew(int edge)
    {
        FakeLink link = Link(edge);
        link.Begin();
        link.Beat(All);
        link.Complete();
        Nodes.Settle();
        return link;
    }

    public void Kill(int node)
    {
        Nodes.Kill(node);
        Watchers.RemoveAt(node);
    }

    public void Advance(long ms)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            Nodes.Advance(Math.Min(left, 10_000));
            Watchers.ForEach(static watcher => watcher.Heard());
        }
    }

    public ulong[] Versions() => [.. All.Select(Watchers[0].VersionOf)];

    public void AssertNobodyWent(ulong[] versions)
    {
        foreach (FakeConnection watcher in Watchers)
        {
            Assert.DoesNotContain(watcher.Frames.SelectMany(static frame => frame.PresenceBatch?.Entries ?? []), static entry => entry.Status != Status.Away);
            Assert.Equal(versions, All.Select(watcher.VersionOf));
        }

        AssertShown(Status.Away, DeviceKinds.Tablet, All);
    }

    public void AssertChangesAndGoes(FakeLink link)
    {
        link.Up(Status.Busy, DeviceKinds.None, All);
        AssertShown(Status.Busy, DeviceKinds.Tablet, All);
        link.End(goodbye: true);
        AssertShown(Status.Offline, DeviceKinds.None, All);
        Assert.Equal(0, link.Users);
    }

    public void AssertShown(Status status, DeviceKinds kinds, ulong[] users)
    {
        Nodes.Settle();
        foreach (FakeConnection watcher in Watchers)
        {
            Assert.All(users, user => Assert.Equal((status, kinds), (watcher.StatusOf(user), watcher.KindsOf(user))));
        }
    }
}
