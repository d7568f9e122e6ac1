using Orleans.Runtime;

namespace Presence.Server.Cluster;

/// <summary>A node that others can speak to.</summary>
/// <param name="Silo">Its address, with the generation of its membership.</param>
/// <param name="IsActive">It is in the ring; else it is on its way out, and hands over.</param>
internal sealed record Member(MemberName Name, SiloAddress Silo, bool IsActive)
{
    public int Ordinal => Name.Ordinal;
}

/// <summary>One version of the membership: the same for all nodes that have it.</summary>
/// <param name="Version">As <see cref="ClusterIdentity.RingVersion"/>.</param>
/// <param name="Members">By ordinal, of each node the newest.</param>
/// <param name="Gone">Silos that are no members any more, as far as the membership remembers them.</param>
internal sealed record ClusterView(long Version, IReadOnlyDictionary<int, Member> Members, IReadOnlySet<SiloAddress> Gone)
{
    /// <summary>Node ids of those in the ring, with their ordinals.</summary>
    public IEnumerable<Member> Ring => Members.Values.Where(static member => member.IsActive);

    public static ClusterView Of(ClusterIdentity identity, ClusterMembershipSnapshot snapshot)
    {
        var members = new Dictionary<int, Member>();
        foreach (ClusterMember found in snapshot.Members.Values)
        {
            bool isActive = found.Status == SiloStatus.Active;
            if ((!isActive && found.Status is not (SiloStatus.ShuttingDown or SiloStatus.Stopping)) || !MemberName.TryParse(found.Name, out MemberName name))
            {
                continue;
            }

            // One that has started again elsewhere is both for a moment: who is newer is it.
            if (!members.TryGetValue(name.Ordinal, out Member? other) || IsNewer(found.SiloAddress, isActive, other))
            {
                members[name.Ordinal] = new(name, found.SiloAddress, isActive);
            }
        }

        HashSet<SiloAddress> gone = [.. snapshot.Members.Values.Where(static found => found.Status == SiloStatus.Dead).Select(static found => found.SiloAddress)];
        return new(identity.RingVersion(snapshot.Version.Value), members, gone);
    }

    private static bool IsNewer(SiloAddress silo, bool isActive, Member than) =>
        (isActive, silo.Generation, silo.ToString()).CompareTo((than.IsActive, than.Silo.Generation, than.Silo.ToString())) > 0;
}
