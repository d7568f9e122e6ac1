using System.Globalization;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// A place in the changes of a cluster, behind an entry of the stream: good at every node. Written as <c>CLUSTER-MS-NUMBER</c>; to whoever keeps one it is opaque.
/// </summary>
/// <param name="Cluster">Tells it from an entry of that id in another cluster.</param>
/// <param name="Entry">The id of the entry, <c>MS-NUMBER</c>.</param>
internal readonly record struct SharedCursor(string Cluster, string Entry)
{
    private const int Parts = 3;

    /// <summary>Takes what <see cref="ToString"/> made; whether there is such a place is not known then.</summary>
    public static bool TryParse(string text, out SharedCursor cursor)
    {
        cursor = default;
        string[] parts = text.Split('-');
        if (parts.Length != Parts || parts[0].Length == 0 || !parts[0].All(char.IsAsciiLetterOrDigit) || !IsNumber(parts[1]) || !IsNumber(parts[2]))
        {
            return false;
        }

        cursor = new SharedCursor(parts[0], $"{parts[1]}-{parts[2]}");
        // What is in front of all is given to nobody: of it nobody could tell whether something behind it is gone.
        return cursor.Entry != SharedChanges.Beginning;
    }

    public override string ToString() => $"{Cluster}-{Entry}";

    // The runtime's parser lets zero characters follow the digits.
    private static bool IsNumber(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) && text[^1] != '\0';
}
