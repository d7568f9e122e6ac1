using Google.Protobuf;

namespace Presence.Client.Session;

/// <summary>
/// What Hello shows: the resume token alone while it stands for a valid token, else a new token beside it. Used by one connection
/// attempt at a time.
/// </summary>
internal sealed class Credentials(Func<CancellationToken, ValueTask<string>> provider)
{
    private volatile bool _needsToken = true;
    private ByteString _resumeToken = ByteString.Empty;

    public async ValueTask<(string Token, ByteString ResumeToken)> ForHelloAsync(CancellationToken cancellation)
    {
        string token = _needsToken ? await ProvideAsync(cancellation).ConfigureAwait(false) : "";
        return (token, _resumeToken);
    }

    public ValueTask<string> ProvideAsync(CancellationToken cancellation) => provider(cancellation);

    public void Welcomed(ByteString resumeToken)
    {
        _resumeToken = resumeToken;
        _needsToken = resumeToken.IsEmpty;
    }

    /// <summary>The token behind the resume token is replaced or no longer valid: the next Hello brings a new one.</summary>
    public void Outdate() => _needsToken = true;

    /// <summary>
    /// The server did not accept them. A resume token can be refused where a token would not be (its key was rotated away), so it is
    /// dropped first.
    /// </summary>
    /// <returns>True: try again at once, with a new token and nothing else.</returns>
    public bool Refused()
    {
        bool hadResumeToken = !_resumeToken.IsEmpty;
        Forget();
        return hadResumeToken;
    }

    public void Forget()
    {
        _resumeToken = ByteString.Empty;
        _needsToken = true;
    }
}
