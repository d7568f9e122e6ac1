using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>All bytes of one segment after the other, in memory that the collector does not see and that goes back to the system at once.</summary>
internal sealed unsafe class SegmentBytes : IDisposable
{
    private byte* _bytes;
    private nuint _capacity;

    ~SegmentBytes() => Release();

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(IJournalFiles files, string name)
    {
        int length = checked((int)files.LengthOf(name));
        if ((nuint)length > _capacity)
        {
            Release();
            _bytes = (byte*)Pages.Map((nuint)length, huge: false);
            _capacity = (nuint)length;
        }

        var segment = new Span<byte>(_bytes, length);
        files.Read(name, segment, 0);
        return segment;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_capacity > 0)
        {
            Pages.Unmap(_bytes, _capacity);
        }

        _bytes = null;
        _capacity = 0;
    }
}
