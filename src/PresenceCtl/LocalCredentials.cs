using Presence.Server.Security;

namespace Presence.Ctl;

/// <summary>Whoever can read the keys in the data directory is on the server's machine and trusted with them.</summary>
internal static class LocalCredentials
{
    public const string TokenVariable = "PRESENCE_ADMIN_TOKEN";

    // Looked at when a call begins; a watch may last longer.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    // Admin tokens are signed with a key of their own and open no session: whose they are does not matter.
    private const ulong Nobody = 1;

    /// <summary>A token that administers the server with this data directory.</summary>
    /// <param name="lifetime">Null: a minute.</param>
    /// <exception cref="KeyFormatException">The admin key is not there or cannot be read.</exception>
    public static string AdminToken(string dataDirectory, TimeSpan? lifetime = null)
    {
        string path = Path.Combine(dataDirectory, SigningSecret.AdminFileName);
        if (!File.Exists(path))
        {
            throw new KeyFormatException(
                $"There is no admin key '{Path.GetFullPath(path)}'. Name the server's data directory with --data-directory; from another machine "
                + $"put a token of scope presence:admin into {TokenVariable}.");
        }

        return new TokenMinter(SigningSecret.Read(path)).Mint(Nobody, TimeProvider.System.GetUtcNow(), lifetime ?? Lifetime, ["presence:admin"]);
    }
}
