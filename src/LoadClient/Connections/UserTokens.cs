using Presence.Protocol;
using Presence.Server.Security;

namespace Presence.LoadClient.Connections;

/// <summary>Tokens for any user, minted from the key that the server verifies with.</summary>
internal sealed class UserTokens(byte[] secret, TimeProvider time)
{
    /// <summary>Longer than any run.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private const string GatewayScope = "presence:gateway";

    private readonly TokenMinter _minter = new(secret);

    public string Mint(ulong userId) => _minter.Mint(userId, time.GetUtcNow(), Lifetime);

    /// <summary>A token that opens a gateway link; it stands for no user in particular.</summary>
    public string MintForGateway() => _minter.Mint(UserId.Min, time.GetUtcNow(), Lifetime, [GatewayScope]);

    /// <param name="keyFile">The file of the secret; null: the one in the data directory of the server.</param>
    /// <exception cref="KeyFormatException">There is no such file, or it holds no secret.</exception>
    public static UserTokens Load(string? keyFile, string dataDirectory, TimeProvider time) =>
        new(SigningSecret.Read(keyFile ?? Path.Combine(dataDirectory, SigningSecret.UserFileName)), time);
}
