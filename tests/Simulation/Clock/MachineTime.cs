namespace Presence.Simulation;

/// <summary>The clocks of the server's machine, as the server's own code asks for them.</summary>
internal sealed class MachineTime(Agenda agenda, WallClock wall) : TimeProvider
{
    public override long TimestampFrequency => 1_000;

    public override long GetTimestamp() => agenda.Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(wall.Now);
}
