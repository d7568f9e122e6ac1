namespace Presence.Engine;

/// <summary>Bits of <see cref="UserRecord.Flags"/>. Persisted: a bit keeps its meaning for ever.</summary>
public static class UserRecordFlags
{
    public const byte None = 0;

    /// <summary>The user chose to be invisible; only an explicit status of the user ends it.</summary>
    public const byte Invisible = 1;
}
