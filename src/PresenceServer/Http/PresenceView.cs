using System.ComponentModel;
using System.Text;
using System.Text.Json.Serialization;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>What is shown of one user: in answers and in the events of a stream alike.</summary>
internal sealed record PresenceView
{
    public required string UserId { get; init; }

    [Description("online, away, busy or offline; unknown while the user's home cannot be asked; invisible only to oneself.")]
    public required string Presence { get; init; }

    [Description("ISO 8601, UTC; null unless offline and known.")]
    public required string? LastActive { get; init; }

    [Description("The same in milliseconds since 1970.")]
    public required string? LastActiveMs { get; init; }

    [Description("The highest wins, whatever order states arrive in; 0: never seen.")]
    public required string Version { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StatusText { get; init; }

    [Description("mobile, desktop, web, tablet, console, vr, service")]
    public required IReadOnlyList<string> DeviceKinds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("Only with unknown: when the state was last known, in milliseconds since 1970.")]
    public string? AsOfMs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("Only in the change feed: when it was decided, in milliseconds since 1970.")]
    public string? AtMs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("Only in the change feed: the disk was behind, and other changes of this user right before were left out.")]
    public bool? Coalesced { get; init; }

    public static PresenceView Of(in PresenceState state) => Of(
        state.UserId,
        state.Status,
        state.Version,
        state.LastActiveMs,
        state.AsOfMs,
        state.StatusText is { Length: > 0 } text ? Encoding.UTF8.GetString(text) : "",
        state.Kinds);

    public static PresenceView Of(PresenceEntry entry) => Of(
        entry.UserId,
        entry.Status,
        entry.Version,
        entry.HasLastActiveMs ? (long)entry.LastActiveMs : PresenceState.NoTime,
        entry.HasAsOfMs ? (long)entry.AsOfMs : PresenceState.NoTime,
        entry.StatusText,
        entry.DeviceKinds.Aggregate(Protocol.DeviceKinds.None, static (set, kind) => set | DeviceKindSet.Of(kind)));

    private static PresenceView Of(
        ulong userId, Status status, ulong version, long lastActiveMs, long asOfMs, string text, DeviceKinds kinds) => new()
        {
            UserId = DecimalText.Of(userId),
            Presence = StatusWords.Of(status),
            LastActive = lastActiveMs == PresenceState.NoTime
                ? null
                : DateTimeOffset.FromUnixTimeMilliseconds(lastActiveMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null),
            LastActiveMs = lastActiveMs == PresenceState.NoTime ? null : DecimalText.Of(lastActiveMs),
            Version = DecimalText.Of(version),
            StatusText = text.Length == 0 ? null : text,
            DeviceKinds = StatusWords.Of(kinds),
            AsOfMs = asOfMs == PresenceState.NoTime ? null : DecimalText.Of(asOfMs),
        };
}
