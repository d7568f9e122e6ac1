namespace Presence.Scenarios.Subjects;

/// <summary>Time that passes with nothing done: what is measured here is other processes, in real time.</summary>
internal static class Pause
{
    public static void For(TimeSpan time) => Thread.Sleep(time);
}
