namespace Presence.Server.Configuration;

/// <summary>Who may see whom. The contract is in docs/security.md.</summary>
internal sealed record WatchPolicyConfiguration
{
    /// <summary>
    /// Where to ask, behind https (or http to this machine). Empty, the default, is open: every user may see every other, as a server that knows no friends has it.
    /// </summary>
    public string Url { get; init; } = "";

    /// <summary>How long an answer may take; then the request is refused. 1 s, 10 ms to 10 s: the client waits as long, and nothing else of it is read meanwhile.</summary>
    [Between("00:00:00.01", "00:00:10")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Requests that are asked about at a time; more wait, within the timeout. 64, 1 to 1,024.</summary>
    [Between("1", "1024")]
    public int Concurrency { get; init; } = 64;
}
