namespace Presence.Server.Security;

/// <summary>Where a key set is read from, again and again. What it names comes from the configuration, never from a token.</summary>
internal interface IJwksSource
{
    /// <summary>For logs: the path or address.</summary>
    string Name { get; }

    /// <summary>Whether symmetric keys in it count, see <see cref="JwksDocument.Parse"/>.</summary>
    bool SecretsAllowed { get; }

    /// <exception cref="KeyFormatException">It cannot be read now.</exception>
    Task<string> ReadAsync(CancellationToken cancel);
}

/// <summary>A key set in a file.</summary>
internal sealed class JwksFileSource(string path) : IJwksSource
{
    public string Name => path;

    public bool SecretsAllowed => true;

    public Task<string> ReadAsync(CancellationToken cancel) => Task.FromResult(SecretFile.Read(path));
}

/// <summary>A key set behind a URL.</summary>
internal sealed class JwksUrlSource(Uri url, HttpClient http) : IJwksSource
{
    public string Name => url.AbsoluteUri;

    public bool SecretsAllowed => false;

    /// <summary>A client that follows no redirect, waits 5 s at most and takes no more than a key set can have.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = SecretFile.MaxBytes,
    };

    public async Task<string> ReadAsync(CancellationToken cancel)
    {
        try
        {
            return await Utf8Body.GetAsync(http, url, cancel);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new KeyFormatException($"'{Name}' cannot be read: {e.Message}", e);
        }
    }
}
