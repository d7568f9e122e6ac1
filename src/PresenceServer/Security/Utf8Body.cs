using System.Text;

namespace Presence.Server.Security;

/// <summary>
/// The body of an answer that is JSON, and so UTF-8 whatever its Content-Type says: the library throws at a charset that it does not know, as a proxy's page may name one.
/// </summary>
internal static class Utf8Body
{
    /// <exception cref="HttpRequestException">It does not answer with success, or with more than the client takes.</exception>
    /// <exception cref="OperationCanceledException">It does not answer in time, or nobody waits any more.</exception>
    public static async Task<string> GetAsync(HttpClient http, Uri url, CancellationToken cancel)
    {
        using var reader = new StreamReader(new MemoryStream(await http.GetByteArrayAsync(url, cancel)), Encoding.UTF8);
        return await reader.ReadToEndAsync(cancel);
    }
}
