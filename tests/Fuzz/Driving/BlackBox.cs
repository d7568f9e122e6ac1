using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Presence.Fuzz;

/// <summary>
/// A file that holds the input being executed, and how many have been: it outlives a process that a stack overflow ends, and shows one that makes no headway.
/// </summary>
internal sealed unsafe class BlackBox : IDisposable
{
    private const int Capacity = 1 << 20;
    private const int LengthAt = 8;
    private const int BytesAt = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _bytes;

    public BlackBox(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, Capacity);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
    }

    /// <summary>Inputs so far.</summary>
    public long Executions => Volatile.Read(ref *(long*)_bytes);

    public byte[] Input => new ReadOnlySpan<byte>(_bytes + BytesAt, *(int*)(_bytes + LengthAt)).ToArray();

    /// <summary>An execution begins.</summary>
    public void Note(byte[] input)
    {
        *(int*)(_bytes + LengthAt) = input.Length;
        Marshal.Copy(input, 0, (nint)(_bytes + BytesAt), input.Length);
        Volatile.Write(ref *(long*)_bytes, Executions + 1);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
