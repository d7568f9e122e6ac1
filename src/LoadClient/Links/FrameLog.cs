using System.Buffers;

namespace Presence.LoadClient.Links;

/// <summary>
/// What a link has to say, in order and in one piece of memory: not yet sent, and sent but not yet acked. The same bytes are what the
/// socket takes and what is sent again after a lost connection. Bounded: a link whose log is full says nothing more until it is acked.
/// </summary>
internal sealed class FrameLog : IBufferWriter<byte>
{
    /// <summary>Some seconds of the heartbeats of ten million users on one link.</summary>
    public const int MaxBytes = 16 << 20;

    private const int FirstBytes = 1 << 18;

    private readonly Queue<Frame> _frames = new();
    private byte[] _bytes = new byte[FirstBytes];
    private int _start;
    private int _sent;
    private int _frameStart;
    private int _end;
    // End of the frame that had been sent in part when it was decided to go back; 0: none.
    private int _finishUntil;

    /// <summary>Of frames that are neither acked nor done with.</summary>
    public int Bytes => _end - _start;

    public bool IsEmpty => _frames.Count == 0;

    /// <summary>What the socket is to take next.</summary>
    public ReadOnlySpan<byte> Unsent => _bytes.AsSpan(_sent, (_finishUntil == 0 ? _frameStart : _finishUntil) - _sent);

    public bool HasRoomFor(int bytes) => Bytes + bytes <= MaxBytes;

    public void Advance(int count) => _end += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(_end);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_end);
    }

    /// <summary>What was written since the last call is one frame.</summary>
    /// <param name="seq">Its number on the link; 0: it has none and is done with once it is sent.</param>
    public void Commit(ulong seq)
    {
        _frames.Enqueue(new Frame(seq, _end - _frameStart));
        _frameStart = _end;
    }

    /// <summary>The socket took so many bytes.</summary>
    public void Sent(int count)
    {
        _sent += count;
        if (_finishUntil != 0 && _sent == _finishUntil)
        {
            (_finishUntil, _sent) = (0, _start);
        }

        Drop(acked: 0);
    }

    /// <summary>The server has taken every frame up to this number.</summary>
    public void Acked(ulong seq) => Drop(seq);

    /// <summary>On this connection: what is not acked is sent again, after the frame that is under way.</summary>
    public void GoBack()
    {
        int end = _start;
        foreach (Frame frame in _frames)
        {
            if (end >= _sent)
            {
                break;
            }

            end += frame.Length;
        }

        if (end == _sent)
        {
            _sent = _start;
        }
        else
        {
            _finishUntil = end;
        }
    }

    /// <summary>On a new connection: what the server has not taken is sent again; questions are not.</summary>
    public void Resume(ulong lastSeq)
    {
        (int from, int to) = (_start, 0);
        for (int left = _frames.Count; left > 0; left--)
        {
            Frame frame = _frames.Dequeue();
            if (frame.Seq > lastSeq)
            {
                _bytes.AsSpan(from, frame.Length).CopyTo(_bytes.AsSpan(to));
                to += frame.Length;
                _frames.Enqueue(frame);
            }

            from += frame.Length;
        }

        (_start, _sent, _finishUntil, _frameStart, _end) = (0, 0, 0, to, to);
    }

    private void Drop(ulong acked)
    {
        while (_frames.TryPeek(out Frame frame) && frame.Seq <= acked && _start + frame.Length <= _sent)
        {
            _frames.Dequeue();
            _start += frame.Length;
        }
    }

    private void Reserve(int bytes)
    {
        if (_end + bytes <= _bytes.Length)
        {
            return;
        }

        // Where most is in use, moving it to the front would be done again at once.
        int size = _bytes.Length;
        while (size < (2 * Bytes) + bytes)
        {
            size *= 2;
        }

        byte[] into = size == _bytes.Length ? _bytes : new byte[size];
        _bytes.AsSpan(_start, Bytes).CopyTo(into);
        int moved = _start;
        _finishUntil -= _finishUntil == 0 ? 0 : moved;
        (_bytes, _start, _sent, _frameStart, _end) = (into, 0, _sent - moved, _frameStart - moved, _end - moved);
    }

    private readonly record struct Frame(ulong Seq, int Length);
}
