using System.Net;
using Presence.LoadClient.Connections;
using Presence.Protocol;

namespace Presence.LoadClient.Attacks;

/// <summary>What all attackers of a run have in common.</summary>
/// <param name="Loop">Theirs alone.</param>
/// <param name="Random">Likewise.</param>
/// <param name="WebSocket">Null: nobody attacks it.</param>
/// <param name="Victims">The users that sessions of attackers ask about and watch.</param>
internal sealed record AttackPlan(EventLoop Loop, Servers Servers, IPEndPoint? WebSocket, UserTokens Tokens, Random Random, ulong[] Victims)
{
    /// <summary>As many as one request may name.</summary>
    public const int MostVictims = ProtocolLimits.MaxIdsPerRequest;
}
