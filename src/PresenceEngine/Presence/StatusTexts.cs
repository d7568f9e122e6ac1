using System.Diagnostics.CodeAnalysis;

namespace Presence.Engine;

/// <summary>Status texts as UTF-8, beside the tables because few have one.</summary>
internal sealed class StatusTexts
{
    private readonly Dictionary<int, byte[]> _texts = [];

    public int Count => _texts.Count;

    public byte[]? Of(int key) => _texts.GetValueOrDefault(key);

    /// <returns>True when a text is now kept for the key.</returns>
    public bool Set(int key, [NotNullWhen(true)] byte[]? text)
    {
        if (text is null or [])
        {
            _texts.Remove(key);
            return false;
        }

        _texts[key] = text;
        return true;
    }

    public static bool Same(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);
}
