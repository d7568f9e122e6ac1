using System.Runtime.CompilerServices;
using System.Text;

namespace Presence.Simulation;

/// <summary>What happened, for people who replay a run. Costs nothing while it is off.</summary>
internal sealed class Trace(Agenda agenda, TextWriter? to)
{
    private readonly long _beginMs = agenda.Now;

    public bool IsOn => to is not null;

    public void Note(ulong userId, [InterpolatedStringHandlerArgument("")] ref TraceText text)
    {
        if (to is not null)
        {
            to.WriteLine($"{(agenda.Now - _beginMs) / 1_000.0,9:0.000}  {(userId == 0 ? "" : $"user {userId}: ")}{text.ToString()}");
        }
    }
}

/// <summary>Formats only when the trace is on.</summary>
[InterpolatedStringHandler]
internal readonly ref struct TraceText
{
    private readonly StringBuilder? _text;

    public TraceText(int literal, int formatted, Trace trace, out bool isOn)
    {
        isOn = trace.IsOn;
        _text = isOn ? new StringBuilder(literal + (formatted * 8)) : null;
    }

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted<T>(T value) => _text!.Append(value);

    public override string ToString() => _text?.ToString() ?? "";
}
