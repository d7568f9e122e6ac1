using System.Globalization;
using Presence.Client;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Clients;

/// <summary>Clients of the C# SDK: for transports that the generator's event loop does not speak.</summary>
internal sealed class SdkClients(Subject subject, string scheme) : IIdleClients
{
    /// <summary>Handshakes at a time.</summary>
    private const int Width = 64;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly List<PresenceClient> _clients = [];

    public void BringUp(int count, Func<ulong, ulong[]> watches)
    {
        List<(PresenceClient Client, ulong[] Watches)> fresh = [];
        for (int i = 0; i < count; i++)
        {
            ulong user = (ulong)_clients.Count + 1;
            _clients.Add(Make(user));
            fresh.Add((_clients[^1], watches(user)));
        }

        using var patience = new CancellationTokenSource(_patience);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = patience.Token };
        Parallel.ForEachAsync(fresh, options, static async (client, cancellation) =>
        {
            await client.Client.ConnectAsync(cancellation);
            await client.Client.WatchAsync(client.Watches, cancellation);
        }).GetAwaiter().GetResult();
    }

    public void Stay(TimeSpan time)
    {
        Pause.For(time);
        if (_clients.FirstOrDefault(static client => client.State != ConnectionState.Connected) is { } lost)
        {
            throw new InvalidOperationException($"A connection was lost ({lost.LastStateChange.Reason}): what was measured means nothing.");
        }
    }

    public void Dispose() => Task.WhenAll(_clients.Select(static client => client.DisposeAsync().AsTask())).GetAwaiter().GetResult();

    private PresenceClient Make(ulong user) => new(new PresenceClientOptions
    {
        Endpoints = [new Uri($"{scheme}://{subject.EndPoint}")],
        TokenProvider = _ => ValueTask.FromResult(subject.Tokens.Mint(user)),
        DeviceId = string.Create(CultureInfo.InvariantCulture, $"idle-{user}"),
        // The certificate is one that the server made for itself a moment ago.
        ServerCertificateValidation = static (_, certificate, _, _) => certificate is not null && certificate.Subject == certificate.Issuer,
    });
}
