using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>A walk over all users there are records of, the OFFLINE ones included; otherwise as its base says.</summary>
internal abstract class WholeWalk : PresentWalk;
