namespace Presence.LoadClient.Scenarios.Read;

/// <summary>Numbers and ids of the users that are asked about: the known ones, then some that were never seen.</summary>
/// <param name="firstUser">The id of user number 0.</param>
internal sealed class AskedUsers(ulong firstUser, int known, int neverSeen)
{
    /// <summary>The end of the id space, where no other run's users are.</summary>
    private const ulong LastId = long.MaxValue;

    public int Count => known + neverSeen;

    public ulong IdOf(int number) => number < known ? firstUser + (ulong)number : LastId - (ulong)(number - known);

    /// <returns>Below zero: nobody was asked about it.</returns>
    public int NumberOf(ulong id) =>
        id >= firstUser && id - firstUser < (ulong)known ? (int)(id - firstUser)
        : id <= LastId && LastId - id < (ulong)neverSeen ? known + (int)(LastId - id)
        : -1;
}
