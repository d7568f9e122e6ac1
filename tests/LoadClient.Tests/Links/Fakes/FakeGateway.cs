namespace Presence.LoadClient.Tests.Links.Fakes;

/// <summary>What a fake server keeps of a gateway between its connections.</summary>
internal sealed class FakeGateway
{
    public ulong LastSeq { get; set; }

    /// <summary>Connections it has had.</summary>
    public int Connections { get; set; }

    public int Completed { get; set; }

    /// <summary>Numbers that came again.</summary>
    public int Repeats { get; set; }
}
