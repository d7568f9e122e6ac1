namespace Presence.Scenarios.Clients;

/// <summary>Clients that come up and then only stay.</summary>
internal interface IIdleClients : IDisposable
{
    /// <summary>Adds clients and waits until each is welcomed and its watch answered.</summary>
    /// <param name="watches">Whom each watches, by its user id.</param>
    void BringUp(int count, Func<ulong, ulong[]> watches);

    /// <summary>Lets time pass; what the server sends meanwhile is read.</summary>
    void Stay(TimeSpan time);
}
