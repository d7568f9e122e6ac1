using System.Diagnostics.CodeAnalysis;

namespace Presence.Server.Security;

/// <summary>
/// Who may administer this node: a token with scope <c>presence:admin</c>, signed either with the secret in the data directory
/// (whoever can read that file is on this machine and trusted with it) or by the issuer of user tokens.
/// </summary>
/// <param name="local">Verifies with <see cref="SigningSecret.AdminFileName"/> alone, so that its tokens open no session.</param>
/// <param name="users">Verifies user tokens.</param>
internal sealed class AdminTokenValidator(TokenValidator local, TokenValidator users)
{
    public const string Scope = "presence:admin";


    /// <inheritdoc cref="TokenValidator.TryValidate"/>
    public bool TryValidate(
        string? token, [NotNullWhen(true)] out TokenIdentity? identity, [NotNullWhen(false)] out TokenRejection? rejection)
    {
        if (!local.TryValidate(token, out identity, out _) && !users.TryValidate(token, out identity, out rejection))
        {
            return false;
        }

        if (identity.HasScope(Scope))
        {
            rejection = null;
            return true;
        }

        rejection = TokenRejections.NoScope;
        users.Rejected.Add(rejection.Reason);
        return false;
    }
}
