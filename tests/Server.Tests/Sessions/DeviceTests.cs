using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>Many devices, one user (P6), and invisibility (P9).</summary>
public class DeviceTests
{
    public static TheoryData<int> Shards => [1, 4];

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task One_of_two_devices_leaving_changes_nothing(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient one = await scene.ConnectAsync(2, "tab-1");
        RawClient two = await scene.ConnectAsync(2, "tab-2");
        PresenceEntry online = await watcher.OnlineAsync(2);
        await one.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        Assert.Null(await one.TryReceiveAsync());
        await watcher.SyncAsync();
        Assert.Equal(online, watcher.Latest(2));
        await two.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        Assert.True((await watcher.OfflineAsync(2)).Version > online.Version);
    }

    [Fact]
    public async Task The_best_status_of_the_devices_is_shown_with_its_text()
    {
        await using Scene scene = await Scene.StartAsync();
        Watcher watcher = await scene.WatchAsync(2);
        RawClient phone = await scene.ConnectAsync(2, "phone");
        RawClient desk = await scene.ConnectAsync(2, "desk", hello => hello.DeviceKind = DeviceKind.Desktop);
        await phone.SetStatusAsync(1, Status.Away);
        await desk.SetStatusAsync(1, Status.Busy, "in a match");
        PresenceEntry busy = await watcher.NextAsync(2, entry => entry.Status == Status.Busy);
        Assert.Equal("in a match", busy.StatusText);
        Assert.Equal([DeviceKind.Mobile, DeviceKind.Desktop], busy.DeviceKinds);
        await desk.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        PresenceEntry away = await watcher.NextAsync(2, entry => entry.Status == Status.Away);
        Assert.Equal("", away.StatusText);
        Assert.Equal([DeviceKind.Mobile], away.DeviceKinds);
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task A_new_connection_of_a_device_replaces_the_old_one_while_it_lingers(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        Watcher watcher = await scene.WatchAsync(2);
        RawClient old = await scene.ConnectAsync(2);
        PresenceEntry online = await watcher.OnlineAsync(2);
        RawClient fresh = await scene.ConnectAsync(2);
        Assert.Equal(CloseCode.Replaced, (await old.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        old.Reset();
        await Scene.OutliveAsync(fresh);
        await watcher.SyncAsync();
        Assert.Equal(online, watcher.Latest(2));
    }

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Invisible_looks_like_goodbye_and_outlasts_a_new_device_and_a_restart(int shards)
    {
        await using Scene scene = await Scene.StartAsync(shards);
        RawClient friend = await scene.ConnectAsync(2);
        Watcher watcher = await scene.WatchAsync(2);
        await friend.SetStatusAsync(1, Status.Invisible);
        PresenceEntry hidden = await watcher.OfflineAsync(2);
        Assert.True(hidden.HasLastActiveMs);
        Assert.Empty(hidden.DeviceKinds);

        await scene.ConnectAsync(2, "another");
        await watcher.SyncAsync();
        Assert.Equal(hidden, watcher.Latest(2));

        Assert.Equal(0, await scene.RestartAsync(shards));
        Watcher after = await scene.WatchAsync(2);
        RawClient back = await scene.ConnectAsync(2);
        await back.RoundTripAsync();
        await after.SyncAsync();
        Assert.Equal(hidden, after.Latest(2));
        PresenceBatch own = await back.QueryAsync(9, 2);
        Assert.Equal(Status.Invisible, own.Entries.Single().Status);

        await back.SetStatusAsync(2, Status.Online);
        Assert.True((await after.OnlineAsync(2)).Version > hidden.Version);
    }

    [Fact]
    public async Task Who_was_online_before_a_restart_and_comes_back_was_never_gone()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient friend = await scene.ConnectAsync(2);
        Watcher before = await scene.WatchAsync(2, 3);
        await friend.SetStatusAsync(1, Status.Busy);
        PresenceEntry busy = await before.NextAsync(2, entry => entry.Status == Status.Busy);
        await scene.ConnectAsync(3);
        PresenceEntry three = await before.HasAsync(3, Status.Online);

        await scene.RestartAsync(shards: 4);
        Watcher after = await scene.WatchAsync(2, 3);
        Assert.Equal(busy, after.Latest(2));
        Assert.Equal(three, after.Latest(3));
        RawClient back = await scene.ConnectAsync(2, change: hello => hello.InitialStatus = Status.Busy);
        Assert.True(back.Welcome!.Resumed);
        Task living = Scene.OutliveAsync(back);
        PresenceEntry gone = await after.OfflineAsync(3);
        await living;
        Assert.True(gone.Version > three.Version);
        Assert.Equal(busy, after.Latest(2));
    }
}
