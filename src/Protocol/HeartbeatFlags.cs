using System.Diagnostics.CodeAnalysis;

namespace Presence.Protocol;

/// <summary>The bits of a heartbeat. Others are reserved: senders leave them 0, receivers ignore them.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711", Justification = "The protocol calls these bits flags.")]
public enum HeartbeatFlags : byte
{
    None = 0,

    /// <summary>The user was active since the last heartbeat.</summary>
    Active = 1,

    /// <summary>Answer with a HeartbeatAck.</summary>
    WantAck = 2,
}
