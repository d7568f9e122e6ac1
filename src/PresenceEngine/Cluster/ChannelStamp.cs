namespace Presence.Engine;

/// <summary>Where a batch stands among all that one shard has said to one node.</summary>
/// <param name="Incarnation">Of the sender's membership: higher with every one, and two never have the same.</param>
/// <param name="Epoch">Within the incarnation: another one begins whenever it is not known that all was taken.</param>
/// <param name="Sequence">Within the epoch, from 0. The first declares the reset: whoever takes it forgets what was said before, and all is said anew.</param>
public readonly record struct ChannelStamp(ulong Incarnation, ulong Epoch, ulong Sequence);
