using Presence.V1;

namespace Presence.Simulation;

/// <summary>The statuses that something may have now. One, unless a change of it waits at the server where nobody sees it.</summary>
internal readonly record struct StatusSet(int Bits)
{
    public static StatusSet Of(Status status) => new(1 << (int)status);

    public bool IsCertain => (Bits & (Bits - 1)) == 0;

    /// <summary>Whatever it is, it is none of a device in the fold.</summary>
    public bool IsOffline => this == Of(Status.Offline);

    public bool MayBeOffline => Has(Status.Offline);

    /// <summary>The lowest in the fold.</summary>
    public Status Lowest => (Status)System.Numerics.BitOperations.TrailingZeroCount(Bits);

    public bool Has(Status status) => (Bits & (1 << (int)status)) != 0;

    public StatusSet Without(Status status) => new(Bits & ~(1 << (int)status));

    public static StatusSet operator |(StatusSet one, StatusSet other) => new(one.Bits | other.Bits);

    public override string ToString()
    {
        int bits = Bits;
        return string.Join('|', Enum.GetValues<Status>().Where(status => (bits & (1 << (int)status)) != 0));
    }
}
