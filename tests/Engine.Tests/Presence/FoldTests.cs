using CsCheck;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

public sealed class FoldTests
{
    private static readonly Gen<Status> _status = Gen.Int[1, 4].Select(status => (Status)status);

    private static readonly Gen<(Status Status, bool ServerAway, int Kind)[]> _devices =
        Gen.Select(_status, Gen.Bool, Gen.Int[1, 7]).Array[0, 16];

    [Fact]
    public void The_best_over_the_devices_is_shown() => _devices.Sample(devices =>
    {
        using var users = new UserTable(9);
        var texts = new StatusTexts();
        int entry = users.Add(1);
        for (int i = 0; i < devices.Length; i++)
        {
            int node = users.AddDevice(entry);
            ref Device device = ref users.DeviceAt(node);
            device.SessionId = (ulong)i + 1;
            device.Status = devices[i].Status;
            device.Kinds = (DeviceKinds)(1 << (devices[i].Kind - 1));
            device.Set(DeviceFlags.ServerAway, devices[i].ServerAway);
            texts.Set(node, [(byte)i]);
        }

        Visible visible = Fold.Of(users, texts, entry);
        var counted = devices
            .Select((device, i) => (Shown: device is (Status.Online, true, _) ? Status.Away : device.Status, device.Kind, Text: (byte)i))
            .Where(device => device.Shown != Status.Offline)
            .ToArray();
        Assert.Equal(counted.Select(device => device.Shown).DefaultIfEmpty(Status.Offline).Max(), visible.Status);
        Assert.Equal(counted.Aggregate(DeviceKinds.None, (kinds, device) => kinds | (DeviceKinds)(1 << (device.Kind - 1))), visible.Kinds);
        byte[]? text = counted.Where(device => device.Shown == visible.Status).Select(device => new[] { device.Text }).LastOrDefault();
        Assert.Equal(text, visible.Text);

        users[entry].Set(UserFlags.Invisible, true);
        Assert.Equal(Visible.Offline, Fold.Of(users, texts, entry));
    });
}
