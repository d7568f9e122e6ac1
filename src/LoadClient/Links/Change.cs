using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>One change of one user.</summary>
/// <param name="Number">Among all changes of the run, from 0.</param>
/// <param name="User">The number of the user.</param>
/// <param name="Status">What it is afterwards; OFFLINE: it leaves.</param>
internal readonly record struct Change(long Number, long User, Status Status);
