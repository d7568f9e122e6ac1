namespace Presence.LoadClient.Links;

/// <summary>
/// Which users there are and which link carries each: user number i has the id first + i and is on link i mod links, at place i / links.
/// </summary>
/// <param name="FirstUser">The id of user number 0.</param>
/// <param name="Users">How many; at least one a link.</param>
internal sealed record Population(ulong FirstUser, long Users, int Links)
{
    /// <summary>How many are on a link.</summary>
    public long On(int link) => (Users - link + Links - 1) / Links;

    public ulong IdOf(long user) => FirstUser + (ulong)user;

    public int LinkOf(long user) => (int)(user % Links);

    public long PlaceOf(long user) => user / Links;

    /// <summary>The number of a user by its place on a link.</summary>
    public long At(int link, long place) => (place * Links) + link;

    /// <summary>The number of a user of this run by its id.</summary>
    public long NumberOf(ulong userId) => (long)(userId - FirstUser);

    /// <summary>The number of a user by its id; false: the id is not of this run.</summary>
    public bool TryFind(ulong userId, out long user)
    {
        user = NumberOf(userId);
        return userId >= FirstUser && user < Users;
    }
}
