using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What is kept of a user on disk; written on transitions only.</summary>
/// <param name="UserId">1 … 2^63−1.</param>
/// <param name="Version">The version of the last transition, or of a user never seen when the choice to be invisible was made; 0 means that there is no record.</param>
/// <param name="LastActiveMs">What others are told, Unix milliseconds; −1 when unknown. Frozen while the user is invisible.</param>
/// <param name="TrueLastActiveMs">The true last sign of life, Unix milliseconds; −1 when unknown. Equal to <paramref name="LastActiveMs"/> unless the user is or was invisible.</param>
/// <param name="Status">The status as numbered on the wire, 0 … 15.</param>
/// <param name="Flags">Bit 0 is <see cref="UserRecordFlags.Invisible"/>, bits 1-7 the visible device kinds.</param>
public readonly record struct UserRecord(
    ulong UserId, ulong Version, long LastActiveMs, long TrueLastActiveMs, byte Status, byte Flags)
{
    /// <summary>What others were told when the record was made.</summary>
    /// <param name="text">The visible status text, UTF-8; a record has none.</param>
    public PresenceState Visible(byte[]? text) => Records.StateOf(UserId, this) with { StatusText = text };
}
