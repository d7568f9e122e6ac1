using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Presence.Server.Security;

/// <summary>One generation of the secret that resume tokens are made from.</summary>
/// <param name="Generation">Rises by one with every rotation.</param>
/// <param name="MadeAt">When; its age decides about the next rotation.</param>
/// <param name="Secret">32 bytes.</param>
internal sealed record ResumeSecret(int Generation, DateTimeOffset MadeAt, byte[] Secret)
{
    public const int Bytes = 32;

    public static ResumeSecret Create(int generation, DateTimeOffset now) => new(generation, now, RandomNumberGenerator.GetBytes(Bytes));
}

/// <summary>
/// The secrets in force: tokens are made with the current one and read with both, so that a rotation refuses nobody.
/// In the data directory they are a file of one line a generation, the current first: generation, Unix seconds, base64 of the secret.
/// </summary>
internal sealed record ResumeSecrets(ResumeSecret Current, ResumeSecret? Previous)
{
    public const string FileName = "resume-secret";

    /// <summary>
    /// Longer than any JWT should live, so that two generations cover all tokens; short enough to bound what a lost backup
    /// is worth.
    /// </summary>
    public static readonly TimeSpan RotateAfter = TimeSpan.FromDays(30);

    public static ResumeSecrets Create(DateTimeOffset now) => new(ResumeSecret.Create(1, now), null);

    /// <summary>A new current secret; the one that was current is the previous, the one before is forgotten.</summary>
    public ResumeSecrets Rotate(DateTimeOffset now) => new(ResumeSecret.Create(Current.Generation + 1, now), Current);

    /// <summary>Reads the file; makes it when missing, rotates when its secret is old.</summary>
    /// <exception cref="KeyFormatException">
    /// The file exists and cannot be read. Deleting it ends no session; clients show their JWT once.
    /// </exception>
    public static ResumeSecrets ReadOrCreate(string path, DateTimeOffset now)
    {
        string? text = File.Exists(path) ? SecretFile.Read(path) : null;
        ResumeSecrets secrets = At(text, Path.GetFullPath(path), now);
        if (secrets.Format() != text)
        {
            SecretFile.Write(path, secrets.Format(), overwrite: true);
        }

        return secrets;
    }

    /// <summary>What is in force from now on.</summary>
    /// <param name="text">What was before, as <see cref="Format"/> gave it; null: nothing.</param>
    /// <param name="name">As for <see cref="Parse"/>.</param>
    /// <exception cref="KeyFormatException">It is something else.</exception>
    public static ResumeSecrets At(string? text, string name, DateTimeOffset now)
    {
        ResumeSecrets secrets = text is null ? Create(now) : Parse(text, name);
        return now - secrets.Current.MadeAt >= RotateAfter ? secrets.Rotate(now) : secrets;
    }

    public string Format()
    {
        var text = new StringBuilder();
        foreach (ResumeSecret secret in Previous is null ? [Current] : new[] { Current, Previous })
        {
            string encoded = Convert.ToBase64String(secret.Secret);
            text.Append(CultureInfo.InvariantCulture, $"{secret.Generation} {secret.MadeAt.ToUnixTimeSeconds()} {encoded}\n");
        }

        return text.ToString();
    }

    /// <param name="text">What <see cref="Format"/> gave.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <exception cref="KeyFormatException">It is something else.</exception>
    public static ResumeSecrets Parse(string text, string name)
    {
        const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        ResumeSecret?[] secrets = [.. text.Split('\n', Trimmed).Select(ParseLine)];
        return secrets.Length is 1 or 2 && Array.TrueForAll(secrets, static s => s is not null)
            ? new ResumeSecrets(secrets[0]!, secrets.ElementAtOrDefault(1))
            : throw new KeyFormatException(
                $"'{name}' is damaged. Delete it: a new one is made, and clients that reconnect show their token once.");
    }

    private static ResumeSecret? ParseLine(string line)
    {
        string[] fields = line.Split(' ');
        byte[] secret = new byte[ResumeSecret.Bytes];
        return fields.Length == 3
            && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int generation)
            && uint.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint madeAt)
            && Convert.TryFromBase64String(fields[2], secret, out int length)
            && length == secret.Length
            ? new ResumeSecret(generation, DateTimeOffset.FromUnixTimeSeconds(madeAt), secret)
            : null;
    }
}
