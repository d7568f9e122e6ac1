using Presence.Protocol;

namespace Presence.Simulation;

/// <summary>How a client keeps to the rules of design §5.</summary>
internal enum Manners
{
    /// <summary>As the SDK does.</summary>
    Good,

    /// <summary>Beats late, but within d + 2δ, and never asks for an ack.</summary>
    Late,

    /// <summary>Beats so late that it is gone by then.</summary>
    TooLate,

    /// <summary>Says Hello and nothing more by itself.</summary>
    Mute,

    /// <summary>Ignores every GoAway and leaves nothing in order.</summary>
    Rude,
}

/// <summary>What a client is like.</summary>
internal sealed record Habits
{
    public required Manners Manners { get; init; }

    public required DeviceKinds Kind { get; init; }

    public required bool ReportsActivity { get; init; }

    public required bool SaysTexts { get; init; }

    /// <summary>Says now and then whatever may be said on the wire, in any order.</summary>
    public required bool Babbles { get; init; }

    /// <summary>How long its tokens are good for, ms.</summary>
    public required long TokenMs { get; init; }

    public required bool RenewsTokens { get; init; }

    /// <summary>Between two things it does, at the most, ms.</summary>
    public required long ActsWithinMs { get; init; }

    /// <summary>Between two heartbeats of one whose manners are not good, ms.</summary>
    public required long BeatEveryMs { get; init; }

    public static Habits Of(Chance chance, Settings settings)
    {
        double luck = chance.NextDouble();
        Manners manners = luck < 0.7 ? Manners.Good : luck < 0.8 ? Manners.Late : luck < 0.87 ? Manners.TooLate : luck < 0.94 ? Manners.Mute : Manners.Rude;
        return new Habits
        {
            Manners = manners,
            Kind = chance.Pick(DeviceKinds.Mobile, DeviceKinds.Desktop, DeviceKinds.Web),
            ReportsActivity = chance.Hits(0.3),
            SaysTexts = chance.Hits(0.2),
            TokenMs = chance.Hits(0.75) ? 100_000_000 : chance.Between(70_000, 200_000),
            RenewsTokens = chance.Hits(0.7),
            ActsWithinMs = Math.Max(settings.CalmMs, chance.Pick(3_000, 20_000, 90_000)),
            BeatEveryMs = manners == Manners.TooLate
                ? settings.UsualSilenceMs + chance.Between(300, 20_000)
                : settings.Options.HeartbeatIntervalMs + chance.Between(0, settings.Options.ToleranceMs),
            Babbles = chance.Hits(0.12),
        };
    }
}
