using System.Globalization;

namespace Presence.Server.Cluster;

/// <summary>
/// What the membership says of a member beside its address: all that the others must know of it, so that it follows from the version of the membership alone and no node has to look anything up.
/// Written as <c>ORDINAL.PROCESS.INCARNATION.NODEID</c>.
/// </summary>
/// <param name="Ordinal">The node's number, the same for ever.</param>
/// <param name="Process">Of the process: another one with every start.</param>
/// <param name="Incarnation">Of the membership: above all that the node had before. 0: it is no member yet.</param>
/// <param name="NodeId">As configured.</param>
internal readonly record struct MemberName(int Ordinal, ulong Process, ulong Incarnation, string NodeId)
{
    private const int Parts = 4;

    public static bool TryParse(string? text, out MemberName name)
    {
        name = default;
        string[] parts = text?.Split('.', Parts) ?? [];
        if (parts.Length != Parts
            || !ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort ordinal)
            || !ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong process)
            || !ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong incarnation)
            || parts[3].Length == 0)
        {
            return false;
        }

        name = new(ordinal, process, incarnation, parts[3]);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ordinal}.{Process:x16}.{Incarnation}.{NodeId}");
}
