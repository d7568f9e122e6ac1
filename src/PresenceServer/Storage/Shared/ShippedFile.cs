using System.Text;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// How far the journal was shipped, in the data directory: a <see cref="JournalPosition"/> as text. It decides nothing, the cursor in Redis does; by it a node knows, also after a restart, that
/// Redis has lost what it had confirmed.
/// </summary>
internal static class ShippedFile
{
    /// <exception cref="IOException">The disk did not take it.</exception>
    public static void Write(string path, in JournalPosition position) => DurableFile.Replace(path, Encoding.ASCII.GetBytes(position.ToString()));

    /// <summary>Null when there is none, or a damaged one.</summary>
    public static JournalPosition? Read(string path) =>
        File.Exists(path) && JournalPosition.TryParse(File.ReadAllText(path), out JournalPosition position) ? position : null;
}
