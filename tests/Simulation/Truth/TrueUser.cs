using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>A user as it truly is, and what the home has said of it.</summary>
internal sealed class TrueUser(ulong id)
{
    private readonly Dictionary<ulong, Shown> _said = [];

    public ulong Id { get; } = id;

    public List<TrueDevice> Devices { get; } = [];

    /// <summary>Statuses that wait at the server, oldest first.</summary>
    public List<DelayedStatus> Delayed { get; } = [];

    public bool IsInvisible { get; set; }

    /// <summary>Invisible or not: that waits at the server.</summary>
    public bool MayBeVisible { get; set; }

    /// <summary>Unix ms of the last sign of life of a device that has left: between these two; -1: unknown.</summary>
    public (long Low, long High) LastActive { get; set; } = (-1, -1);

    /// <summary>The version of the home's last word; 0 before the first.</summary>
    public ulong Version { get; private set; }

    /// <summary>The home's last word.</summary>
    public Shown Shown { get; private set; } = Shown.NeverSeen;

    /// <summary>When that was, on the monotonic clock.</summary>
    public long ShownAtMs { get; private set; }

    /// <summary>A text has been said for it: a change may be of that alone.</summary>
    public bool HasTexts { get; set; }

    /// <summary>The turn that was about it last.</summary>
    public long TouchedIn { get; set; }

    /// <summary>In that turn: what may have been a transition.</summary>
    public int Causes { get; set; }

    /// <summary>In that turn: what was one.</summary>
    public int Transitions { get; set; }

    /// <summary>In that turn: the place of what was stored of it last.</summary>
    public int LastStored { get; set; }

    /// <summary>When to look whether time alone has changed it, on the monotonic clock.</summary>
    public long LookAtMs { get; set; } = long.MaxValue;

    /// <summary>What was stored of it, as far as a crash may bring it back.</summary>
    public StoredHistory History { get; } = new();

    /// <summary>Whether it is invisible, as was acknowledged last; null while a choice that says something else has no answer.</summary>
    public bool? MustBeInvisible { get; set; }

    /// <summary>The last request that chose to be invisible or to be seen.</summary>
    public (TrueConnection Connection, ulong RequestId) LastChoice { get; set; }

    /// <summary>It came while the store could not say what it keeps of it, and has not said it since.</summary>
    public bool IsToLoad { get; set; }

    /// <summary>The present process has asked the store for it: before, what it showed at the end of the last one stands unseen.</summary>
    public bool IsKnown { get; set; }

    /// <summary>What the present process found of it on the disk, if that was online: while it is loaded its devices may go on as that.</summary>
    public StatusSet Before { get; private set; }

    /// <summary>What was said under a version; null when nothing was.</summary>
    public Shown? Said(ulong version) => version == 0 ? Shown.NeverSeen : _said.TryGetValue(version, out Shown shown) ? shown : null;

    public TrueDevice? Find(ulong key) => Devices.Find(device => device.Key == key);

    /// <summary>The home has spoken.</summary>
    public void Say(ulong version, Shown shown, long monoMs)
    {
        if (version < Version)
        {
            throw new ViolationException("P2", $"the version of user {Id} went back from {Version} to {version}");
        }

        if (_said.TryGetValue(version, out Shown before) && before != shown)
        {
            throw new ViolationException("P2", $"version {version} of user {Id} was {before} and is {shown}");
        }

        _said[version] = shown;
        (Version, Shown, ShownAtMs) = (version, shown, monoMs);
    }

    /// <summary>Another process begins, and this is what it found on the disk.</summary>
    public void BeginWith(ulong version, Shown shown, bool invisible, long monoMs)
    {
        Devices.Clear();
        Delayed.Clear();
        _said.Clear();
        (Version, IsInvisible, MayBeVisible, HasTexts, LastActive) = (0, invisible, false, false, (-1, -1));
        IsKnown = IsToLoad = false;
        LookAtMs = long.MaxValue;
        Shown = Shown.NeverSeen;
        Before = shown.Status == Status.Offline ? default : StatusSet.Of(shown.Status);
        if (version != 0)
        {
            Say(version, shown, monoMs);
        }
    }

    /// <summary>A device that leaves was last seen between these times, Unix ms.</summary>
    public void Seen(long low, long high) => LastActive = (Math.Max(LastActive.Low, low), Math.Max(LastActive.High, high));

    /// <summary>Whether the truth may look so.</summary>
    public bool MayBe(Status status, DeviceKinds kinds)
    {
        if (IsInvisible && status == Status.Offline)
        {
            return true;
        }

        if (IsInvisible && !MayBeVisible)
        {
            return false;
        }

        return status == Status.Offline ? Devices.TrueForAll(device => device.Effective.MayBeOffline) : MayBeOnline(status, kinds);
    }

    /// <summary>What it truly is, for people.</summary>
    public override string ToString() =>
        $"user {Id}{(IsInvisible ? MayBeVisible ? " perhaps invisible" : " invisible" : "")} [{string.Join("; ", Devices)}] shown {Shown} as {Version}";

    private bool MayBeOnline(Status status, DeviceKinds kinds)
    {
        bool any = false;
        DeviceKinds all = DeviceKinds.None;
        foreach (TrueDevice device in Devices)
        {
            StatusSet effective = device.Effective;
            any |= effective.Has(status);
            all |= device.IsInFold ? device.Kinds : DeviceKinds.None;
            bool shows = (kinds & device.Kinds) == device.Kinds;
            if (!effective.MayBeOffline && (effective.Lowest > status || !shows))
            {
                return false;
            }
        }

        return any && (kinds & ~all) == 0;
    }
}

/// <summary>A status that the shard has taken, and whose answer has not been seen.</summary>
/// <param name="connection">Where it was said.</param>
/// <param name="requestId">By which it is answered.</param>
/// <param name="device">Whose.</param>
/// <param name="status">What.</param>
internal sealed class DelayedStatus(TrueConnection connection, ulong requestId, TrueDevice device, Status status)
{
    public TrueConnection Connection => connection;

    public ulong RequestId => requestId;

    public TrueDevice Device { get; private set; } = device;

    /// <summary>
    /// It was said of a device that has gone, and another of that key has come: the home takes it for that one's if the user was being loaded all the time, which
    /// nobody outside can see.
    /// </summary>
    public bool IsOfAnEarlier { get; private set; }

    public Status Status => status;

    /// <summary>Its device has said Hello since, which says another status: nobody outside can see whether this was applied before that.</summary>
    public void IsBeforeHello() => IsOfAnEarlier = true;

    /// <summary>There is a device of that key.</summary>
    public void MoveTo(TrueDevice present)
    {
        IsOfAnEarlier |= present != Device;
        Device = present;
    }

    /// <summary>It says again what its lease has said last, applied or not: no choice to be seen.</summary>
    public required bool IsRepetition { get; init; }

    /// <summary>Nothing is done of it before the user is loaded.</summary>
    public bool IsForLoad { get; set; }

    /// <summary>Engine time at which it has been applied at the latest; counts from when the user is loaded.</summary>
    public long UntilMs { get; set; } = long.MaxValue;
}
