using System.Globalization;

namespace Presence.Protocol;

/// <summary>A user id is 1 … 2^63−1: it fits a signed 64-bit integer everywhere, and 0 is never somebody.</summary>
public static class UserId
{
    public const ulong Min = 1;
    public const ulong Max = long.MaxValue;

    /// <summary>One comparison: 0 wraps to the top.</summary>
    public static bool IsValid(ulong userId) => userId - Min < Max;

    /// <summary>Reads the decimal form of a token's <c>sub</c> and of HTTP: digits only, no sign, no space, no leading zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong userId)
    {
        userId = 0;
        // The runtime's parser lets zero characters follow the digits.
        return text is [not '0', .., not '\0'] or [not ('0' or '\0')]
            && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out userId)
            && IsValid(userId);
    }
}
