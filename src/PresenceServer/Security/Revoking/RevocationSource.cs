namespace Presence.Server.Security.Revoking;

/// <summary>Where the operator's list is read from, again and again: a file or a URL.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Setting">Which setting names it.</param>
/// <param name="Read">Throws <see cref="KeyFormatException"/> when it cannot be read now.</param>
internal sealed record RevocationSource(string Name, string Setting, Func<CancellationToken, Task<string>> Read)
{
    /// <summary>A list of a million entries fits; a wrong path must not read a disk into memory.</summary>
    public const int MaxBytes = 128 * 1024 * 1024;

    private static readonly TimeSpan _answersWithin = TimeSpan.FromSeconds(5);

    public static RevocationSource File(string path) => new(path, "RevocationFile", cancel => ReadFileAsync(path, cancel));

    /// <summary>Follows no redirect: what is read is what the configuration names.</summary>
    public static RevocationSource Url(Uri url)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            Timeout = _answersWithin,
            MaxResponseContentBufferSize = MaxBytes,
        };
        return new(url.AbsoluteUri, "RevocationUrl", cancel => ReadUrlAsync(http, url, cancel));
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancel)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Length <= MaxBytes
                ? await System.IO.File.ReadAllTextAsync(path, cancel)
                : throw new KeyFormatException($"'{file.FullName}' has {file.Length} bytes; at most {MaxBytes} are expected.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFormatException($"'{Path.GetFullPath(path)}' cannot be read: {e.Message}", e);
        }
    }

    private static async Task<string> ReadUrlAsync(HttpClient http, Uri url, CancellationToken cancel)
    {
        try
        {
            return await Utf8Body.GetAsync(http, url, cancel);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new KeyFormatException($"'{url.AbsoluteUri}' cannot be read: {e.Message}", e);
        }
    }
}
