using System.Diagnostics.CodeAnalysis;
using Presence.Server.Configuration;

namespace Presence.Server.Transport.Links;

/// <summary>
/// The gateways of this node by id. Each has an ordinal, its place in every shard; it keeps that over all its connections, and it is another's only when the
/// last of its users is gone: after a Goodbye at once, else when its hold is over.
/// </summary>
internal sealed class Gateways(PresenceConfiguration configuration, LinkContext context)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Gateway> _byId = new(StringComparer.Ordinal);
    private readonly Gateway?[] _byOrdinal = new Gateway?[configuration.Limits.Gateways];

    /// <summary>In the order of their ordinals.</summary>
    public IReadOnlyList<Gateway> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byOrdinal.OfType<Gateway>()];
            }
        }
    }

    /// <summary>Finds a gateway or gives it a place. It stays until the caller has opened a link of it.</summary>
    /// <returns>False when all places are taken.</returns>
    public bool TryEnter(string id, [NotNullWhen(true)] out Gateway? gateway)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out gateway))
            {
                gateway = TryAdd(id);
            }

            gateway?.Expect();
            return gateway is not null;
        }
    }

    /// <summary>It has a place.</summary>
    public bool Knows(string id)
    {
        lock (_gate)
        {
            return _byId.ContainsKey(id);
        }
    }

    /// <summary>The id of the gateway whose users have devices of this key.</summary>
    public string? IdOf(ulong deviceKey)
    {
        lock (_gate)
        {
            return Array.Find(_byOrdinal, gateway => gateway?.DeviceKey == deviceKey)?.Id;
        }
    }

    /// <summary>Gives up the places of those who are gone.</summary>
    public void ForgetGone()
    {
        lock (_gate)
        {
            foreach (Gateway? gateway in _byOrdinal)
            {
                if (gateway is { IsGone: true })
                {
                    _byOrdinal[gateway.Ordinal] = null;
                    _byId.Remove(gateway.Id);
                }
            }
        }
    }

    private Gateway? TryAdd(string id)
    {
        int ordinal = Array.IndexOf(_byOrdinal, null);
        if (ordinal < 0)
        {
            ForgetGone();
            ordinal = Array.IndexOf(_byOrdinal, null);
        }

        return ordinal < 0 ? null : _byId[id] = _byOrdinal[ordinal] = new Gateway(id, ordinal, context);
    }
}
