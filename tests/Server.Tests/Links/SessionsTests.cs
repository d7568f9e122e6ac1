using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.Server.Tests.Transport;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>Users of a gateway as a direct watcher sees them.</summary>
public class SessionsTests
{
    public static TheoryData<int> Shards => [1, 2];

    public static TheoryData<string> Doors => Transports.Doors;

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Users_come_up_change_and_leave_by_the_frames_of_a_link(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3, 4);
        RawGateway gateway = await scene.OpenAsync();
        Assert.False(gateway.Welcome.Resumed);
        Assert.Equal((uint)ProtocolLimits.MaxLinkIds, gateway.Welcome.Limits.LinkIds);
        Assert.Equal((uint)ProtocolLimits.MaxLinkFrameBytes, gateway.Welcome.Limits.MaxFrameBytes);
        Assert.Equal((uint)Scene.Interval.TotalMilliseconds, gateway.Welcome.HeartbeatIntervalMs);
        Assert.Equal((uint)Scene.Hold.TotalMilliseconds, gateway.Welcome.HoldMs);
        await gateway.UpAsync(Status.Away, 2, 3);
        Assert.Equal([DeviceKind.Web], (await watcher.NextAsync(2, entry => entry.Status == Status.Away)).DeviceKinds);
        await watcher.HasAsync(3, Status.Away);
        // A beat brings up who was not.
        await gateway.BeatAsync(2, 3, 4);
        await watcher.HasAsync(4, Status.Online);
        await gateway.UpAsync(Status.Busy, 3);
        await watcher.HasAsync(3, Status.Busy);
        // Without a status: as before.
        await gateway.UpAsync(3);
        ulong last = await gateway.DownAsync(2);
        PresenceEntry gone = await watcher.OfflineAsync(2);
        Assert.True(LinkScene.Elapsed(gone) < Scene.Hold, "A down waits for no hold.");
        await gateway.AckedAsync(last);
        await watcher.SyncAsync();
        Assert.Equal(Status.Busy, watcher.Latest(3).Status);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Who_is_beaten_stays_and_who_is_not_goes_after_the_silence_of_a_session(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        RawGateway gateway = await scene.OpenWithAsync("g", 2);
        PresenceEntry two = await watcher.HasAsync(2, Status.Online);
        await gateway.UpAsync(3);
        await watcher.HasAsync(3, Status.Online);
        PresenceEntry gone = await watcher.OfflineAsync(3);
        Assert.True(LinkScene.Elapsed(gone) >= Scene.SilentAfter, $"Offline after a silence of {LinkScene.Elapsed(gone)}.");
        await watcher.SyncAsync();
        Assert.Equal(two, watcher.Latest(2));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Duplicates_are_one_user_and_a_down_of_nobody_is_passed_over(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2, 3);
        RawGateway gateway = await scene.OpenAsync();
        await gateway.UpAsync(2, 2, 2, 2);
        await watcher.OnlineAsync(2);
        await gateway.DownAsync(3, 3);
        await gateway.AckedAsync(await gateway.DownAsync(2, 2));
        await watcher.OfflineAsync(2);
        await watcher.SyncAsync();
        Assert.Equal(3, watcher.All.Count(entry => entry.UserId == 2));
        Assert.Equal(0UL, watcher.Latest(3).Version);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_user_on_two_links_and_a_connection_is_the_best_of_them(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawGateway one = await scene.OpenAsync("one");
        RawGateway two = await scene.OpenAsync("two");
        await one.UpAsync(Status.Away, 2);
        await watcher.HasAsync(2, Status.Away);
        await two.UpAsync(Status.Busy, 2);
        await watcher.HasAsync(2, Status.Busy);
        RawClient phone = await scene.ConnectAsync(2);
        await watcher.NextAsync(2, entry => entry.DeviceKinds.Contains(DeviceKind.Mobile));
        await two.DownAsync(2);
        await watcher.HasAsync(2, Status.Online);
        await one.UpAsync(Status.Busy, 2);
        await watcher.HasAsync(2, Status.Busy);
        await phone.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        Assert.Equal(Status.Busy, (await watcher.NextAsync(2, entry => !entry.DeviceKinds.Contains(DeviceKind.Mobile))).Status);
        await one.DownAsync(2);
        await watcher.OfflineAsync(2);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_client_cannot_be_the_device_of_a_gateway(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawGateway gateway = await scene.OpenWithAsync("g", 2);
        await watcher.OnlineAsync(2);
        RawClient client = await scene.ConnectAsync(2, "g");
        await client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await watcher.NextAsync(2, entry => entry.Status == Status.Online && !entry.DeviceKinds.Contains(DeviceKind.Mobile));
        await gateway.Client.RoundTripAsync();
        Assert.Equal(Status.Online, watcher.Latest(2).Status);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task The_largest_frames_go_through_on_every_transport(string door)
    {
        await using Scene scene = await Scene.StartAsync(2, "Presence:Listen:Tls=127.0.0.1:0");
        Watcher watcher = await scene.WatchAsync(1, 50_000);
        RawClient client = await Transports.ConnectAsync(scene, door);
        scene.Keep(client);
        RawGateway gateway = await RawGateway.OpenAsync(client, scene.Server, door);
        ulong[] users = [.. Enumerable.Range(1, 50_000).Select(i => (ulong)i)];
        for (int i = 0; i < 4; i++)
        {
            await gateway.SendAsync(SessionsVerb.Up, users, Status.Busy);
        }

        // Padded by a field nobody knows to the last byte that is allowed.
        await client.SendBytesAsync(Padded(gateway.Seq + 1, client.Framing, ProtocolLimits.MaxLinkFrameBytes));
        await gateway.AckedAsync(++gateway.Seq);
        await watcher.HasAsync(1, Status.Busy);
        await watcher.HasAsync(50_000, Status.Busy);
        await client.SendBytesAsync(Padded(gateway.Seq + 1, client.Framing, ProtocolLimits.MaxLinkFrameBytes + 1));
        Assert.Equal(ErrorCode.Malformed, (await gateway.ErrorAsync()).Code);
        Assert.Equal(CloseCode.Malformed, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    // A beat without users and with a field 9 of zeroes: 5A len { 08 seq, 4A len zeroes }, each length of three bytes.
    private static byte[] Padded(ulong seq, Framing framing, int size)
    {
        byte[] head = [0x5A, .. Length(size - 4), 0x08, (byte)seq, 0x4A, .. Length(size - 10)];
        byte[] payload = [.. head, .. new byte[size - head.Length]];
        return framing == Framing.LengthPrefix ? [.. Length(size), .. payload] : payload;
    }

    private static byte[] Length(int value) => [(byte)(value | 0x80), (byte)((value >> 7) | 0x80), (byte)(value >> 14)];
}
