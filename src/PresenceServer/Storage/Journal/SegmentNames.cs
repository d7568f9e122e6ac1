using System.Globalization;

namespace Presence.Server.Storage.Journal;

/// <summary>The files of segments: <c>NUMBER.journal</c>.</summary>
internal static class SegmentNames
{
    private const string Suffix = ".journal";

    public static string Of(ulong number) => number.ToString("D20", CultureInfo.InvariantCulture) + Suffix;

    /// <summary>The segments there are, oldest first.</summary>
    public static IEnumerable<ulong> In(IJournalFiles files) =>
        files.Names().Select(NumberOf).OfType<ulong>().Order();

    private static ulong? NumberOf(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal)
        && ulong.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : null;
}
