using System.Diagnostics.CodeAnalysis;

namespace Presence.Server.Security;

/// <summary>Who may open a gateway link: the bearer of a valid token with the scope <see cref="Scope"/>. Whose token it is does not matter.</summary>
internal sealed class GatewayTokenValidator(TokenValidator tokens)
{
    public const string Scope = "presence:gateway";

    /// <inheritdoc cref="TokenValidator.IsToken"/>
    public bool IsToken(string? token) => tokens.IsToken(token);

    /// <summary>Judges a token by the time of now.</summary>
    public bool TryValidate(
        string? token, [NotNullWhen(true)] out TokenIdentity? identity, [NotNullWhen(false)] out TokenRejection? rejection)
    {
        if (!tokens.TryValidate(token, out identity, out rejection))
        {
            return false;
        }

        if (identity.HasScope(Scope))
        {
            return true;
        }

        rejection = TokenRejections.NoGatewayScope;
        tokens.Rejected.Add(rejection.Reason);
        return false;
    }
}
