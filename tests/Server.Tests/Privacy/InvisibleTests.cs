using Presence.Protocol;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Privacy;

/// <summary>
/// Invisible means invisible on every surface (P9): whoever turns invisible looks to strangers, byte for byte, like who said Goodbye at that moment, and nothing of the life
/// that goes on beneath it is seen. One table: a new way of learning of users is a line in <see cref="Surface.All"/>.
/// </summary>
public sealed class InvisibleTests(InvisibleTests.Node node) : IClassFixture<InvisibleTests.Node>
{
    public static TheoryData<string> Surfaces => [.. Surface.All.Keys];

    [Theory]
    [MemberData(nameof(Surfaces))]
    public async Task Who_is_invisible_looks_like_who_left_at_that_moment(string name)
    {
        (ulong hides, ulong leaves, ulong sign) = (node.NewUser(), node.NewUser(), node.NewUser());
        await using Surface ofHiding = Surface.All[name](), ofLeaving = Surface.All[name]();
        await ofHiding.OpenAsync(node.Server, hides, sign);
        await ofLeaving.OpenAsync(node.Server, leaves, sign);
        RawClient hiding = await ComeAsync(hides), leaving = await ComeAsync(leaves);
        await using RawClient signing = await ComeAsync(sign);

        Task<Ack> hidden = hiding.SetStatusAsync(2, Status.Invisible);
        await leaving.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await hidden;
        string gone = await ofLeaving.GoneAsync();
        Assert.Equal(gone, await ofHiding.GoneAsync());

        await LiveBeneathAsync(hiding, hides);
        await signing.SetStatusAsync(2, Status.Busy);
        Assert.Equal(gone, await ofLeaving.AgainAsync());
        Assert.Equal(gone, await ofHiding.AgainAsync());
        await hiding.DisposeAsync();
        await leaving.DisposeAsync();
    }

    private async Task<RawClient> ComeAsync(ulong user)
    {
        RawClient client = await RawClient.ConnectAsync(node.Server.Tcp);
        await client.HelloAsync(TestTokens.For(node.Server, user));
        await client.SetStatusAsync(1, Status.Away, "at the table");
        return client;
    }

    // All that a user can do and stay invisible; each is answered before the next, so that all is over when this returns.
    private async Task LiveBeneathAsync(RawClient client, ulong user)
    {
        await client.HeartbeatAsync(HeartbeatFlags.Active);
        await client.RoundTripAsync();
        await client.SetStatusAsync(3, Status.Invisible, "another text");
        await using (RawClient other = await RawClient.ConnectAsync(node.Server.Tcp))
        {
            await other.HelloAsync(TestTokens.For(node.Server, user), "tablet", static hello => hello.InitialStatus = Status.Busy);
            await other.SetStatusAsync(1, Status.Invisible);
            Assert.Equal(Status.Invisible, (await other.QueryAsync(2, user)).Entries.Single().Status);
            await other.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
            Assert.Null(await other.TryReceiveAsync());
        }

        byte[] resume = client.Welcome!.ResumeToken.ToByteArray();
        await using (RawClient back = await RawClient.ConnectAsync(node.Server.Tcp))
        {
            Welcome welcome = await back.HelloAsync(
                TestTokens.For(node.Server, user), change: hello => hello.ResumeToken = Google.Protobuf.ByteString.CopyFrom(resume));
            Assert.True(welcome.Resumed);
            Assert.Equal(Status.Invisible, (await back.QueryAsync(2, user)).Entries.Single().Status);
            await back.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
            Assert.Null(await back.TryReceiveAsync());
        }
    }

    /// <summary>A server for all surfaces; each has users of its own.</summary>
    public sealed class Node : IAsyncLifetime
    {
        private long _lastUser = 1_000;

        public ServerProcess Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(["Presence:Shards=2", "Presence:Limits:StatusChanges=0"]);

        public ValueTask DisposeAsync() => Server.DisposeAsync();

        public ulong NewUser() => (ulong)Interlocked.Increment(ref _lastUser);
    }
}
