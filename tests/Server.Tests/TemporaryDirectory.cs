namespace Presence.Server.Tests;

/// <summary>A directory that is gone with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("presence-test-").FullName;

    public string Write(string name, string text)
    {
        string file = this[name];
        File.WriteAllText(file, text);
        return file;
    }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
