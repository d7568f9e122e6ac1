using System.Security.Cryptography;

namespace Presence.Server.Security;

/// <summary>
/// An HS256 secret in a file: base64 or base64url of at least 32 bytes, white space around it ignored. Whoever has it can be anybody.
/// </summary>
internal static class SigningSecret
{
    /// <summary>The file in the data directory that holds the secret of user tokens in Development.</summary>
    public const string UserFileName = "signing-key";

    /// <summary>The file in the data directory that holds the secret of admin tokens: who can read it administers this node.</summary>
    public const string AdminFileName = "admin-key";

    /// <summary>As long as the hash; a shorter secret is the weakest part of the signature (RFC 7518, 3.2).</summary>
    public const int MinBytes = 32;

    /// <exception cref="KeyFormatException">The file cannot be read or holds no such secret.</exception>
    public static byte[] Read(string path) => Parse(SecretFile.Read(path), Path.GetFullPath(path));

    /// <summary>Reads the secret; makes the file with a new one of 256 bits when there is none.</summary>
    /// <exception cref="KeyFormatException">The file exists and cannot be read or holds no such secret.</exception>
    public static byte[] ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            string text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(MinBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            SecretFile.Write(path, text + "\n", overwrite: false);
        }

        return Read(path);
    }

    /// <summary>The secret in this text.</summary>
    /// <param name="text">The content of a key file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <exception cref="KeyFormatException">It holds no such secret.</exception>
    public static byte[] Parse(string text, string name)
    {
        string digits = text.Trim().TrimEnd('=').Replace('-', '+').Replace('_', '/');
        byte[] secret = new byte[digits.Length];
        string padded = digits.PadRight((digits.Length + 3) / 4 * 4, '=');
        if (!Convert.TryFromBase64String(padded, secret, out int length))
        {
            throw new KeyFormatException($"'{name}' is neither base64 of a secret nor a PEM public key.");
        }

        return length >= MinBytes
            ? secret[..length]
            : throw new KeyFormatException($"'{name}' has a secret of {length} bytes; HS256 needs at least {MinBytes}.");
    }
}
