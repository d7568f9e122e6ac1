using System.Net;

namespace Presence.Server.Cluster;

/// <summary>
/// That this process, and no other, is the node of its name. It is claimed in Redis before anything of the node is made and with each membership; of two that have claimed it the later one is it, unless it is gone.
/// One caller at a time.
/// </summary>
/// <param name="nodeId">The name.</param>
/// <param name="process">Of this process, as in <see cref="MemberName"/>.</param>
/// <param name="address">Where it listens for the others.</param>
internal sealed class NameClaim(Registry registry, string nodeId, ulong process, IPEndPoint address, TimeProvider time)
{
    private Claim? _own;

    /// <summary>Claims the name, or claims it anew.</summary>
    /// <returns>The incarnation of a membership that begins now: above all before.</returns>
    /// <exception cref="NodeNameException">Another process has claimed it, and lives.</exception>
    public async Task<ulong> RenewAsync()
    {
        Claim? gone = null;
        while (true)
        {
            var wanted = new Claim(process, (ulong)time.GetUtcNow().ToUnixTimeMilliseconds(), address);
            Claim claim = await registry.ClaimAsync(nodeId, wanted, _own, gone);
            if (claim.Process == process)
            {
                _own = claim;
                return claim.Incarnation;
            }

            if (await DeathProbe.AnswersAsync(claim.Address))
            {
                throw new NodeNameException(nodeId, claim.Address);
            }

            gone = claim;
        }
    }

    /// <summary>Looks whether it still is this one's, and claims it anew if not: Redis may have forgotten it, another may have taken this one for gone.</summary>
    /// <exception cref="NodeNameException">As of <see cref="RenewAsync"/>.</exception>
    public async Task KeepAsync()
    {
        if (await registry.ClaimOfAsync(nodeId) != _own)
        {
            await RenewAsync();
        }
    }
}

/// <summary>Who is the node of a name. Written as <c>PROCESS INCARNATION ADDRESS</c>.</summary>
/// <param name="Process">As in <see cref="MemberName"/>.</param>
/// <param name="Incarnation">Rises with each claim of the name.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record Claim(ulong Process, ulong Incarnation, IPEndPoint Address);
