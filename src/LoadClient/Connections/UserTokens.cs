using Presence.Server.Security;

namespace Presence.LoadClient.Connections;

/// <summary>Tokens for any user, minted from the key that the server verifies with.</summary>
internal sealed class UserTokens(byte[] secret, TimeProvider time)
{
    /// <summary>Longer than any run.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(24);

    private readonly TokenMinter _minter = new(secret);

    public string Mint(ulong userId) => _minter.Mint(userId, time.GetUtcNow(), _lifetime);

    /// <param name="keyFile">The file of the secret; null: the one in the data directory of the server.</param>
    /// <exception cref="KeyFormatException">There is no such file, or it holds no secret.</exception>
    public static UserTokens Load(string? keyFile, string dataDirectory, TimeProvider time) =>
        new(SigningSecret.Read(keyFile ?? Path.Combine(dataDirectory, SigningSecret.UserFileName)), time);
}
