using System.Diagnostics;

namespace Presence.Fuzz;

/// <summary>Runs a target on an input, and holds it to its bounds of memory and time.</summary>
internal static class Execution
{
    /// <summary>Allocated bytes that any input may cost, the oracle's own among them.</summary>
    public const long FreeBytes = 1 << 20;

    /// <summary>Allocated bytes for each byte of the input.</summary>
    public const long BytesPerByte = 64;

    public static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(100);

    // The first time code is compiled, and on a busy machine somebody else has the processor.
    private const int Attempts = 4;

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="target">What to run.</param>
    /// <param name="input">On what.</param>
    /// <param name="isTimed">Whether its time counts.</param>
    /// <param name="accepted">Whether it was taken.</param>
    public static Fault? Run(Target target, byte[] input, bool isTimed, out bool accepted)
    {
        Fault? fault = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            fault = RunOnce(target, input, isTimed, out accepted);
            if (fault is not { IsOfBounds: true })
            {
                return fault;
            }
        }

        accepted = false;
        return fault;
    }

    private static Fault? RunOnce(Target target, byte[] input, bool isTimed, out bool accepted)
    {
        accepted = false;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long begun = Stopwatch.GetTimestamp();
        try
        {
            accepted = target.Judge(input);
        }
        catch (Exception e)
        {
            return Fault.Of(e);
        }

        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        long allowed = FreeBytes + (BytesPerByte * input.Length);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return allocated > allowed ? Fault.OfBounds("memory", $"{allocated} bytes were allocated for an input of {input.Length}; {allowed} are allowed")
            : isTimed && took > MaxTime ? Fault.OfBounds("time", $"an input of {input.Length} bytes took {took.TotalMilliseconds:f0} ms; {MaxTime.TotalMilliseconds:f0} are allowed")
            : null;
    }
}

/// <summary>What is wrong with the answer to an input.</summary>
/// <param name="Key">The same for inputs that show the same.</param>
/// <param name="What">For people.</param>
/// <param name="IsOfBounds">It took too much: another run may not.</param>
internal sealed record Fault(string Key, string What, bool IsOfBounds)
{
    public static Fault Of(Exception e)
    {
        string where = e.StackTrace?.Split('\n').FirstOrDefault(static line => line.Contains("Presence.", StringComparison.Ordinal) && !line.Contains("Presence.Fuzz.Oracle", StringComparison.Ordinal))?.Trim() ?? "";
        return new($"{e.GetType().Name} {where}", e.ToString(), IsOfBounds: false);
    }

    public static Fault OfBounds(string key, string what) => new(key, what, IsOfBounds: true);
}
