using System.Globalization;

namespace Presence.Server.Http;

/// <summary>64-bit values are text in JSON: the numbers of JavaScript end at 2^53.</summary>
internal static class DecimalText
{
    public static string Of(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);
}
