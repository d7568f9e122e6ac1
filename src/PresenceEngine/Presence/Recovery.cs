using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// What to say of users who were online when the previous process ended. Until d + 4δ after this one accepts they are shown as before and held by a
/// phantom device that their own return replaces; afterwards they are offline, as of the last sign of life that is known. Until then only users somebody asks
/// about are touched, so a restart costs the same however many were online; the others are gone through behind it (<see cref="RecoverySweep"/>).
/// </summary>
internal sealed class Recovery(Shard shard)
{
    /// <summary>Device key of a phantom; no real device has it.</summary>
    public const ulong PhantomKey = 0;

    private const long LookAgainMs = 1_000;

    /// <summary>The user was online when the previous process ended.</summary>
    public static bool Concerns(in UserRecord record) => record.Version != 0 && (Status)record.Status != Status.Offline;

    /// <summary>Begins to load a user who is not in memory, though no device of it has come: what its record says is to be judged.</summary>
    /// <returns>False: no slot is left for it.</returns>
    public static bool TryJudge(Shard shard, ulong userId)
    {
        if (!shard.Users.HasSlot)
        {
            return false;
        }

        shard.Home.Load(shard.Users.Add(userId));
        return true;
    }

    /// <summary>Takes over the record of a user who has come into memory: because somebody asks, or because a device has come.</summary>
    /// <param name="hasWaited">Whoever has come by now came before it could be known who is there: nobody was called offline meanwhile.</param>
    public void Restore(int entry, in UserRecord record, bool hasWaited)
    {
        if (!TryGoOn(entry, record, hasWaited))
        {
            shard.Deferrals.Recovered(shard.Users[entry].UserId);
        }
    }

    /// <summary>What to say of a user while the store cannot say what it keeps, or the shard has no slot left to work it out: neither online nor offline may be true.</summary>
    public PresenceState Unknown(ulong userId) =>
        PresenceState.Unknown(userId, shard.Nodes is { Warming: var warming } && warming.Concerns(userId) ? warming.AsOfMs(userId) : shard.Store.LastWatermarkMs);

    /// <summary>The user is back with a device in the fold: whatever the phantom stood for has come or will come by itself.</summary>
    public static void RemovePhantom(Shard shard, int entry)
    {
        if (shard.Users.FindDevice(entry, PhantomKey) is >= 0 and var node)
        {
            shard.Wheel.Cancel(node);
            shard.Users.RemoveDevice(node);
            shard.Deferrals.Recovered(shard.Users[entry].UserId);
        }
    }

    /// <summary>Whether a phantom still stands for its user: while all recover, or until its own time is over.</summary>
    public bool GoesOn(int node) => shard.IsRecovering || shard.Time.Now < OwnTime(node) || MayBeNamed(OwnTime(node));

    /// <summary>When to look at a phantom; again each second while a link that names its set may bring its user back.</summary>
    public void Arm(int node)
    {
        long now = shard.Time.Now;
        long all = now < shard.RecoveringUntilMs ? shard.RecoveringUntilMs : shard.IsRecovering || MayBeNamed(OwnTime(node)) ? now + LookAgainMs : now;
        shard.Wheel.Arm(node, TimingWheel.TickAtOrAfter(Math.Max(all, OwnTime(node))));
    }

    // Whose node is gone may have been there by a gateway, which names its set at another: no longer than one may be named, however many come one behind the other.
    private bool MayBeNamed(long untilMs) => shard.Nodes is { Namings.IsAny: true } && shard.Time.Now < untilMs + shard.Options.LinkResyncMs;

    /// <summary>A device has come, maybe without a word of its status: what was shown before goes on, as far as that is known. Until it is, the device is marked.</summary>
    public void GoOnAsBefore(int node)
    {
        int entry = shard.Users.OwnerOf(node);
        ref Device device = ref shard.Users.DeviceAt(node);
        if (!device.Has(DeviceFlags.AsBefore) || shard.Users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere))
        {
            return;
        }

        if (shard.Users.FindDevice(entry, PhantomKey) is >= 0 and var phantom)
        {
            device.GoOn(shard.Users.DeviceAt(phantom).Status.Value, shard.Users.DeviceAt(phantom).Kinds);
        }

        device.Set(DeviceFlags.AsBefore, false);
    }

    // Whether a phantom stands for the user now.
    private bool TryGoOn(int entry, in UserRecord record, bool hasWaited)
    {
        bool hasLeft = shard.Presences.TimeOf(entry).TrueLastActiveMs >= 0;
        shard.Presences.Restore(entry, record);
        bool concerns = Concerns(record);
        if (concerns)
        {
            shard.Presences.Seen(entry, Math.Max(record.TrueLastActiveMs, Math.Max(shard.Store.LastWatermarkMs, shard.Nodes?.Warming.LostAtMs ?? -1)));
        }

        // The record may come long after the device did.
        bool isBack = shard.Presences.IsAlive(entry) && (shard.IsRecovering || shard.Users[entry].Has(UserFlags.CameRecovering));
        bool mayGoOn = concerns && !hasLeft && MayGoOn(record.UserId);
        bool goesOn = GoOnAsBefore(entry, record, isBefore: concerns && !hasLeft && (isBack || mayGoOn || hasWaited));
        if (!mayGoOn || isBack || goesOn)
        {
            return false;
        }

        // Beside a device that never went, maybe: for another, whose node is gone.
        AddPhantom(entry, record);
        return true;
    }

    // The store has answered for a user: what its devices waited for, which came without a word of their status, is known now. Whether one of them has gone on.
    private bool GoOnAsBefore(int entry, in UserRecord record, bool isBefore)
    {
        bool waited = false;
        foreach (int node in shard.Users.DevicesOf(entry))
        {
            ref Device device = ref shard.Users.DeviceAt(node);
            bool waits = device.Has(DeviceFlags.AsBefore);
            if (isBefore)
            {
                shard.Edge.GoOn(ref device, (Status)record.Status, Records.KindsOf(record));
            }

            device.Set(DeviceFlags.AsBefore, false);
            waited |= waits;
            if (waits)
            {
                shard.Nodes?.Words.TellSaid(entry, node);
            }
        }

        return waited && isBefore;
    }

    private bool MayGoOn(ulong userId)
    {
        if (shard.Revocations.Bans(userId))
        {
            return false;
        }

        long untilMs = shard.Nodes?.Warming.Gone.UntilMs ?? 0;
        if (untilMs > shard.Time.Now || MayBeNamed(untilMs))
        {
            shard.Deferrals.Expect(userId, untilMs - shard.Time.Now);
            return true;
        }

        return shard.IsRecovering || shard.Deferrals.RecoveringUntil(userId) > shard.Time.Now;
    }

    private long OwnTime(int node) => shard.Deferrals.RecoveringUntil(shard.Users[shard.Users.OwnerOf(node)].UserId);

    private void AddPhantom(int entry, in UserRecord record)
    {
        int node = shard.Users.AddDevice(entry);
        ref Device device = ref shard.Users.DeviceAt(node);
        device.Key = PhantomKey;
        device.State = DeviceState.Recovering;
        device.Status = (Status)record.Status;
        device.Kinds = Records.KindsOf(record);
        Arm(node);
    }
}
