using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What is revoked, over all processes: somebody revokes now and then, and lifts it again. It is durable before a shard is told.</summary>
internal sealed class Revoking(World world)
{
    // More sessions than a turn can end are ended in several, and the model expects one (Engine.Tests have that).
    private const int MostClients = 100;

    private readonly Dictionary<ulong, long> _users = [];
    private readonly HashSet<ulong> _ids = [];
    private long _allBeforeMs;

    /// <summary>All that is revoked now.</summary>
    public RevokedTokens Current => new(_allBeforeMs, new Dictionary<ulong, long>(_users), new HashSet<ulong>(_ids));

    /// <summary>A process begins.</summary>
    public void Tell() => world.Node.Revoke(Current, onlyUser: null);

    public void Strike(Fault fault, Chance chance)
    {
        if (!world.Node.IsUp || world.Clients.Count > MostClients)
        {
            return;
        }

        ulong userId = 1 + (ulong)chance.Below(world.Plan.Settings.Users);
        switch (chance.Below(4))
        {
            case 0:
                RevokeUser(userId, RevokedTokens.Banned, fault.ForMs);
                break;
            case 1:
                RevokeUser(userId, world.Wall.Now + 1, fault.ForMs);
                break;
            case 2 when world.Clients.Count > 0:
                Client client = chance.Pick<Client>([.. world.Clients]);
                ulong id = (chance.Hits(0.5) ? client.Token : client.FirstToken).IdKey;
                _ids.Add(id);
                Apply(null, () => _ids.Remove(id), fault.ForMs);
                break;
            default:
                _allBeforeMs = world.Wall.Now - chance.Between(0, 60_000);
                Apply(null, () => _allBeforeMs = 0, fault.ForMs);
                break;
        }
    }

    private void RevokeUser(ulong userId, long beforeMs, long forMs)
    {
        _users[userId] = Math.Max(beforeMs, _users.GetValueOrDefault(userId));
        Apply(userId, () => _users.Remove(userId), forMs);
    }

    private void Apply(ulong? onlyUser, Action lift, long forMs)
    {
        world.Node.Revoke(Current, onlyUser);
        world.Agenda.In(forMs, () =>
        {
            lift();
            world.Node.Revoke(Current, onlyUser: null);
        });
    }
}
