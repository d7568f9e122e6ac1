using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Scenarios;

/// <summary>What the command line says of every scenario.</summary>
/// <param name="Duration">Of the part that is measured.</param>
/// <param name="Seed">Draws the same run again.</param>
/// <param name="FirstUser">User ids count from here, so that two generators do not replace each other's devices.</param>
internal sealed record RunTarget(Servers Servers, UserTokens Tokens, TimeSpan Duration, int Seed, ulong FirstUser);
