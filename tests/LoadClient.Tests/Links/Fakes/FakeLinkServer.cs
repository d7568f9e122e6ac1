using System.Net;
using System.Net.Sockets;
using Presence.V1;

namespace Presence.LoadClient.Tests.Links.Fakes;

/// <summary>
/// A server with the answers of the real one and none of its means: a dictionary under a lock. It can do what the real one must not, and so
/// shows that the generator would notice.
/// </summary>
internal sealed class FakeLinkServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<FakeLinkConnection> _connections = [];
    private readonly string _key = Path.GetTempFileName();
    private readonly Task _accepting;

    public FakeLinkServer()
    {
        File.WriteAllText(_key, new string('A', 43));
        _listener.Start();
        Address = _listener.LocalEndpoint.ToString()!;
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>Of the key that it would check tokens with.</summary>
    public string KeyFile => _key;

    public FakeUsers Users { get; } = new();

    public FakeLinkFaults Faults { get; init; } = new();

    public Dictionary<string, FakeGateway> Gateways { get; } = [];

    /// <summary>Everything above is touched under this.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Tells those who watch. Under the lock.</summary>
    public void Broadcast(PresenceEntry entry)
    {
        foreach (FakeLinkConnection connection in _connections)
        {
            connection.Tell(entry);
        }
    }

    public void Forget(FakeLinkConnection connection)
    {
        lock (Gate)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>Nobody is served any more, nor can connect. Under the lock.</summary>
    public void Die()
    {
        _listener.Stop();
        foreach (FakeLinkConnection connection in _connections)
        {
            connection.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (Gate)
        {
            Die();
        }

        await _accepting;
        File.Delete(_key);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new FakeLinkConnection(this, await _listener.AcceptSocketAsync());
                lock (Gate)
                {
                    _connections.Add(connection);
                }

                _ = connection.RunAsync();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }
}
