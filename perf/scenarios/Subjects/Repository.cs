namespace Presence.Scenarios.Subjects;

/// <summary>Where the programs are that are measured.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Presence.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("Presence.sln is in no directory above this program: run it from a clone.");
    }
}
