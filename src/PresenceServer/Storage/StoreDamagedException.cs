namespace Presence.Server.Storage;

/// <summary>There are checkpoints and none of them can be read; the server does not start empty over them.</summary>
public sealed class StoreDamagedException(string directory, IEnumerable<string> findings) : DataDirectoryException(
    $"No checkpoint in '{directory}' can be used: {string.Join("; ", findings)}. "
    + "Restore that directory from a backup; or, to start without any last-active times, move it away and start again.");
