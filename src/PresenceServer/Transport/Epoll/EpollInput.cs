using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// The reading half of a connection. Bytes are received only when somebody waits for them, so that the kernel's buffer is the back-pressure and an idle
/// connection holds no memory of ours: what one read brings lies in the loop's scratch, and only what the reader leaves is copied out of it.
/// </summary>
/// <remarks>
/// The buffer belongs to the reader from the end of a read until the next begins, and to the loop's thread while one is under way; a read that begins on
/// another thread goes to the loop as a request. A read always ends on the loop's thread, the reader's code runs right there, and that is the last thing
/// the loop does with the connection: the reader may have moved it.
/// </remarks>
internal sealed class EpollInput(EpollConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    private ManualResetValueTaskSourceCore<bool> _source;
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    // The reader has looked at all there is: the next read has to bring more.
    private bool _wantsMore = true;

    // A read has begun and its result was not taken yet: the reader's side.
    private bool _reading;

    // A read waits for bytes: the loop's side.
    private bool _waiting;
    private bool _canceled;
    private bool _peerEnded;
    private bool _completed;
    private volatile bool _cancels;

    public bool IsCompleted => Volatile.Read(ref _completed);

    private ReadOnlySequence<byte> Unread => new(_buffer, _start, _end - _start);

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        if (_cancels || !_wantsMore || _peerEnded)
        {
            result = new ReadResult(Unread, _cancels, _peerEnded);
            _cancels = false;
            return true;
        }

        result = default;
        return false;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled)
        {
            return ReadCancelablyAsync(cancellationToken);
        }

        if (TryRead(out ReadResult result))
        {
            return new(result);
        }

        if (_reading)
        {
            throw new InvalidOperationException("A read is under way already; wait for it.");
        }

        _reading = true;
        _source.Reset();
        // The version is this read's; the read may be over, and another begun, before the request is out of our hands.
        var task = new ValueTask<ReadResult>(this, _source.Version);
        connection.Ask(LoopRequest.Read);
        return task;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        ReadOnlySequence<byte> unread = Unread;
        _wantsMore = unread.Slice(examined).IsEmpty;
        _start = _end - (int)unread.Slice(consumed).Length;
        Keep();
    }

    /// <summary>Any thread.</summary>
    public override void CancelPendingRead() => connection.Post(LoopRequest.CancelRead);

    public override void Complete(Exception? exception = null)
    {
        if (Close())
        {
            connection.Post(LoopRequest.End);
        }
    }

    /// <summary>Nobody reads any more.</summary>
    /// <returns>False when that was known.</returns>
    public bool Close()
    {
        if (_completed)
        {
            return false;
        }

        Volatile.Write(ref _completed, true);
        if (!_reading)
        {
            Release();
        }

        return true;
    }

    // Loop.

    /// <summary>The reader waits from now on.</summary>
    public void Begin()
    {
        _waiting = true;
        if (_cancels)
        {
            _cancels = false;
            Finish(canceled: true);
        }
        else if (connection.IsOver)
        {
            Finish();
        }
        else
        {
            connection.AwaitReadable();
        }
    }

    public void Cancel()
    {
        if (_waiting)
        {
            TakeWhatThereIs();
            Finish(canceled: true);
        }
        else
        {
            _cancels = true;
        }
    }

    /// <summary>There may be bytes, or an end.</summary>
    public void Receive()
    {
        if (!_waiting)
        {
            return;
        }

        byte[] room = Room(out int offset);
        int wanted = room.Length - offset;
        int received = Libc.Receive(connection.Descriptor, room.AsSpan(offset));
        if (received > 0)
        {
            Take(room, offset + received);
            if (received < wanted)
            {
                connection.NoteDrained();
            }

            Finish();
        }
        else
        {
            if (room != _buffer)
            {
                LoopBuffers.Return(room);
            }

            TakeEnd(received);
        }
    }

    /// <summary>Ends a read that waits: the connection is over.</summary>
    public void Fail()
    {
        if (_waiting)
        {
            Finish();
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _source.GetResult(token);
        _reading = false;
        if (connection.Error is { } error && !_canceled)
        {
            throw error;
        }

        return new ReadResult(Unread, _canceled, _peerEnded);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private async ValueTask<ReadResult> ReadCancelablyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadResult result;
        using (cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), this))
        {
            result = await ReadAsync(CancellationToken.None);
        }

        if (result.IsCanceled && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        return result;
    }

    // Where to receive: behind what is left of before, in one piece, with at least as much room as is taken.
    private byte[] Room(out int offset)
    {
        offset = _end - _start;
        if (offset > LoopBuffers.ScratchBytes / 2)
        {
            if (_buffer.Length - offset < offset)
            {
                Hold(ArrayPool<byte>.Shared.Rent(_buffer.Length * 2));
            }
            else if (_start > 0)
            {
                Unread.CopyTo(_buffer);
                (_start, _end) = (0, offset);
            }

            return _buffer;
        }

        byte[] scratch = LoopBuffers.Rent(LoopBuffers.ScratchBytes);
        Unread.CopyTo(scratch);
        return scratch;
    }

    private void Take(byte[] room, int end)
    {
        if (room != _buffer)
        {
            Release();
            _buffer = room;
        }

        (_start, _end) = (0, end);
    }

    // Whoever gives up may close next, and a close over bytes that nobody received resets: its last words would be lost.
    private void TakeWhatThereIs()
    {
        byte[] room = Room(out int offset);
        int received = connection.IsOver ? 0 : Libc.Receive(connection.Descriptor, room.AsSpan(offset));
        if (received > 0)
        {
            Take(room, offset + received);
        }
        else if (room != _buffer)
        {
            LoopBuffers.Return(room);
        }
    }

    private void TakeEnd(int received)
    {
        if (received == 0)
        {
            _peerEnded = true;
            Finish();
        }
        else if (received == -ErrorNumber.WouldBlock && !connection.TakesNoWrites)
        {
            connection.NoteEmpty();
            connection.AwaitReadable();
        }
        else
        {
            connection.Break(-received);
            Finish();
        }
    }

    // The reader's code runs in here; nothing of this connection may be touched afterwards.
    private void Finish(bool canceled = false)
    {
        (_waiting, _canceled) = (false, canceled);
        _source.SetResult(true);
    }

    // What the reader leaves must not stay in the scratch, which is for all.
    private void Keep()
    {
        int left = _end - _start;
        if (left == 0)
        {
            Release();
        }
        else if (left <= _buffer.Length / 4)
        {
            Hold(LoopBuffers.Rent(left));
        }
    }

    private void Hold(byte[] buffer)
    {
        int length = _end - _start;
        Unread.CopyTo(buffer);
        Release();
        (_buffer, _start, _end) = (buffer, 0, length);
    }

    private void Release()
    {
        if (_buffer.Length > 0)
        {
            LoopBuffers.Return(_buffer);
            _buffer = [];
        }

        (_start, _end) = (0, 0);
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }
    }
}
