using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>What a shard holds at one moment; with <see cref="Shard.Counters"/> all that is to be told of it.</summary>
public sealed record ShardReport
{
    public required int Connections { get; init; }

    /// <summary>Live, held and recovering.</summary>
    public required int Devices { get; init; }

    public required int Users { get; init; }

    /// <summary>Users who are up on gateway links, once for each link.</summary>
    public required int LinkSessions { get; init; }

    public required long Watches { get; init; }

    public required int WatchedUsers { get; init; }

    /// <summary>Devices on the timing wheel.</summary>
    public required int Deadlines { get; init; }

    /// <summary>Users whose change is being carried to watchers.</summary>
    public required int Fanouts { get; init; }

    /// <summary>Status changes that wait for the rate of their user.</summary>
    public required int DelayedStatuses { get; init; }

    /// <summary>Of the tables of users, deadlines and watches.</summary>
    public required long MemoryBytes { get; init; }

    public required long Gaps { get; init; }

    /// <summary>What the gaps were in all.</summary>
    public required long SkippedMs { get; init; }

    /// <summary>How long users of before a restart may still come back unnoticed; 0 = over.</summary>
    public required long RecoveringForMs { get; init; }

    internal static ShardReport Of(Shard shard) => new()
    {
        Connections = shard.Connections.Count,
        Devices = shard.Users.Devices,
        Users = shard.Users.Count,
        LinkSessions = shard.Links.Users,
        Watches = shard.WatchIndex.Watches,
        WatchedUsers = shard.WatchIndex.Users,
        Deadlines = shard.Wheel.Armed,
        Fanouts = shard.Fanout.UnderWay,
        DelayedStatuses = shard.Home.Throttled,
        MemoryBytes = shard.Users.Bytes + shard.Wheel.Bytes + shard.WatchIndex.Bytes,
        Gaps = shard.Clock.Gaps,
        SkippedMs = shard.Clock.SkippedMs,
        RecoveringForMs = Math.Max(0, shard.RecoveringUntilMs - shard.Time.Now),
    };
}

/// <summary>A user as it truly is.</summary>
/// <param name="Visible">What others are told.</param>
/// <param name="Invisible">By its own choice; others are told OFFLINE.</param>
/// <param name="TrueStatus">The fold over the devices, whatever others are told.</param>
/// <param name="TrueKinds">The kinds of all devices in the fold.</param>
/// <param name="TrueLastActiveMs">The last sign of life that is kept, Unix ms; -1 when there is none.</param>
/// <param name="InMemory">False: it has no device, and this comes from the store.</param>
/// <param name="Devices">Its devices.</param>
public sealed record UserReport(
    PresenceState Visible,
    bool Invisible,
    Status TrueStatus,
    DeviceKinds TrueKinds,
    long TrueLastActiveMs,
    bool InMemory,
    IReadOnlyList<DeviceReport> Devices)
{
    internal static UserReport Of(Shard shard, int entry)
    {
        var devices = new List<DeviceReport>();
        foreach (int node in shard.Users.DevicesOf(entry))
        {
            devices.Add(DeviceReport.Of(shard, node));
        }

        Visible truth = Fold.OfDevices(shard.Users, shard.Presences.DeviceTexts, entry);
        return new(
            shard.Presences.StateOf(entry),
            shard.Users[entry].Has(UserFlags.Invisible),
            truth.Status,
            truth.Kinds,
            shard.Presences.TimeOf(entry).TrueLastActiveMs,
            InMemory: true,
            devices);
    }

    internal static UserReport Of(ulong userId, in UserRecord record) => new(
        Records.StateOf(userId, record),
        Records.IsInvisible(record),
        Status.Offline,
        DeviceKinds.None,
        record.TrueLastActiveMs,
        InMemory: false,
        []);
}

/// <summary>A device and its session; times in milliseconds of engine time.</summary>
public sealed record DeviceReport
{
    /// <summary>Keyed hash of the device id; 0 stands for the devices of before a restart.</summary>
    public required ulong Key { get; init; }

    public required ulong SessionId { get; init; }

    public required DeviceState State { get; init; }

    /// <summary>What it asked for; OFFLINE is an observer.</summary>
    public required Status Status { get; init; }

    /// <summary>What it counts as in the fold.</summary>
    public required Status EffectiveStatus { get; init; }

    /// <summary>UTF-8; null without one.</summary>
    public required byte[]? Text { get; init; }

    public required DeviceKinds Kinds { get; init; }

    public required bool Http { get; init; }

    public required bool ReportsActivity { get; init; }

    /// <summary>Since its last frame or renewal; null while it is recovering: there was none since the restart.</summary>
    public required long? SilentForMs { get; init; }

    /// <summary>When it is gone if nothing more is heard.</summary>
    public required long GoneInMs { get; init; }

    /// <summary>When the wheel looks at it next; null while it is being looked at.</summary>
    public required long? DeadlineInMs { get; init; }

    public required ConnectionReport? Connection { get; init; }

    /// <summary>Ordinal of the gateway whose link carries it; null when it is on none.</summary>
    public required int? Gateway { get; init; }

    /// <summary>
    /// Where that link stands; null when it is on none. While the link is held or being named anew the device stays whatever its deadline.
    /// </summary>
    public required LinkState? Link { get; init; }

    private static long SilentAt(Shard shard, in Device device, long lastSeen) =>
        device.IsOnLink ? shard.Links.Of(device).SilentAt(lastSeen, shard.Time.Now) : shard.Deadlines.SilentAt(device, lastSeen);

    internal static DeviceReport Of(Shard shard, int node)
    {
        ref Device device = ref shard.Users.DeviceAt(node);
        long now = shard.Time.Now;
        long lastSeen = shard.Time.EngineOf(shard.Edge.LastSeen(device));
        long? deadline = device.Link.IsArmed ? Math.Max(0, ((long)device.Link.Deadline * TimingWheel.TickMs) - now) : null;
        bool live = device.State == DeviceState.Live;
        return new()
        {
            Key = device.Key,
            SessionId = device.SessionId,
            State = device.State,
            Status = device.Status.Value,
            EffectiveStatus = device.Effective,
            Text = shard.Presences.DeviceTexts.Of(node),
            Kinds = device.Kinds,
            Http = device.Has(DeviceFlags.Http),
            ReportsActivity = device.Has(DeviceFlags.ReportsActivity),
            SilentForMs = device.State == DeviceState.Recovering ? null : now - lastSeen,
            GoneInMs = live ? Math.Max(0, SilentAt(shard, device, lastSeen) - now) : deadline ?? 0,
            DeadlineInMs = deadline,
            Connection = device.Connection >= 0 ? ConnectionReport.Of(shard.Connections[device.Connection]) : null,
            Gateway = device.IsOnLink ? device.Gateway : null,
            Link = device.IsOnLink ? shard.Links.Of(device).State : null,
        };
    }
}

/// <param name="Port">The host's own object: it knows the transport and the peer.</param>
/// <param name="TokenExpiresMs">Unix ms.</param>
/// <param name="Congested">The peer does not read as fast as is written.</param>
/// <param name="ReaderPaused">The host does not read from it for a reason of its own.</param>
public sealed record ConnectionReport(
    ConnectionPort Port, long TokenExpiresMs, int Watches, int PendingRequests, bool Congested, bool ReaderPaused)
{
    internal static ConnectionReport Of(ConnectionPort port) => new(
        port, port.TokenExpiresMs, port.Watches.Count, port.PendingRequests, port.Has(ConnectionFlags.Congested), port.ReaderPaused);
}
