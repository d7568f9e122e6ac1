using Grpc.Core;
using Presence.Server.Security;

namespace Presence.Server.Admin;

/// <summary>Who has opened a stream of answers: it lasts no longer than its token is believed.</summary>
internal sealed class StreamCaller(AdminTokenValidator tokens, string token, TimeProvider time)
{
    // What is revoked ends within a second (docs/security.md); a look costs a hash.
    private static readonly TimeSpan s_judgedEvery = TimeSpan.FromMilliseconds(500);

    private volatile TokenRejection? _rejection;

    /// <summary>Why its token is not believed any more; null while it is.</summary>
    public TokenRejection? Rejection => _rejection;

    public static StreamCaller Of(ServerCallContext context) => (StreamCaller)context.UserState[typeof(StreamCaller)];

    /// <summary>From now on this call's.</summary>
    public void Attach(ServerCallContext context) => context.UserState[typeof(StreamCaller)] = this;

    /// <summary>Cancels when the token is over or revoked.</summary>
    /// <returns>To be disposed before what it cancels.</returns>
    public ITimer Follow(CancellationTokenSource stream) => time.CreateTimer(_ => Judge(stream), null, s_judgedEvery, s_judgedEvery);

    private void Judge(CancellationTokenSource stream)
    {
        if (_rejection is null && !tokens.TryValidate(token, out _, out TokenRejection? rejection))
        {
            _rejection = rejection;
            stream.Cancel();
        }
    }
}
