using System.Buffers;

namespace Presence.Server.Security;

/// <summary>
/// What can be said of a token without parsing it: three non-empty parts of base64url characters. Turns junk away for the price of
/// one scan, before anything throws or allocates.
/// </summary>
internal static class TokenShape
{
    private static readonly SearchValues<char> _characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <param name="token">Any text.</param>
    /// <param name="signatureStart">The index of the signature, behind the second dot.</param>
    public static bool IsSigned(ReadOnlySpan<char> token, out int signatureStart)
    {
        signatureStart = token.LastIndexOf('.') + 1;
        int payloadStart = token.IndexOf('.') + 1;
        return payloadStart > 1
            && signatureStart > payloadStart + 1
            && signatureStart < token.Length
            && token[payloadStart..(signatureStart - 1)].IndexOf('.') < 0
            && !token.ContainsAnyExcept(_characters);
    }
}
