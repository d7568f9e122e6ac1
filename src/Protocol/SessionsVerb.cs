using Presence.V1;

namespace Presence.Protocol;

/// <summary>What a frame of a gateway link says of its users.</summary>
public enum SessionsVerb : byte
{
    /// <summary><see cref="SessionsUp"/>.</summary>
    Up,

    /// <summary><see cref="SessionsBeat"/>.</summary>
    Beat,

    /// <summary><see cref="SessionsDown"/>.</summary>
    Down,
}
