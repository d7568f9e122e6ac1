using Presence.V1;

namespace Presence.LoadClient.Tests.Links.Fakes;

/// <summary>What a fake server does wrong, or seldom.</summary>
internal sealed class FakeLinkFaults
{
    /// <summary>It answers that this user is BUSY.</summary>
    public ulong LiesAbout { get; init; }

    /// <summary>Whom it names when it is asked about some; null: those.</summary>
    public Func<IReadOnlyList<ulong>, IEnumerable<ulong>>? Names { get; init; }

    /// <summary>It sends every gateway away with this; UNSPECIFIED: it welcomes them.</summary>
    public CloseCode SendsAway { get; init; }

    /// <summary>It dies, and stays dead, at the frame with this number.</summary>
    public ulong DiesAt { get; init; }

    /// <summary>It refuses the frame with this number once, with OVERLOADED.</summary>
    public ulong Refuses { get; set; }

    /// <summary>It loses the frame with this number once, without a word.</summary>
    public ulong Loses { get; set; }

    /// <summary>It does not tell of every n-th transition; 0: it tells of all.</summary>
    public int HidesEvery { get; init; }

    /// <summary>It does not know a gateway that comes back.</summary>
    public bool ForgetsGateways { get; init; }

    /// <summary>It closes a link at the frame with this number, once.</summary>
    public ulong ClosesAt { get; set; }
}
